import { ok, refused, type Result } from '../../result/result';
import { parseUrl } from '../../text/parseUrl';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { checkTokenUrl } from '../credential/tokenUrl';
import type { ServerMetadata } from './readMetadata';

/** The parts of metadata that say where token requests go. */
export type Endpoints = Pick<ServerMetadata, 'issuer' | 'tokenEndpoint' | 'mtlsTokenEndpoint'>;

const INSTEAD = 'Enter the token endpoint as Access Token URL if you know it, or ask who runs the server';

/**
 * The token endpoint of an issuer, judged as an Access Token URL is. Unencrypted it is accepted on the issuer's own host
 * alone, when the issuer itself is: no document from afar sends secrets unencrypted, or to this machine.
 *
 * @param mutualTls whether the client presents a certificate in TLS: then an alias for that comes first (RFC 8705 section 5)
 * @internal exported for its known answers
 */
export function tokenEndpointOf({ issuer, ...endpoints }: Endpoints, mutualTls: boolean): Result<string> {
	const [name, text] =
		mutualTls && endpoints.mtlsTokenEndpoint !== undefined
			? ['mtls_endpoint_aliases.token_endpoint', endpoints.mtlsTokenEndpoint]
			: ['token_endpoint', endpoints.tokenEndpoint];
	const label = `The ${name} in the metadata of ${issuer}`;
	if (text === undefined) return refused(`${label} is missing or cannot be used`, INSTEAD);
	const url = parseUrl(text);
	const of = parseUrl(issuer);
	const mayBePlain = of?.protocol === 'http:' && of.hostname === url?.hostname;
	if (url?.protocol === 'http:' && !mayBePlain) return refused(`${label} is not encrypted`, INSTEAD);
	const checked = checkTokenUrl(label, text, mayBePlain);
	return checked.ok ? checked : refused(checked.fault.message, INSTEAD);
}

/**
 * A credential that names its issuer alone, with the token URL from the issuer's metadata: for token requests and refreshes,
 * and as the default audience of assertions.
 */
export function withTokenEndpoint<C extends OAuth2Credential>(credential: C, endpoints: Endpoints): Result<C> {
	const endpoint = tokenEndpointOf(endpoints, credential.tls !== undefined);
	if (!endpoint.ok) return endpoint;
	const accessTokenUrl = endpoint.value;
	return ok({ ...credential, accessTokenUrl, ...defaultsOf(credential, accessTokenUrl) });
}

/** What is the token URL unless the user gave another value. */
function defaultsOf(credential: OAuth2Credential, url: string): Partial<OAuth2Credential> {
	if (credential.grant === 'clientCredentialsJwt') {
		return { audience: credential.audience.length === 0 ? url : credential.audience };
	}
	const { secretJwt } = credential;
	return {
		...(secretJwt && { secretJwt: { ...secretJwt, audience: secretJwt.audience || url } }),
		...(credential.grant === 'password' && { refreshTokenUrl: credential.refreshTokenUrl || url }),
	};
}
