import { createHash, X509Certificate, type KeyObject } from 'node:crypto';

import { fail, ok, refused, type Result } from '../result/result';
import { readPastedKeys } from './pastedKey';
import { privateKeyInField, readableLabels } from './privateKeyInField';

/** The header parameters by which a server knows the certificate of the key (RFC 7515 §4.1.6 to §4.1.8). */
export const certificateHeaders = ['x5t#S256', 'x5t', 'x5c'] as const;
export type CertificateHeader = (typeof certificateHeaders)[number];

/** Those parameters, as they go into the header. */
export type CertificateParameters = Partial<Record<'x5t#S256' | 'x5t', string>> & { x5c?: string[] };

/**
 * Reads a certificate, or a chain that starts with the key's own, and gives the header parameters asked for:
 * SHA-256 and SHA-1 thumbprints Base64url, the chain as Base64 DER.
 * @param text PEM, one or more certificates; empty for none
 * @param privateKey the key that signs: the first certificate must be its own
 */
export function readCertificate(
	text: string,
	privateKey: KeyObject,
	headers: readonly CertificateHeader[],
): Result<CertificateParameters> {
	if (text.trim() === '') return ok({});
	// Refused, not left out: the field is not masked.
	const pastedKey = privateKeyInField(text, readableLabels.certificate);
	if (pastedKey) return fail(pastedKey);
	const chain = parseChain(text);
	const own = chain?.[0];
	if (!chain || !own) {
		return refused(
			'Certificate contains no certificate that can be read',
			'Paste PEM, from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----". Leave it empty when the ' +
				'server knows the key by its key ID.',
		);
	}
	if (!own.checkPrivateKey(privateKey)) {
		return refused(
			'The certificate does not belong to the private key',
			'Paste the certificate that was made for this key; of a chain, that one comes first.',
		);
	}
	return ok({
		...(headers.includes('x5t') && { x5t: thumbprint('sha1', own) }),
		...(headers.includes('x5t#S256') && { 'x5t#S256': thumbprint('sha256', own) }),
		...(headers.includes('x5c') && { x5c: chain.map(({ raw }) => raw.toString('base64')) }),
	});
}

function parseChain(text: string): X509Certificate[] | undefined {
	try {
		return readPastedKeys(text)
			.flatMap((found) => (found.form === 'pem' && found.label.endsWith('CERTIFICATE') ? [found.pem] : []))
			.map((pem) => new X509Certificate(pem));
	} catch {
		return undefined;
	}
}

/** Base64url, as `x5t` and `x5t#S256` have it. */
export function thumbprint(hash: 'sha1' | 'sha256', { raw }: X509Certificate): string {
	return createHash(hash).update(raw).digest('base64url');
}
