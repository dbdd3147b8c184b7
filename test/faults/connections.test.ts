import { closeIdleDispatchers } from '../../lib/http/dispatchers';
import { runWorkflow, type NodeSettings, type Run } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { dispatchTo, itemsOf, kept, keysOf, outcomesOf, type Counts } from '../support/faults/scenario';
import { StaleServer, type Stale, type StaleAccount } from '../support/receiver/staleServer';

/**
 * Destinations that end kept connections without saying so. The end of a connection that was fine a moment ago is no reason
 * for a healthy delivery to fail.
 */

const table = new FaultTable(8, 'connections');
let server: StaleServer | undefined;
const start = async (stale: Stale) => (server = await StaleServer.start(stale));
afterEach(async () => {
	await closeIdleDispatchers();
	await server?.close();
});

/** The fault suite's columns, from the account of a thread. */
function countsOf(run: Run, { requests }: StaleAccount, keys: string[]): Counts {
	const acknowledged = new Map<string, number>();
	for (const { key, acknowledged: yes } of requests) if (yes) acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1);
	const outcomes = outcomesOf(run);
	const delivered = outcomes
		.filter(({ json }) => !('error' in json))
		.map(({ pairedItem }) => keys[(pairedItem as { item: number }).item] ?? '');
	return {
		items: keys.length,
		requests: requests.length,
		delivered: delivered.length,
		failed: outcomes.length - delivered.length,
		repeated: [...acknowledged.values()].reduce((sum, count) => sum + count - 1, 0),
		withoutOutcome: keys.length - new Set(outcomes.map(({ pairedItem }) => (pairedItem as { item: number }).item)).size,
		untrue: delivered.filter((key) => !acknowledged.has(key)).length,
		idsChanged: 0,
	};
}

const errorOutput = { onError: 'continueErrorOutput' } as const;
const once: NodeSettings = { ...errorOutput, retryOnFail: false };

describe('A destination that ends idle connections, without a Keep-Alive header', () => {
	const FIRST = 50;
	const MANY = 1200;
	/** One expression: n8n evaluates it for every item, and reads no connection meanwhile. */
	const withExpression: NodeSettings = {
		...once,
		parameters: { body: 'json', jsonBody: '={{ JSON.stringify({ item: $json.item, note: $json.note }) }}' },
	};

	// Where in a turn of the event loop the run begins decides when the ends are read: n8n begins runs in each.
	it.each([
		['begun by a timer', 150, 0, async () => await new Promise((resolve) => setTimeout(resolve, 0))],
		['begun by what was read', 150, 0, async () => void (await server!.account())],
		['begun by an immediate', 150, 0, async () => await new Promise((resolve) => setImmediate(resolve))],
		['begun by what was read, after a pause', 1000, 700, async () => void (await server!.account())],
	])('a run %s: no delivery fails', async (_how, idleMs, pauseMs, begin) => {
		const { origin } = await start({ kind: 'idle', idleMs });
		const first = await runWorkflow({ items: itemsOf(FIRST), node: dispatchTo(origin, withExpression) });
		expect(outcomesOf(first).filter(({ json }) => 'error' in json)).toEqual([]);
		if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
		await begin();
		const items = itemsOf(FIRST + MANY).slice(FIRST);
		const run = await runWorkflow({ items, node: dispatchTo(origin, withExpression) });
		const account = await server!.account();
		const counts = countsOf(
			run,
			account,
			items.map(({ item }) => `/${item}`),
		);
		table.add('Idle connections that end unsaid', { ...counts, requests: counts.requests - FIRST });
		expect(counts).toMatchObject({ ...kept, delivered: MANY, failed: 0, requests: FIRST + MANY });
	});
});

describe.each([
	{ name: 'Connections that end at their second request, without a response', stale: { kind: 'second' } as const },
	{ name: 'Connections that end right behind each response, unsaid', stale: { kind: 'after' } as const },
])('$name', ({ name, stale }) => {
	const COUNT = 120;
	const items = itemsOf(COUNT);
	const keys = keysOf(COUNT);

	it.each([50, 5, 1])('concurrency %i, a single try: a handful fail at most', async (concurrency) => {
		const { origin } = await start(stale);
		const run = await runWorkflow({
			items,
			node: dispatchTo(origin, { ...once, parameters: { options: { concurrency } } }),
		});
		const counts = countsOf(run, await server!.account(), keys);
		table.add(name, counts);
		expect(counts).toMatchObject(kept);
		expect(counts.failed).toBeLessThanOrEqual(5);
		expect(counts.delivered + counts.failed).toBe(COUNT);
	});

	it.each([50, 1])('concurrency %i, Retry On Fail: all are delivered, each acknowledged once', async (concurrency) => {
		const { origin } = await start(stale);
		const node = dispatchTo(origin, { ...errorOutput, maxTries: 3, parameters: { options: { concurrency } } });
		const run = await runWorkflow({ items, node });
		const counts = countsOf(run, await server!.account(), keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0 });
	});
});
