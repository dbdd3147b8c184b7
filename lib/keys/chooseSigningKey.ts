import { ok, refused, type Fault, type Result } from '../result/result';
import { fitsSome, keyKindOf, keyMisfit, signingAlgorithms, type SigningAlgorithm } from './algorithm';
import { openPrivateKey } from './openPrivateKey';
import type { PastedKey } from './pastedKey';
import { keyThumbprint } from './publicKey';
import type { SigningKey } from './signingKeyCache';

/** By what one of several keys is chosen. */
export interface KeyChoice {
	/** Key ID (Kid) of the credential; empty for none. */
	readonly keyId: string;
	/** Undefined: any algorithm. */
	readonly algorithm?: SigningAlgorithm;
	/** Key ID is that of a public key beside the private ones: left over from another key. */
	readonly namesPublicKey?: boolean;
}

/**
 * Chooses the private key that signs: the one that Key ID names; without one, the only one that may sign
 * (RFC 7517 §4.2 to §4.4) and fits the algorithm. Never guesses: with several left it says which there are.
 * @param keys private keys, at least one
 * @param passphrase decrypts those that are encrypted
 */
export async function chooseSigningKey(
	keys: readonly PastedKey[],
	passphrase: string,
	choice: KeyChoice,
): Promise<Result<SigningKey>> {
	const named = keysNamed(keys, choice);
	if (named.length === 0) return unknownKeyId(keys);
	const signing = named.filter(maySign);
	const [only, another] = signing;
	if (!only) return notForSigning(keys);
	if (!another) return await open(only, passphrase, choice.keyId);

	const fitting = signing.filter((key) => mayFit(key, choice.algorithm));
	const opened: SigningKey[] = [];
	for (const key of fitting) {
		const result = await open(key, passphrase, '');
		// Not left out: it may be the one that is meant.
		if (!result.ok) return result;
		if (fits(result.value, choice.algorithm)) opened.push(result.value);
	}
	return oneOf(opened, choice);
}

async function open(key: PastedKey, passphrase: string, keyId: string): Promise<Result<SigningKey>> {
	const opened = await openPrivateKey(key, passphrase);
	if (!opened.ok) return opened;
	const statedAlgorithm = statedBy(key);
	return ok({
		privateKey: opened.value,
		keyId: keyId || (key.keyId ?? ''),
		...(statedAlgorithm && { statedAlgorithm }),
	});
}

/** The signature algorithm in `alg` of a JWK. Ed25519 is the newer name of EdDSA (RFC 9864). */
function statedBy(key: PastedKey): SigningAlgorithm | undefined {
	const alg = key.form === 'jwk' ? key.jwk['alg'] : undefined;
	return alg === 'Ed25519' ? 'EdDSA' : signingAlgorithms.find((name) => name === alg);
}

/**
 * What speaks against signing with a key: its kind ({@link keyMisfit}), or what its JWK says (RFC 7517 §4.4). A server that
 * has the same JWK would refuse the signature.
 */
export function signingMisfit(
	{ privateKey, statedAlgorithm }: SigningKey,
	algorithm: SigningAlgorithm,
): Fault | undefined {
	const misfit = keyMisfit(privateKey, algorithm);
	if (misfit || statedAlgorithm === undefined || statedAlgorithm === algorithm) return misfit;
	return {
		message: `The JWK in Private Key is for ${statedAlgorithm}, and Algorithm is ${algorithm}`,
		description: `Set Algorithm in the credential to ${statedAlgorithm}, or remove "alg" from the JWK if the key is for both.`,
	};
}

/** Of several keys that would all do, the one that is meant. */
function oneOf(opened: SigningKey[], { keyId, algorithm }: KeyChoice): Result<SigningKey> {
	const keys = differentKeys(opened);
	const meant = keys.filter((key) => idOf(key) === keyId);
	const [only, another] = meant.length === 1 ? meant : keys;
	if (!only) {
		return refused(
			`None of the private keys in Private Key fits the algorithm ${algorithm ?? ''}`.trim(),
			'Set Algorithm in the credential to the one of your key, or paste another key.',
		);
	}
	if (!another) return ok({ ...only, keyId: keyId || only.keyId });
	const ids = keys.map(idOf);
	return refused(
		`Private Key contains ${keys.length} private keys that can sign`,
		new Set(ids).size === ids.length
			? `Set Key ID (Kid) in the credential to one of ${shown(ids)}, or paste only one key.`
			: 'They have the same key ID. Paste only the one that signs.',
	);
}

