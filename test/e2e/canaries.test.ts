import { join } from 'node:path';
import { inspect } from 'node:util';

import type { JsonObject } from '../../tools/n8n/rest/json';
import { runByHand } from '../../tools/n8n/runByHand';
import { chain, dispatchNode, start, using, workflowOf } from '../../tools/n8n/sketch';
import { canaries, type Canary } from '../support/canaries/credentials';
import { echoOfDelivery, echoOfToken, fieldsOf } from '../support/canaries/echo';
import { filesBelow, formsOf, found, tablesOf, type Places } from '../support/canaries/search';
import { runWorkflow } from '../support/engine';
import { SHORT_TIMEOUT } from '../support/faults/scenario';
import { DispatchWorkflow } from '../support/n8n/dispatch';
import { Instance } from '../support/n8n/instance';
import { answer, hang, Receiver, resetAfterBody, truncated, type Behaviour } from '../support/receiver';

/**
 * Secrets, passwords, tokens, lines of private keys and assertions appear nowhere, plain, Base64 or percent-encoded: not in
 * an error, not in an output item, not in n8n's log at debug level, not in its database outside the encrypted credential.
 * Servers give back what they were sent, in every way they can.
 */

/** Found everywhere, where the search works: names and data that are no secret. */
const planted = 'planted "ä+%20&=/ value';

/** What the token endpoint does, by the last segment of its path. */
const tokenFaults: Record<string, () => Behaviour> = {
	'echo-json': () => echoOfToken(0, 401, 'json'),
	'echo-json-1': () => echoOfToken(1, 400, 'json'),
	'echo-json-2': () => echoOfToken(2, 400, 'json'),
	'echo-json-3': () => echoOfToken(3, 400, 'json'),
	'echo-html': () => echoOfToken(0, 403, 'html'),
	'echo-text': () => echoOfToken(1, 500, 'text'),
	'echo-as-answer': () => echoOfToken(0, 200, 'json'),
	'echo-location': () => echoOfToken(0, 302, 'location'),
	reset: resetAfterBody,
	hang,
};

/** What the destination does, by its path. */
const destinationFaults: Record<string, () => Behaviour> = {
	'/echo': () => echoOfDelivery(200, 'json'),
	'/echo-text': () => echoOfDelivery(200, 'text'),
	'/echo-400': () => echoOfDelivery(400, 'json'),
	'/echo-401': () => echoOfDelivery(401, 'text'),
	'/echo-503': () => echoOfDelivery(503, 'json', { 'retry-after': '0' }),
	'/redirect': () => echoOfDelivery(307, 'location'),
	'/reset': resetAfterBody,
	'/truncated': () => truncated(),
};

const instance = new Instance({ N8N_LOG_LEVEL: 'debug' });
const { folder } = instance;
let tokens: Receiver;
let destination: Receiver;
let all: Canary[];
let issued = 0;
const tokenSecrets = new Set<string>();
/** What n8n has responded to its editor, for credential tests. */
const answers: string[] = [];

/** Tokens of one use each, so that a refusal asks for another one. */
function issue(): Behaviour {
	issued += 1;
	const [access, refresh] = [`access/${issued}+${Math.random()}~a.b-c_d==`, `refresh/${issued}+${Math.random()}==`];
	tokenSecrets.add(access).add(refresh);
	return answer(200, {
		access_token: access,
		refresh_token: refresh,
		token_type: 'Bearer',
		expires_in: 3600,
		scope: 'all',
	});
}

beforeAll(async () => {
	tokens = await Receiver.start();
	destination = await Receiver.start();
	tokens.choose((key) => (tokenFaults[key.split('/').at(-1) ?? ''] ?? issue)());
	destination.choose((key) => (destinationFaults[key] ?? answer)());
	all = canaries((kind) => tokens.url(`/${kind}`));
	await instance.start();
}, 600_000);
afterAll(async () => {
	await instance.end();
	await Promise.all([tokens?.close(), destination?.close()]);
}, 60_000);

jest.setTimeout(300_000);

