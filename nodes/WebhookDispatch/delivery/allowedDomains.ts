import * as n8nWorkflow from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';

import type { RequestFault } from './codes';

/**
 * The domains that a credential may be sent to, as its form's "Allowed HTTP Request Domains" says.
 *
 * @param data the decrypted credential
 * @returns a check that gives a `BLOCKED` fault for a URL that is not allowed
 * @source n8n: a node with its own HTTP client enforces them itself (`getCredentialAllowedDomains`)
 */
export function allowedDomainsOf(
	node: INode,
	data: ICredentialDataDecryptedObject,
): (url: URL) => RequestFault | undefined {
	const mode = data.allowedHttpRequestDomains;
	if (mode === undefined || mode === 'all') return () => undefined;
	// Missing on an older n8n, whose typings are not ours.
	const { getCredentialAllowedDomains, isDomainAllowed } = n8nWorkflow as Partial<typeof n8nWorkflow>;
	if (getCredentialAllowedDomains === undefined || isDomainAllowed === undefined) {
		return () =>
			blocked('The credential is limited to certain domains, which this version of n8n cannot check for the node');
	}
	try {
		const allowedDomains = getCredentialAllowedDomains({ node, credentialData: data, surface: 'Webhook Dispatch' });
		if (allowedDomains === undefined) return () => undefined;
		return (url) =>
			isDomainAllowed({ url: url.href, allowedDomains })
				? undefined
				: blocked(`The credential may not be used with ${url.host}`);
	} catch (error) {
		const message = error instanceof Error ? error.message : 'The credential may not be used here';
		return () => blocked(message);
	}
}

const blocked = (message: string): RequestFault => ({
	code: 'BLOCKED',
	message,
	description: 'Change Allowed HTTP Request Domains in the credential, or use another credential.',
});
