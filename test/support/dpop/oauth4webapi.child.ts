/**
 * oauth4webapi (ESM only) in a separate process: a resource server that judges requests by its `validateJwtAccessToken`,
 * and a client with DPoP to compare with.
 */
import type { AddressInfo } from 'node:net';

import { serveChild } from '../authorization-servers/serveChild';

interface ResourceServer {
	issuer: string;
	/** What tokens must be for. */
	audience: string;
}

interface Delivery extends ResourceServer {
	tokenUrl: string;
	clientId: string;
	clientSecret: string;
	url: string;
}

serveChild(async ({ issuer, audience }: ResourceServer) => {
	const oauth = await import('oauth4webapi');
	const insecure = { [oauth.allowInsecureRequests]: true };
	const server = { issuer, jwks_uri: `${issuer}/jwks` };

	/** As its documentation has a client do it: a nonce that a server asks for is in the second request. */
	const withNonce = async <T>(ask: () => Promise<T>): Promise<T> =>
		await ask().catch((cause: unknown) => (oauth.isDPoPNonceError(cause) ? ask() : Promise.reject(cause as Error)));

	/** Gets a token as oauth4webapi does, sends one request with it, and gives the status. */
	async function deliver({ tokenUrl, clientId, clientSecret, url }: Delivery): Promise<number> {
		const client = { client_id: clientId };
		const authorizationServer = { issuer, token_endpoint: tokenUrl };
		const options = { DPoP: oauth.DPoP({}, await oauth.generateKeyPair('ES256')), ...insecure };
		const { access_token: token } = await withNonce(async () => {
			const secret = oauth.ClientSecretBasic(clientSecret);
			const parameters = { resource: audience };
			return await oauth.processClientCredentialsResponse(
				authorizationServer,
				client,
				await oauth.clientCredentialsGrantRequest(authorizationServer, client, secret, parameters, options),
			);
		});
		const response = await withNonce(
			async () => await oauth.protectedResourceRequest(token, 'POST', new URL(url), undefined, '{}', options),
		);
		return response.status;
	}

	const refusals: string[] = [];
	let accepted = 0;
	return {
		calls: { deliver, seen: () => ({ refusals, accepted }) },
		handler: (request, response) => {
			const { address, port } = request.socket.address() as AddressInfo;
			const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
			const seen = new Request(`http://${address}:${port}${request.url ?? '/'}`, {
				method: request.method ?? 'GET',
				headers,
			});
			oauth
				.validateJwtAccessToken(server, seen, audience, { requireDPoP: true, ...insecure })
				.then(
					() => {
						accepted += 1;
						response.end('{"ok":true}');
					},
					(cause: Error) => {
						refusals.push(String(cause));
						response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"' }).end();
					},
				)
				.finally(() => request.resume());
		},
	};
});
