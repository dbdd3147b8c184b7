import { inspect } from 'node:util';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions, IHttpRequestHelper } from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { WebhookDispatchJwtOAuth2Api } from '../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { WebhookDispatchPasswordOAuth2Api } from '../../credentials/WebhookDispatchPasswordOAuth2Api.credentials';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { credentialTests } from '../../credentials/n8n/credentialTests';
import { startOidcProvider, startOAuth2Server } from '../support/authorization-servers';
import type { OAuth2TestServer, OidcProviderServer } from '../support/authorization-servers';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { protectEgress } from '../support/engine/egress';
import { HostileTokenServer } from '../support/oauth2/hostileTokenServer';
import { credentialTestHelpers, preAuthenticationHelpers } from '../support/oauth2/tokenPaths';

/** What a credential form's test and n8n's HTTP Request node do, over n8n's own HTTP client. */

const secret = 'se-cret: a+b%20c&d=e*~"!';
const password = 'pä ss:+%20&=-"\\';

let oidc: OidcProviderServer;
let passwords: OAuth2TestServer;
let hostile: HostileTokenServer;
let forms: Record<'password' | 'clientCredentials' | 'clientCredentialsJwt', ICredentialDataDecryptedObject>;

beforeAll(async () => {
	const key = await newKey('ES256');
	[oidc, passwords, hostile] = await Promise.all([
		startOidcProvider({
			clients: [
				{ client_id: 'with-secret', client_secret: secret },
				{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks },
			],
		}),
		startOAuth2Server({ clients: [{ id: 'my-client', secret }], users: [{ username: 'ada', password }] }),
		HostileTokenServer.start(),
	]);
	forms = {
		password: {
			accessTokenUrl: passwords.tokenUrl,
			clientId: 'my-client',
			clientSecret: secret,
			clientEncoding: 'raw',
			username: 'ada',
			password,
		},
		clientCredentials: { accessTokenUrl: oidc.tokenUrl, clientId: 'with-secret', clientSecret: secret, scope: 'read' },
		clientCredentialsJwt: {
			accessTokenUrl: oidc.tokenUrl,
			clientId: 'with-key',
			algorithm: 'ES256',
			keyId: key.keyId,
			privateKey: key.encryptedPrivateKey,
			passphrase: PASSPHRASE,
		},
	};
}, 30_000);
beforeEach(() => {
	tokenStore.clear();
	oidc.forget();
	passwords.forget();
});
afterEach(() => protectEgress());
afterAll(async () => await Promise.all([oidc?.stop(), passwords?.stop(), hostile?.close()]));

const SOME_KEY = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----';

type TestName = keyof typeof credentialTests;
const context = { helpers: credentialTestHelpers } as ICredentialTestFunctions;
const test = async (name: TestName, data: ICredentialDataDecryptedObject) =>
	await credentialTests[name].call(context, { id: '1', name: 'A credential', type: 'any', data });

const testOf = {
	password: 'webhookDispatchOAuth2PasswordTest',
	clientCredentials: 'webhookDispatchOAuth2ClientCredentialsTest',
	clientCredentialsJwt: 'webhookDispatchOAuth2JwtTest',
} as const;
const grants = ['password', 'clientCredentials', 'clientCredentialsJwt'] as const;

