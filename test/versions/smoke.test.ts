import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import type { Execution } from '../../tools/n8n/rest/executions';
import type { JsonObject } from '../../tools/n8n/rest/json';
import type { WorkflowNode } from '../../tools/n8n/rest/workflows';
import { baseNode, chain, dispatchNode, splitOut, start, using, workflowOf } from '../../tools/n8n/sketch';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { Instance } from '../support/n8n/instance';
import { answer, Receiver } from '../support/receiver';
import versions from './versions.json';

/** The package in a real n8n, of the version that `N8N_VERSION` names: what it is for works. `npm run test:versions`. */

const type = 'webhookDispatchClientCredentialsOAuth2Api';
const secret = 'se-cret: a+b%20c&d=e*~!';

let server: OidcProviderServer;
let receiver: Receiver;
let credential: CredentialReference;
const version = versions.find(({ n8n: number }) => number === process.env.N8N_VERSION);
/** Settings that this version does not start with. */
const env = Object.fromEntries((version?.unset ?? []).map((name) => [name, undefined]));
const instance = new Instance(env);
const form = () => ({ accessTokenUrl: server.tokenUrl, clientId: 'n8n', clientSecret: secret });

beforeAll(async () => {
	receiver = await Receiver.start();
	server = await startOidcProvider({ clients: [{ client_id: 'n8n', client_secret: secret }] });
	await instance.start();
	credential = await instance.client.credentials.create({ name: 'Tokens', type, data: form() });
}, 240_000);
beforeEach(() => {
	receiver.clear();
	server.forget();
});
afterAll(async () => {
	await Promise.all([instance.end(), server?.stop(), receiver?.close()]);
}, 60_000);

/** Three items, n 0 to 2, each to /n: Dispatch, then Delivered and Failed behind its outputs. */
async function run(settings: Partial<WorkflowNode>): Promise<Execution> {
	const rows = JSON.stringify({ rows: [{ n: 0 }, { n: 1 }, { n: 2 }] });
	const { client } = instance;
	const dispatch = {
		parameters: {
			url: `=${receiver.origin}/{{ $json.n }}`,
			authentication: 'oAuth2',
			grantType: 'clientCredentials',
		},
		credentials: using(credential),
		waitBetweenTries: 100,
		...settings,
	};
	const sketched = workflowOf(
		`Dispatch ${Math.random()}`,
		[
			start,
			baseNode('Rows', 'set', { mode: 'raw', jsonOutput: rows, options: {} }, { typeVersion: 3.4 }),
			splitOut('rows'),
			dispatchNode('Dispatch', dispatch),
			baseNode('Delivered', 'noOp'),
			baseNode('Failed', 'noOp'),
		],
		[...chain('Start', 'Rows', 'Items', 'Dispatch', 'Delivered'), ['Dispatch', 'Failed', 1]],
	);
	// By hand, as older versions want to be told more: that it is not active, and what to run.
	const workflow = await client.call<JsonObject>('POST', '/workflows', { ...sketched, active: false });
	const started = { workflowData: workflow, triggerToStartFrom: { name: 'Start' } };
	const { executionId } = await client.call<JsonObject>('POST', `/workflows/${String(workflow.id)}/run`, started);
	return await client.executions.waitFor(String(executionId));
}

const sent = () => [0, 1, 2].map((n) => receiver.of(`/${n}`).length);
const jsonOf = (execution: Execution, node: string) =>
	instance.client.executions.itemsOf(execution, node).map(({ json }) => json);
const delivered = { delivery: expect.objectContaining({ status: 'delivered', statusCode: 200 }) as unknown };

it('is that version, and knows the node and its credentials', async () => {
	const { versionCli } = await instance.client.settings();
	expect(versionCli).toBe(process.env.N8N_VERSION);
	const [nodes, credentials] = await Promise.all([instance.client.nodeTypes(), instance.client.credentialTypes()]);
	expect(nodes.map(({ name }) => name)).toContain('n8n-nodes-webhook-dispatch.webhookDispatch');
	expect(credentials.map(({ name }) => name).filter((name) => name.startsWith('webhookDispatch'))).toHaveLength(5);
});

it("tests a credential from its form: the server's response, and that it passed", async () => {
	expect(await instance.client.credentials.test({ ...credential, data: form() })).toMatchObject({ status: 'OK' });
	const refused = await instance.client.credentials.test({ ...credential, data: { ...form(), clientSecret: 'wrong' } });
	expect(refused).toMatchObject({ status: 'Error', message: expect.stringContaining('invalid_client') as string });
});

it('delivers with a token of client credentials, one for all items', async () => {
	const execution = await run({});
	expect(execution.status).toBe('success');
	expect(jsonOf(execution, 'Delivered')).toEqual(Array(3).fill(expect.objectContaining(delivered)));
	expect(receiver.requests.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([
		{ n: 0 },
		{ n: 1 },
		{ n: 2 },
	]);
	expect(server.requests().map(({ grantType, status }) => ({ grantType, status }))).toEqual([
		{ grantType: 'client_credentials', status: 200 },
	]);
	const [authorization = ''] = receiver.requests.map(({ headers }) => headers.authorization);
	expect(authorization).toMatch(/^Bearer [\w.~-]{8,}$/);
	expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(authorization));
});

it('takes what failed to the error output, with the reason and the input', async () => {
	receiver.script('/1', answer(422, { message: 'no such list' }));
	const execution = await run({ onError: 'continueErrorOutput' });
	expect(execution.status).toBe('success');
	expect(jsonOf(execution, 'Delivered')).toHaveLength(2);
	expect(jsonOf(execution, 'Failed')).toEqual([
		expect.objectContaining({
			n: 1,
			error: 'Webhook Dispatch Failed',
			message: expect.stringContaining('no such list') as unknown,
			details: expect.objectContaining({
				delivery: expect.objectContaining({ code: 'STATUS', statusCode: 422 }) as unknown,
			}) as unknown,
		}),
	]);
});

it('sends only what is missing when n8n retries', async () => {
	receiver.script('/1', answer(503));
	const execution = await run({ retryOnFail: true });
	expect(execution.status).toBe('success');
	expect(jsonOf(execution, 'Delivered')).toHaveLength(3);
	expect(sent()).toEqual([1, 2, 1]);
});

it('sends only what is missing when the failed execution is retried', async () => {
	receiver.script('/1', answer(503), answer(503));
	const failed = await run({ retryOnFail: true, maxTries: 2 });
	expect(failed.status).toBe('error');
	expect(failed.data.resultData.error?.message).toBe('Webhook Dispatch Failed');
	expect(sent()).toEqual([1, 2, 1]);
	const again = await instance.client.executions.retry(failed.id);
	const retried = await instance.client.executions.waitFor(again.executionId ?? again.id ?? '');
	expect(retried.status).toBe('success');
	expect(jsonOf(retried, 'Delivered')).toHaveLength(3);
	expect(sent()).toEqual([1, 3, 1]);
});
