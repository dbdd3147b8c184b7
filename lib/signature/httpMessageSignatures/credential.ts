import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

import { jwkSet, type PublicKeys } from '../../keys/jwks';
import { keyThumbprint, publicHalf, publicJwk, publicPem } from '../../keys/publicKey';
import { importSigningKey } from '../../keys/signingKey';
import { booleanField, textField, type CredentialData } from '../../oauth2/credential/credentialFields';
import { readableFieldsFault } from '../../oauth2/credential/readableFields';
import { fail, ok, refused, type Result } from '../../result/result';
import type { Signer, Verifier } from '../scheme';
import { readSecretBytes } from '../sharedSecret';
import { ALGORITHMS, fittingKey, isAlgorithm, jwsAlgorithmOf, type HttpSignatureAlgorithm } from './algorithms';
import { readComponents } from './components';
import { DIGESTS, type DigestAlgorithm } from './contentDigest';
import { idsOf, readVerificationKeys } from './publicKeys';
import type { SignatureSettings, SigningKeyOf, VerificationKey } from './settings';
import { signHttpMessage } from './sign';
import { isKey, isSerializableString } from './structuredFields';
import { verifyHttpMessage } from './verify';

/** What is signed unless the credential says something else. */
export const DEFAULT_COMPONENTS = '@method, @target-uri, content-digest, content-type';

/** The longest life that a signature can be given, in seconds: a day. */
export const LONGEST_LIFE = 86_400;

/** Reads a credential for signing. A private key is opened off the event loop. */
export async function readHttpMessageSigner(data: CredentialData): Promise<Result<Signer>> {
	const settings = readSettings(data);
	if (!settings.ok) return settings;
	const key = await readSigningKey(data, settings.value.algorithm);
	if (!key.ok) return key;
	return ok({
		// A receiver could have its copy signed for another, where the address is not covered.
		signsForOtherOrigins: false,
		idFault: () => undefined,
		sign: async (message) => await signHttpMessage(message, settings.value, key.value),
	});
}

/** Reads a credential for verifying: the public keys, or the private one, whose public half does as well. */
export async function readHttpMessageVerifier(data: CredentialData): Promise<Result<Verifier>> {
	const settings = readSettings(data);
	if (!settings.ok) return settings;
	const keys = await readKeys(data, settings.value.algorithm);
	if (!keys.ok) return keys;
	return ok({ verify: (message, rules) => verifyHttpMessage(message, rules, settings.value, keys.value) });
}

/**
 * The public side of a credential, as receivers want it: the key that signs, and in `jwks` those of Public Keys beside it.
 */
export async function readHttpMessagePublicKeys(data: CredentialData): Promise<Result<PublicKeys>> {
	const settings = readSettings(data);
	if (!settings.ok) return settings;
	const { algorithm } = settings.value;
	const jws = jwsAlgorithmOf(algorithm);
	if (jws === undefined) {
		return refused(
			`A signing credential for ${ALGORITHMS[algorithm].label} has no public key`,
			'Its secret is shared with the receiver. For public keys, select another Algorithm in the credential.',
		);
	}
	const own = await readSigningKey(data, algorithm);
	if (!own.ok) return own;
	const others = readVerificationKeys(textField(data, 'publicKeys'), algorithm);
	if (!others.ok) return others;
	const publicKey = publicHalf(own.value.key);
	const jwk = publicJwk(publicKey, own.value.keyId, jws);
	const jwks = jwkSet([jwk, ...others.value.map(({ key, ids }) => publicJwk(key, ids[0], jws))]);
	return ok({ algorithm, keyId: jwk.kid, publicKey: publicPem(publicKey), jwk, jwks });
}