const paths = Object.keys(destinationFaults);
const items = paths.map((path) => ({ path, note: planted }));
const node = ({ parameters }: Canary, onError: 'stopWorkflow' | 'continueErrorOutput') => ({
	retryOnFail: true,
	maxTries: 2,
	onError,
	parameters: {
		method: 'POST',
		url: `=${destination.origin}{{ $json.path }}`,
		...parameters,
		headerParameters: { parameters: [{ name: 'X-Planted', value: 'planted+at=destination' }] },
		options: { timeout: SHORT_TIMEOUT, includeHeaders: true, followRedirects: onError === 'stopWorkflow' },
	},
});
/** The same credential with its tokens from another address. */
const askingAt = (canary: Canary, fault: string): Canary => ({
	...canary,
	data: { ...canary.data, accessTokenUrl: `${String(canary.data.accessTokenUrl)}/${fault}` },
});
/** One that hangs is enough: a token request has its time. */
const faultyOnes = () =>
	all
		.filter(({ asks, kind }) => asks && !kind.startsWith('jwt-'))
		.flatMap((canary) =>
			Object.keys(tokenFaults)
				.filter((fault) => fault !== 'hang' || canary.kind === 'json')
				.map((fault) => askingAt(canary, fault)),
		);

/** Everything that was secret, assertions as the token endpoint has got them included. */
function secrets(): string[] {
	const assertions = tokens.requests
		.map((request) => fieldsOf(request).client_assertion)
		.filter((text) => text !== undefined);
	expect(assertions.length).toBeGreaterThan(5);
	expect(tokenSecrets.size).toBeGreaterThan(10);
	return [...new Set([...all.flatMap((canary) => canary.secrets), ...tokenSecrets, ...assertions])];
}

const nameOf = ({ kind, data }: Canary) => `${kind} ${String(data.accessTokenUrl ?? '')} ${Math.random()}`;
async function stored(canary: Canary) {
	const { type, data } = canary;
	return using(await instance.client.credentials.create({ name: nameOf(canary), type, data }));
}

/** One of the node's other operations, as from the canvas. */
async function runOperation(canary: Canary, parameters: JsonObject) {
	const node = dispatchNode(planted, {
		parameters: { ...canary.parameters, ...parameters },
		credentials: await stored(canary),
	});
	const { client } = instance;
	const { id } = await client.workflows.create(workflowOf(nameOf(canary), [start, node], chain('Start', planted)));
	return (await runByHand(client, id)).status;
}

/** Some at a time: most of it is waiting for n8n. */
async function forEach(list: Canary[], work: (canary: Canary) => Promise<void>) {
	const left = [...list];
	const worker = async () => {
		for (let next = left.shift(); next; next = left.shift()) await work(next);
	};
	await Promise.all(Array.from({ length: 5 }, worker));
}

