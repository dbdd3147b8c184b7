import { waitFor } from '../../tools/lib/wait';
import type { JsonObject } from '../../tools/n8n/rest/json';
import type { WorkflowNode } from '../../tools/n8n/rest/workflows';
import { runByHand } from '../../tools/n8n/runByHand';
import { baseNode, chain, workflowOf } from '../../tools/n8n/sketch';
import { askWebhook } from '../../tools/n8n/webhook';
import { Instance, parameters, startForTests, workflowFile } from '../support/n8n/instance';
import { answer, busy, type Receiver } from '../support/receiver';

/** `long-retries.json` and `replay-dead-letters.json` in a real n8n: rounds, waits, a restart, dead letters, replay. */

const TABLE = 'webhook_dispatch_dead_letters';
const instance = new Instance();
let receiver: Receiver;
let workflow: { id: string };
let replay: { id: string };

/** The node of the files, with waits that a test can sit out: two tries, rounds of 1 s and 2 s. */
const quick = (node: WorkflowNode): Partial<WorkflowNode> => ({
	parameters: {
		...node.parameters,
		options: {
			...(node.parameters.options as JsonObject),
			...('retrySchedule' in (node.parameters.options as JsonObject) ? { retrySchedule: '1s, 2s' } : {}),
			maxRetryWait: 0,
		},
	},
	maxTries: 2,
	waitBetweenTries: 50,
});

/** A list of orders as one request: each becomes an item that is delivered to the path of its name. */
const split = baseNode('Split', 'splitOut', { fieldToSplitOut: 'body.orders' });
const fields = (assigned: Record<string, string>): JsonObject => ({
	assignments: Object.entries(assigned).map(([name, value]) => ({ id: name, name, value, type: 'string' })),
});

const odd = { 'umlauts, "quotes"': 'ä"\n' };

/** Sends orders by their names. */
const submit = async (...orders: string[]) => {
	const json = { orders: orders.map((name) => ({ name, ...odd })) };
	expect((await askWebhook(`${instance.n8n.url}/webhook/long-retries`, { json })).status).toBe(202);
};
const acknowledged = async (name: string, deadline = 30_000) =>
	await waitFor(() => receiver.of(`/${name}`).find(({ outcome }) => outcome === 'acknowledged'), {
		what: `the delivery of ${name}`,
		deadline,
	});
const rows = async () => {
	const table = (await instance.client.dataTables.list()).find(({ name }) => name === TABLE);
	return table ? await instance.client.dataTables.rows(table.id) : [];
};
const rowOf = async (name: string, where: (row: JsonObject) => boolean = () => true) =>
	await waitFor(async () => (await rows()).find((row) => row.destination === receiver.url(`/${name}`) && where(row)), {
		what: `the dead letter of ${name}`,
		deadline: 30_000,
		every: 200,
	});
const idsOf = (name: string) => [...new Set(receiver.of(`/${name}`).map(({ headers }) => headers['idempotency-key']))];
const bodiesOf = (name: string) => [...new Set(receiver.of(`/${name}`).map(({ body }) => body.toString()))];
const countOf = (name: string) => receiver.of(`/${name}`).filter(({ outcome }) => outcome === 'acknowledged').length;
const executionsOf = async (...status: string[]) =>
	await instance.client.executions.list({ workflowId: workflow.id, status });
/** All executions of the workflow have ended, apart from those that wait long. */
const quiet = async () =>
	await waitFor(async () => (await executionsOf('new', 'running')).every(({ mode }) => mode === 'retry'), {
		what: 'the end of all executions',
		every: 200,
	});
/** The failed delivery that its own execution was started with. */
async function carriedBy(executionId: string) {
	const { data } = await instance.client.executions.get(executionId);
	const item = data.resultData.runData['One Item']?.[0]?.data?.main[0]?.[0]?.json;
	return (item?.details as { delivery: JsonObject }).delivery;
}
const runReplay = async () => await runByHand(instance.client, replay.id, 'Replay');

