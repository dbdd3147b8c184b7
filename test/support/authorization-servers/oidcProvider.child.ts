/** oidc-provider (ESM only) in a process of its own; started by ./oidcProvider. */
import { serveChild } from './serveChild';
import { randomBytes } from 'node:crypto';
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
}

serveChild(async (options: ProviderOptions) => {
	const { issuer, clients, accessTokenLifetime, scopes, resources, jwtAccessTokens, dpopNonces } = options;
	const { Provider, errors } = await import('oidc-provider');
	const machines = { clients: clients as ClientMetadata[], scopes, accessTokenLifetime };
	const provider = new Provider(
		issuer,
		machineProvider(machines, {
			clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
			enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS },
			features: {
				dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => dpopNonces },
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
	return { handler: provider.callback() };
});
