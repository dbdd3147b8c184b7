import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { runByHand } from '../../tools/n8n/runByHand';
import { baseNode, chain, itemsNode, start, using, workflowOf, type NodeSketch } from '../../tools/n8n/sketch';
import {
	startOAuth2Server,
	startOidcProvider,
	type OAuth2TestServer,
	type OidcProviderServer,
} from '../support/authorization-servers';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { Instance } from '../support/n8n/instance';
import { HostileTokenServer } from '../support/oauth2/hostileTokenServer';

/** The credential types in a real n8n: their forms, their tests, and n8n's HTTP Request node (row N3). */

const secret = 'se-cret: a+b%20c&d=e*~!';
const password = 'pä ss:+%20&=-';

const instance = new Instance();
const client = () => instance.client;
let oidc: OidcProviderServer;
let passwords: OAuth2TestServer;
/** Takes everything and keeps what came. */
let destination: HostileTokenServer;
let forms: Record<string, Record<string, unknown>>;

const types = {
	basic: 'webhookDispatchBasicApi',
	password: 'webhookDispatchPasswordOAuth2Api',
	clientCredentials: 'webhookDispatchClientCredentialsOAuth2Api',
	clientCredentialsJwt: 'webhookDispatchJwtOAuth2Api',
	signing: 'webhookDispatchSigningApi',
} as const;
type Kind = keyof typeof types;
const oAuth2 = ['password', 'clientCredentials', 'clientCredentialsJwt'] as const;

