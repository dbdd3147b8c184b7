import * as tls from 'node:tls';

import { certificateThumbprint, openClientCertificate } from '../../http/clientCertificate';
import type { ClientCertificate } from '../../http/dispatchers';
import { ok, refused, type Result } from '../../result/result';
import { parseUrl } from '../../text/parseUrl';
import { clientTlsLabels } from '../credential/clientTls';
import type { ClientTlsFields } from '../credential/oAuth2Credential';
import type { AccessToken } from './token';

/** A client certificate with its private key. */
export type OpenedCertificate = ClientCertificate & Required<Pick<ClientCertificate, 'cert' | 'key'>>;

/**
 * Opens the certificate of a credential (RFC 8705). Its CA is trusted besides the authorities that this process trusts: the
 * same credential goes to the authorization server and to destinations, of which one may be private and the other not.
 *
 * @returns what TLS takes, or a fault that names the field and shows nothing of it
 */
export async function openClientTls(fields: ClientTlsFields): Promise<Result<OpenedCertificate>> {
	const { certificate, privateKey, passphrase, ca } = fields;
	const opened = await openClientCertificate({ cert: certificate, key: privateKey, passphrase, ca }, clientTlsLabels);
	if (!opened.ok) return opened;
	const { cert = '', key = '', ca: own } = opened.value;
	return ok({ cert, key, ...(own === undefined ? {} : { ca: [...trustedAuthorities(), own].join('\n') }) });
}

/** As a token keeps it. */
export const thumbprintOf = ({ cert }: OpenedCertificate): Pick<AccessToken, 'certificateThumbprint'> => ({
	certificateThumbprint: certificateThumbprint(cert),
});

/** Where Node gives them (22.15 and later), those of NODE_EXTRA_CA_CERTS are among them. */
function trustedAuthorities(): readonly string[] {
	const node: object = tls;
	return 'getCACertificates' in node && typeof node.getCACertificates === 'function'
		? (node.getCACertificates('default') as string[])
		: tls.rootCertificates;
}

/**
 * The certificate to present to a token endpoint.
 *
 * @returns a fault, too, for a URL without TLS: nothing would be presented there
 */
export async function certificateFor(fields: ClientTlsFields, tokenUrl: string): Promise<Result<OpenedCertificate>> {
	if (parseUrl(tokenUrl)?.protocol !== 'https:') {
		return refused(
			'The client authenticates with a TLS certificate, and the token URL does not begin with https://',
			'Enter a token URL with https://, or select another Client Authentication Type or Token Binding in the credential.',
		);
	}
	return await openClientTls(fields);
}
