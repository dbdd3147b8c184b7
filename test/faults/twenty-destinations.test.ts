import { runWorkflow, type NodeSettings, type Run } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { answer, Receiver, refusingUrl, type Behaviour } from '../support/receiver';

/**
 * 2,000 items to twenty destinations: one never responds, one refuses connections, one is slow. The others, and the slow one,
 * get all of their items.
 */

const COUNT = 2000;
const DESTINATIONS = 20;
const EACH = COUNT / DESTINATIONS;
const [SILENT, REFUSING, SLOW] = [3, 11, 17];
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const table = new FaultTable(10, 'twenty-destinations');
const never: Behaviour = { name: 'never', act: () => {} };
const slow: Behaviour = {
	name: 'slow',
	act: (response, request) => void setTimeout(() => answer().act(response, request), 60),
};

let receivers: Receiver[];
let origins: string[];
beforeEach(async () => {
	receivers = await Promise.all(Array.from({ length: DESTINATIONS }, async () => await Receiver.start()));
	origins = receivers.map(({ origin }) => origin);
	origins[REFUSING] = (await refusingUrl('')).replace(/\/$/, '');
	receivers[SILENT]?.choose(() => never);
	receivers[SLOW]?.choose(() => slow);
});
afterEach(async () => await Promise.all(receivers.map(async (receiver) => await receiver.close())));

const node = (settings: NodeSettings = {}) =>
	dispatchTo('', {
		...settings,
		parameters: {
			url: `={{ ${JSON.stringify(origins)}[$json.item % ${DESTINATIONS}] }}/{{ $json.item }}`,
			options: { timeout: `={{ $json.item % ${DESTINATIONS} === ${SILENT} ? 500 : 60000 }}` },
		},
	});
const isDown = (destination: number) => destination === SILENT || destination === REFUSING;

/** What the receivers saw: nothing twice, and all that is for one that is up. */
function expectTheOthersServed(): void {
	receivers.forEach((receiver, destination) => {
		if (isDown(destination)) return;
		expect([destination, receiver.requests.length, receiver.acknowledged().size]).toEqual([destination, EACH, EACH]);
	});
}

const codesOf = (run: Run, destination: number) =>
	new Set(
		run.errorOutput
			.filter(({ json }) => Number(json.item) % DESTINATIONS === destination)
			.map(({ json }) => (json.details as { delivery: { code: string } }).delivery.code),
	);

it.each([false, true])(
	'18 of them get all of their items (Retry On Fail: %p)',
	async (retryOnFail) => {
		const run = await runWorkflow({ items, node: node({ retryOnFail, onError: 'continueErrorOutput' }) });
		const counts = account(run, receivers, keys);
		table.add('20 destinations, two of them down and one slow', counts);
		expect(run.status).toBe('success');
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - 2 * EACH, failed: 2 * EACH });
		expectTheOthersServed();
		expect(receivers[SILENT]?.requests.length).toBeLessThanOrEqual(retryOnFail ? 11 : 10);
		expect(codesOf(run, SILENT)).toEqual(new Set(['TIMEOUT', 'UNAVAILABLE']));
		expect(codesOf(run, REFUSING)).toEqual(new Set(['CONNECTION', 'UNAVAILABLE']));
	},
	180_000,
);

it('those that were down get theirs when the execution is retried', async () => {
	const first = await runWorkflow({ items, node: node() });
	expect(first.status).toBe('error');
	expectTheOthersServed();
	const inVain = receivers[SILENT]?.requests.length ?? 0;
	receivers[SILENT]?.choose(() => answer());
	const late = await Receiver.start({ port: Number(new URL(origins[REFUSING] ?? '').port) });
	receivers.push(late);
	const run = await first.retry({
		node: {
			...node(),
			parameters: { ...node().parameters, options: { timeout: 60_000, idempotencyHeader: 'Idempotency-Key' } },
		},
	});
	const counts = account(run, receivers, keys);
	table.add('20 destinations, two of them down and one slow', counts, 2);
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT + inVain });
	expectTheOthersServed();
	expect([late.acknowledged().size, receivers[SILENT]?.acknowledged().size]).toEqual([EACH, EACH]);
}, 180_000);
