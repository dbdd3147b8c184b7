import { agentWith, failingBehind, loopOf, runWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, inputsOf, isFaulty, itemsOf, kept, keysOf, outcomesOf } from '../support/faults/scenario';
import { answer, bodyKey, busy, Receiver, receiversForTest } from '../support/receiver';

/** What is remembered, in every way in which n8n runs a node; and what is not. */

const COUNT = 12;
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const faulty = keys.filter(isFaulty);
const table = new FaultTable(5, 'executions');
const startReceiver = receiversForTest();
let receiver: Receiver;
let down: boolean;

beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => {
	receiver.clear();
	down = true;
	receiver.choose((key) => (isFaulty(key) && down ? answer(503) : undefined));
});

const perKey = (some = keys) => some.map((key) => receiver.of(key).length);

it('a failed execution is retried three times before it comes through', async () => {
	let run = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
	for (const open of [4, 3, 2]) {
		const still = faulty.slice(0, open - 1);
		receiver.choose((key) => (still.includes(key) ? answer(503) : undefined));
		run = await run.retry();
		expect(run.status).toBe('error');
	}
	down = false;
	receiver.choose(() => undefined);
	run = await run.retry();
	const counts = account(run, [receiver], keys);
	table.add('Execution retried four times', counts, 5);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
});

it('an execution that fails behind the node does not deliver again when it is retried', async () => {
	down = false;
	const first = await runWorkflow({ items, node: dispatchTo(receiver.origin), shape: failingBehind() });
	const run = await first.retry();
	const counts = account(run, [receiver], keys);
	table.add('Execution fails behind the node', counts, 2);
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, requests: COUNT, delivered: COUNT });
});

it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
	'%s: all tries are used for what may work, though the first item was delivered',
	async (onError) => {
		receiver.choose((key, nth) => (isFaulty(key) && nth < 2 ? answer(503) : undefined));
		const run = await runWorkflow({ items, node: dispatchTo(receiver.origin, { maxTries: 3, onError }) });
		const counts = account(run, [receiver], keys);
		table.add('Tries are used up in continue modes', counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT });
		expect(perKey()).toEqual(keys.map((key) => (isFaulty(key) ? 3 : 1)));
	},
);

it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
	'%s: a first item that failed for good is not sent again',
	async (onError) => {
		receiver.choose((key) => (key === '/0' ? answer(400) : undefined));
		const run = await runWorkflow({ items, node: dispatchTo(receiver.origin, { maxTries: 5, onError }) });
		const counts = account(run, [receiver], keys);
		table.add('First item failed for good', counts);
		expect(counts).toMatchObject({ ...kept, requests: COUNT, delivered: COUNT - 1, failed: 1 });
	},
);

it.each(['continueRegularOutput', 'continueErrorOutput'] as const)('%s: all items failed for good', async (onError) => {
	receiver.choose(() => answer(400));
	const run = await runWorkflow({ items, node: dispatchTo(receiver.origin, { maxTries: 5, onError }) });
	const counts = account(run, [receiver], keys);
	table.add('All items failed for good', counts);
	expect(counts).toMatchObject({ ...kept, requests: COUNT, failed: COUNT });
});

describe('A loop of several runs', () => {
	it('fails in a run, is retried there, and delivers each item once', async () => {
		const first = await runWorkflow({ items, node: dispatchTo(receiver.origin), shape: loopOf(5) });
		expect(first.status).toBe('error');
		down = false;
		const run = await first.retry();
		const sum = {
			...account(run, [receiver], keys),
			delivered: outcomesOf(run).length,
			withoutOutcome: COUNT - run.reached('Done').length,
		};
		table.add('Loop of several runs', sum, 2);
		expect(run.status).toBe('success');
		expect(run.tasks()).toHaveLength(3);
		expect(sum).toMatchObject({ ...kept, delivered: COUNT });
	});

	it('delivers equal items of different runs, each of them', async () => {
		down = false;
		const same = Array.from({ length: 4 }, () => ({ item: 0 }));
		const run = await runWorkflow({ items: same, node: dispatchTo(receiver.origin), shape: loopOf(1) });
		expect(run.reached('Done')).toHaveLength(4);
		expect(receiver.of('/0')).toHaveLength(4);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(4);
	});
});

describe('Items that change between a failed execution and its retry', () => {
	it.each([
		['reordered', [...items].reverse()],
		['fewer', items.filter(({ item }) => item % 2 === 1)],
		[
			'more, in front and between',
			[{ item: 12, note: 'new' }, ...items.slice(0, 5), { item: 15, note: 'new' }, ...items.slice(5)],
		],
		['moved by one', [...items.slice(1), ...items.slice(0, 1)]],
	])('%s: what was delivered is found again, what is new is sent', async (_how, changed) => {
		const first = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
		down = false;
		const run = await first.retry({ items: changed });
		const order = changed.map(({ item }) => `/${item}`);
		const counts = account(run, [receiver], order);
		table.add('Items added, removed, reordered before the retry', counts, 2);
		expect(counts).toMatchObject({ ...kept, delivered: changed.length });
		expect(perKey(keys.filter((key) => !isFaulty(key)))).toEqual(Array(COUNT - faulty.length).fill(1));
	});

	it('an item whose content changed is a new one, and is sent', async () => {
		const first = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
		down = false;
		await first.retry({ items: items.map((item) => (item.item === 0 ? { ...item, note: 'changed' } : item)) });
		expect(receiver.of('/0')).toHaveLength(2);
	});
});

