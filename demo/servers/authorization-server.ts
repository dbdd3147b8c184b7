'use strict';
/**
 * A real authorisation server (oidc-provider) for the demonstration: client credentials with a secret (in the header, in
 * the body) and with a client assertion, and introspection for the ticket desk.
 */
const { memoryAdapter } = require('./memory-adapter');
const { listen, sendJson } = require('./http');
const { runWhenMain } = require('./process');
const { makeSecrets } = require('./secrets');

const SCOPES = ['tickets:write', 'tickets:read'];

/** @param {import('./secrets').Secrets} secrets */
function clients({ automation, automationPost, automationJwt, desk }) {
	const machine = {
		grant_types: ['client_credentials'],
		response_types: [],
		redirect_uris: [],
		scope: SCOPES.join(' '),
	};
	const withSecret = ({ clientId, clientSecret }, method) => ({
		...machine,
		client_id: clientId,
		client_secret: clientSecret,
		token_endpoint_auth_method: method,
	});
	return [
		withSecret(automation, 'client_secret_basic'),
		withSecret(automationPost, 'client_secret_post'),
		{
			...machine,
			client_id: automationJwt.clientId,
			token_endpoint_auth_method: 'private_key_jwt',
			token_endpoint_auth_signing_alg: 'RS256',
			jwks: { keys: [automationJwt.publicJwk] },
		},
		{ ...withSecret(desk, 'client_secret_basic'), grant_types: [], scope: undefined },
	];
}

/**
 * @param {{ secrets: import('./secrets').Secrets, tokenLifetime: number, Adapter: unknown }} options
 * @returns {import('oidc-provider').Configuration}
 */
const configuration = ({ secrets, tokenLifetime, Adapter }) => ({
	adapter: Adapter,
	clients: clients(secrets),
	scopes: SCOPES,
	jwks: { keys: [secrets.server.privateJwk] },
	cookies: { keys: [secrets.cookieKey] },
	ttl: { ClientCredentials: tokenLifetime },
	features: {
		devInteractions: { enabled: false },
		clientCredentials: { enabled: true },
		introspection: {
			enabled: true,
			// Only the resource server may ask about other clients' tokens.
			allowedPolicy: (_context, client) => client.clientId === secrets.desk.clientId,
		},
		revocation: { enabled: true },
	},
});

/**
 * Beside OAuth's own endpoints: `GET /control` tells which token requests came, `POST /control/forget-tokens` makes every
 * access token that was handed out invalid at once.
 * @param {{ port?: number, secrets?: import('./secrets').Secrets, tokenLifetime?: number }} [options] `tokenLifetime` in seconds
 * @returns {Promise<{ url: string, tokenUrl: string, introspectionUrl: string, secrets: import('./secrets').Secrets, stop(): Promise<void> }>}
 */
async function start({ port, secrets = makeSecrets(), tokenLifetime = 300 } = {}) {
	const { Provider } = await import('oidc-provider');
	const { Adapter, forgetAll } = memoryAdapter();
	const tokenRequests = [];
	let handle;
	const server = await listen(async (request, response) => {
		const route = `${request.method} ${request.url}`;
		if (route === 'GET /control') sendJson(response, 200, { tokenRequests });
		else if (route === 'POST /control/forget-tokens') {
			forgetAll();
			sendJson(response, 200, { forgotten: true });
		} else await handle(request, response);
	}, port);
	const provider = new Provider(server.url, configuration({ secrets, tokenLifetime, Adapter }));
	const record = (granted) => (context, error) => {
		const { clientId, tokenEndpointAuthMethod } = context.oidc?.client ?? {};
		tokenRequests.push({
			at: new Date().toISOString(),
			granted,
			clientId,
			method: tokenEndpointAuthMethod,
			error: error?.message,
		});
	};
	provider.on('grant.success', record(true));
	provider.on('grant.error', record(false));
	handle = provider.callback();
	return {
		url: server.url,
		tokenUrl: `${server.url}/token`,
		introspectionUrl: `${server.url}/token/introspection`,
		secrets,
		stop: server.stop,
	};
}

runWhenMain(module, start);

module.exports = { start };
