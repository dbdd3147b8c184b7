import { refused, type Result } from '../result/result';
import { chooseSigningKey, type KeyChoice } from './chooseSigningKey';
import { expectedKey } from './openingFault';
import { isPrivateKey, readPastedKeys, type PastedKey } from './pastedKey';
import { cachedKey, type SigningKey } from './signingKeyCache';

/**
 * Reads the private key of a credential, in whatever form it was pasted.
 * Keys are kept after the first import (an import costs as much as a signature, and opening an encrypted
 * key a hundred times that); imports of the same key at the same time are one.
 * @param text PEM (PKCS#8, PKCS#1, SEC1, OpenSSH, each also encrypted), bare Base64, a JWK or a JWK Set
 * @param passphrase what decrypts it; not looked at when the key is not encrypted
 * @param choice which of several keys signs
 * @returns the key and the `kid` to send, or a fault that shows nothing of the key. Never rejects
 */
export async function importSigningKey(
	text: string,
	passphrase = '',
	choice: KeyChoice = { keyId: '' },
): Promise<Result<SigningKey>> {
	const keyId = choice.keyId.trim();
	const names = [text, passphrase, keyId, choice.algorithm ?? ''];
	return await cachedKey(names, () => readSigningKey(text, passphrase, { ...choice, keyId }));
}

async function readSigningKey(text: string, passphrase: string, choice: KeyChoice): Promise<Result<SigningKey>> {
	if (text.trim() === '') {
		return refused('The private key is empty', 'Paste it into Private Key in the credential. Key: Generate makes one.');
	}
	const found = readPastedKeys(text);
	const keys = found.filter(isPrivateKey);
	if (keys.length === 0) return noPrivateKey(text, found);
	const namesPublicKey = found.some((key) => !isPrivateKey(key) && key.keyId?.trim() === choice.keyId);
	return await chooseSigningKey(keys, passphrase, { ...choice, namesPublicKey });
}

/** Says what was pasted instead of a private key, as far as that can be seen. */
function noPrivateKey(text: string, found: PastedKey[]): Result<never> {
	const labels = found.map((key) => (key.form === 'pem' ? key.label : `JWK ${String(key.jwk['kty'])}`));
	if (labels.includes('JWK oct')) {
		return refused(
			'Private Key contains a symmetric key (a JWK of the type oct)',
			'A client assertion is signed with the private key of a pair. Key: Generate makes one.',
		);
	}
	const isSshLine = /^\s*(ssh-(rsa|ed25519)|ecdsa-sha2-nistp\d+) AAAA/.test(text);
	if (isSshLine || labels.some((label) => label.endsWith('PUBLIC KEY') || label.startsWith('JWK '))) {
		return refused(
			'Private Key contains a public key',
			'Paste the private key of the pair; the public key is for the authorization server.',
		);
	}
	if (labels.some((label) => label.includes('CERTIFICATE'))) {
		return refused(
			'Private Key contains a certificate',
			'Paste the private key that belongs to it, and the certificate into Certificate.',
		);
	}
	if (text.includes('PuTTY-User-Key-File')) {
		return refused(
			"Private Key contains a key in PuTTY's own format",
			'Export it in PuTTYgen with Conversions > Export OpenSSH key, and paste that.',
		);
	}
	const googleType = /"type"\s*:\s*"(authorized_user|external_account|impersonated_service_account)"/.exec(text)?.[1];
	if (googleType) {
		return refused(
			`Private Key contains a Google file of the type ${googleType}, which has no private key`,
			'Create a key of the type JSON for a service account, and paste that file.',
		);
	}
	if (labels.includes('PKCS12')) {
		return refused(
			'Private Key contains a PKCS#12 file',
			'Extract the key with "openssl pkcs12 -in file.pfx -nocerts", and paste its output.',
		);
	}
	if (/BEGIN[A-Z ]*PRIVATE\s*KEY/.test(text)) {
		return refused(
			'The private key is cut off or damaged',
			'Paste it again, from its BEGIN line to its END line, both included.',
		);
	}
	return refused('Private Key contains no private key', expectedKey);
}
