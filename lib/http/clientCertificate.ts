import { X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import { thumbprint } from '../keys/certificate';
import { openPrivateKey } from '../keys/openPrivateKey';
import { isPrivateKey, readPastedKeys } from '../keys/pastedKey';
import { cachedKey } from '../keys/signingKeyCache';
import { ok, refused, type Result } from '../result/result';
import type { ClientCertificate } from './dispatchers';

/** What a form has for a client certificate, as pasted: PEM with or without its line breaks, empty for none. */
export interface CertificateFields {
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
	readonly passphrase: string;
}

/** What the form calls those fields. */
export interface CertificateLabels {
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

/**
 * Opens a client certificate and tries what is in it, before anything is sent: undici would report a wrong passphrase as a
 * destination whose TLS is broken. The key is given decrypted: with a passphrase, OpenSSL would derive the key again for
 * each connection.
 *
 * @returns what TLS takes, or a fault that names the field and shows nothing of it
 */
export async function openClientCertificate(
	fields: CertificateFields,
	labels: CertificateLabels,
): Promise<Result<ClientCertificate>> {
	const isFilled = (name: 'ca' | 'cert' | 'key') => fields[name].trim() !== '';
	if (isFilled('cert') !== isFilled('key')) {
		const [filled, empty] = isFilled('cert') ? [labels.cert, labels.key] : [labels.key, labels.cert];
		return refused(
			`${filled} is filled in and ${empty} is empty`,
			`Fill in ${empty}: a client certificate needs both.`,
		);
	}
	const ca = readCertificates(fields.ca, labels.ca);
	if (!ca.ok) return ca;
	const cert = readCertificates(fields.cert, labels.cert);
	if (!cert.ok) return cert;
	if (!isFilled('key')) return accepted({ ca: joined(ca.value) }, labels);
	const key = await readKey(fields.key, fields.passphrase, labels.key);
	if (!key.ok) return key;
	if (!cert.value[0]!.checkPrivateKey(key.value)) {
		return refused(
			`${labels.key} does not belong to ${labels.cert}`,
			`Fill in the key that the certificate was issued for. If ${labels.cert} has several, put the client's own first.`,
		);
	}
	const certificate = {
		...(ca.value.length === 0 ? {} : { ca: joined(ca.value) }),
		cert: joined(cert.value),
		key: key.value.export({ type: 'pkcs8', format: 'pem' }) as string,
	};
	return accepted(certificate, labels);
}

/** SHA-256 of a certificate, of a chain of its first, Base64url: as `x5t#S256` has it (RFC 8705 §3.1). Undefined for other texts. */
export function certificateThumbprint(pem: string): string | undefined {
	try {
		return thumbprint('sha256', new X509Certificate(pem));
	} catch {
		return undefined;
	}
}

/** The last word is OpenSSL's, e.g. about keys and digests that are too short. */
function accepted(certificate: ClientCertificate, { ca, cert, key }: CertificateLabels): Result<ClientCertificate> {
	try {
		createSecureContext(certificate);
		return ok(certificate);
	} catch (error) {
		return refused(
			`TLS does not accept the certificate or its key (${codeOf(error)})`,
			`Check ${cert}, ${key} and ${ca}. Keys of fewer than 2048 bits and SHA-1 signatures are no longer accepted.`,
		);
	}
}

/** All certificates of a field; OpenSSL would skip a CA that it cannot read, and then trust nobody. */
function readCertificates(text: string, label: string): Result<X509Certificate[]> {
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
	return refused(
		`${label} is not a certificate in PEM`,
		`Paste ${label} from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".`,
	);
}

/** Opened once in a process: what encrypts a key is slow on purpose. */
async function readKey(text: string, passphrase: string, label: string): Promise<Result<KeyObject>> {
	const key = readPastedKeys(text).find(isPrivateKey);
	if (key === undefined) {
		return refused(
			`${label} is not a private key in PEM`,
			'Paste the key from "-----BEGIN PRIVATE KEY-----" to "-----END PRIVATE KEY-----".',
		);
	}
	const opened = await cachedKey(['client certificate', text, passphrase], async () => {
		const imported = await openPrivateKey(key, passphrase);
		return imported.ok ? ok({ privateKey: imported.value, keyId: '' }) : imported;
	});
	return opened.ok ? ok(opened.value.privateKey) : opened;
}

const joined = (certificates: X509Certificate[]) => certificates.map(String).join('');

/** Only the code of an exception: its text is not ours to vouch for. */
function codeOf(error: unknown): string {
	const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
	return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'unknown reason';
}
