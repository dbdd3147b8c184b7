import { X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { openPrivateKey } from '../keys/openPrivateKey';
import { isPrivateKey, readPastedKeys } from '../keys/pastedKey';
import { cachedKey } from '../keys/signingKeyCache';
import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import type { ClientCertificate } from './dispatchers';

/**
 * Reads n8n's own SSL Certificates credential (`httpSslAuth`) and tries what is in it, before anything is sent:
 * undici would tell of a wrong passphrase as of a destination whose TLS is broken.
 * The key is given decrypted: with a passphrase, OpenSSL would derive the key again for each connection.
 *
 * @param data the decrypted credential: `ca`, `cert`, `key`, `passphrase`, as PEM with or without its line breaks
 * @returns what TLS takes, or a fault that names the field and shows nothing of it
 */
export async function readClientCertificate(
	data: ICredentialDataDecryptedObject,
): Promise<Result<ClientCertificate, RequestFault>> {
	const text = (name: string) => (typeof data[name] === 'string' ? data[name] : '');
	const isFilled = (name: string) => text(name).trim() !== '';
	if (!isFilled('ca') && !isFilled('cert') && !isFilled('key')) {
		return unusable('The credential is empty', 'Fill in Certificate and Private Key');
	}
	if (isFilled('cert') !== isFilled('key')) {
		const [filled, empty] = isFilled('cert') ? ['Certificate', 'Private Key'] : ['Private Key', 'Certificate'];
		return unusable(
			`${filled} is filled in and ${empty} is empty`,
			`Fill in ${empty}: a client certificate needs both`,
		);
	}
	const ca = readCertificates(text('ca'), 'CA');
	if (!ca.ok) return ca;
	const cert = readCertificates(text('cert'), 'Certificate');
	if (!cert.ok) return cert;
	if (!isFilled('key')) return accepted({ ca: joined(ca.value) });
	const key = await readKey(text('key'), text('passphrase'));
	if (!key.ok) return key;
	if (!cert.value[0]!.checkPrivateKey(key.value)) {
		return unusable(
			'Private Key does not belong to Certificate',
			"Fill in the key that the certificate was issued for. If Certificate has several, put the client's own first",
		);
	}
	return accepted({
		...(ca.value.length === 0 ? {} : { ca: joined(ca.value) }),
		cert: joined(cert.value),
		key: key.value.export({ type: 'pkcs8', format: 'pem' }) as string,
	});
}

/** The last word is OpenSSL's, e.g. about keys and digests that are too short. */
function accepted(certificate: ClientCertificate): Result<ClientCertificate, RequestFault> {
	try {
		createSecureContext(certificate);
		return ok(certificate);
	} catch (error) {
		return unusable(
			`TLS does not accept its certificate or key (${codeOf(error)})`,
			'Check Certificate, Private Key and CA. Keys of fewer than 2048 bits and SHA-1 signatures are no longer accepted',
		);
	}
}

/** All certificates of a field; OpenSSL would skip a CA that it cannot read, and then trust nobody. */
function readCertificates(text: string, field: 'CA' | 'Certificate'): Result<X509Certificate[], RequestFault> {
	if (text.trim() === '') return ok([]);
	const found = readPastedKeys(text).flatMap((key) =>
		key.form === 'pem' && /CERTIFICATE$/.test(key.label) ? [key.pem] : [],
	);
	const isWhole = found.length >= (text.match(/BEGIN [A-Z0-9 ]*CERTIFICATE-/g) ?? []).length;
	try {
		if (found.length > 0 && isWhole) return ok(found.map((pem) => new X509Certificate(pem)));
	} catch {
		// Base64 of something else.
	}
	return unusable(
		`${field} is not a certificate in PEM`,
		`Paste ${field} from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"`,
	);
}

/** Opened once in a process: what encrypts a key is slow on purpose. */
async function readKey(text: string, passphrase: string): Promise<Result<KeyObject, RequestFault>> {
	const key = readPastedKeys(text).find(isPrivateKey);
	if (key === undefined) {
		return unusable(
			'Private Key is not a private key in PEM',
			'Paste the key from "-----BEGIN PRIVATE KEY-----" to "-----END PRIVATE KEY-----"',
		);
	}
	const opened = await cachedKey(['client certificate', text, passphrase], async () => {
		const imported = await openPrivateKey(key, passphrase);
		return imported.ok ? ok({ privateKey: imported.value, keyId: '' }) : imported;
	});
	return opened.ok
		? ok(opened.value.privateKey)
		: invalidRequest(titled(opened.fault.message), opened.fault.description);
}

const joined = (certificates: X509Certificate[]) => certificates.map(String).join('');

/** Only the code of an exception: its text is not ours to vouch for. */
function codeOf(error: unknown): string {
	const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
	return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'unknown reason';
}

const unusable = (message: string, step: string) =>
	invalidRequest(titled(message), `${step}, in the credential chosen under SSL Certificates.`);

const titled = (message: string) => `SSL Certificates credential: ${message}`;
