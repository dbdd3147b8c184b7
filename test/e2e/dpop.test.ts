import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import { runByHand } from '../../tools/n8n/runByHand';
import {
	baseNode,
	chain,
	dispatchNode,
	itemsNode,
	start,
	using,
	workflowOf,
	type NodeSketch,
} from '../../tools/n8n/sketch';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { verifyAt } from '../support/dpop/jwtDestination';
import { Instance } from '../support/n8n/instance';
import { Receiver } from '../support/receiver';

/** DPoP in a real n8n: tokens bound by oidc-provider, and a destination that verifies every proof. */

const AUDIENCE = 'https://hooks.example/';
const COUNT = 10;
const secret = 'secret-of-the-client';
const instance = new Instance();
let oidc: OidcProviderServer;
let receiver: Receiver;
let credential: CredentialReference;

beforeAll(async () => {
	await instance.start();
	receiver = await Receiver.start();
	oidc = await startOidcProvider({
		clients: [{ client_id: 'bound', client_secret: secret, dpop_bound_access_tokens: true }],
		resources: [AUDIENCE],
		jwtAccessTokens: true,
		dpopNonces: true,
	});
	credential = await instance.client.credentials.create({
		name: 'bound',
		type: 'webhookDispatchClientCredentialsOAuth2Api',
		data: {
			accessTokenUrl: oidc.tokenUrl,
			clientId: 'bound',
			clientSecret: secret,
			tokenBinding: 'dpop',
			additionalParameters: { parameters: [{ name: 'resource', value: AUDIENCE }] },
		},
	});
}, 600_000);
beforeEach(() => {
	oidc.forget();
	receiver.clear();
});
afterAll(async () => await Promise.all([instance.end(), oidc?.stop(), receiver?.close()]), 60_000);

async function run(node: NodeSketch) {
	const items = itemsNode(Array.from({ length: COUNT }, (_, item) => ({ item })));
	const workflow = workflowOf(`DPoP by ${node.name}`, [start, items, node], chain('Start', 'Items', node.name));
	const { id } = await instance.client.workflows.create(workflow);
	return await runByHand(instance.client, id);
}

it('Webhook Dispatch proves every request, with nonces of both servers', async () => {
	const verifier = verifyAt(receiver, { issuer: oidc.issuer, audience: AUDIENCE, nonce: 'of-the-destination' });
	const execution = await run(
		dispatchNode('Webhook Dispatch', {
			parameters: {
				url: receiver.url('/hook?a=1'),
				authentication: 'oAuth2',
				grantType: 'clientCredentials',
				options: { concurrency: 1 },
			},
			credentials: using(credential),
		}),
	);
	expect(execution.status).toBe('success');
	expect([verifier.accepted.length, receiver.requests.length]).toEqual([COUNT, COUNT + 1]);
	expect(oidc.requests().map(({ status }) => status)).toEqual([400, 200]);
	expect(JSON.stringify(execution)).not.toMatch(/eyJ[\w-]{20}/);
});

it('HTTP Request has a proof for every request, too', async () => {
	const verifier = verifyAt(receiver, { issuer: oidc.issuer, audience: AUDIENCE });
	const execution = await run(
		baseNode(
			'HTTP Request',
			'httpRequest',
			{
				method: 'POST',
				url: receiver.url('/hook?a=1'),
				authentication: 'predefinedCredentialType',
				nodeCredentialType: credential.type,
			},
			{ typeVersion: 4.2, credentials: using(credential) },
		),
	);
	expect(execution.status).toBe('success');
	expect([verifier.accepted.length, receiver.requests.length]).toEqual([COUNT, COUNT]);
});

it('the test of the form says that the token is bound', async () => {
	const data = {
		accessTokenUrl: oidc.tokenUrl,
		clientId: 'bound',
		clientSecret: secret,
		tokenBinding: 'dpop',
		additionalParameters: { parameters: [{ name: 'resource', value: AUDIENCE }] },
	};
	expect(await instance.client.credentials.test({ ...credential, data })).toMatchObject({
		status: 'OK',
		message: expect.stringContaining('bound to a key of this n8n') as string,
	});
});
