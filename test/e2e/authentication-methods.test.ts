import type { WorkflowNode } from '../../tools/n8n/rest/workflows';
import { runByHand } from '../../tools/n8n/runByHand';
import { baseNode, dispatchNode, start, using, workflowOf, type Connection } from '../../tools/n8n/sketch';
import {
	startOAuth2Server,
	startOidcProvider,
	type OAuth2TestServer,
	type OidcProviderServer,
} from '../support/authorization-servers';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { Instance } from '../support/n8n/instance';
import { answer, Receiver, type ReceivedRequest } from '../support/receiver';

/**
 * Every authentication with every method, once, in a real n8n (rows W1, A1 to A5); those by n8n's own credentials beside
 * n8n's HTTP Request node with the same credential.
 */

const methods = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'] as const;
const secret = 'se-cret: a+b%20c&d=e*~!';
const instance = new Instance();
let oidc: OidcProviderServer;
let passwords: OAuth2TestServer;
let receiver: Receiver;

interface Authentication {
	name: string;
	parameters: WorkflowNode['parameters'];
	credential?: () => Promise<{ type: string; data: Record<string, unknown> }>;
	/** What the destination is shown. */
	authorization: RegExp | undefined;
}

const bearer = /^Bearer [\w.-]{8,}$/;
const oAuth2 = (grantType: string) => ({ authentication: 'oAuth2', grantType });
const authentications: Authentication[] = [
	{ name: 'none', parameters: { authentication: 'none' }, authorization: undefined },
	{
		name: 'Basic',
		parameters: { authentication: 'basic' },
		credential: async () => ({ type: 'webhookDispatchBasicApi', data: { user: 'jürgen', password: 'pä ss' } }),
		authorization: new RegExp(`^Basic ${Buffer.from('jürgen:pä ss').toString('base64')}$`),
	},
	{
		name: 'OAuth 2.0 password',
		parameters: oAuth2('password'),
		credential: async () => ({
			type: 'webhookDispatchPasswordOAuth2Api',
			data: {
				accessTokenUrl: passwords.tokenUrl,
				clientId: 'my-client',
				clientSecret: secret,
				clientEncoding: 'raw',
				username: 'ada',
				password: 'pä ss',
			},
		}),
		authorization: bearer,
	},
	{
		name: 'OAuth 2.0 client credentials',
		parameters: oAuth2('clientCredentials'),
		credential: async () => ({
			type: 'webhookDispatchClientCredentialsOAuth2Api',
			data: { accessTokenUrl: oidc.tokenUrl, clientId: 'with-secret', clientSecret: secret },
		}),
		authorization: bearer,
	},
	{
		name: 'OAuth 2.0 client credentials with JWT',
		parameters: oAuth2('clientCredentialsJwt'),
		credential: async () => ({
			type: 'webhookDispatchJwtOAuth2Api',
			data: {
				accessTokenUrl: oidc.tokenUrl,
				clientId: 'with-key',
				keyId: key.keyId,
				privateKey: key.encryptedPrivateKey,
				passphrase: PASSPHRASE,
			},
		}),
		authorization: bearer,
	},
];
let key: Awaited<ReturnType<typeof newKey>>;

beforeAll(async () => {
	key = await newKey('RS256');
	oidc = await startOidcProvider({
		clients: [
			{ client_id: 'with-secret', client_secret: secret },
			{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks },
		],
	});
	passwords = await startOAuth2Server({
		clients: [{ id: 'my-client', secret }],
		users: [{ username: 'ada', password: 'pä ss' }],
	});
	receiver = await Receiver.start();
	await instance.start();
}, 600_000);
beforeEach(() => {
	receiver.clear();
	oidc.forget();
	passwords.forget();
});
afterAll(async () => {
	await instance.end();
	await Promise.all([oidc?.stop(), passwords?.stop(), receiver?.close()]);
}, 60_000);

