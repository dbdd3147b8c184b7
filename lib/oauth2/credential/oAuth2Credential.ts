import type { SigningAlgorithm } from '../../keys/algorithm';
import type { CertificateHeader } from '../../keys/certificate';
import type { ExpiryRule } from './expiredWhen';

/** The credential types that hold a token request, by the grant each of them makes. */
export const oAuth2CredentialTypes = {
	// eslint-disable-next-line @n8n/community-nodes/no-hardcoded-secrets -- the name of a credential type
	password: 'webhookDispatchPasswordOAuth2Api',
	clientCredentials: 'webhookDispatchClientCredentialsOAuth2Api',
	clientCredentialsJwt: 'webhookDispatchJwtOAuth2Api',
} as const;

/** The values of the node's `grantType` parameter. */
export type GrantType = keyof typeof oAuth2CredentialTypes;

/** How long a token is good for (row A8); times in seconds. */
export type TokenExpiry =
	| { readonly mode: 'response'; /** Dotted path. */ readonly path: string; readonly secondsPerUnit: number }
	| { readonly mode: 'fixed'; readonly seconds: number }
	| { readonly mode: 'never' };

/** What every OAuth2 credential has, checked and in its final form. */
export interface CommonOAuth2Credential {
	/**
	 * As the user wrote it, trimmed: it is also the default `aud`, which some servers compare to the letter. Empty when the
	 * metadata of `issuerUrl` is to give: it, and what defaults to it, is known with the first token request.
	 */
	readonly accessTokenUrl: string;
	/** The issuer whose metadata is read (RFC 8414), as the user wrote it, trimmed; empty for none. */
	readonly issuerUrl: string;
	readonly clientId: string;
	/** Space-separated; empty for none. */
	readonly scope: string;
	/** In place of the grant's own `grant_type`, but for a refresh; empty for none. */
	readonly customGrantType: string;
	/** With GET, the parameters are in the query. */
	readonly tokenRequestMethod: 'POST' | 'GET';
	/** Of a body. */
	readonly tokenRequestFormat: 'form' | 'json';
	/** In order; names may repeat (`resource`). Never a reserved name. Those of Secret Parameters are among them. */
	readonly additionalParameters: ReadonlyArray<readonly [name: string, value: string]>;
	/** The ones whose values are secrets. */
	readonly secretParameters: ReadonlyArray<readonly [name: string, value: string]>;
	/** Added to every token request; each name once, never one that the request writes itself. The values are secrets. */
	readonly tokenRequestHeaders: ReadonlyArray<readonly [name: string, value: string]>;
	/** Where a response has the access token: a field of its JSON, a header, or its text. */
	readonly tokenLocation: 'json' | 'header' | 'text';
	readonly accessTokenPath: string;
	/** The name of the header that has it. */
	readonly accessTokenHeader: string;
	readonly refreshTokenPath: string;
	/** Which `token_type` of a response is accepted: Bearer or none, or any word that is not DPoP or MAC. */
	readonly tokenTypeCheck: 'strict' | 'any';
	/** Whether tokens are bound to a key of this process (RFC 9449), or to the certificate in `tls` (RFC 8705 §3). */
	readonly tokenBinding: 'none' | 'dpop' | 'tls';
	/** The certificate that the client presents in TLS, to the token endpoint and to destinations; absent for none. */
	readonly tls?: ClientTlsFields;
	readonly expiry: TokenExpiry;
	/** Responses of the destination that mean the token has expired. */
	readonly expiredStatusCodes: readonly number[];
	/** The same, reported in the body of a response with any status. */
	readonly expiredWhen: readonly ExpiryRule[];
	/** Dotted paths of further fields of the token response, none of them secret. */
	readonly responseFields: readonly string[];
	/** Where the token goes in a delivery. */
	readonly headerName: string;
	/** Comes before the token, with a space between; empty for none. */
	readonly headerPrefix: string;
	/** The only hosts that token requests may go to (`*.example.com`: its subdomains); `undefined` for any. */
	readonly allowedDomains?: readonly string[];
}

/** A client certificate (RFC 8705), each part as pasted; not looked into yet. */
export interface ClientTlsFields {
	readonly certificate: string;
	readonly privateKey: string;
	/** Empty when the key is not encrypted. */
	readonly passphrase: string;
	/** Certificates of authorities to trust besides those of n8n; empty for none. */
	readonly ca: string;
}