beforeAll(async () => {
	await instance.start();
	const key = await newKey('RS256');
	oidc = await startOidcProvider({
		clients: [
			{ client_id: 'with-secret', client_secret: secret },
			{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks },
		],
	});
	passwords = await startOAuth2Server({
		clients: [{ id: 'my-client', secret }],
		users: [{ username: 'ada', password }],
	});
	destination = await HostileTokenServer.start();
	const client = { clientId: 'my-client', clientSecret: secret, clientEncoding: 'raw' };
	forms = {
		basic: { user: 'jürgen', password, testUrl: destination.url },
		password: { accessTokenUrl: passwords.tokenUrl, ...client, username: 'ada', password },
		clientCredentials: { accessTokenUrl: oidc.tokenUrl, clientId: 'with-secret', clientSecret: secret },
		clientCredentialsJwt: {
			accessTokenUrl: oidc.tokenUrl,
			clientId: 'with-key',
			keyId: key.keyId,
			privateKey: key.encryptedPrivateKey,
			passphrase: PASSPHRASE,
		},
		signing: { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
	};
}, 600_000);
beforeEach(() => {
	oidc.forget();
	passwords.forget();
	destination.answer(200, { arrived: true });
});
afterAll(async () => {
	await Promise.all([instance.end(), oidc?.stop(), passwords?.stop(), destination?.close()]);
}, 60_000);

const create = async (kind: Kind, change: Record<string, unknown> = {}) =>
	await client().credentials.create({
		name: `${kind} ${Math.random()}`,
		type: types[kind],
		data: { ...forms[kind], ...change },
	});

/** n8n's HTTP Request node with a Predefined Credential Type, once for each item. */
async function httpRequest(credential: CredentialReference, url: string, items = 1) {
	const node: NodeSketch = baseNode(
		'HTTP Request',
		'httpRequest',
		{ url, authentication: 'predefinedCredentialType', nodeCredentialType: credential.type },
		{ typeVersion: 4.2, credentials: using(credential) },
	);
	const given = itemsNode(Array.from({ length: items }, (_, item) => ({ item })));
	const { id } = await client().workflows.create(
		workflowOf(`HTTP Request with ${credential.name}`, [start, given, node], chain('Start', 'Items', node.name)),
	);
	return await runByHand(client(), id);
}

describe('the test of the form', () => {
	it.each(Object.keys(types) as Kind[])('passes for %s', async (kind) => {
		const result = await client().credentials.test({ ...(await create(kind)), data: forms[kind] });
		expect(result).toMatchObject({ status: 'OK' });
	});

	it.each<[Kind, Record<string, unknown>, string]>([
		['basic', { user: 'a:b' }, 'Username contains a colon'],
		['password', { password: 'a wrong one' }, 'invalid_grant'],
		['clientCredentials', { clientSecret: 'wrong+one' }, 'Client ID and Secret Encoding'],
		['clientCredentials', { accessTokenUrl: 'https://' }, 'Access Token URL is not a URL'],
		['clientCredentialsJwt', { audience: 'https://wrong.example' }, 'Audience'],
		['signing', { secret: 'whsec_short' }, 'Base64'],
	])('fails for %s with %j, and says why', async (kind, change, text) => {
		const credential = await create(kind);
		const result = await client().credentials.test({ ...credential, data: { ...forms[kind], ...change } });
		expect(result).toMatchObject({ status: 'Error', message: expect.stringContaining(text) as string });
		for (const hidden of [secret, password, PASSPHRASE]) expect(result.message).not.toContain(hidden);
	});
});

it('an issuer stands in for Access Token URL: in the test of the form, which shows what the server supports, and in HTTP Request', async () => {
	const byIssuer = { accessTokenUrl: '', issuerUrl: oidc.issuer };
	const credential = await create('clientCredentials', byIssuer);
	const test = async (change: object = {}) =>
		await client().credentials.test({ ...credential, data: { ...forms.clientCredentials, ...byIssuer, ...change } });
	expect(await test()).toMatchObject({ status: 'OK' });
	expect(await test({ clientSecret: 'wrong+one' })).toMatchObject({
		status: 'Error',
		message: expect.stringMatching(
			/invalid_client.*\. Client authentication: the server lists client_secret_basic, .*; set is client_secret_basic/,
		) as string,
	});
	expect((await httpRequest(credential, destination.url)).status).toBe('success');
	expect(destination.requests[0]?.headers.authorization).toMatch(/^Bearer [\w.-]{8,}$/);
});

describe('what the editor gets of a credential', () => {
	const value = 'tenant value that nobody sees';
	const header = 'gateway key that nobody sees';
	const list = (name: string, content: string) => ({ parameters: [{ name, value: content }] });
	/** Every masked field of the type that has most of them. */
	const masked = {
		jwtUse: 'authorizationGrant',
		clientAuthentication: 'body',
		clientSecret: secret,
		secretParameters: list('tenant', value),
		tokenRequestHeaders: list('X-Gateway-Key', header),
	};

	it.each([false, true])(
		'shows no secret, and what it saves again is still sent; Advanced Settings: %s',
		async (advancedSettings) => {
			const granted = { access_token: 'a-token-of-a-grant', token_type: 'Bearer', expires_in: 3600 };
			destination.answer(200, granted);
			const change = {
				...masked,
				advancedSettings,
				accessTokenUrl: destination.url,
				scope: `read ${advancedSettings}`,
			};
			const credential = await create('clientCredentialsJwt', change);
			const { data } = (await client().credentials.get(credential.id)) as { data: Record<string, unknown> };
			const shown = JSON.stringify(data);
			for (const hidden of [value, header, secret, PASSPHRASE, String(forms.clientCredentialsJwt?.privateKey)]) {
				expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1));
			}
			expect(data.secretParameters).toEqual(list('tenant', expect.stringMatching(/^__n8n_BLANK_VALUE_/) as string));

			// As the editor saves a form in which nothing was changed.
			await client().credentials.update(credential.id, { name: credential.name, type: credential.type, data });
			const execution = await httpRequest(credential, destination.url);
			expect(execution.status).toBe('success');
			const [tokenRequest, delivery] = destination.requests;
			const form = new URLSearchParams(tokenRequest?.body);
			expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
			expect([form.get('tenant'), form.get('client_secret')]).toEqual([value, secret]);
			expect(tokenRequest?.headers['x-gateway-key']).toBe(header);
			expect(delivery?.headers.authorization).toBe('Bearer a-token-of-a-grant');
			expect(JSON.stringify(execution)).not.toContain(value);
		},
	);
});

