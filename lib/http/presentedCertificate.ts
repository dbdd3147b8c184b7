import { ok, refused, type Result } from '../result/result';
import { certificateThumbprint } from './clientCertificate';
import type { ClientCertificate } from './dispatchers';

/**
 * The certificate to present to a destination, of that of the credential, which its tokens may be bound to (RFC 8705 §3), and
 * that of the node (n8n's SSL Certificates).
 *
 * @param ofCredential with a certificate
 * @param ofNode with a certificate, or a CA alone; its CA counts for the destination
 * @returns one of both, or one made of both; a fault when they are two certificates
 */
export function presentedCertificate(
	ofCredential: ClientCertificate & { readonly cert: string },
	ofNode: ClientCertificate | undefined,
): Result<ClientCertificate> {
	if (ofNode === undefined) return ok(ofCredential);
	if (ofNode.cert !== undefined && certificateThumbprint(ofNode.cert) !== certificateThumbprint(ofCredential.cert)) {
		return refused(
			'Two client certificates are selected: that of the OAuth 2.0 credential and that under SSL Certificates',
			'Turn off the certificate of the node: the access token may be bound to the one of the credential, and then only goes with that.',
		);
	}
	return ok(ofNode.ca === undefined ? ofCredential : { ...ofCredential, ca: ofNode.ca });
}
