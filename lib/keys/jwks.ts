import type { KeyObject } from 'node:crypto';

import { fail, ok, type Result } from '../result/result';
import { fitsSome, keyMisfit, type SigningAlgorithm } from './algorithm';
import { signingMisfit } from './chooseSigningKey';
import { readableLabels } from './privateKeyInField';
import { publicHalf, publicJwk, publicPem, readPublicKeys, type PublicJwk } from './publicKey';
import { importSigningKey } from './signingKey';
import type { SigningKey } from './signingKeyCache';

/** What a credential says of its keys. */
export interface KeySettings {
	readonly algorithm: SigningAlgorithm;
	/** `kid`; empty for the key's own. */
	readonly keyId: string;
	/** As pasted: PEM in any of the forms people have, or JWK. */
	readonly privateKey: string;
	/** Empty when the key is not encrypted. */
	readonly passphrase: string;
	/** The public key before (or after) a rotation, as pasted; empty outside of one. */
	readonly previousPublicKey: string;
}

/** The public side of a credential, as an authorization server wants it. */
export interface PublicKeys {
	algorithm: string;
	/** The `kid` of the credential's key: as configured, else its own, else its RFC 7638 thumbprint. */
	keyId: string;
	/** PEM, SubjectPublicKeyInfo. */
	publicKey: string;
	jwk: PublicJwk;
	/** The credential's key first, then those of Previous (or Next) Public Key (RFC 7517 §5). */
	jwks: { keys: PublicJwk[] };
}

/** Gives the public key of a credential, and with it the JWK Set that is valid while a rotation lasts. */
export async function publicKeysOf(settings: KeySettings): Promise<Result<PublicKeys>> {
	const read = await readCredentialKeys(settings);
	if (!read.ok) return read;
	const { signing, publicKey, jwk, others } = read.value;
	const misfit = signingMisfit(signing, settings.algorithm);
	if (misfit) return fail(misfit);
	return ok({
		algorithm: settings.algorithm,
		keyId: jwk.kid,
		publicKey: publicPem(publicKey),
		jwk,
		jwks: jwkSet([jwk, ...others]),
	});
}

/** The keys of a credential: the one that signs, and their public halves. */
interface CredentialKeys {
	signing: SigningKey;
	publicKey: KeyObject;
	jwk: PublicJwk;
	/** Those of Previous (or Next) Public Key. */
	others: PublicJwk[];
}

/**
 * Reads the credential's own key and the keys of Previous (or Next) Public Key. A key that fits
 * another algorithm is no fault here, it is given without `alg`: a rotation may change the algorithm, too.
 */
export async function readCredentialKeys(settings: KeySettings): Promise<Result<CredentialKeys>> {
	const signing = await importSigningKey(settings.privateKey, settings.passphrase, settings);
	if (!signing.ok) return signing;
	const others = readPublicKeys(settings.previousPublicKey, settings.algorithm, readableLabels.previousPublicKey);
	if (!others.ok) return others;
	const publicKey = publicHalf(signing.value.privateKey);
	const misfit = fitsSome(publicKey) ? undefined : keyMisfit(publicKey, settings.algorithm);
	if (misfit) return fail(misfit);
	const jwk = publicJwk(publicKey, signing.value.keyId, settings.algorithm);
	return ok({ signing: signing.value, publicKey, jwk, others: others.value });
}

/** A JWK Set of keys, each key once: the first of two that are the same key under the same ID. */
export function jwkSet(keys: PublicJwk[]): { keys: PublicJwk[] } {
	const seen = new Set<string>();
	const once = keys.filter((key) => {
		const name = JSON.stringify([key.kid, key.kty, key.crv, key.n, key.e, key.x, key.y]);
		return !seen.has(name) && seen.add(name);
	});
	return { keys: once };
}
