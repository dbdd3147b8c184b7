import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { isAllowedDomain } from '../../../lib/http/allowedDomains';
import type { RequestFault } from '../../../lib/result/requestFault';

/**
 * The domains that a credential may be sent to, as its form's "Allowed HTTP Request Domains" says.
 *
 * @param data the decrypted credential
 * @returns a check that gives a `BLOCKED` fault for a URL that is not allowed
 * @source n8n: a node with its own HTTP client enforces them itself. Its `getCredentialAllowedDomains` is not there before
 * 2.20, and takes other arguments there than from 2.35 on: called in the way of one, the other allows every domain
 */
export function allowedDomainsOf({
	allowedHttpRequestDomains: mode,
	allowedDomains,
}: ICredentialDataDecryptedObject): (url: URL) => RequestFault | undefined {
	if (mode === undefined || mode === 'all') return () => undefined;
	if (mode !== 'domains') return () => blocked('The credential may not be used to send requests');
	if (typeof allowedDomains !== 'string' || allowedDomains.trim() === '') {
		return () => blocked('The credential names no allowed domain');
	}
	const domains = allowedDomains.split(',');
	return (url) =>
		isAllowedDomain(url.hostname, domains) ? undefined : blocked(`The credential may not be used with ${url.host}`);
}

const blocked = (message: string): RequestFault => ({
	code: 'BLOCKED',
	message,
	description: 'Change Allowed HTTP Request Domains in the credential, or use another credential.',
});
