/** The JWT as authorization grant (RFC 7523 section 2.1), against Authlib. */
import type { SigningAlgorithm } from '../../lib/keys/algorithm';
import type { GeneratedKey } from '../../lib/keys/keyGeneration';
import { startAuthlib, type AuthlibServer } from '../support/authorization-servers';
import { ask, faultOf, newKey, PASSPHRASE, throughLives, tokenOf } from '../support/authorization-servers/tokenClient';
import { jwtCredential } from '../support/oauth2/credentials';

const algorithms = ['RS256', 'PS256', 'ES256', 'ES512', 'EdDSA'] as const;
const issuer = 'my-client: a+b%20c&d=e*~ü';
const idOfSecret = 'with a secret';
const secret = 'se-cret: a+b%20c&d=e*~"ß';
const user = 'jürgen+test@example.com';

let server: AuthlibServer;
let keys: Record<(typeof algorithms)[number], GeneratedKey>;

/** A JWT credential of the client, for the grant, by a key for this algorithm. */
const grant = (data: Record<string, unknown> = {}, algorithm: SigningAlgorithm & keyof typeof keys = 'RS256') =>
	jwtCredential({
		jwtUse: 'authorizationGrant',
		accessTokenUrl: server.tokenUrl,
		clientId: issuer,
		subject: user,
		scope: 'read',
		algorithm,
		keyId: keys[algorithm].keyId,
		privateKey: keys[algorithm].encryptedPrivateKey,
		passphrase: PASSPHRASE,
		...data,
	});
/** Whose token it is, by the resource. */
const owner = async (accessToken: string): Promise<unknown> =>
	await (await fetch(server.resourceUrl, { headers: { authorization: `Bearer ${accessToken}` } })).json();

beforeAll(async () => {
	const made = await Promise.all(algorithms.map(async (name) => [name, await newKey(name)] as const));
	keys = Object.fromEntries(made) as typeof keys;
	const jwks = { keys: made.map(([, { jwk }]) => jwk) };
	server = await startAuthlib({
		scopes: ['read', 'write', 'admin'],
		users: [user, 'somebody else'],
		clients: [
			{ id: issuer, jwks, scopes: ['read', 'write'], users: [user] },
			{ id: idOfSecret, jwks, scopes: ['read'], users: [user], secret },
			{ id: 'robot@project.example', jwks, scopes: ['read'], users: [user] },
		],
	});
}, 60_000);
beforeEach(() => server.forget());
afterAll(async () => await server?.stop());

it.each(algorithms)('%s: the token is the user’s', async (algorithm) => {
	const { accessToken, scope, expiresIn, refreshToken } = tokenOf(await ask(grant({}, algorithm)));
	expect({ scope, expiresIn, refreshToken }).toEqual({ scope: 'read', expiresIn: 3600, refreshToken: undefined });
	expect(await owner(accessToken)).toEqual({ client: issuer, user, scope: 'read' });
	expect(server.requests()).toMatchObject([
		{ grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer', clientAuthentication: 'none', status: 200 },
	]);
});

it('without a subject, it is the client’s', async () => {
	const { accessToken } = tokenOf(await ask(grant({ subject: '' })));
	expect(await owner(accessToken)).toEqual({ client: issuer, user: null, scope: 'read' });
});

it.each(['header', 'body'])('a client with a secret authenticates in the %s', async (clientAuthentication) => {
	const { accessToken } = tokenOf(
		await ask(grant({ clientId: idOfSecret, clientAuthentication, clientSecret: secret, clientEncoding: 'raw' })),
	);
	expect(await owner(accessToken)).toMatchObject({ client: idOfSecret, user });
	expect(server.requests()).toMatchObject([{ clientAuthentication }]);
});

it("a key file in Google's form is enough", async () => {
	const file = {
		type: 'service_account',
		client_email: 'robot@project.example',
		private_key_id: keys.RS256.keyId,
		private_key: keys.RS256.encryptedPrivateKey,
		token_uri: server.tokenUrl,
	};
	const pasted = { privateKey: JSON.stringify(file), accessTokenUrl: '', clientId: '', keyId: '' };
	const { accessToken } = tokenOf(await ask(grant({ ...pasted, subject: '', scopeLocation: 'request' })));
	expect(await owner(accessToken)).toEqual({ client: 'robot@project.example', user: null, scope: 'read' });
	expect(await owner(tokenOf(await ask(grant(pasted))).accessToken)).toMatchObject({ user, scope: '' });
});

it('50 deliveries at a time make one request in each life of a token, with its own JWT', async () => {
	await throughLives(grant(), 4);
	const assertions = server.requests().map(({ parameters }) => new Map(parameters).get('assertion'));
	expect(assertions).toHaveLength(4);
	expect(new Set(assertions).size).toBe(4);
});

describe('a refusal', () => {
	it.each<[string, Record<string, unknown>, string, RegExp]>([
		['an unknown user', { subject: 'nobody' }, 'invalid_grant', /Subject is the user as the server names it/],
		['a user without permission', { subject: 'somebody else' }, 'invalid_client', /Client Authentication Type/],
		['another audience', { audience: 'https://elsewhere.example' }, 'invalid_grant', /Audience/],
		['an unknown issuer', { clientId: 'other' }, 'invalid_grant', /public key/],
		['an unknown key', { keyId: 'other' }, 'invalid_grant', /public key/],
		['an unknown scope', { scope: 'everything' }, 'invalid_scope', /Scope/],
		['no secret where one is wanted', { clientId: idOfSecret }, 'invalid_client', /set Client Authentication Type/],
		[
			'a wrong secret',
			{ clientId: idOfSecret, clientAuthentication: 'body', clientSecret: `wrong ${secret}` },
			'invalid_client',
			/Check Client ID and Client Secret/,
		],
	])('for %s says what happened and how to get on, and shows no secret', async (_name, data, error, advice) => {
		const fault = faultOf(await ask(grant(data)));
		expect(fault).toMatchObject({ code: 'TOKEN', retryable: false, serverError: error });
		expect(fault.description).toMatch(advice);
		const [request] = server.requests();
		const shown = JSON.stringify(fault);
		const assertion = new Map(request?.parameters).get('assertion') ?? '';
		expect(assertion.split('.')).toHaveLength(3);
		for (const hidden of [...assertion.split('.'), secret, PASSPHRASE]) {
			expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1));
		}
	});
});