describe('the test of a credential form', () => {
	it.each(grants)('passes for %s, asks each time and stores nothing', async (grant) => {
		for (let round = 0; round < 2; round += 1) {
			expect(await test(testOf[grant], forms[grant])).toMatchObject({
				status: 'OK',
				message: expect.stringMatching(/expires in (3600|359\d) s/) as string,
			});
		}
		expect([...oidc.requests(), ...passwords.requests()]).toHaveLength(2);
		expect(tokenStore.size).toBe(0);
	});

	it.each([
		['password', { password: `wrong ${password}` }, /responded with 400 \(invalid_grant.*Check Username and Password/],
		[
			'password',
			{ clientSecret: `wrong ${secret}` },
			/responded with 40[01] \(invalid_client.*Check Client ID and Client Secret/,
		],
		['clientCredentials', { clientSecret: 'wrong+one' }, /responded with 401 \(invalid_client.*As They Are/],
		[
			'clientCredentials',
			{ clientSecret: '100%!', clientEncoding: 'raw' },
			/responded with 400 \(invalid_request.*Set Client ID and Secret Encoding to Form Encoded/,
		],
		[
			'clientCredentials',
			{ accessTokenUrl: 'http://example.com/token' },
			/^Access Token URL is not encrypted\. .*Allow Insecure Token URL/,
		],
		['clientCredentialsJwt', { audience: 'https://wrong.example/' }, /responded with 401 \(invalid_client.*Audience/],
		['clientCredentialsJwt', { certificate: SOME_KEY }, /^Certificate contains a private key\. Remove it/],
		['clientCredentialsJwt', { privateKey: 'no key' }, /^(?!.*no key).+\. .+/],
		['clientCredentialsJwt', { passphrase: 'a wrong passphrase' }, /[Pp]assphrase/],
		['clientCredentialsJwt', { privateKey: '' }, /^Private Key is empty\. .*or save, and run Key: Generate/],
	] as const)('says what the server said and the likely cause: %s with %j', async (grant, change, text) => {
		const result = await test(testOf[grant], { ...forms[grant], ...change });
		expect(result.status).toBe('Error');
		expect(result.message).toMatch(text);
		expect(result.message).not.toContain('\n');
		for (const hidden of [secret, password, PASSPHRASE]) expect(result.message).not.toContain(hidden);
	});

	it('names a web page and a redirect for what they are', async () => {
		const form = { ...forms.clientCredentials, accessTokenUrl: hostile.url };
		hostile.answer(200, '<!DOCTYPE html><title>Sign in</title>');
		expect((await test(testOf.clientCredentials, form)).message).toBe(
			`The token endpoint ${hostile.url} responded with 200 and a web page. The URL is probably that of a login page or of documentation: look up the URL of the token endpoint`,
		);
		hostile.answer(302, '', { location: 'https://login.example.com/sign-in?next=x' });
		expect((await test(testOf.clientCredentials, form)).message).toContain(
			'responded with 302, a redirect to https://login.example.com/sign-in. ',
		);
	});

	it("keeps to the instance's egress rules and to the domains of the credential", async () => {
		protectEgress();
		expect((await test(testOf.clientCredentials, forms.clientCredentials)).status).toBe('OK');
		protectEgress({});
		expect((await test(testOf.clientCredentials, forms.clientCredentials)).message).toContain(
			'the rules of this n8n instance forbid it',
		);
		protectEgress();
		const restricted = {
			...forms.clientCredentials,
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'api.example.com',
		};
		expect((await test(testOf.clientCredentials, restricted)).message).toContain('Allowed Domains');
		expect(oidc.requests()).toHaveLength(1);
	});

	describe('of Basic', () => {
		const basic = async (data: ICredentialDataDecryptedObject) => await test('webhookDispatchBasicTest', data);

		it.each([
			[{ user: 'a:b', password: 'x' }, 'Username contains a colon'],
			[{ user: 'a', password: 'x\n' }, 'control character'],
			[{ user: '', password: '' }, 'Username and Password are empty'],
			[{ user: 'a', password: 'x', testUrl: 'no url' }, 'Test URL is not a URL'],
		])('says what is wrong with %j', async (data, text) => {
			expect(await basic(data)).toMatchObject({ status: 'Error', message: expect.stringContaining(text) as string });
		});

		it('passes without a URL when the fields can be used', async () => {
			expect((await basic({ user: 'a', password: '' })).status).toBe('OK');
		});

		it('tries a URL with the header, follows no redirect and reports the status', async () => {
			const form = { user: 'jürgen', password, testUrl: hostile.url };
			hostile.answer(204, '');
			expect(await basic(form)).toEqual({ status: 'OK', message: `${hostile.url} responded with 204` });
			expect(hostile.requests[0]?.headers.authorization).toBe(
				`Basic ${Buffer.from(`jürgen:${password}`).toString('base64')}`,
			);
			hostile.answer(401, '');
			expect(await basic(form)).toEqual({
				status: 'Error',
				message: `${hostile.url} responded with 401. Check Username and Password`,
			});
			hostile.answer(302, '', { location: hostile.url });
			expect((await basic(form)).status).toBe('Error');
			expect(hostile.requests).toHaveLength(1);
		});
	});

	it('of signing secrets reports which of the two cannot be used', async () => {
		const good = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
		const signing = async (data: ICredentialDataDecryptedObject) => await test('webhookDispatchSigningTest', data);
		expect((await signing({ secret: good })).status).toBe('OK');
		expect((await signing({ secret: good, previousSecret: good })).status).toBe('OK');
		expect((await signing({ secret: `v1,${good}`, previousSecret: `'${good}'` })).message).toMatch(
			/webhook-signature: v1,.{6}… v1,.{6}…$/,
		);
		expect((await signing({ secret: 'whsec_short' })).status).toBe('Error');
		expect((await signing({ secret: good, previousSecret: 'whsec_short' })).message).toContain('Previous Secret');
	});
});

describe('preAuthentication, as n8n calls it for its HTTP Request node', () => {
	const types = {
		password: new WebhookDispatchPasswordOAuth2Api(),
		clientCredentials: new WebhookDispatchClientCredentialsOAuth2Api(),
		clientCredentialsJwt: new WebhookDispatchJwtOAuth2Api(),
	};
	type Grant = keyof typeof types;
	const n8n = { helpers: preAuthenticationHelpers } as IHttpRequestHelper;
	const preAuthenticate = async (grant: Grant, data: ICredentialDataDecryptedObject) =>
		Object.assign(data, await types[grant].preAuthentication.call(n8n, data));
	/** What a request is sent with: `Bearer token`. */
	const authorization = async (grant: Grant, data: ICredentialDataDecryptedObject) =>
		(await types[grant].authenticate(data, { url: 'https://api.example.com' })).headers?.Authorization as string;
	/** A request's own data, after it was sent. */
	const sent = async (grant: Grant) => {
		const data = await preAuthenticate(grant, { ...forms[grant], accessToken: '' });
		return { data, authorization: await authorization(grant, data) };
	};

	it.each(grants)('gets a token for %s, and gives n8n nothing to store', async (grant) => {
		const data = await preAuthenticate(grant, { ...forms[grant], accessToken: '' });
		expect(data).toEqual({ ...forms[grant], accessToken: '' });
		expect(await authorization(grant, data)).toMatch(/^Bearer [\w.-]{8,}$/);
	});

	it('gets one new token for 50 items that were refused, by refresh, though n8n has no lock', async () => {
		const refused = await Promise.all(Array.from({ length: 50 }, async () => await sent('password')));
		await passwords.revokeAccessTokens();
		await Promise.all(refused.map(async ({ data }) => await preAuthenticate('password', data)));
		const tokens = new Set(await Promise.all(refused.map(async ({ data }) => await authorization('password', data))));
		expect(tokens.size).toBe(1);
		for (const { authorization: old } of refused) expect(tokens).not.toContain(old);
		expect(passwords.requests().map(({ grantType }) => grantType)).toEqual(['password', 'refresh_token']);
	});

	it.each(grants)('says what happened for %s, and shows no secret in the error to any depth', async (grant) => {
		hostile.behave((response, request) => {
			response.writeHead(400);
			response.end(
				JSON.stringify({ error: 'invalid_request', error_description: request.body + request.headers.authorization }),
			);
		});
		const data = { ...forms[grant], accessTokenUrl: hostile.url, accessToken: '' };
		const error = (await preAuthenticate(grant, data).catch((thrown: unknown) => thrown)) as Error & {
			description: string;
		};
		expect(error.message).toContain(`The token endpoint ${hostile.url} responded with 400 (invalid_request`);
		expect(error.description).not.toBe('');
		const shown = inspect(error, { depth: Infinity, showHidden: true });
		const assertion = new URLSearchParams(hostile.requests[0]?.body).get('client_assertion');
		const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
		for (const hidden of [secret, password, PASSPHRASE, ...(assertion?.split('.') ?? [])]) {
			for (const form of [hidden, base64(hidden), encodeURIComponent(hidden)]) expect(shown).not.toContain(form);
		}
	});

	it("keeps to the instance's egress rules", async () => {
		protectEgress({});
		await expect(preAuthenticate('clientCredentials', forms.clientCredentials)).rejects.toThrow(
			'the rules of this n8n instance forbid it',
		);
		expect(oidc.requests()).toEqual([]);
	});
});