/** A key that is there twice (as JWK and as PEM, say) counts once, under the key ID that it has in one of them. */
function differentKeys(keys: SigningKey[]): SigningKey[] {
	const names = new Map<string, SigningKey>();
	for (const key of keys) {
		const thumbprint = keyThumbprint(key.privateKey);
		if (key.keyId === '') {
			if (![...names.values()].some((other) => keyThumbprint(other.privateKey) === thumbprint))
				names.set(thumbprint, key);
		} else {
			if (names.get(thumbprint)?.keyId === '') names.delete(thumbprint);
			names.set(`${thumbprint} ${key.keyId}`, key);
		}
	}
	return [...names.values()];
}

/** What a key is called: its own ID, else its thumbprint, as Key: Get Public calls it. */
const idOf = (key: SigningKey): string => key.keyId || keyThumbprint(key.privateKey);

/** The keys that can be meant by a key ID. A key outside a JWK Set is meant, whatever it calls itself. */
function keysNamed(keys: readonly PastedKey[], { keyId, namesPublicKey }: KeyChoice): readonly PastedKey[] {
	const isSet = namesPublicKey || keys.length > 1 || keys.some((key) => key.form === 'jwk' && key.inSet);
	if (keyId === '' || !isSet || keys.every((key) => key.keyId === undefined)) return keys;
	return keys.filter((key) => key.keyId?.trim() === keyId);
}

/** What a JWK says that it is for: signing, or nothing. PEM says nothing. */
function maySign(key: PastedKey): boolean {
	if (key.form === 'pem') return true;
	const { use, key_ops: operations, alg } = key.jwk;
	return (
		(use === undefined || use === null || use === 'sig') &&
		(operations === undefined || operations === null || (Array.isArray(operations) && operations.includes('sign'))) &&
		// Names for encryption, such as RSA-OAEP.
		(typeof alg !== 'string' || statedBy(key) !== undefined)
	);
}

/** Whether a key may fit the algorithm, as far as it can be seen before it is opened. */
function mayFit(key: PastedKey, algorithm: SigningAlgorithm | undefined): boolean {
	if (key.form === 'pem') return true;
	const { kty, crv, alg } = key.jwk;
	const kinds = (algorithm ? [algorithm] : signingAlgorithms).map(keyKindOf);
	const named = algorithm === undefined || typeof alg !== 'string' || statedBy(key) === algorithm;
	return (
		named &&
		kinds.some((kind) => {
			if (kind.type === 'rsa') return kty === 'RSA';
			return kind.type === 'ec' ? kty === 'EC' && crv === kind.curve : kty === 'OKP' && crv === 'Ed25519';
		})
	);
}

function fits({ privateKey }: SigningKey, algorithm: SigningAlgorithm | undefined): boolean {
	return algorithm ? !keyMisfit(privateKey, algorithm) : fitsSome(privateKey);
}

function unknownKeyId(keys: readonly PastedKey[]): Result<never> {
	const ids = keys.filter(maySign).flatMap(({ keyId }) => keyId?.trim() ?? []);
	return refused(
		'Private Key contains no private key with the key ID of the credential',
		ids.length > 0
			? `Set Key ID (Kid) to one of ${shown(ids)}. Or leave it empty for the only one that fits the algorithm.`
			: 'The private keys that are there are not for signing. Paste the one that signs.',
	);
}

function notForSigning(keys: readonly PastedKey[]): Result<never> {
	const ids = keys.filter(maySign).flatMap(({ keyId }) => keyId?.trim() ?? []);
	return refused(
		'Private Key contains a key that is not for signing',
		'Its use, key_ops or alg says so (RFC 7517 §4). ' +
			(ids.length > 0 ? `Set Key ID (Kid) to one of ${shown(ids)}.` : 'Paste the private key that is for signing.'),
	);
}

/** Key IDs for a description; something very long is no ID but a value in the wrong place. */
function shown(ids: readonly string[]): string {
	const most = 10;
	const listed = [...new Set(ids)].map((id) =>
		id.length <= 100 ? `"${id.replace(/[\p{C}"<>]/gu, '?')}"` : `one of ${id.length} characters`,
	);
	return listed.length <= most
		? listed.join(', ')
		: `${listed.slice(0, most).join(', ')} and ${listed.length - most} more`;
}