startForTests(instance, (started) => (receiver = started));
beforeAll(async () => {
	const file = workflowFile('long-retries.json', {
		'Webhook Dispatch': quick,
		Settings: parameters({
			assignments: fields({
				destination: `=${receiver.origin}/{{ $json.name }}`,
				payload: '={{ JSON.stringify($json) }}',
				acceptedAt: '={{ $now.toUTC().toISO() }}',
			}),
		}),
	});
	const added = workflowOf('', [split], chain('Webhook', 'Split', 'Settings'));
	workflow = await instance.client.workflows.create({
		...file,
		nodes: [...file.nodes, ...added.nodes],
		connections: { ...file.connections, ...added.connections },
	});
	replay = await instance.client.workflows.create(
		workflowFile('replay-dead-letters.json', { 'Webhook Dispatch': quick }),
	);
	await instance.client.workflows.activate(workflow.id);
}, 60_000);

/** The long waits are begun first: what follows happens in the meantime. Their length is the destination's wish. */
let retried: Promise<unknown>;

it('n8n is killed while items wait: the one in the database stays, the one in memory can be resumed', async () => {
	receiver.script('/far', busy(503, 70)).script('/near', busy(503, 30));
	await submit('far');
	const [waiting] = await waitFor(
		async () => (await executionsOf('waiting')).length === 1 && (await executionsOf('waiting')),
		{ what: 'the wait' },
	);
	const { waitTill } = waiting as unknown as { waitTill: string };
	expect(Date.parse(waitTill)).toBe(Date.parse(String((await carriedBy(waiting?.id ?? '')).retryAt)));
	expect(Date.parse(waitTill) - Date.now()).toBeGreaterThan(60_000);

	await submit('near');
	const [inMemory] = await waitFor(
		async () => {
			const running = await executionsOf('running');
			return running.length === 1 && running[0]?.mode === 'integrated' && running;
		},
		{ what: 'the short wait' },
	);
	await instance.kill();
	await instance.start();
	expect((await executionsOf('waiting')).map(({ id }) => id)).toEqual([waiting?.id]);
	const [crashed] = await waitFor(
		async () => (await executionsOf('crashed')).length > 0 && (await executionsOf('crashed')),
		{ what: "n8n's recovery" },
	);
	expect(crashed?.id).toBe(inMemory?.id);
	expect(receiver.requests).toHaveLength(2);
	// As by "Retry" in the executions list; n8n responds when the execution has ended.
	retried = instance.client.executions.retry(crashed?.id ?? '');
}, 120_000);

it('a replay before there was a dead letter finds nothing, and makes the table', async () => {
	const execution = await runReplay();
	expect(execution.status).toBe('success');
	expect(await rows()).toEqual([]);
	expect((await instance.client.dataTables.list()).map(({ name }) => name)).toEqual([TABLE]);
}, 60_000);

it('a destination that is down for two rounds gets the item once, under one ID', async () => {
	// By name in every test: what was begun first may come back at any moment.
	receiver.choose((key, nth) => (key === '/down' && nth < 4 ? answer(503) : undefined));
	await submit('down');
	await acknowledged('down');
	await quiet();
	const requests = receiver.of('/down');
	expect(requests).toHaveLength(5);
	expect([countOf('down'), idsOf('down').length]).toEqual([1, 1]);
	expect(bodiesOf('down')).toEqual([JSON.stringify({ name: 'down', ...odd })]);
	// Two tries, 1 s, two tries, 2 s, and a third round.
	const at = requests.map((request) => request.at);
	expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThan(950);
	expect((at[4] ?? 0) - (at[3] ?? 0)).toBeGreaterThan(1950);
	// All rounds after the first are runs of one execution, which can be looked at.
	const own = (await executionsOf('success')).find(({ mode }) => mode === 'integrated');
	const { data } = await instance.client.executions.get(own?.id ?? '');
	expect(data.resultData.runData['Webhook Dispatch']).toHaveLength(2);
	expect(data.resultData.runData.Delivered?.[0]?.data?.main[0]?.[0]?.json.delivery).toMatchObject({
		id: idsOf('down')[0],
		attempts: 5,
	});
	expect(await rows()).toEqual([]);
}, 60_000);

