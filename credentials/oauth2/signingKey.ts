import { createPrivateKey, type KeyObject } from 'node:crypto';

import { keyFault, type KeyFault } from './keyFault';
import { isPrivateKey, readPastedKeys, type PastedKey } from './pastedKey';
import { cachedKey } from './signingKeyCache';

/**
 * Reads the private key of a credential, in whatever form it was pasted.
 * Keys are kept after the first import (an import costs as much as a signature).
 * @param text PEM (PKCS#8, PKCS#1, SEC1, each also encrypted), bare Base64, or a JWK
 * @param passphrase what decrypts it; not looked at when the key is not encrypted
 * @returns the key, or a fault that shows nothing of it
 */
export function importSigningKey(text: string, passphrase = ''): { ok: true; privateKey: KeyObject } | KeyFault {
	return cachedKey([text, passphrase], () => readSigningKey(text, passphrase));
}

function readSigningKey(text: string, passphrase: string): { ok: true; privateKey: KeyObject } | KeyFault {
	if (text.trim() === '') {
		return keyFault(
			'The private key is not filled in',
			'Paste it into Private Key in the credential. The operation Key > Generate makes one.',
		);
	}
	const found = readPastedKeys(text);
	const key = found.find(isPrivateKey);
	if (!key) return noPrivateKey(text, found);
	return key.form === 'jwk' ? fromJwk(key.jwk) : fromPem(key.pem, key.label, passphrase);
}

function fromPem(pem: string, label: string, passphrase: string): { ok: true; privateKey: KeyObject } | KeyFault {
	const encrypted = label === 'ENCRYPTED PRIVATE KEY' || pem.includes('Proc-Type: 4,ENCRYPTED');
	if (encrypted && passphrase === '') {
		return keyFault(
			'The private key is encrypted, and no passphrase is filled in',
			'Fill in Passphrase in the credential, or paste the key without encryption.',
		);
	}
	try {
		return { ok: true, privateKey: createPrivateKey({ key: pem, ...(encrypted && { passphrase }) }) };
	} catch (error) {
		return importFault(error, encrypted);
	}
}

function importFault(error: unknown, encrypted: boolean): KeyFault {
	if (encrypted && /UNSUPPORTED/.test(errorCode(error))) {
		return keyFault(
			'The private key is encrypted in a way that this Node.js does not decrypt',
			'Encrypt it anew with "openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem", and paste what that prints.',
		);
	}
	if (encrypted) {
		return keyFault(
			'The passphrase does not decrypt the private key',
			'Check Passphrase in the credential, and that the key was pasted from its BEGIN line to its END line.',
		);
	}
	return keyFault(
		'The private key is damaged or of a kind that cannot be read',
		`Paste it anew, from its BEGIN line to its END line. ${expectation}`,
	);
}

/** The code of an exception of node:crypto. Its text and cause are never used: they are not ours to vouch for. */
function errorCode(error: unknown): string {
	const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
	return typeof code === 'string' ? code : '';
}

function fromJwk(jwk: Record<string, unknown>): { ok: true; privateKey: KeyObject } | KeyFault {
	try {
		return { ok: true, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
	} catch {
		return keyFault(
			'The private key is a JWK that cannot be read',
			'A private JWK has kty and d, with n, e, p, q, dp, dq and qi for RSA, crv, x and y for EC, ' +
				'crv and x for Ed25519 (RFC 7518 §6). Check that all of it was pasted.',
		);
	}
}

const expectation =
	'Private Key takes PEM ("-----BEGIN PRIVATE KEY-----", "… ENCRYPTED PRIVATE KEY", "… RSA PRIVATE KEY", ' +
	'"… EC PRIVATE KEY") or a JWK.';

/** Says what was pasted instead of a private key, as far as that can be seen. */
function noPrivateKey(text: string, found: PastedKey[]): KeyFault {
	const labels = found.map((key) => (key.form === 'pem' ? key.label : `JWK ${String(key.jwk['kty'])}`));
	if (labels.includes('JWK oct')) {
		return keyFault(
			'Private Key holds a symmetric key (a JWK of the type oct)',
			'A client assertion is signed with the private half of a pair. The operation Key > Generate makes one.',
		);
	}
	if (labels.some((label) => label.endsWith('PUBLIC KEY') || label.startsWith('JWK '))) {
		return keyFault(
			'Private Key holds a public key',
			'Paste the private half of the pair there; the public one belongs to the authorisation server.',
		);
	}
	if (labels.some((label) => label.includes('CERTIFICATE'))) {
		return keyFault(
			'Private Key holds a certificate',
			'Paste the private key that belongs to it there, and the certificate into Certificate.',
		);
	}
	const openSsh = labels.includes('OPENSSH PRIVATE KEY') || text.includes('OPENSSH PRIVATE KEY');
	if (openSsh || text.includes('PuTTY-User-Key-File')) {
		return keyFault(
			`Private Key holds a key in ${openSsh ? "OpenSSH's" : "PuTTY's"} own format`,
			openSsh
				? 'Convert a copy of it with "ssh-keygen -p -m PKCS8 -f key-copy", and paste that.'
				: "Export it in PuTTYgen with Conversions > Export OpenSSH key, and convert that with ssh-keygen -p -m PKCS8.",
		);
	}
	if (labels.includes('PKCS12')) {
		return keyFault(
			'Private Key holds a PKCS#12 file',
			'Take the key out of it with "openssl pkcs12 -in file.pfx -nocerts", and paste what that prints.',
		);
	}
	if (/BEGIN[A-Z ]*PRIVATE\s*KEY/.test(text)) {
		return keyFault(
			'The private key is cut off or damaged',
			'Paste it anew, from its BEGIN line to its END line, both included.',
		);
	}
	return keyFault('Private Key holds no private key', expectation);
}