/** One node for each method behind a manual trigger. */
async function execute({ name, parameters, credential }: Authentication) {
	const data = await credential?.();
	const reference = data && (await instance.client.credentials.create({ name, ...data }));
	const nodes = methods.map((method, index) =>
		dispatchNode(method, {
			position: [200, index * 200],
			parameters: { ...parameters, method, url: receiver.url(`/${method}`) },
			...(reference && { credentials: using(reference) }),
		}),
	);
	const fromStart = methods.map((method): Connection => ['Start', method]);
	const { id } = await instance.client.workflows.create(workflowOf(name, [start, ...nodes], fromStart));
	return await runByHand(instance.client, id);
}

it.each(authentications)('$name: DELETE, GET, PATCH, POST and PUT', async (authentication) => {
	const execution = await execute(authentication);
	expect([execution.status, execution.data.resultData.error?.description]).toEqual(['success', undefined]);
	for (const method of methods) {
		const [item] = instance.client.executions.itemsOf(execution, method);
		expect(item?.json.delivery).toMatchObject({ status: 'delivered', statusCode: 200, attempts: 1 });
	}
	const arrived = receiver.requests.map(({ method, key: path, headers, body }) => [
		method,
		path,
		headers.authorization ?? '',
		body.toString(),
	]);
	expect(arrived.map(([method, path]) => [method, path]).sort()).toEqual(
		methods.map((method) => [method, `/${method}`]),
	);
	for (const [method, , authorization = '', body] of arrived) {
		if (authentication.authorization === undefined) expect(authorization).toBe('');
		else expect(authorization).toMatch(authentication.authorization);
		expect(body).toBe(method === 'GET' || method === 'DELETE' ? '' : '{}');
	}
	// All five nodes share one token of the process.
	expect([...oidc.requests(), ...passwords.requests()]).toHaveLength(authentication.authorization === bearer ? 1 : 0);
});

