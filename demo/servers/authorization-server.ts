/**
 * A real authorization server (oidc-provider) for the demonstration: client credentials with a secret (in the header, in
 * the body) and with a client assertion, and introspection for the ticket desk.
 */
import type { JsonWebKey } from 'node:crypto';
import type { ClientAuthMethod, ClientMetadata, KoaContextWithOIDC } from 'oidc-provider';
import { machineProvider } from '../../tools/oidcProvider';
import { readPublicKeys, clientPage, YOUR_CLIENT } from './client-page';
import { listen, readBody, sendJson, type Handler } from './http';
import { memoryAdapter } from './memory-adapter';
import { sendBack, sendPage } from './page';
import { runWhenMain } from './process';
import { makeSecrets, type ClientSecret, type Secrets } from './secrets';

const SCOPES = ['tickets:write', 'tickets:read'];

export interface AuthorizationServerOptions {
	port?: number;
	secrets?: Secrets;
	/** Seconds. */
	tokenLifetime?: number;
}

function clients({ automation, automationPost, automationJwt, desk }: Secrets): ClientMetadata[] {
	const withSecret = ({ clientId, clientSecret }: ClientSecret, method: ClientAuthMethod): ClientMetadata => ({
		client_id: clientId,
		client_secret: clientSecret,
		token_endpoint_auth_method: method,
	});
	return [
		withSecret(automation, 'client_secret_basic'),
		withSecret(automationPost, 'client_secret_post'),
		{
			client_id: automationJwt.clientId,
			token_endpoint_auth_method: 'private_key_jwt',
			token_endpoint_auth_signing_alg: 'RS256',
			jwks: { keys: [automationJwt.publicJwk] },
		},
		{ ...withSecret(desk, 'client_secret_basic'), grant_types: [], scope: undefined },
	];
}

/** The client whose keys somebody has pasted, as oidc-provider keeps clients that are not in its configuration. */
const yourClient = (keys: JsonWebKey[]): ClientMetadata => ({
	client_id: YOUR_CLIENT,
	token_endpoint_auth_method: 'private_key_jwt',
	jwks: { keys },
	grant_types: ['client_credentials'],
	redirect_uris: [],
	response_types: [],
	scope: SCOPES.join(' '),
});

/**
 * Beside OAuth's own endpoints: `/` is a page that takes the public key of one more client (see client-page.ts), `GET /control` shows which token requests came, `POST /control/forget-tokens` makes every
 * access token that was handed out invalid at once.
 */
export async function start({ port, secrets = makeSecrets(), tokenLifetime = 300 }: AuthorizationServerOptions = {}) {
	const { Provider } = await import('oidc-provider');
	const { Adapter, forgetAll } = memoryAdapter();
	let yourKeys: JsonWebKey[] = [];
	let news = '';
	const tokenRequests: object[] = [];
	let handle: Handler = () => {};
	const server = await listen(async (request, response) => {
		const route = `${request.method} ${request.url}`;
		if (route === 'GET /') {
			sendPage(response, clientPage(`${server.url}/token`, yourKeys, news));
			news = '';
		} else if (route === 'POST /client-key') {
			const form = new URLSearchParams((await readBody(request)).toString('utf8'));
			const read = readPublicKeys(form.get('key') ?? '');
			if (typeof read === 'string') news = read;
			else {
				yourKeys = read.keys;
				news = 'The key is registered.';
				await new Adapter('Client').upsert(YOUR_CLIENT, yourClient(yourKeys), 0);
			}
			sendBack(response);
		} else if (route === 'GET /control') sendJson(response, 200, { tokenRequests });
		else if (route === 'POST /control/forget-tokens') {
			forgetAll();
			sendJson(response, 200, { forgotten: true });
		} else await handle(request, response);
	}, port);
	const configuration = machineProvider(
		{ clients: clients(secrets), scopes: SCOPES, accessTokenLifetime: tokenLifetime },
		{
			adapter: Adapter,
			jwks: { keys: [secrets.server.privateJwk] },
			cookies: { keys: [secrets.cookieKey] },
			features: {
				introspection: {
					enabled: true,
					// Only the resource server may ask about other clients' tokens.
					allowedPolicy: (_context, client) => client.clientId === secrets.desk.clientId,
				},
			},
		},
	);
	const provider = new Provider(server.url, configuration);
	const record =
		(granted: boolean) =>
		(context: KoaContextWithOIDC, error?: Error): void => {
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
