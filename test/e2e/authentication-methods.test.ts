import type { WorkflowNode } from '../../tools/n8n/rest/workflows';
import { runByHand } from '../../tools/n8n/runByHand';
import { dispatchNode, start, using, workflowOf, type Connection } from '../../tools/n8n/sketch';
import {
	startOAuth2Server,
	startOidcProvider,
	type OAuth2TestServer,
	type OidcProviderServer,
} from '../support/authorization-servers';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { Instance } from '../support/n8n/instance';
import { Receiver } from '../support/receiver';

/** Every authentication with every method, once, in a real n8n (rows W1, A1 to A5). */

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
