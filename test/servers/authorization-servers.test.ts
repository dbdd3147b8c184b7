import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { startOAuth2Server, startOidcProvider } from '../support/authorization-servers';
import type { OAuth2TestServer, OidcProviderServer } from '../support/authorization-servers';

/** As `URLSearchParams` escapes a value: what RFC 6749 section 2.3.1 asks of ID and secret in a Basic header. */
const formEncoded = (value: string) => new URLSearchParams([['', value]]).toString().slice(1);
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`, 'utf8').toString('base64')}`;

async function ask(tokenUrl: string, parameters: Array<[string, string]>, authorization?: string) {
	const answer = await fetch(tokenUrl, {
		method: 'POST',
		headers: authorization ? { authorization } : {},
		body: new URLSearchParams(parameters),
	});
	return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

const clientCredentials: Array<[string, string]> = [['grant_type', 'client_credentials']];

describe('oidc-provider', () => {
	const id = 'my-client:with a+b%c&d=e';
	const secret = 'se-cret: a+b%c&d=e~!"';
	let server: OidcProviderServer;
	let jwks: { keys: object[] } = { keys: [] };
	let jwksReads = 0;
	const jwksServer = createServer((_request, response) => {
		jwksReads += 1;
		response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify(jwks));
	});

	beforeAll(async () => {
		await new Promise<void>((resolve) => jwksServer.listen(0, '127.0.0.1', resolve));
		const { port } = jwksServer.address() as AddressInfo;
		server = await startOidcProvider({
			clients: [
				{ client_id: id, client_secret: secret },
				{ client_id: 'in-body', client_secret: secret, token_endpoint_auth_method: 'client_secret_post' },
				{
					client_id: 'signed',
					token_endpoint_auth_method: 'private_key_jwt',
					jwks_uri: `http://127.0.0.1:${port}/jwks`,
				},
			],
			accessTokenLifetime: 5,
			resources: ['https://one.example/', 'https://two.example/'],
		});
	});
	beforeEach(() => server.forget());
	afterAll(async () => {
		await server.stop();
		await new Promise((resolve) => jwksServer.close(resolve));
	});

	it('gives a token for form-encoded Basic and for a secret in the body, and counts both', async () => {
		const inHeader = await ask(server.tokenUrl, clientCredentials, basic(formEncoded(id), formEncoded(secret)));
		const inBody = await ask(server.tokenUrl, [
			...clientCredentials,
			['client_id', 'in-body'],
			['client_secret', secret],
		]);
		expect([inHeader.status, inHeader.json.expires_in, inBody.status]).toEqual([200, 5, 200]);
		expect(server.requests().map((request) => request.clientAuthentication)).toEqual(['header', 'body']);
	});

	it('refuses a wrong secret and a raw Basic header', async () => {
		const wrong = await ask(server.tokenUrl, clientCredentials, basic(formEncoded(id), 'wrong'));
		const raw = await ask(server.tokenUrl, clientCredentials, basic(id, secret));
		expect([wrong.status, wrong.json.error, raw.status]).toEqual([401, 'invalid_client', 400]);
	});

	it('takes one resource, sees a second one', async () => {
		const authorization = basic(formEncoded(id), formEncoded(secret));
		const one: [string, string] = ['resource', 'https://one.example/'];
		const two: [string, string] = ['resource', 'https://two.example/'];
		expect((await ask(server.tokenUrl, [...clientCredentials, one], authorization)).status).toBe(200);
		const both = await ask(server.tokenUrl, [...clientCredentials, one, two], authorization);
		expect(both.json.error).toBe('invalid_target');
		expect(server.requests()[1]?.parameters.slice(1)).toEqual([one, two]);
	});

	it('reads keys from a jwks_uri on loopback, again when they have aged, and refuses a jti that comes twice', async () => {
		const assertionBy = async (kid: string, privateKey: webcrypto.CryptoKey) =>
			await new SignJWT({ iss: 'signed', sub: 'signed', aud: server.issuer, jti: crypto.randomUUID() })
				.setProtectedHeader({ alg: 'ES256', kid })
				.setExpirationTime('5m')
				.sign(privateKey);
		const askWith = async (assertion: string) =>
			await ask(server.tokenUrl, [
				...clientCredentials,
				['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
				['client_assertion', assertion],
			]);
		const pairs = [await generateKeyPair('ES256'), await generateKeyPair('ES256')] as const;
		jwks = { keys: [{ ...(await exportJWK(pairs[0].publicKey)), kid: 'first' }] };

		const assertion = await assertionBy('first', pairs[0].privateKey);
		expect((await askWith(assertion)).status).toBe(200);
		expect((await askWith(assertion)).json.error).toBe('invalid_client');

		jwks = { keys: [{ ...(await exportJWK(pairs[1].publicKey)), kid: 'second' }] };
		expect((await askWith(await assertionBy('second', pairs[1].privateKey))).status).toBe(401);
		await server.advanceClock(61);
		expect((await askWith(await assertionBy('second', pairs[1].privateKey))).status).toBe(200);
		expect(jwksReads).toBe(2);
	});
});

describe('@node-oauth/oauth2-server', () => {
	const id = 'my-client a+b%c&d=e';
	const secret = 'se-cret: a+b%c&d=e';
	const username = 'Jürgen: Groß+%&=';
	const password = 'pä ss:+%&=-';
	const authorization = basic(id, secret);
	const passwordGrant: Array<[string, string]> = [
		['grant_type', 'password'],
		['username', username],
		['password', password],
	];
	const refresh = (token: unknown): Array<[string, string]> => [
		['grant_type', 'refresh_token'],
		['refresh_token', String(token)],
	];
	let server: OAuth2TestServer;

	beforeAll(async () => {
		server = await startOAuth2Server({ clients: [{ id, secret }], users: [{ username, password }] });
	});
	beforeEach(() => server.forget());
	afterAll(async () => await server.stop());

	it('gives tokens by password and by client credentials, and refuses a wrong secret or password', async () => {
		const answers = [
			await ask(server.tokenUrl, passwordGrant, authorization),
			await ask(server.tokenUrl, clientCredentials, authorization),
			await ask(server.tokenUrl, clientCredentials, basic(id, 'wrong')),
			await ask(server.tokenUrl, [...passwordGrant.slice(0, 2), ['password', 'wrong']], authorization),
		];
		expect(answers.map(({ status, json }) => json.error ?? status)).toEqual([
			200,
			200,
			'invalid_client',
			'invalid_grant',
		]);
		expect(server.requests().map(({ status }) => status)).toEqual([200, 200, 401, 400]);
	});

	it('ends a chain when a used refresh token comes again', async () => {
		const first = await ask(server.tokenUrl, passwordGrant, authorization);
		const second = await ask(server.tokenUrl, refresh(first.json.refresh_token), authorization);
		expect(second.status).toBe(200);
		const replayed = await ask(server.tokenUrl, refresh(first.json.refresh_token), authorization);
		const afterwards = await ask(server.tokenUrl, refresh(second.json.refresh_token), authorization);
		expect([replayed.json.error, afterwards.json.error]).toEqual(['invalid_grant', 'invalid_grant']);
		expect(await server.replays()).toBe(1);
	});

	it('lets access tokens expire when its clock moves on', async () => {
		const { json } = await ask(server.tokenUrl, clientCredentials, authorization);
		const call = async () =>
			(await fetch(server.resourceUrl, { headers: { authorization: `Bearer ${String(json.access_token)}` } })).status;
		expect(await call()).toBe(200);
		await server.advanceClock(3601);
		expect(await call()).toBe(401);
	});

	it('responds with a fault for as many requests as told', async () => {
		server.answerInstead({ status: 503, times: 2, headers: { 'retry-after': '1' }, body: '{}' });
		const statuses = [];
		for (let request = 0; request < 3; request += 1) {
			statuses.push((await ask(server.tokenUrl, clientCredentials, authorization)).status);
		}
		expect(statuses).toEqual([503, 503, 200]);
	});
});
