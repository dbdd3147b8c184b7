import * as n8nWorkflow from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';

import { isAllowedDomain } from '../../../lib/http/allowedDomains';
import type { RequestFault } from '../../../lib/result/requestFault';

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
	try {
		const allowedDomains = readAllowedDomains(node, data)?.split(',');
		return (url) =>
			isAllowedDomain(url.hostname, allowedDomains)
				? undefined
				: blocked(`The credential may not be used with ${url.host}`);
	} catch (error) {
		const message = error instanceof Error ? error.message : 'The credential may not be used here';
		return () => blocked(message);
	}
}

/**
 * The credential's list, undefined for no limit. n8n reads it itself from about 2.20 on; before that its HTTP
 * Request node did it in the same way, and no one else.
 *
 * @throws where the credential may not be used at all
 */
function readAllowedDomains(node: INode, data: ICredentialDataDecryptedObject): string | undefined {
	const { getCredentialAllowedDomains } = n8nWorkflow as Partial<typeof n8nWorkflow>;
	if (getCredentialAllowedDomains) {
		return getCredentialAllowedDomains({ node, credentialData: data, surface: 'Webhook Dispatch' });
	}
	const { allowedHttpRequestDomains: mode, allowedDomains } = data;
	if (mode === 'domains' && typeof allowedDomains === 'string' && allowedDomains.trim() !== '') return allowedDomains;
	throw new n8nWorkflow.NodeOperationError(
		node,
		mode === 'domains' ? 'The credential names no allowed domain' : 'The credential may not be used to send requests',
	);
}

const blocked = (message: string): RequestFault => ({
	code: 'BLOCKED',
	message,
	description: 'Change Allowed HTTP Request Domains in the credential, or use another credential.',
});
