import { runWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { randomOf, seedFrom } from '../support/random';
import {
	answer,
	bodiless,
	busy,
	closesUnsaid,
	cutInHeaders,
	hang,
	malformedHeaders,
	manyHeaders,
	neverEnds,
	Receiver,
	resetAfterBody,
	resetBeforeBody,
	truncated,
	unaskedInterim,
	type Behaviour,
} from '../support/receiver';

/**
 * 1,000 items, a third of which meet a random series of random faults, and then perhaps a success with something wrong in it.
 * `FAULT_SEED=123 npm run test:faults` repeats one.
 */

const COUNT = 1000;
const seed = seedFrom('FAULT_SEED');
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const table = new FaultTable(6, 'random');
let receiver: Receiver;

const quick: Array<() => Behaviour> = [
	resetBeforeBody,
	resetAfterBody,
	() => truncated(503),
	() => unaskedInterim([100, 102], 500),
	() => answer(500),
	() => answer(502),
	() => answer(408),
	() => answer(425),
	() => busy(503),
	() => busy(429, 0),
];
const slow: Array<() => Behaviour> = [hang, () => neverEnds(503)];
/** Each is an acknowledgment: the last request of its item. */
const oddSuccesses: Array<() => Behaviour> = [
	truncated,
	unaskedInterim,
	bodiless,
	cutInHeaders,
	malformedHeaders,
	manyHeaders,
	closesUnsaid,
].map((kind) => () => kind());

/** For a third of the items, one to four faults in a row; one fault in fifty runs into the timeout. */
function plan(): Map<string, { faults: number; series: Behaviour[] }> {
	const { chance, pick, whole } = randomOf(seed);
	const plans = new Map<string, { faults: number; series: Behaviour[] }>();
	for (const key of keys) {
		if (!chance(1 / 3)) continue;
		const faults = Array.from({ length: whole(1, 4) }, () => pick(chance(1 / 50) ? slow : quick)());
		plans.set(key, { faults: faults.length, series: chance(1 / 2) ? [...faults, pick(oddSuccesses)()] : faults });
	}
	return plans;
}

beforeAll(async () => {
	console.log(`FAULT_SEED=${seed}`);
	receiver = await Receiver.start();
	// What is loaded with the first execution is not to count against the timeout.
	await runWorkflow({ items: itemsOf(10), node: dispatchTo(receiver.origin) });
});
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

// Long enough for a thousand responses on a busy machine: a response that comes too late is one that was not seen.
const options = { timeout: 2000 };

it(`stopping and retried until it is through (seed ${seed})`, async () => {
	const faults = plan();
	for (const [key, { series }] of faults) receiver.script(key, ...series);
	let run = await runWorkflow({ items, node: dispatchTo(receiver.origin, { parameters: { options } }) });
	let executions = 1;
	for (; run.status === 'error' && executions < 4; executions += 1) run = await run.retry();
	const counts = account(run, [receiver], keys);
	table.add('1,000 items, a third with random faults', counts, executions);
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	expect(keys.map((key) => receiver.of(key).length)).toEqual(keys.map((key) => 1 + (faults.get(key)?.faults ?? 0)));
}, 180_000);

it(`with the error output (seed ${seed})`, async () => {
	const faults = plan();
	for (const [key, { series }] of faults) receiver.script(key, ...series);
	const node = dispatchTo(receiver.origin, { maxTries: 3, onError: 'continueErrorOutput', parameters: { options } });
	const run = await runWorkflow({ items, node });
	const counts = account(run, [receiver], keys);
	table.add('1,000 items, a third with random faults', counts);
	const lost = [...faults.values()].filter((item) => item.faults >= 3).length;
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT - lost, failed: lost });
}, 180_000);
