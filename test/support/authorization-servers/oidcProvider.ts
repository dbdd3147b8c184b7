import { join } from 'node:path';

import type { ProviderOptions } from './oidcProvider.child';
import { startChildServer } from './childServer';
import { startTokenFront, type FrontTls } from './tokenFront';
import { withFront, type AuthorizationServer, type MovableClock } from './withFront';

/** Client metadata under its registered names (RFC 7591 section 2); `client_secret_basic` by default. */
export interface OidcClient {
	client_id: string;
	client_secret?: string;
	token_endpoint_auth_method?:
		| 'client_secret_basic'
		| 'client_secret_post'
		| 'client_secret_jwt'
		| 'private_key_jwt'
		| 'tls_client_auth'
		| 'self_signed_tls_client_auth';
	/** Of `tls_client_auth`, e.g. `CN=client` (RFC 8705 section 2.1.2). */
	tls_client_auth_subject_dn?: string;
	/** Whether its tokens are bound to its certificate (RFC 8705 section 3.4). */
	tls_client_certificate_bound_access_tokens?: boolean;
	/** Restricts the assertion to one algorithm; all of RS, PS, ES 256 to 512, EdDSA and Ed25519 otherwise. */
	token_endpoint_auth_signing_alg?: string;
	jwks?: { keys: object[] };
	jwks_uri?: string;
	scope?: string;
	/** Whether it gets DPoP tokens only (RFC 9449 section 5.2). */
	dpop_bound_access_tokens?: boolean;
}

export interface OidcProviderOptions {
	clients?: OidcClient[];
	/** Seconds; 3600 by default. */
	accessTokenLifetime?: number;
	/** `read` and `write` by default. */
	scopes?: string[];
	/** The resource indicators it knows (RFC 8707); every other is `invalid_target`. */
	resources?: string[];
	/** Whether access tokens for a resource are JWTs (RFC 9068). */
	jwtAccessTokens?: boolean;
	/** Whether every DPoP proof must have a nonce of the server. */
	dpopNonces?: boolean;
	/** It speaks TLS, and takes certificates for client authentication and for binding tokens (RFC 8705). */
	tls?: FrontTls;
}

export interface OidcProviderServer extends AuthorizationServer, MovableClock {
	issuer: string;
	introspectionUrl: string;
	revocationUrl: string;
}

/**
 * oidc-provider 9: client credentials with `client_secret_basic`, `client_secret_post` and `private_key_jwt`
 * (by `jwks`, or by a `jwks_uri` on loopback), resource indicators, introspection and revocation.
 *
 * Its ways: Basic form-encoded (RFC 6749 section 2.3.1); visible ASCII alone in IDs and secrets; a `jti` once only;
 * DPoP (RFC 9449), whether asked for or not, with nonces of some minutes when asked to;
 * `crit` refused; `aud` the issuer or the token URL; a key set read from `jwks_uri` is kept for at least 60 s
 * (`advanceClock(61)` ages it); more than one `resource` responded with `invalid_target`.
 */
export async function startOidcProvider({
	clients = [],
	accessTokenLifetime = 3600,
	scopes = ['read', 'write'],
	resources = [],
	jwtAccessTokens = false,
	dpopNonces = false,
	tls,
}: OidcProviderOptions = {}): Promise<OidcProviderServer> {
	const front = await startTokenFront('/token', tls);
	return await withFront(front, async () => {
		const options: ProviderOptions = {
			issuer: front.origin,
			clients,
			accessTokenLifetime,
			scopes,
			resources,
			jwtAccessTokens,
			dpopNonces,
			mutualTls: tls !== undefined,
		};
		const child = await startChildServer('oidc-provider', join(__dirname, 'oidcProvider.child.ts'), options);
		front.passTo(child.port);
		return {
			stop: child.stop,
			issuer: front.origin,
			introspectionUrl: `${front.origin}/token/introspection`,
			revocationUrl: `${front.origin}/token/revocation`,
			advanceClock: async (seconds) => await child.ask('advanceClock', seconds),
		};
	});
}
