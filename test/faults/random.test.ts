import { runWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import {
	answer, busy, hang, neverEnds, Receiver, resetAfterBody, resetBeforeBody, truncated, type Behaviour,
} from '../support/receiver';

/** 1,000 items, a third of which meet a random series of random faults. `FAULT_SEED=123 npm run test:faults` repeats one. */

const COUNT = 1000;
const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const table = new FaultTable(6, 'random');
let receiver: Receiver;

/** A generator of numbers from 0 to 1 that gives the same series for the same seed (mulberry32). */
function randomOf(start: number): () => number {
	let state = start >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const quick: Array<() => Behaviour> = [
	resetBeforeBody,
	resetAfterBody,
	truncated,
	() => answer(500),
	() => answer(502),
	() => answer(408),
	() => answer(425),
	() => busy(503),
	() => busy(429, 0),
];
const slow: Array<() => Behaviour> = [hang, neverEnds];

/** For a third of the items, one to four faults in a row; one fault in fifty runs into the timeout. */
function plan(): Map<string, Behaviour[]> {
	const random = randomOf(seed);
	const pick = <T>(from: T[]) => from[Math.floor(random() * from.length)] as T;
	const faults = new Map<string, Behaviour[]>();
	for (const key of keys) {
		if (random() >= 1 / 3) continue;
		const series = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random() < 1 / 50 ? slow : quick)());
		faults.set(key, series);
	}
	return faults;
}

beforeAll(async () => {
	console.log(`FAULT_SEED=${seed}`);
	receiver = await Receiver.start();
	// What is loaded with the first execution is not to count against the timeout.
	await runWorkflow({ items: itemsOf(10), node: dispatchTo(receiver.origin) });
});
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

// Long enough for a thousand answers on a busy machine: an answer that comes too late is one that was not seen.
const options = { timeout: 2000 };

it(`stopping and retried until it is through (seed ${seed})`, async () => {
	const faults = plan();
	for (const [key, series] of faults) receiver.script(key, ...series);
	let run = await runWorkflow({ items, node: dispatchTo(receiver.origin, { parameters: { options } }) });
	let executions = 1;
	for (; run.status === 'error' && executions < 4; executions += 1) run = await run.retry();
	const counts = account(run, [receiver], keys);
	table.add('1,000 items, a third with random faults', counts, executions);
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	expect(keys.map((key) => receiver.of(key).length)).toEqual(keys.map((key) => 1 + (faults.get(key)?.length ?? 0)));
}, 60_000);

it(`with the error output (seed ${seed})`, async () => {
	const faults = plan();
	for (const [key, series] of faults) receiver.script(key, ...series);
	const node = dispatchTo(receiver.origin, { maxTries: 3, onError: 'continueErrorOutput', parameters: { options } });
	const run = await runWorkflow({ items, node });
	const counts = account(run, [receiver], keys);
	table.add('1,000 items, a third with random faults', counts);
	const lost = [...faults.values()].filter(({ length }) => length >= 3).length;
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT - lost, failed: lost });
}, 60_000);