describe('in a real n8n', () => {
	it('deliveries with every credential, to destinations that fail and echo', async () => {
		for (const canary of all) {
			const credentials = await stored(canary);
			const stopping = await DispatchWorkflow.create(instance, { node: node(canary, 'stopWorkflow'), credentials });
			const first = await stopping.run(items);
			expect([canary.kind, first.status]).toEqual([canary.kind, 'error']);
			await first.retry();
			const going = await DispatchWorkflow.create(instance, { node: node(canary, 'continueErrorOutput'), credentials });
			const run = await going.run(items);
			expect([canary.kind, run.status]).toEqual([canary.kind, 'success']);
			expect(run.reached('Delivered').length + run.reached('Failed').length).toBe(items.length);
		}
	});

	it('deliveries whose token endpoint fails and echoes', async () => {
		await forEach(faultyOnes(), async (canary) => {
			const credentials = await stored(canary);
			const workflow = await DispatchWorkflow.create(instance, {
				node: { ...node(canary, 'stopWorkflow'), retryOnFail: false },
				credentials,
			});
			expect([nameOf(canary), (await workflow.run([{ path: '/fine' }])).status]).toEqual([expect.anything(), 'error']);
		});
		expect(destination.of('/fine')).toEqual([]);
	});

	it('the test of the credential form, Send Test and Access Token: Get', async () => {
		const answering = faultyOnes().filter(({ data }) => !String(data.accessTokenUrl).endsWith('hang'));
		await forEach([...all, ...answering], async (canary) => {
			const { type, data } = canary;
			const name = nameOf(canary);
			const { id } = await instance.client.credentials.create({ name, type, data });
			answers.push(JSON.stringify(await instance.client.credentials.test({ id, name, type, data })));
			answers.push(JSON.stringify(await instance.client.credentials.get(id)));
			if (canary.asks) await runOperation(canary, { resource: 'accessToken', operation: 'get' });
		});
		for (const canary of all) {
			for (const path of ['/echo-400', '/echo-503', '/redirect']) {
				expect(await runOperation(canary, { operation: 'sendTest', url: destination.url(path) })).toBe('error');
			}
			await runOperation(canary, { operation: 'sendTest', url: destination.url('/echo') });
		}
	});

	const logAndFiles = (): Places =>
		new Map([['log', Buffer.from(instance.n8n.log())], ...filesBelow(join(folder, 'n8n'))]);

	it('nothing of it is in the log, the files and the responses', () => {
		const places = new Map([...logAndFiles(), ['answers', Buffer.from(answers.join('\n'))]]);
		expect([...places.keys()]).toEqual(
			expect.arrayContaining(['log', '.n8n/database.sqlite', '.n8n/database.sqlite-wal']),
		);
		expect(found(places, formsOf(secrets()))).toEqual([]);
	});

	it('nothing of it is in the tables of the database', async () => {
		const tables = await tablesOf(join(folder, 'n8n', '.n8n', 'database.sqlite'));
		expect(found(tables, formsOf(secrets()))).toEqual([]);
	});

	it('the search finds what is no secret, in every form in which a secret was echoed', async () => {
		const places = new Map([...logAndFiles(), ...(await tablesOf(join(folder, 'n8n', '.n8n', 'database.sqlite')))]);
		const where = (text: string) => found(places, formsOf([text])).map((hit) => hit.split(': ')[0]);
		expect(where(planted)).toEqual(expect.arrayContaining(['log', 'table execution_data', 'table workflow_entity']));
		expect(where('planted-at-token')).toContain('table execution_data');
		expect(where('planted-in-answer')).toContain('table execution_data');
		const value = 'planted+at=destination';
		const hits = found(places, [value, encodeURIComponent(value), Buffer.from(value).toString('base64')]);
		expect(hits.filter((hit) => hit.startsWith('table execution_data'))).toHaveLength(3);
		expect(where(planted).concat(where(value))).toContain('.n8n/database.sqlite');
	});
});

it('no error has any of it at any depth, nor has anything else that the node gives to the engine', async () => {
	const places: Places = new Map();
	const look = async (canary: Canary, onError: 'stopWorkflow' | 'continueErrorOutput', inputs: JsonObject[]) => {
		const run = await runWorkflow({
			items: inputs as Array<Record<string, string>>,
			node: { ...node(canary, onError), maxTries: 2 },
			credentials: { [canary.type]: canary.data as Record<string, string> },
		});
		const seen = { error: run.error, data: run.data };
		places.set(
			`${nameOf(canary)} ${onError}`,
			Buffer.from(
				inspect(seen, {
					depth: Infinity,
					showHidden: true,
					maxArrayLength: Infinity,
					maxStringLength: Infinity,
					breakLength: Infinity,
				}),
			),
		);
		return run;
	};
	for (const canary of all) {
		await look(canary, 'stopWorkflow', items);
		await look(canary, 'continueErrorOutput', items);
	}
	for (const canary of faultyOnes())
		expect((await look(canary, 'stopWorkflow', [{ path: '/fine' }])).error).toBeDefined();
	expect(found(places, formsOf(secrets()))).toEqual([]);
	expect(found(places, ['planted-in-answer', 'planted-at-token']).length).toBeGreaterThan(20);
});
