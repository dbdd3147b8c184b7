import { startDjangoOAuthToolkit } from '../support/authorization-servers';
import type { DjangoOAuthToolkitServer } from '../support/authorization-servers';
import { ask, createTokenClient, faultOf, throughLives, tokenOf } from '../support/authorization-servers/tokenClient';
import { clientCredential, passwordCredential } from '../support/oauth2/credentials';

const id = 'my-client: a+b%20c&d=e*~ü';
const idOfService = `service of ${id}`;
const secret = 'se-cret: a+b%20c&d=e*~"ß';
const username = 'jürgen: Groß+%20&=-';
const password = 'pä ss:+%20&=-"\\';

let server: DjangoOAuthToolkitServer;

const withSecret = (data: Record<string, unknown> = {}) =>
	clientCredential({ accessTokenUrl: server.tokenUrl, clientId: idOfService, clientSecret: secret, ...data });
const withPassword = (data: Record<string, unknown> = {}) =>
	passwordCredential({
		accessTokenUrl: server.tokenUrl,
		clientId: id,
		clientSecret: secret,
		username,
		password,
		...data,
	});
const grants = () => server.requests().map(({ grantType, status }) => `${grantType} ${status}`);
const call = async (accessToken: string) =>
	(await fetch(server.resourceUrl, { headers: { authorization: `Bearer ${accessToken}` } })).status;

beforeAll(async () => {
	server = await startDjangoOAuthToolkit({
		clients: [
			{ id, secret },
			{ id: idOfService, secret, grant: 'client_credentials' },
		],
		users: [{ username, password }],
	});
}, 60_000);
beforeEach(() => server.forget());
afterAll(async () => await server?.stop());

describe('ID, secret, user name and password with everything in them that encodings trip over', () => {
	it.each(['header', 'body'])('get a token that the resource takes, client in the %s', async (clientAuthentication) => {
		const token = tokenOf(await ask(withSecret({ clientAuthentication, scope: 'read' })));
		expect(token).toMatchObject({ scope: 'read', expiresIn: 3600 });
		expect(await call(token.accessToken)).toBe(200);
		expect(server.requests()).toMatchObject([{ clientAuthentication, status: 200 }]);
	});

	it('get a token by password', async () => {
		const token = tokenOf(await ask(withPassword()));
		expect(await call(token.accessToken)).toBe(200);
		expect(token.refreshToken).toEqual(expect.any(String));
	});
});

describe('one-use refresh tokens', () => {
	it('are used once each by 50 deliveries at a time, through many lives of a token', async () => {
		const seen = await throughLives(withPassword(), 6);
		expect(grants()).toEqual(['password 200', ...Array.from({ length: 5 }, () => 'refresh_token 200')]);
		expect(await call(seen.at(-1) ?? '')).toBe(200);
	});

	it('that are dead (invalid_grant) lead to one password grant', async () => {
		const client = createTokenClient();
		const { refreshToken } = tokenOf(await client.get(withPassword()));
		const stolen = await fetch(server.tokenUrl, {
			method: 'POST',
			body: new URLSearchParams({
				grant_type: 'refresh_token',
				refresh_token: refreshToken ?? '',
				client_id: id,
				client_secret: secret,
			}),
		});
		expect(stolen.status).toBe(200);

		server.forget();
		client.advanceClock(3600);
		(await client.getMany(withPassword(), 50)).forEach(tokenOf);
		expect(grants()).toEqual(['refresh_token 400', 'password 200']);
	});
});

describe('a refusal', () => {
	const rows: Array<[string, () => ReturnType<typeof ask>, string, RegExp]> = [
		[
			'a wrong secret',
			async () => await ask(withSecret({ clientSecret: `wrong ${secret}` })),
			'401 (invalid_client)',
			/Client ID and Client Secret/,
		],
		[
			'a wrong encoding',
			async () => await ask(withPassword({ clientEncoding: 'raw', clientId: 'my-client' })),
			'401 (invalid_client)',
			/Encoding to Form Encoded/,
		],
		[
			'a wrong password',
			async () => await ask(withPassword({ password: `wrong ${password}` })),
			'400 (invalid_grant',
			/Username and Password/,
		],
		['an unknown scope', async () => await ask(withSecret({ scope: 'everything' })), '400 (invalid_scope', /Scope/],
		[
			'a grant not allowed',
			async () => await ask(withSecret({ clientId: id })),
			'400 (unauthorized_client)',
			/Allow this client the grant/,
		],
	];

	it.each(rows)(
		'for %s says what happened and how to get on, and shows no secret',
		async (_name, request, said, advice) => {
			const fault = faultOf(await request());
			expect(fault).toMatchObject({ code: 'TOKEN', retryable: false });
			expect(fault.message).toContain(`The token endpoint ${server.tokenUrl} responded with ${said}`);
			expect(fault.description).toMatch(advice);
			const shown = JSON.stringify(fault);
			for (const hidden of [secret, password]) expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1));
			expect(server.requests()).toHaveLength(1);
		},
	);
});
