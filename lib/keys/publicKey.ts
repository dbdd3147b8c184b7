import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

import { fail, ok, refused, type Result } from '../result/result';
import { fitsSome, keyMisfit, signingAlgorithms, type SigningAlgorithm } from './algorithm';
import { readPastedKeys, type PastedKey } from './pastedKey';
import { privateKeyInField, type ReadableLabel } from './privateKeyInField';

/** A public key as JWK (RFC 7517 §4): the members of its kind, and what it is for. No private member, ever. */
export interface PublicJwk {
	kty: string;
	kid: string;
	use: 'sig';
	alg?: string;
	crv?: string;
	n?: string;
	e?: string;
	x?: string;
	y?: string;
}

/** The members that make a key what it is, in the order that RFC 7638 §3.2 and RFC 8037 §2 hash them in. */
const requiredMembers: Record<string, ReadonlyArray<'crv' | 'e' | 'kty' | 'n' | 'x' | 'y'>> = {
	RSA: ['e', 'kty', 'n'],
	EC: ['crv', 'kty', 'x', 'y'],
	OKP: ['crv', 'kty', 'x'],
};

/** The public members of a key, in the order of their names. Takes either half. */
function publicMembers(key: KeyObject): Pick<PublicJwk, 'kty' | 'crv' | 'n' | 'e' | 'x' | 'y'> {
	const jwk = publicHalf(key).export({ format: 'jwk' });
	const kty = String(jwk.kty);
	const members = (requiredMembers[kty] ?? []).map((name) => [name, jwk[name]]);
	return { kty, ...Object.fromEntries(members) };
}

/** The public half of a key; a public key as it is. */
export function publicHalf(key: KeyObject): KeyObject {
	return key.type === 'private' ? createPublicKey(key) : key;
}

/** The SHA-256 thumbprint of a key (RFC 7638), Base64url: the key ID of a key that was given none. */
export function keyThumbprint(key: KeyObject): string {
	const members = publicMembers(key);
	const ordered = (requiredMembers[members.kty] ?? []).map((name) => [name, members[name]]);
	return createHash('sha256')
		.update(JSON.stringify(Object.fromEntries(ordered)))
		.digest('base64url');
}

/** A public key as PEM (SubjectPublicKeyInfo). Takes either half. */
export function publicPem(key: KeyObject): string {
	return publicHalf(key).export({ type: 'spki', format: 'pem' }).toString();
}

/**
 * A public key as JWK. Takes either half.
 * @param keyId `kid`; the thumbprint when empty
 * @param algorithm `alg`; left out when the key does not fit it, and when there is none
 */
export function publicJwk(key: KeyObject, keyId = '', algorithm?: SigningAlgorithm): PublicJwk {
	const { kty, ...members } = publicMembers(key);
	const fits = algorithm && !keyMisfit(key, algorithm);
	return { kty, kid: keyId || keyThumbprint(key), use: 'sig', ...(fits && { alg: algorithm }), ...members };
}

/**
 * Reads the public keys of a text: PEM (public key or certificate), a JWK or a JWK Set, whose `kid` and
 * `alg` are kept. An empty text gives none.
 * @param algorithm `alg` for keys that come without one, where they fit it
 * @param field what the credential form calls the text, for the fault
 */
export function readPublicKeys(text: string, algorithm: SigningAlgorithm, field: ReadableLabel): Result<PublicJwk[]> {
	if (text.trim() === '') return ok([]);
	// Refused, not converted: the field is for a public key and shown unmasked.
	const privateKey = privateKeyInField(text, field);
	if (privateKey) return fail(privateKey);
	const candidates = readPastedKeys(text).filter((key) => key.form === 'jwk' || /(KEY|CERTIFICATE)$/.test(key.label));
	const keys = candidates.flatMap((key) => readPublicKey(key, algorithm) ?? []);
	// One that is left out in silence would be missed only when a server refuses its signature.
	if (keys.length > 0 && keys.length === candidates.length) return ok(keys);
	return refused(
		`${field} contains something other than usable public keys`,
		'It takes a JWK, a JWK Set or PEM ("-----BEGIN PUBLIC KEY-----" or "-----BEGIN CERTIFICATE-----"). ' +
			'The jwk from the operation Key: Get Public is best: it contains the key ID.',
	);
}

function readPublicKey(pasted: PastedKey, algorithm: SigningAlgorithm): PublicJwk | undefined {
	try {
		if (pasted.form === 'pem') {
			const key = pasted.label.endsWith('CERTIFICATE')
				? new X509Certificate(pasted.pem).publicKey
				: createPublicKey(pasted.pem);
			return fitsSome(key) ? publicJwk(key, '', algorithm) : undefined;
		}
		const { kid, alg } = pasted.jwk;
		const own = signingAlgorithms.find((name) => name === alg);
		const key = createPublicKey({ key: pasted.jwk, format: 'jwk' });
		return fitsSome(key) ? publicJwk(key, typeof kid === 'string' ? kid : '', own ?? algorithm) : undefined;
	} catch {
		return undefined;
	}
}