/** The client's ID and secret, and how they travel to the token endpoint (row A6). */
export interface ClientSecretFields {
	readonly clientSecret: string;
	readonly clientAuthentication: 'header' | 'body';
	/** For the header: form-encoded (RFC 6749 section 2.3.1) or as they are. */
	readonly clientEncoding: 'form' | 'raw';
	/** Whether a client with an empty secret authenticates with it. When not, it is a public client. */
	readonly sendEmptySecret: boolean;
	/** In place of both: the secret signs an assertion, and is not sent (`client_secret_jwt`). */
	readonly secretJwt?: SecretJwtFields;
}

/** The assertion that a client secret signs. */
export interface SecretJwtFields {
	readonly algorithm: 'HS256' | 'HS384' | 'HS512';
	/** Claim `aud`; the access token URL when the user gave none. */
	readonly audience: string;
}

/** Whether the client authenticates with its secret. Some servers want an empty one, too (UAA's client `cf`). */
export function sendsSecret({
	clientSecret,
	sendEmptySecret,
}: Pick<ClientSecretFields, 'clientSecret' | 'sendEmptySecret'>): boolean {
	return clientSecret !== '' || sendEmptySecret;
}

export interface PasswordCredential extends CommonOAuth2Credential, ClientSecretFields {
	readonly grant: 'password';
	/** The access token URL when the user gave none. */
	readonly refreshTokenUrl: string;
	/** Whether a refresh asks for the credential's scope. */
	readonly scopeOnRefresh: boolean;
	readonly username: string;
	readonly password: string;
}

export interface ClientCredentialsCredential extends CommonOAuth2Credential, ClientSecretFields {
	readonly grant: 'clientCredentials';
}

/** The JWT as the grant itself (RFC 7523 §2.1), with which a client gets a token for a user. */
export interface AuthorizationGrantFields {
	/** Whether the scope goes as a parameter (RFC 7521 §4.1). */
	readonly scopeInRequest: boolean;
	/** Whether the scope goes as a claim of the JWT. */
	readonly scopeInAssertion: boolean;
	/** How the client authenticates beside the JWT: not, with its ID, or with its secret. */
	readonly client: 'none' | 'id' | ClientSecretFields;
}

export interface JwtCredential extends CommonOAuth2Credential {
	readonly grant: 'clientCredentialsJwt';
	/** The JWT is the grant; absent when it is the client's assertion (RFC 7523 §2.2). */
	readonly authorizationGrant?: AuthorizationGrantFields;
	/** As pasted, PEM in any of the forms people have; of a provider's key file, the key alone. */
	readonly privateKey: string;
	/** Empty when the key is not encrypted. */
	readonly passphrase: string;
	/** The public key before a rotation, as pasted; empty outside of one. */
	readonly previousPublicKey: string;
	readonly algorithm: SigningAlgorithm;
	/** Header `kid`; empty for none. */
	readonly keyId: string;
	/** Header `typ`; empty for none. */
	readonly headerType: string;
	/** Header `cty`; empty for none. */
	readonly contentType: string;
	/** Header `crit`, as written in the field and split up; not yet checked. Empty for none. */
	readonly critical: readonly string[];
	/** Claim `iss`; that of the key file, else the client ID, when the user gave none. */
	readonly issuer: string;
	/** Claim `sub`: of a client assertion the client ID when the user gave none; of a grant the user, empty for none. */
	readonly subject: string;
	/** Claim `aud`: one value as a string, more as a list; the access token URL when the user gave none. */
	readonly audience: string | readonly string[];
	/** Seconds from now to `exp`. */
	readonly expiresIn: number;
	readonly useIssuedAt: boolean;
	/** Comes before the random part of `jti`; empty for none. */
	readonly jwtId: string;
	readonly additionalClaims: Readonly<Record<string, unknown>>;
	/** PEM certificate for the thumbprints, as pasted; empty for none. */
	readonly certificate: string;
	/** How the server identifies the certificate. */
	readonly certificateHeaders: readonly CertificateHeader[];
}

/** One of the three OAuth2 credentials, distinguished by `grant`. */
export type OAuth2Credential = PasswordCredential | ClientCredentialsCredential | JwtCredential;
