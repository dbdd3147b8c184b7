import { startOidcProvider } from '../support/authorization-servers';
import type { OidcProviderServer } from '../support/authorization-servers';
import { ask, createTokenClient, faultOf, tokenOf } from '../support/authorization-servers/tokenClient';
import { clientCredential } from '../support/oauth2/credentials';

const id = 'my-client: a+b%20c&d=e*~';
const secret = 'se-cret: a+b%20c&d=e*~"!';
/** oidc-provider takes visible ASCII only in IDs and secrets (RFC 6749 appendix A.1 and A.2). */
const idInBody = `${id} in the body`;
const LIFE = 5;
const SECRET_JWT_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
const longSecret = 'a secret: a+b%20c&d=e*~"! of more than the sixty-four bytes that HS512 wants';

let server: OidcProviderServer;

const withSecret = (data: Record<string, unknown> = {}) =>
	clientCredential({ accessTokenUrl: server.tokenUrl, clientId: id, clientSecret: secret, ...data });
const inBody = (data: Record<string, unknown> = {}) =>
	withSecret({ clientId: idInBody, clientAuthentication: 'body', ...data });
const resources = (...values: string[]) => ({
	additionalParameters: { parameters: values.map((value) => ({ name: 'resource', value })) },
});

beforeAll(async () => {
	server = await startOidcProvider({
		clients: [
			{ client_id: id, client_secret: secret, scope: 'read write' },
			...SECRET_JWT_ALGORITHMS.map((algorithm) => ({
				client_id: algorithm,
				client_secret: longSecret,
				token_endpoint_auth_method: 'client_secret_jwt' as const,
				token_endpoint_auth_signing_alg: algorithm,
				scope: 'read',
			})),
			{ client_id: idInBody, client_secret: secret, token_endpoint_auth_method: 'client_secret_post', scope: 'read' },
		],
		accessTokenLifetime: LIFE,
		resources: ['https://one.example/', 'https://two.example/'],
	});
});
beforeEach(() => server.forget());
afterAll(async () => await server?.stop());

describe('ID and secret with everything in them that encodings trip over', () => {
	it('get a token by a form-encoded Basic header', async () => {
		expect(tokenOf(await ask(withSecret({ scope: 'read write' })))).toMatchObject({
			tokenType: 'Bearer',
			scope: 'read write',
			expiresIn: LIFE,
		});
		expect(server.requests()).toMatchObject([{ clientAuthentication: 'header', status: 200 }]);
	});

	it('get a token in the body, and then send no header', async () => {
		tokenOf(await ask(inBody()));
		expect(server.requests()).toMatchObject([{ clientAuthentication: 'body', status: 200 }]);
		expect(server.requests()[0]?.authorization).toBeUndefined();
	});
});

describe('a secret that signs a JWT (client_secret_jwt)', () => {
	const withJwt = (data: Record<string, unknown>) =>
		withSecret({ clientSecret: longSecret, clientAuthentication: 'secretJwt', scope: 'read', ...data });

	it.each(SECRET_JWT_ALGORITHMS)('%s gets a token each time, without the secret', async (algorithm) => {
		const credential = withJwt({ clientId: algorithm, secretJwtAlgorithm: algorithm });
		for (let round = 0; round < 2; round += 1) tokenOf(await ask(credential));
		expect(server.requests().map(({ status, authorization }) => [status, authorization])).toEqual([
			[200, undefined],
			[200, undefined],
		]);
		expect(JSON.stringify(server.requests())).not.toContain('sixty-four');
	});

	it('of other letters, another algorithm or audience gets none', async () => {
		for (const wrong of [
			{ clientId: 'HS256', clientSecret: longSecret.toUpperCase() },
			{ clientId: 'HS384' },
			{ clientId: 'HS256', secretJwtAudience: 'https://wrong.example/' },
		]) {
			expect(faultOf(await ask(withJwt(wrong)))).toMatchObject({ statusCode: 401, serverError: 'invalid_client' });
		}
	});
});

it('takes a resource, and is sent it twice when there are two', async () => {
	tokenOf(await ask(withSecret(resources('https://one.example/'))));
	await ask(withSecret(resources('https://one.example/', 'https://two.example/')));
	const sent = server
		.requests()
		.map(({ parameters }) => parameters.filter(([name]) => name === 'resource').map(([, value]) => value));
	expect(sent).toEqual([['https://one.example/'], ['https://one.example/', 'https://two.example/']]);
});

describe('tokens of 5 s', () => {
	it('are asked for once by 50 deliveries, and once in each life', async () => {
		const client = createTokenClient();
		const seen = new Set<string>();
		for (let life = 0; life < 4; life += 1) {
			for (const result of await client.getMany(withSecret(), 50)) seen.add(tokenOf(result).accessToken);
			client.advanceClock(LIFE);
		}
		expect(seen.size).toBe(4);
		expect(server.requests()).toHaveLength(4);
	});
});

describe('a refusal', () => {
	const rows: Array<[string, () => ReturnType<typeof ask>, number, string, RegExp]> = [
		[
			'a wrong secret',
			async () => await ask(withSecret({ clientSecret: `wrong ${secret}` })),
			401,
			'invalid_client',
			/Check Client ID and Client Secret/,
		],
		[
			'a wrong encoding',
			async () => await ask(withSecret({ clientId: 'my-client', clientEncoding: 'raw' })),
			401,
			'invalid_client',
			/Encoding to Form Encoded/,
		],
		[
			'a scope that this client may not have',
			async () => await ask(inBody({ scope: 'write' })),
			400,
			'invalid_scope',
			/Check Scope/,
		],
		[
			'an unknown resource',
			async () => await ask(withSecret(resources('https://three.example/'))),
			400,
			'invalid_target',
			/resource or audience/,
		],
		[
			'JSON, where a form is wanted',
			async () => await ask(inBody({ tokenRequestFormat: 'json' })),
			400,
			'invalid_request',
			/Token Request Format/,
		],
	];

	it.each(rows)(
		'for %s says what happened and how to get on, and shows no secret',
		async (_name, request, status, serverError, advice) => {
			const fault = faultOf(await request());
			expect(fault).toMatchObject({
				code: 'TOKEN',
				retryable: false,
				statusCode: status,
				serverError,
				endpoint: server.tokenUrl,
			});
			expect(fault.message).toContain(`The token endpoint ${server.tokenUrl} responded with ${status} (${serverError}`);
			expect(fault.description).toMatch(advice);
			expect(JSON.stringify(fault)).not.toContain(JSON.stringify(secret).slice(1, -1));
			expect(server.requests()).toHaveLength(1);
		},
	);

	it('that passes is shared by 50 deliveries, and the next one gets its token', async () => {
		server.answerInstead({ status: 503, headers: { 'retry-after': '2' } });
		const client = createTokenClient();
		const faults = (await client.getMany(withSecret(), 50)).map(faultOf);
		expect(
			new Set(faults.map(({ statusCode, retryable, retryAfterMs }) => `${statusCode} ${retryable} ${retryAfterMs}`)),
		).toEqual(new Set(['503 true 2000']));
		expect(server.requests()).toHaveLength(1);
		tokenOf(await client.get(withSecret()));
	});
});
