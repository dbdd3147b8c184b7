import { startDjangoOAuthToolkit, startGlewlwyd } from '../support/authorization-servers';
import type { DjangoOAuthToolkitServer, GlewlwydServer } from '../support/authorization-servers';

const formEncoded = (value: string) => new URLSearchParams([['', value]]).toString().slice(1);
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`, 'utf8').toString('base64')}`;

async function ask(tokenUrl: string, parameters: Record<string, string>, authorization: string) {
	const answer = await fetch(tokenUrl, {
		method: 'POST',
		headers: { authorization },
		body: new URLSearchParams(parameters),
	});
	const text = await answer.text();
	return { status: answer.status, text, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const username = 'jürgen: Groß+%&=';
const password = 'pä ss:+%&=-';
const scope = 'read';
const passwordGrant = { grant_type: 'password', username, password, scope };
const refresh = (token: unknown) => ({ grant_type: 'refresh_token', refresh_token: String(token) });

describe('glewlwyd', () => {
	const id = 'my-client a+b%c&d=ü';
	const secret = 'se-cret: a+b%c&d=ü';
	let server: GlewlwydServer;

	beforeAll(async () => {
		server = await startGlewlwyd({ clients: [{ id, secret }], users: [{ username, password }] });
	});
	afterAll(async () => await server?.stop());

	it('gives tokens for raw Basic, and refuses with an empty 403', async () => {
		expect((await ask(server.tokenUrl, { grant_type: 'client_credentials', scope }, basic(id, secret))).status).toBe(
			200,
		);
		const refused = [
			await ask(server.tokenUrl, { grant_type: 'client_credentials', scope }, basic(id, 'wrong')),
			await ask(server.tokenUrl, { grant_type: 'client_credentials' }, basic(id, secret)),
			await ask(server.tokenUrl, { ...passwordGrant, password: 'wrong' }, basic(id, secret)),
		];
		expect(refused.map(({ status, text }) => [status, text])).toEqual([
			[403, ''],
			[403, ''],
			[403, ''],
		]);
	});

	it('ends a chain when a used refresh token comes again, with an empty 400', async () => {
		const first = await ask(server.tokenUrl, passwordGrant, basic(id, secret));
		const second = await ask(server.tokenUrl, refresh(first.json.refresh_token), basic(id, secret));
		const replayed = await ask(server.tokenUrl, refresh(first.json.refresh_token), basic(id, secret));
		const afterwards = await ask(server.tokenUrl, refresh(second.json.refresh_token), basic(id, secret));
		expect([first, second, replayed, afterwards].map(({ status }) => status)).toEqual([200, 200, 400, 400]);
		expect(replayed.text).toBe('');
	});
});

describe('django-oauth-toolkit', () => {
	const id = 'my-client:a b+%&=ü';
	const secret = 'se-cret: a+b%c&d=ü';
	const authorization = basic(formEncoded(id), formEncoded(secret));
	let server: DjangoOAuthToolkitServer;

	beforeAll(async () => {
		server = await startDjangoOAuthToolkit({ clients: [{ id, secret }], users: [{ username, password }] });
	});
	afterAll(async () => await server?.stop());

	it('gives tokens for form-encoded Basic that its resource takes, and refuses what is wrong', async () => {
		const { status, json } = await ask(server.tokenUrl, passwordGrant, authorization);
		expect(status).toBe(200);
		const call = async (token: unknown) =>
			(await fetch(server.resourceUrl, { headers: { authorization: `Bearer ${String(token)}` } })).status;
		expect([await call(json.access_token), await call('made up')]).toEqual([200, 403]);

		const refused = [
			await ask(server.tokenUrl, passwordGrant, basic(formEncoded(id), 'wrong')),
			await ask(server.tokenUrl, passwordGrant, basic(id, secret)),
			await ask(server.tokenUrl, { ...passwordGrant, password: 'wrong' }, authorization),
		];
		expect(refused.map((answer) => answer.json.error)).toEqual(['invalid_client', 'invalid_client', 'invalid_grant']);
	});

	it('refuses a used refresh token', async () => {
		const first = await ask(server.tokenUrl, passwordGrant, authorization);
		const second = await ask(server.tokenUrl, refresh(first.json.refresh_token), authorization);
		const replayed = await ask(server.tokenUrl, refresh(first.json.refresh_token), authorization);
		expect([second.status, replayed.json.error]).toEqual([200, 'invalid_grant']);
	});
});
