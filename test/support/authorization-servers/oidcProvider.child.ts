'use strict';
/** oidc-provider (ESM only) in a process of its own; started by ./oidcProvider.js. */
const { serveChild } = require('./serveChild');

const ALGORITHMS = [
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
];

serveChild(async ({ issuer, clients, accessTokenLifetime, scopes, resources }) => {
	const { default: Provider, errors } = await import('oidc-provider');
	const provider = new Provider(issuer, {
		clients: clients.map((client) => ({
			grant_types: ['client_credentials'],
			redirect_uris: [],
			response_types: [],
			scope: scopes.join(' '),
			...client,
		})),
		clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
		enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS },
		scopes,
		ttl: { ClientCredentials: accessTokenLifetime },
		features: {
			clientCredentials: { enabled: true },
			introspection: { enabled: true },
			revocation: { enabled: true },
			devInteractions: { enabled: false },
			resourceIndicators: {
				enabled: true,
				getResourceServerInfo: (ctx, resource) => {
					if (!resources.includes(resource)) throw new errors.InvalidTarget();
					return {
						scope: scopes.join(' '),
						audience: resource,
						accessTokenTTL: accessTokenLifetime,
						accessTokenFormat: 'opaque',
					};
				},
			},
		},
		// Its own default refuses loopback addresses by a dispatcher of its making; here jwks_uri is on loopback.
		fetch: (url, { signal, headers, method }) => globalThis.fetch(url, { signal, headers, method, redirect: 'manual' }),
	});
	return { handler: provider.callback() };
});