/** Reads what a signature says and covers; empty fields have their defaults. */
function readSettings(data: CredentialData): Result<SignatureSettings> {
	const readable = readableFieldsFault(data);
	if (readable !== undefined) return fail(readable);
	const algorithm = textField(data, 'signatureAlgorithm').trim() || 'ed25519';
	if (!isAlgorithm(algorithm)) {
		return refused(
			'Algorithm of the signing credential has a value that does not exist',
			`Select one of ${Object.values(ALGORITHMS)
				.map(({ label }) => label)
				.join(', ')} in the credential.`,
		);
	}
	const digest = textField(data, 'digestAlgorithm').trim() || 'sha-256';
	if (!Object.hasOwn(DIGESTS, digest)) {
		return refused(
			'Digest Algorithm of the signing credential has a value that does not exist',
			'Select SHA-256 or SHA-512 in the credential.',
		);
	}
	const components = readComponents(
		textField(data, 'coveredComponents').trim() || DEFAULT_COMPONENTS,
		'Covered Components of the signing credential',
	);
	if (!components.ok) return components;
	const expiresIn = Number(textField(data, 'signatureExpiresIn').trim() || 0);
	if (!Number.isInteger(expiresIn) || expiresIn < 0 || expiresIn > LONGEST_LIFE) {
		return refused(
			`Expires In of the signing credential is not a whole number of seconds from 0 to ${LONGEST_LIFE}`,
			'Set it to 0 for a signature that does not expire.',
		);
	}
	const label = textField(data, 'signatureLabel').trim() || 'sig1';
	if (!isKey(label)) {
		return refused(
			'Label of the signing credential cannot name a signature',
			'Use lowercase letters, digits, hyphens and underscores, and start with a letter, e.g. sig1.',
		);
	}
	const tag = textField(data, 'signatureTag').trim();
	const keyId = textField(data, 'keyId').trim();
	const unserializable = [tag, keyId].findIndex((text) => !isSerializableString(text));
	if (unserializable !== -1) {
		return refused(
			`${['Tag', 'Key ID'][unserializable]!} of the signing credential has characters beyond ASCII`,
			'Use ASCII characters.',
		);
	}
	return ok({
		algorithm,
		components: components.value,
		digest: digest as DigestAlgorithm,
		expiresIn,
		includesAlgorithm: booleanField(data, 'includeAlgorithm', false),
		includesNonce: booleanField(data, 'includeNonce', false),
		tag,
		label,
	});
}

/**
 * Reads the key that signs, and its `keyid`: as configured, else its own, else its thumbprint, as *Key: Get Public* says it.
 */
async function readSigningKey(data: CredentialData, algorithm: HttpSignatureAlgorithm): Promise<Result<SigningKeyOf>> {
	const keyId = textField(data, 'keyId').trim();
	const jws = jwsAlgorithmOf(algorithm);
	if (jws === undefined) {
		const secret = readSecret(data, 'secret');
		return secret.ok ? ok({ key: secret.value, keyId }) : secret;
	}
	const imported = await importSigningKey(textField(data, 'privateKey'), textField(data, 'passphrase'), {
		keyId,
		algorithm: jws,
	});
	if (!imported.ok) return imported;
	const key = fittingKey(imported.value.privateKey, algorithm, 'Private Key');
	if (!key.ok) return key;
	const name = imported.value.keyId.trim();
	return ok({ key: key.value, keyId: isSerializableString(name) && name !== '' ? name : keyThumbprint(key.value) });
}

function readSecret(data: CredentialData, field: 'secret' | 'previousSecret'): Result<KeyObject> {
	const bytes = readSecretBytes(data, field);
	return bytes.ok ? ok(createSecretKey(bytes.value)) : bytes;
}

/** The keys that a signature may have been made with: while a rotation lasts, more than one. */
async function readKeys(
	data: CredentialData,
	algorithm: HttpSignatureAlgorithm,
): Promise<Result<readonly VerificationKey[]>> {
	if (algorithm === 'hmac-sha256') return readSecrets(data);
	const keys = readVerificationKeys(textField(data, 'publicKeys'), algorithm);
	if (!keys.ok) return keys;
	if (textField(data, 'privateKey').trim() === '') {
		return keys.value.length > 0
			? keys
			: refused(
					'The signing credential has no key',
					"Paste the sender's public key into Public Keys of the credential: PEM, JWK or JWKS.",
				);
	}
	const own = await readSigningKey(data, algorithm);
	if (!own.ok) return own;
	const publicKey = createPublicKey(own.value.key);
	return ok([{ key: publicKey, ids: idsOf(own.value.keyId, publicKey) }, ...keys.value]);
}

function readSecrets(data: CredentialData): Result<readonly VerificationKey[]> {
	const keyId = textField(data, 'keyId').trim();
	const current = readSecret(data, 'secret');
	if (!current.ok) return current;
	const keys: VerificationKey[] = [{ key: current.value, ids: keyId === '' ? [] : [keyId] }];
	if (textField(data, 'previousSecret').trim() === '') return ok(keys);
	const previous = readSecret(data, 'previousSecret');
	// The secret before may have had another name.
	return previous.ok ? ok([...keys, { key: previous.value, ids: [] }]) : previous;
}