describe('a credential of n8n’s own', () => {
	const connected = {
		grantType: 'authorizationCode',
		clientId: 'id',
		clientSecret: 'client secret',
		authUrl: 'http://127.0.0.1:1/authorize',
		authentication: 'body',
	};
	const tokenData = (token: string) => ({ access_token: token, refresh_token: 'refresh-0', token_type: 'bearer' });
	const base64 = (text: string) => Buffer.from(text).toString('base64');
	interface Row {
		type: string;
		/** @param tokenUrl of the token endpoint */
		data: (tokenUrl: string) => Record<string, unknown>;
		/** What of a request authenticates it: header fields and query. */
		shown: { headers?: Record<string, string>; query?: string };
		/** How many token requests there are. */
		tokens?: number;
		/** How many requests are refused before, for their token has expired. */
		refused?: number;
	}
	const rows: Row[] = [
		{
			type: 'httpHeaderAuth',
			data: () => ({ name: 'X-Api-Key', value: secret }),
			shown: { headers: { 'x-api-key': secret } },
		},
		{
			type: 'httpBearerAuth',
			data: () => ({ token: 'the-token' }),
			shown: { headers: { authorization: 'Bearer the-token' } },
		},
		{
			type: 'httpQueryAuth',
			data: () => ({ name: 'api key', value: secret }),
			shown: { query: 'api%20key=se-cret%3A%20a%2Bb%2520c%26d%3De%2A~%21' },
		},
		{
			type: 'httpCustomAuth',
			data: () => ({
				json: JSON.stringify({ headers: { 'X-A': secret, 'X-Version': 2 }, qs: { key: 'ü&', page: 1 } }),
			}),
			shown: { headers: { 'x-a': secret, 'x-version': '2' }, query: 'key=%C3%BC%26&page=1' },
		},
		{
			type: 'httpBasicAuth',
			data: () => ({ user: 'jürgen', password: 'pä ss' }),
			shown: { headers: { authorization: `Basic ${base64('jürgen:pä ss')}` } },
		},
		{
			type: 'zendeskApi',
			data: () => ({ subdomain: 'acme', email: 'ada@acme.example', apiToken: 'api-token' }),
			shown: { headers: { authorization: `Basic ${base64('ada@acme.example/token:api-token')}` } },
		},
		{
			type: 'oAuth2Api',
			data: (accessTokenUrl) => ({ ...connected, grantType: 'clientCredentials', accessTokenUrl }),
			shown: { headers: { authorization: 'Bearer token-1' } },
			tokens: 1,
		},
		{
			type: 'zendeskOAuth2Api',
			data: (accessTokenUrl) => ({ ...connected, accessTokenUrl, oauthTokenData: tokenData('token-0') }),
			shown: { headers: { authorization: 'Bearer token-1' } },
			tokens: 1,
			refused: 1,
		},
	];
	let endpoint: Receiver;
	beforeAll(async () => (endpoint = await Receiver.start()));
	afterAll(async () => await endpoint.close());
	beforeEach(() => {
		endpoint.clear();
		endpoint.choose(() => answer(200, { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 }));
		// As a destination does with a token that has expired.
		receiver.choose(() => ({
			name: 'refuses token-0',
			act: (response, request) =>
				answer(request.headers.authorization === 'Bearer token-0' ? 401 : 200).act(response, request),
		}));
	});

	const authenticatedBy = ({ headers, url }: ReceivedRequest, { shown }: Row): Row['shown'] => ({
		...(shown.headers && {
			headers: Object.fromEntries(Object.keys(shown.headers).map((name) => [name, String(headers[name])])),
		}),
		...(shown.query !== undefined && { query: new URL(url, 'http://x').search.slice(1) }),
	});

	it.each(rows)('$type: every method, and as HTTP Request sends it', async (row) => {
		const { type, data, shown, tokens = 0, refused = 0 } = row;
		const credential = { name: type, type, data: data(endpoint.url('/token')) };
		const credentials = using(await instance.client.credentials.create(credential));
		const nodes = methods.map((method) =>
			dispatchNode(method, {
				parameters: {
					authentication: 'n8nCredential',
					n8nCredentialType: type,
					method,
					url: receiver.url(`/${method}`),
				},
				credentials,
			}),
		);
		const isZendesk = type.startsWith('zendesk');
		const itsOwn = baseNode(
			'HTTP Request',
			'httpRequest',
			{
				method: 'POST',
				url: receiver.url('/theirs'),
				authentication: isZendesk ? 'predefinedCredentialType' : 'genericCredentialType',
				[isZendesk ? 'nodeCredentialType' : 'genericAuthType']: type,
			},
			{ typeVersion: 4.2, credentials },
		);
		const all = [...nodes, itsOwn];
		const fromStart = all.map(({ name }): Connection => ['Start', name]);
		const { id } = await instance.client.workflows.create(workflowOf(type, [start, ...all], fromStart));
		const execution = await runByHand(instance.client, id);
		expect([execution.status, execution.data.resultData.error?.message]).toEqual(['success', undefined]);
		const taken = receiver.requests.filter(({ headers }) => headers.authorization !== 'Bearer token-0');
		expect(taken.map(({ key }) => key).sort()).toEqual([...methods.map((method) => `/${method}`), '/theirs'].sort());
		for (const request of taken) expect([request.key, authenticatedBy(request, row)]).toEqual([request.key, shown]);
		expect(receiver.requests).toHaveLength(taken.length + refused);
		for (const method of methods) {
			const [item] = instance.client.executions.itemsOf(execution, method);
			expect(item?.json.delivery).toMatchObject({ status: 'delivered', statusCode: 200 });
			expect(JSON.stringify(item)).not.toContain('se-cret');
		}
		expect(endpoint.requests).toHaveLength(tokens);
	});

	it('a workflow whose credential is missing says so, and sends nothing', async () => {
		const node = dispatchNode('Dispatch', {
			parameters: { authentication: 'n8nCredential', n8nCredentialType: 'httpBearerAuth', url: receiver.url('/x') },
		});
		const { id } = await instance.client.workflows.create(
			workflowOf('missing', [start, node], [['Start', 'Dispatch']]),
		);
		const status = await runByHand(instance.client, id).then(
			(execution) => execution.status,
			() => 'not started',
		);
		expect(status).not.toBe('success');
		expect(receiver.requests).toHaveLength(0);
	});
});
