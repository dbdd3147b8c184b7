import { signingAlgorithms, type SigningAlgorithm } from '../../lib/keys/algorithm';
import type { GeneratedKey } from '../../lib/keys/keyGeneration';
import { startGlewlwyd } from '../support/authorization-servers';
import type { GlewlwydServer } from '../support/authorization-servers';
import {
	ask,
	createTokenClient,
	faultOf,
	newKey,
	PASSPHRASE,
	throughLives,
	tokenOf,
} from '../support/authorization-servers/tokenClient';
import { clientCredential, jwtCredential, passwordCredential } from '../support/oauth2/credentials';

/** glewlwyd reads Basic as it is: everything but a colon in the ID. In the body a colon goes, too. */
const id = 'my-client a+b%20c&d=e*~ü';
const idWithColon = `urn:${id}`;
const secret = 'se-cret: a+b%20c&d=e*~"ß';
const username = 'jürgen: Groß+%20&=-';
const password = 'pä ss:+%20&=-"\\';

let server: GlewlwydServer;
let keys: Map<SigningAlgorithm, GeneratedKey>;

const keyOf = (algorithm: SigningAlgorithm) => keys.get(algorithm)!;
const common = () => ({ accessTokenUrl: server.tokenUrl, scope: 'read' });
const withSecret = (data: Record<string, unknown> = {}) =>
	clientCredential({ ...common(), clientId: id, clientSecret: secret, clientEncoding: 'raw', ...data });
const withPassword = (data: Record<string, unknown> = {}) =>
	passwordCredential({
		...common(),
		clientId: id,
		clientSecret: secret,
		clientEncoding: 'raw',
		username,
		password,
		...data,
	});
const withKey = (algorithm: SigningAlgorithm, data: Record<string, unknown> = {}) =>
	jwtCredential({
		...common(),
		clientId: `${idWithColon} ${algorithm}`,
		algorithm,
		privateKey: keyOf(algorithm).encryptedPrivateKey,
		passphrase: PASSPHRASE,
		keyId: keyOf(algorithm).keyId,
		...data,
	});
const grants = () => server.requests().map(({ grantType, status }) => `${grantType} ${status}`);

beforeAll(async () => {
	keys = new Map(
		await Promise.all(signingAlgorithms.map(async (algorithm) => [algorithm, await newKey(algorithm)] as const)),
	);
	server = await startGlewlwyd({
		clients: [
			{ id, secret },
			{ id: idWithColon, secret },
			...signingAlgorithms.map((algorithm) => ({ id: `${idWithColon} ${algorithm}`, jwks: keyOf(algorithm).jwks })),
		],
		users: [{ username, password }],
	});
}, 60_000);
beforeEach(() => server.forget());
afterAll(async () => await server?.stop());

describe('ID, secret, user name and password with everything in them that encodings trip over', () => {
	it('get a token by a raw Basic header', async () => {
		expect(tokenOf(await ask(withSecret()))).toMatchObject({ scope: 'read', expiresIn: 3600 });
		expect(server.requests()).toMatchObject([{ clientAuthentication: 'header', status: 200 }]);
	});

	it('get a token in the body, a colon in the ID included', async () => {
		tokenOf(await ask(withSecret({ clientId: idWithColon, clientAuthentication: 'body' })));
		expect(server.requests()).toMatchObject([{ clientAuthentication: 'body', status: 200 }]);
	});

	it('get a token by password', async () => {
		expect(tokenOf(await ask(withPassword())).refreshToken).toEqual(expect.any(String));
	});
});

describe('one-use refresh tokens', () => {
	it('are used once each by 50 deliveries at a time, through many lives of a token', async () => {
		await throughLives(withPassword(), 6);
		expect(grants()).toEqual(['password 200', ...Array.from({ length: 5 }, () => 'refresh_token 200')]);
	});

	it('that are dead (an empty 400 here) lead to one password grant', async () => {
		const client = createTokenClient();
		const { refreshToken } = tokenOf(await client.get(withPassword()));
		// Someone else uses the refresh token, and again: the chain is ended.
		const steal = async () =>
			await fetch(server.tokenUrl, {
				method: 'POST',
				headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
				body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' }),
			});
		expect([(await steal()).status, (await steal()).status]).toEqual([200, 400]);

		server.forget();
		client.advanceClock(3600);
		(await client.getMany(withPassword(), 50)).forEach(tokenOf);
		expect(grants()).toEqual(['refresh_token 400', 'password 200']);
	});
});

describe('private_key_jwt', () => {
	it.each(signingAlgorithms)('gets tokens with %s', async (algorithm) => {
		tokenOf(await ask(withKey(algorithm)));
		tokenOf(await ask(withKey(algorithm, { useIssuedAt: false, headerType: '' })));
		expect(server.requests()).toMatchObject([
			{ clientAuthentication: 'assertion', status: 200 },
			{ clientAuthentication: 'assertion', status: 200 },
		]);
	});

	const assertions = () =>
		server.requests().map(({ parameters }) => parameters.find(([name]) => name === 'client_assertion')?.[1] ?? '');

	it('is never refused for a jti that was seen, and a replay is', async () => {
		(await Promise.all(Array.from({ length: 50 }, async () => await ask(withKey('ES256', { jwtId: 'n8n' }))))).forEach(
			tokenOf,
		);
		expect(new Set(assertions()).size).toBe(50);

		const [, replayed] = assertions();
		const answer = await fetch(server.tokenUrl, {
			method: 'POST',
			body: new URLSearchParams({
				grant_type: 'client_credentials',
				scope: 'read',
				client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
				client_assertion: replayed ?? '',
			}),
		});
		expect(answer.status).toBe(403);
	});
});

describe('a 403 with an empty body', () => {
	const rows: Array<[string, () => ReturnType<typeof ask>, RegExp]> = [
		[
			'a wrong secret',
			async () => await ask(withSecret({ clientSecret: `wrong ${secret}` })),
			/Client ID and Client Secret/,
		],
		['a wrong encoding', async () => await ask(withSecret({ clientEncoding: 'form' })), /Encoding to As They Are/],
		[
			'a wrong password',
			async () => await ask(withPassword({ password: `wrong ${password}` })),
			/Username and Password/,
		],
		['a scope left out', async () => await ask(withSecret({ scope: '' })), /Scope/],
		['a wrong audience', async () => await ask(withKey('RS256', { audience: server.issuer })), /Audience .* token URL/],
		[
			'a wrong key',
			async () => await ask(withKey('RS256', { privateKey: keyOf('PS256').encryptedPrivateKey })),
			/public key .* registered/,
		],
		['a wrong key ID', async () => await ask(withKey('RS256', { keyId: 'another' })), /Key ID/],
		['no key ID', async () => await ask(withKey('RS256', { keyId: '' })), /Key ID/],
	];

	it.each(rows)('for %s says what happened and how to get on, and shows no secret', async (_name, request, advice) => {
		const fault = faultOf(await request());
		expect(fault).toMatchObject({ code: 'TOKEN', statusCode: 403, retryable: false });
		expect(fault.message).toBe(`The token endpoint ${server.tokenUrl} responded with 403 (nothing in it)`);
		expect(fault.description).toMatch(advice);
		const shown = JSON.stringify(fault);
		for (const hidden of [secret, password, `wrong ${secret}`])
			expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1));
		expect(server.requests()).toHaveLength(1);
	});
});
