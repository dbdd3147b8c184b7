/** oidc-provider (ESM only) in a separate process; started by ./oidcProvider. */
import { serveChild } from './serveChild';
import { randomBytes, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClientMetadata } from 'oidc-provider';

import { machineProvider, type MachineProvider } from '../../../tools/oidcProvider';
import type { OidcClient } from './oidcProvider';

const ALGORITHMS = [
	'HS256',
	'HS384',
	'HS512',
	'RS256',
	'RS384',
	'RS512',
	'PS256',
	'PS384',
	'PS512',
	'ES256',
	'ES384',
	'ES512',
	'EdDSA',
	'Ed25519',
] as const;

export interface ProviderOptions extends Omit<MachineProvider, 'clients'> {
	issuer: string;
	clients: OidcClient[];
	resources: string[];
	jwtAccessTokens: boolean;
	dpopNonces: boolean;
	mutualTls: boolean;
}

/** The certificate of the client as the front tells it. */
function certificateOf({ headers }: IncomingMessage): X509Certificate | undefined {
	const der = headers['x-client-certificate'];
	return typeof der === 'string' && der !== '' ? new X509Certificate(Buffer.from(der, 'base64')) : undefined;
}

serveChild(async (options: ProviderOptions) => {
	const { issuer, clients, accessTokenLifetime, scopes, resources, jwtAccessTokens, dpopNonces, mutualTls } = options;
	const { Provider, errors } = await import('oidc-provider');
	const machines = { clients: clients as ClientMetadata[], scopes, accessTokenLifetime };
	const provider = new Provider(
		issuer,
		machineProvider(machines, {
			clientAuthMethods: [
				'client_secret_basic',
				'client_secret_post',
				'client_secret_jwt',
				'private_key_jwt',
				...(mutualTls ? (['tls_client_auth', 'self_signed_tls_client_auth'] as const) : []),
			],
			enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS },
			features: {
				dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => dpopNonces },
				mTLS: {
					enabled: mutualTls,
					certificateBoundAccessTokens: true,
					selfSignedTlsClientAuth: true,
					tlsClientAuth: true,
					getCertificate: ({ req }) => certificateOf(req),
					certificateAuthorized: ({ req }) => req.headers['x-client-authorized'] === 'true',
					certificateSubjectMatches: ({ req }, property, expected) =>
						property === 'tls_client_auth_subject_dn' && certificateOf(req)?.subject === expected,
				},
				resourceIndicators: {
					enabled: true,
					getResourceServerInfo: (_context, resource) => {
						if (!resources.includes(resource)) throw new errors.InvalidTarget();
						return {
							scope: scopes.join(' '),
							audience: resource,
							accessTokenTTL: accessTokenLifetime,
							accessTokenFormat: jwtAccessTokens ? 'jwt' : 'opaque',
						};
					},
				},
			},
			// Its own default refuses loopback addresses by a dispatcher of its making; here jwks_uri is on loopback.
			fetch: async (url, { signal, headers, method } = {}) =>
				await globalThis.fetch(url, { signal, headers, method, redirect: 'manual' }),
		}),
	);
	// The front ends TLS, and says so.
	provider.proxy = mutualTls;
	return { handler: provider.callback() };
});