describe("n8n's HTTP Request node", () => {
	it.each(oAuth2)('is given a token by %s', async (kind) => {
		const execution = await httpRequest(await create(kind), destination.url);
		expect(execution.status).toBe('success');
		expect(destination.requests).toHaveLength(1);
		expect(destination.requests[0]?.headers.authorization).toMatch(/^Bearer [\w.-]{8,}$/);
	});

	it('is given user and password by Basic, in UTF-8', async () => {
		await httpRequest(await create('basic'), destination.url);
		expect(destination.requests[0]?.headers.authorization).toBe(
			`Basic ${Buffer.from(`jürgen:${password}`).toString('base64')}`,
		);
	});

	it('keeps its token, which is not stored, and gets a new one by refresh when it is refused', async () => {
		const credential = await create('password', { scope: 'read' });
		expect((await httpRequest(credential, passwords.resourceUrl)).status).toBe('success');
		expect((await httpRequest(credential, passwords.resourceUrl)).status).toBe('success');
		expect(passwords.requests().map(({ grantType }) => grantType)).toEqual(['password']);

		await passwords.revokeAccessTokens();
		expect((await httpRequest(credential, passwords.resourceUrl)).status).toBe('success');
		expect(passwords.requests().map(({ grantType }) => grantType)).toEqual(['password', 'refresh_token']);

		const { data } = (await client().credentials.get(credential.id)) as { data: JsonObject };
		// What the editor gets in place of a secret field with nothing stored.
		expect(data.accessToken).toMatch(/^__n8n_EMPTY_VALUE_/);
		expect(JSON.stringify(data)).not.toContain(secret);
	});

	it('makes one token request for 20 items that are refused at the same time', async () => {
		const credential = await create('password', { scope: 'write' });
		await httpRequest(credential, passwords.resourceUrl);
		await passwords.revokeAccessTokens();
		passwords.forget();
		expect((await httpRequest(credential, passwords.resourceUrl, 20)).status).toBe('success');
		expect(passwords.requests().map(({ grantType }) => grantType)).toEqual(['refresh_token']);
	});

	it('reports what the token endpoint said, and shows no secret', async () => {
		const execution = await httpRequest(
			await create('clientCredentials', { clientSecret: 'wrong+one' }),
			destination.url,
		);
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.error).toMatchObject({
			message: expect.stringContaining(
				`The token endpoint ${oidc.tokenUrl} responded with 401 (invalid_client`,
			) as string,
			description: expect.stringContaining('Client ID and Secret Encoding') as string,
		});
		expect(JSON.stringify(execution)).not.toContain('wrong+one');
		expect(destination.requests).toEqual([]);
	});

	it('keeps to the domains of the credential, for the token request as well', async () => {
		const credential = await create('clientCredentials', {
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'api.example.com',
		});
		const execution = await httpRequest(credential, destination.url);
		expect(execution.status).toBe('error');
		expect(destination.requests).toEqual([]);
		expect(oidc.requests()).toEqual([]);
	});
});

it.each([
	'webhook/dispatch',
	'webhook/sendTest',
	'accessToken/get',
	'clientAssertion/generate',
	'key/generate',
	'key/getPublic',
	'signature/verify',
])("serves the editor the schema of %s's output, as it is in the package", async (operation) => {
	const file = `v1.0.0/${operation}.json`;
	const place = `n8n-nodes-webhook-dispatch.webhookDispatch/1.0.0/${operation}.json`;
	const response = await fetch(`${client().url}/schemas/${place}`, { headers: client().headers() });
	expect(response.status).toBe(200);
	expect(await response.json()).toEqual(
		JSON.parse(readFileSync(join(__dirname, '../../nodes/WebhookDispatch/__schema__', file), 'utf8')),
	);
});
