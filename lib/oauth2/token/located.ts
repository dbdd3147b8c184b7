import { fail, ok, type Result } from '../../result/result';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { endpointLabel } from '../credential/tokenUrl';
import { withTokenEndpoint } from '../metadata/tokenEndpoint';
import type { ServerAccess } from './exchange';
import { metadataStore, type MetadataStore } from './metadataStore';
import type { TokenFault } from './token';
import { preparationFault } from './tokenFault';

export interface LocatingTools extends ServerAccess {
	/** What is known of issuers; that of this process when left out. */
	readonly metadata?: MetadataStore;
}

/**
 * The credential with the token URL from the metadata of its issuer, and with what defaults to it. One with an Access Token
 * URL is given back as it is, without a request. Never rejects.
 */
export async function located<C extends OAuth2Credential>(
	credential: C,
	{ metadata = metadataStore, ...access }: LocatingTools,
): Promise<Result<C, TokenFault>> {
	if (credential.accessTokenUrl !== '') return ok(credential);
	const endpoints = await metadata.get(credential, access);
	if (!endpoints.ok) return endpoints;
	const found = withTokenEndpoint(credential, endpoints.value);
	return found.ok ? found : fail(preparationFault(endpointLabel(credential.issuerUrl), found.fault));
}

/**
 * Has the metadata of the credential's issuer read again before the next token request, when the token URL is from there and
 * may be wrong by now: there was no response, or none in the words of a token endpoint.
 */
export function relocate(
	{ metadata = metadataStore }: LocatingTools,
	credential: OAuth2Credential,
	{ code, statusCode, transportCode, serverError }: TokenFault,
): void {
	const hasAsked = statusCode !== undefined || transportCode !== undefined;
	if (credential.accessTokenUrl !== '' || code === 'CANCELLED' || !hasAsked || serverError !== undefined) return;
	metadata.forget(credential);
}