it('equal items are as many deliveries, each made once', async () => {
	const same = Array.from({ length: COUNT }, () => ({ item: 1 }));
	let refused = 0;
	// Five requests get a response, the others do not.
	receiver.choose(() => (down && (refused += 1) > 5 ? busy(503) : undefined));
	const first = await runWorkflow({ items: same, node: dispatchTo(receiver.origin) });
	expect(first.status).toBe('error');
	down = false;
	const run = await first.retry();
	expect(run.output(0)).toHaveLength(COUNT);
	const acknowledged = receiver.requests.filter(({ outcome }) => outcome === 'acknowledged');
	expect(acknowledged).toHaveLength(COUNT);
	expect(new Set(acknowledged.map(({ headers }) => headers['idempotency-key'])).size).toBe(COUNT);
});

it('in order (concurrency 1): strictly, through tries and the retry of the execution', async () => {
	const parameters = { options: { concurrency: 1 } };
	const first = await runWorkflow({ items, node: dispatchTo(receiver.origin, { parameters }) });
	expect(first.status).toBe('error');
	expect(receiver.requests.map(({ key }) => key)).toEqual(['/0', '/1', '/1']);
	down = false;
	const run = await first.retry();
	const counts = account(run, [receiver], keys);
	table.add('In order, with a fault', counts, 2);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	expect(receiver.requests.filter(({ outcome }) => outcome === 'acknowledged').map(({ key }) => key)).toEqual(keys);
});

it('a broadcast: each request is one delivery, paired with all its items', async () => {
	const broadcast = await startReceiver({ keyOf: ({ headers }) => String(headers['idempotency-key']) });
	let asked = 0;
	broadcast.choose(() => ((asked += 1) % 3 === 2 ? answer(503) : undefined));
	const run = await runWorkflow({
		items: items.map(({ item }) => ({ identity: `user-${item}` })),
		node: dispatchTo(broadcast.origin, {
			maxTries: 4,
			parameters: { url: broadcast.url('/all'), body: 'profiles', recipients: 'broadcast', options: { batchSize: 2 } },
		}),
	});
	expect(run.status).toBe('success');
	expect(run.output(0).map(inputsOf)).toEqual([
		[0, 1],
		[2, 3],
		[4, 5],
		[6, 7],
		[8, 9],
		[10, 11],
	]);
	expect(broadcast.acknowledged().size).toBe(6);
	expect(broadcast.repeated()).toBe(0);
});

describe('What a person starts again is sent again', () => {
	beforeEach(() => (down = false));
	const one = [{ item: 0 }];

	it('a new execution, a manual one, and Execute step', async () => {
		const node = dispatchTo(receiver.origin);
		await runWorkflow({ items: one, node });
		const manual = await runWorkflow({ items: one, node, mode: 'manual' });
		await manual.executeStep();
		await manual.executeStep();
		expect(receiver.of('/0')).toHaveLength(4);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(4);
	});

	it.each(['engine', 'agent'] as const)('every call as a tool (run by the %s), also with equal input', async (by) => {
		const run = await runWorkflow({
			items: one,
			node: dispatchTo(receiver.origin),
			shape: agentWith(by, 3, { item: 0 }),
		});
		expect(run.status).toBe('success');
		expect(receiver.of('/0')).toHaveLength(3);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
	});

	it('but the engine’s tries of one call are one delivery', async () => {
		receiver.choose((_key, nth) => (nth === 0 ? answer(503) : undefined));
		const run = await runWorkflow({
			items: one,
			node: dispatchTo(receiver.origin),
			shape: agentWith('engine', 1, { item: 0 }),
		});
		expect(run.status).toBe('success');
		expect(receiver.of('/0')).toHaveLength(2);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
	});

	it('an agent that calls the tool itself learns what came of its call', async () => {
		receiver.choose(() => answer(503));
		const run = await runWorkflow({
			items: one,
			node: dispatchTo(receiver.origin),
			shape: agentWith('agent', 1, { item: 0 }),
		});
		expect(run.status).toBe('success');
		expect(JSON.stringify(run.output(0, 'Agent'))).toContain('responded with 503');
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
	});
});

it('finds items by their body where there is one path for all', async () => {
	const other = await startReceiver({ keyOf: bodyKey('item') });
	other.choose((key, nth) => (Number(key) % 3 === 1 && nth === 0 ? answer(503) : undefined));
	const run = await runWorkflow({ items, node: dispatchTo('', { parameters: { url: other.url('/hook') } }) });
	expect(run.status).toBe('success');
	expect([other.requests.length, other.repeated(), other.acknowledged().size]).toEqual([
		COUNT + faulty.length,
		0,
		COUNT,
	]);
});
