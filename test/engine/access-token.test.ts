import { inspect } from 'node:util';
import type { IDataObject } from 'n8n-workflow';

import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { runWorkflow } from '../support/engine';
import { HostileTokenServer } from '../support/oauth2/hostileTokenServer';

const TOKEN = 'an-access-token-of-some-length-9f3c';
const SECRET = 'client-secret-that-stays-hidden';

let server: HostileTokenServer;

beforeAll(async () => {
	server = await HostileTokenServer.start();
});
beforeEach(() => tokenStore.clear());
afterAll(async () => await server.close());

const run = async (node: object = {}, data: IDataObject = {}) =>
	await runWorkflow({
		items: [{ a: 1 }, { a: 2 }, { a: 3 }],
		node: { ...node, parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' } },
		credentials: {
			webhookDispatchClientCredentialsOAuth2Api: {
				accessTokenUrl: server.url,
				clientId: 'my-app',
				clientSecret: SECRET,
				...data,
			} as never,
		},
	});

it('shows type, scopes, expiry and the end of the token, once for all items', async () => {
	server.answer(200, { access_token: TOKEN, token_type: 'bearer', expires_in: 600, scope: 'read write' });
	const before = Date.now();
	const done = await run();
	expect(done.status).toBe('success');
	expect(done.output()).toEqual([
		{
			json: {
				tokenType: 'bearer',
				scope: 'read write',
				expiresIn: 600,
				expiresAt: expect.any(String) as string,
				accessToken: '****9f3c',
			},
			pairedItem: [{ item: 0 }, { item: 1 }, { item: 2 }],
		},
	]);
	const expiresAt = Date.parse(String(done.output()[0]?.json.expiresAt));
	expect(expiresAt).toBeGreaterThanOrEqual(before + 600_000);
	expect(expiresAt).toBeLessThanOrEqual(Date.now() + 600_000);
	expect(server.requests).toHaveLength(1);
	expect(inspect(done.data, { depth: Infinity })).not.toContain(TOKEN);
});

it('says null where there is nothing to say', async () => {
	server.answer(200, { access_token: TOKEN, token_type: 'Bearer' });
	const done = await run({}, { expiryMode: 'never' });
	expect(done.output()[0]?.json).toMatchObject({ scope: null, expiresIn: null, expiresAt: null });
});

it('asks every time, and deliveries use what it got', async () => {
	server.answer(200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 600 });
	await run();
	await run();
	expect(server.requests).toHaveLength(2);
	const destination = await HostileTokenServer.start();
	destination.answer(200, {});
	const delivered = await runWorkflow({
		items: [{ a: 1 }],
		node: { parameters: { url: destination.url, authentication: 'oAuth2', grantType: 'clientCredentials' } },
		credentials: {
			webhookDispatchClientCredentialsOAuth2Api: {
				accessTokenUrl: server.url,
				clientId: 'my-app',
				clientSecret: SECRET,
			},
		},
	});
	expect(delivered.status).toBe('success');
	expect(destination.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
	expect(server.requests).toHaveLength(2);
	await destination.close();
});

it('says what the server said, and how to get on', async () => {
	server.answer(401, { error: 'invalid_client', error_description: `unknown secret ${SECRET}` });
	const done = await run();
	expect(done.status).toBe('error');
	expect(done.error?.message).toBe(
		`The token endpoint ${server.url} responded with 401 (invalid_client: unknown secret ***)`,
	);
	expect(done.error?.description).toContain('Check Client ID and Client Secret');
	expect(inspect(done.data.resultData, { depth: Infinity, showHidden: true })).not.toContain(SECRET);
});

it('goes to the error output when the node is to continue', async () => {
	server.answer(503, '');
	const done = await run({ onError: 'continueErrorOutput' });
	expect(done.status).toBe('success');
	expect(done.output()).toEqual([]);
	expect(done.errorOutput).toHaveLength(1);
	expect(done.errorOutput[0]?.json.error).toContain('responded with 503');
});

describe('a token of another type than Bearer', () => {
	async function deliver(data: IDataObject) {
		const destination = await HostileTokenServer.start();
		destination.answer(200, {});
		const done = await runWorkflow({
			items: [{ a: 1 }],
			node: { parameters: { url: destination.url, authentication: 'oAuth2', grantType: 'clientCredentials' } },
			credentials: {
				webhookDispatchClientCredentialsOAuth2Api: {
					accessTokenUrl: server.url,
					clientId: 'my-app',
					clientSecret: SECRET,
					...data,
				} as never,
			},
		});
		await destination.close();
		return { done, sent: destination.requests.map(({ headers }) => headers.authorization) };
	}

	it.each(['BearerToken', 'bot', 'jwt-bearer'])(
		'(%s) is shown as it is and sent under Header Prefix, when any is accepted',
		async (token_type) => {
			server.answer(200, { access_token: TOKEN, token_type, expires_in: 600 });
			expect((await run({}, { tokenTypeCheck: 'any' })).output()[0]?.json.tokenType).toBe(token_type);
			expect((await deliver({ tokenTypeCheck: 'any' })).sent).toEqual([`Bearer ${TOKEN}`]);
			expect((await deliver({ tokenTypeCheck: 'any', headerPrefix: 'Token' })).sent).toEqual([`Token ${TOKEN}`]);
		},
	);

	it('is not sent otherwise, whatever Header Prefix is, and the message names the setting', async () => {
		server.answer(200, { access_token: TOKEN, token_type: 'bot', expires_in: 600 });
		for (const headerPrefix of ['Bearer', 'bot', '']) {
			expect((await deliver({ headerPrefix })).sent).toEqual([]);
			const { error } = await run({}, { headerPrefix });
			expect(error?.description).toContain('Set Token Type Check to Any');
		}
	});

	it.each([null, ''])('(%p) is Bearer', async (token_type) => {
		server.answer(200, { access_token: TOKEN, token_type, expires_in: 600 });
		expect((await deliver({})).sent).toEqual([`Bearer ${TOKEN}`]);
	});
});

it("quotes the server's words when it responds with 200 without a token", async () => {
	server.answer(200, { code: 10014, msg: `app secret ${SECRET} invalid` });
	const { error } = await run();
	expect(error?.message).toContain('responded with 200 without access_token (10014: app secret *** invalid)');
});
