import { TokenStore } from '../../lib/oauth2/token/tokenStore';
import { createTokenTransport } from '../../nodes/WebhookDispatch/n8n/tokenTransport';
import { startOAuth2Server } from '../support/authorization-servers';
import type { OAuth2TestServer } from '../support/authorization-servers';
import { ask, createTokenClient, faultOf, throughLives, tokenOf } from '../support/authorization-servers/tokenClient';
import { clientCredential, passwordCredential } from '../support/oauth2/credentials';
import { nodeContext } from '../support/oauth2/tokenPaths';

/** It reads Basic as it is: a colon in the ID would end it. */
const id = 'my-client a+b%20c&d=e*~';
const idWithColon = `urn:${id}`;
const secret = 'se-cret: a+b%20c&d=e*~"!';
const username = 'jürgen: Groß+%20&=-';
const password = 'pä ss:+%20&=-"\\';

let server: OAuth2TestServer;

const client = { clientId: id, clientSecret: secret, clientEncoding: 'raw' };
const withSecret = (data: Record<string, unknown> = {}) =>
	clientCredential({ accessTokenUrl: server.tokenUrl, ...client, ...data });
const withPassword = (data: Record<string, unknown> = {}) =>
	passwordCredential({ accessTokenUrl: server.tokenUrl, ...client, username, password, ...data });
const grants = () => server.requests().map(({ grantType, status }) => `${grantType} ${status}`);
const call = async (accessToken: string) =>
	(await fetch(server.resourceUrl, { headers: { authorization: `Bearer ${accessToken}` } })).status;

beforeAll(async () => {
	server = await startOAuth2Server({
		clients: [
			{ id, secret },
			{ id: idWithColon, secret },
			{ id: 'passwords only', secret, grants: ['password'] },
		],
		users: [{ username, password }],
	});
});
beforeEach(() => server.forget());
afterAll(async () => await server?.stop());

describe('ID, secret, user name and password with everything in them that encodings trip over', () => {
	it('get a token by a raw Basic header', async () => {
		expect(await call(tokenOf(await ask(withSecret({ scope: 'read' }))).accessToken)).toBe(200);
		expect(server.requests()).toMatchObject([{ clientAuthentication: 'header', status: 200 }]);
	});

	it('get a token in the body, a colon in the ID included', async () => {
		tokenOf(await ask(withSecret({ clientId: idWithColon, clientAuthentication: 'body' })));
		expect(server.requests()).toMatchObject([{ clientAuthentication: 'body', status: 200 }]);
	});

	it('get a token by password, in the header and in the body', async () => {
		for (const clientAuthentication of ['header', 'body']) {
			const token = tokenOf(await ask(withPassword({ clientAuthentication, scope: 'read write' })));
			expect(token).toMatchObject({ scope: 'read write', refreshToken: expect.any(String) as string });
			expect(await call(token.accessToken)).toBe(200);
		}
	});
});

describe('one-use refresh tokens', () => {
	it('are used once each by 50 deliveries at a time, through many lives of a token', async () => {
		await throughLives(withPassword(), 6);
		expect(grants()).toEqual(['password 200', ...Array.from({ length: 5 }, () => 'refresh_token 200')]);
		expect(await server.replays()).toBe(0);
	});

	it('are used when a token is refused before its time: once for 50 refused deliveries', async () => {
		const store = new TokenStore();
		const transport = createTokenTransport(nodeContext);
		const credential = withPassword();
		const first = tokenOf(await store.get(credential, transport)).accessToken;
		await server.revokeAccessTokens();
		const deliver = async () => {
			expect(await call(first)).toBe(401);
			store.discard(credential, first);
			return await call(tokenOf(await store.get(credential, transport)).accessToken);
		};
		expect(new Set(await Promise.all(Array.from({ length: 50 }, deliver)))).toEqual(new Set([200]));
		expect(grants()).toEqual(['password 200', 'refresh_token 200']);
	});

	it('that are dead (invalid_grant) lead to one password grant', async () => {
		const tokens = createTokenClient();
		tokenOf(await tokens.get(withPassword()));
		await server.revokeRefreshTokens();
		server.forget();
		tokens.advanceClock(3600);
		(await tokens.getMany(withPassword(), 50)).forEach(tokenOf);
		expect(grants()).toEqual(['refresh_token 400', 'password 200']);
	});

	it('that the server does not take for this client lead to one password grant', async () => {
		const tokens = createTokenClient();
		const credential = withPassword({ clientId: 'passwords only' });
		tokenOf(await tokens.get(credential));
		tokens.advanceClock(3600);
		tokenOf(await tokens.get(credential));
		expect(grants().at(-1)).toBe('password 200');
	});

	it('stay when the server cannot respond for a while', async () => {
		const tokens = createTokenClient();
		tokenOf(await tokens.get(withPassword()));
		tokens.advanceClock(3600);
		server.answerInstead({ status: 503 });
		expect(faultOf(await tokens.get(withPassword()))).toMatchObject({ statusCode: 503, retryable: true });
		tokenOf(await tokens.get(withPassword()));
		expect(grants()).toEqual(['password 200', 'refresh_token 503', 'refresh_token 200']);
	});
});

describe('a refusal', () => {
	const rows: Array<[string, () => ReturnType<typeof ask>, string, RegExp]> = [
		[
			'a wrong secret',
			async () => await ask(withSecret({ clientSecret: `wrong ${secret}` })),
			'invalid_client',
			/Check Client ID and Client Secret/,
		],
		[
			'a wrong encoding',
			async () => await ask(withSecret({ clientEncoding: 'form' })),
			'invalid_client',
			/Encoding to As They Are/,
		],
		[
			'a wrong password',
			async () => await ask(withPassword({ password: `wrong ${password}` })),
			'invalid_grant',
			/Check Username and Password/,
		],
		['an unknown scope', async () => await ask(withSecret({ scope: 'everything' })), 'invalid_scope', /Check Scope/],
		[
			'a grant not allowed',
			async () => await ask(withSecret({ clientId: 'passwords only' })),
			'unauthorized_client',
			/Allow this client the grant/,
		],
		[
			'JSON, where a form is wanted',
			async () => await ask(withSecret({ tokenRequestFormat: 'json' })),
			'invalid_request',
			/Token Request Format/,
		],
	];

	it.each(rows)(
		'for %s says what happened and how to get on, and shows no secret',
		async (_name, request, serverError, advice) => {
			const fault = faultOf(await request());
			expect(fault).toMatchObject({ code: 'TOKEN', retryable: false, serverError });
			expect(fault.message).toContain(
				`The token endpoint ${server.tokenUrl} responded with ${fault.statusCode} (${serverError}`,
			);
			expect(fault.description).toMatch(advice);
			const shown = JSON.stringify(fault);
			for (const hidden of [secret, password]) expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1));
		},
	);
});