it('items that failed together wait each for its own time; the others have flowed on', async () => {
	receiver.choose((key, nth) => (key === '/soon' && nth < 2 ? answer(503) : undefined));
	receiver.script('/later', busy(503, 6));
	await submit('fine', 'soon', 'later', 'also-fine');
	const [soon, later] = [await acknowledged('soon'), await acknowledged('later')];
	expect(later.at - soon.at).toBeGreaterThan(2000);
	expect(later.at - (receiver.of('/later')[0]?.at ?? 0)).toBeGreaterThan(5900);
	await quiet();
	for (const name of ['fine', 'soon', 'later', 'also-fine'])
		expect([name, countOf(name), idsOf(name).length]).toEqual([name, 1, 1]);
	expect(['fine', 'soon', 'later', 'also-fine'].map((name) => receiver.of(`/${name}`).length)).toEqual([1, 3, 2, 1]);
}, 60_000);

it('what has used up its schedule, and what is given up, become dead letters', async () => {
	receiver.choose((key) => {
		if (key === '/gone') return answer(410, { reason: 'closed "for good"' });
		return key === '/exhausted' ? answer(503) : undefined;
	});
	const before = Date.now();
	await submit('exhausted', 'gone');
	const exhausted = await rowOf('exhausted');
	const gone = await rowOf('gone');
	expect(exhausted).toMatchObject({
		deliveryId: idsOf('exhausted')[0],
		payload: JSON.stringify({ name: 'exhausted', ...odd }),
		code: 'STATUS',
		statusCode: 503,
		attempts: 6,
		reason: expect.stringContaining('503 Service Unavailable') as string,
		replayed: false,
		replayedAt: null,
	});
	expect(gone).toMatchObject({
		deliveryId: idsOf('gone')[0],
		code: 'STATUS',
		statusCode: 410,
		attempts: 1,
		replayed: false,
	});
	expect(JSON.parse(String(gone.details))).toMatchObject({
		delivery: { retryable: false },
		response: { reason: 'closed "for good"' },
	});
	for (const { acceptedAt, failedAt } of [exhausted, gone]) {
		const [accepted, failed] = [Date.parse(String(acceptedAt)), Date.parse(String(failedAt))];
		expect(before <= accepted && accepted <= failed && failed <= Date.now()).toBe(true);
	}
	expect(receiver.of('/exhausted')).toHaveLength(6);
	expect(receiver.of('/gone')).toHaveLength(1);
	await quiet();
	expect(await rows()).toHaveLength(2);
}, 60_000);

it('a replay that does not arrive keeps its row, up to date', async () => {
	receiver.choose((key) => (key === '/gone' ? answer(404) : undefined));
	expect((await runReplay()).status).toBe('success');
	const gone = await rowOf('gone');
	expect(gone).toMatchObject({
		replayed: false,
		replayedAt: null,
		statusCode: 404,
		attempts: 2,
		deliveryId: idsOf('gone')[0],
	});
	expect(gone.reason).toContain('404');
	expect(await rowOf('exhausted')).toMatchObject({ replayed: true, attempts: 7, deliveryId: idsOf('exhausted')[0] });
	expect([countOf('exhausted'), idsOf('exhausted').length, bodiesOf('exhausted').length]).toEqual([1, 1, 1]);
}, 60_000);

it('a row is replayed once, under the same ID, and marked', async () => {
	receiver.choose(() => undefined);
	const before = Date.now();
	await runReplay();
	await runReplay();
	const gone = await rowOf('gone');
	expect(gone).toMatchObject({ replayed: true, attempts: 3 });
	expect(Date.parse(String(gone.replayedAt))).toBeGreaterThanOrEqual(before);
	for (const name of ['gone', 'exhausted'])
		expect([countOf(name), idsOf(name).length, bodiesOf(name).length]).toEqual([1, 1, 1]);
	expect(await rows()).toHaveLength(2);
}, 60_000);

it('what waited while n8n was killed is delivered, once and under its ID', async () => {
	await acknowledged('near', 60_000);
	await retried;
	const { at } = await acknowledged('far', 120_000);
	await quiet();
	expect(at - (receiver.of('/far')[0]?.at ?? 0)).toBeGreaterThan(69_900);
	for (const name of ['near', 'far']) {
		expect([receiver.of(`/${name}`).length, countOf(name), idsOf(name).length, bodiesOf(name).length]).toEqual([
			2, 1, 1, 1,
		]);
	}
	expect(await executionsOf('waiting', 'error')).toEqual([]);
	expect(receiver.repeated()).toBe(0);
}, 180_000);
