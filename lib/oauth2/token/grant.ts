import { jwtBearer } from '../assertion/createClientAssertion';
import { withCredentialQuery } from '../../http/credentialQuery';
import type { OAuth2Credential, PasswordCredential } from '../credential/oAuth2Credential';
import type { TokenHttpRequest } from './tokenTransport';

/** Parameters of a token request, in the order in which they are sent; names may repeat. */
export type TokenParameters = ReadonlyArray<readonly [name: string, value: string]>;

/** One token request before the client has authenticated itself. */
export interface Grant {
	readonly kind: 'password' | 'refresh' | 'clientCredentials' | 'jwtBearer';
	readonly url: string;
	readonly parameters: TokenParameters;
}

const scopeParameters = ({ scope }: OAuth2Credential): TokenParameters => (scope === '' ? [] : [['scope', scope]]);

/**
 * The request by which a credential gets its first token: RFC 6749 section 4.3.2 (password) or 4.4.2
 * (client credentials, with or without an assertion), or RFC 7523 section 2.1 (a JWT as the grant).
 */
export function initialGrant(credential: OAuth2Credential): Grant {
	const grant = ownGrant(credential);
	const { customGrantType } = credential;
	if (customGrantType === '') return grant;
	const parameters = grant.parameters.map(
		([name, value]) => [name, name === 'grant_type' ? customGrantType : value] as const,
	);
	return { ...grant, parameters };
}

function ownGrant(credential: OAuth2Credential): Grant {
	if (credential.grant === 'password') {
		return {
			kind: 'password',
			url: credential.accessTokenUrl,
			parameters: [
				['grant_type', 'password'],
				['username', credential.username],
				['password', credential.password],
				...scopeParameters(credential),
				...credential.additionalParameters,
			],
		};
	}
	if (credential.grant === 'clientCredentialsJwt' && credential.authorizationGrant) {
		return {
			kind: 'jwtBearer',
			url: credential.accessTokenUrl,
			parameters: [
				// The assertion itself is signed for each request, by `clientAuthenticationOf`.
				['grant_type', jwtBearer],
				...(credential.authorizationGrant.scopeInRequest ? scopeParameters(credential) : []),
				...credential.additionalParameters,
			],
		};
	}
	return {
		kind: 'clientCredentials',
		url: credential.accessTokenUrl,
		parameters: [
			['grant_type', 'client_credentials'],
			...scopeParameters(credential),
			...credential.additionalParameters,
		],
	};
}

/** RFC 6749 section 6. A scope that is left out means the one granted before; some servers still want it. */
export function refreshGrant(credential: PasswordCredential, refreshToken: string): Grant {
	return {
		kind: 'refresh',
		url: credential.refreshTokenUrl,
		parameters: [
			['grant_type', 'refresh_token'],
			['refresh_token', refreshToken],
			...(credential.scopeOnRefresh ? scopeParameters(credential) : []),
			...credential.additionalParameters,
		],
	};
}

/** RFC 6749 appendix B. */
function formBody(parameters: TokenParameters): string {
	return new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString();
}

/** An object; a name that repeats holds an array (Zendesk and others take JSON, which no RFC describes). */
function jsonBody(parameters: TokenParameters): string {
	const names = [...new Set(parameters.map(([name]) => name))];
	const valuesOf = (wanted: string) => parameters.filter(([name]) => name === wanted).map(([, value]) => value);
	return JSON.stringify(
		Object.fromEntries(
			names.map((name) => {
				const values = valuesOf(name);
				return [name, values.length === 1 ? values[0] : values];
			}),
		),
	);
}

/**
 * The exact request: form-encoded (RFC 6749) or JSON, or a GET with all in the query, in place of parameters of the same name
 * that the URL has; with the headers of the credential and of its client authentication.
 *
 * @param url a whole URL
 */
export function tokenHttpRequest(
	url: string,
	{ tokenRequestMethod: method, tokenRequestFormat: format, tokenLocation }: OAuth2Credential,
	parameters: TokenParameters,
	headers: Readonly<Record<string, string>>,
): TokenHttpRequest {
	const accept = tokenLocation === 'json' ? 'application/json' : '*/*';
	const own = { accept, 'user-agent': 'n8n-nodes-webhook-dispatch', ...headers };
	if (method === 'GET') return { url: withCredentialQuery(new URL(url), parameters).href, method, headers: own };
	const json = format === 'json';
	return {
		url,
		method,
		headers: {
			'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
			...own,
		},
		body: json ? jsonBody(parameters) : formBody(parameters),
	};
}
