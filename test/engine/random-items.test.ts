import type { IDataObject } from 'n8n-workflow';
import { runWorkflow, type NodeSettings } from '../support/engine';
import { inputsOf, outcomesOf } from '../support/faults/scenario';
import { randomOf, seedFrom } from '../support/random';
import { randomItem, unwritableItem } from '../support/randomItem';
import { answer, receiversForTest, type Receiver } from '../support/receiver';

/** Random items: each has one outcome, and is sent whole, once. `ITEM_SEED=123 npx jest --selectProjects engine` repeats a run. */

const COUNT = 400;
const seed = seedFrom('ITEM_SEED');
const startReceiver = receiversForTest();

beforeAll(() => console.log(`ITEM_SEED=${seed}`));

/** Items go to the path of their place: of their fields no one knows what they are. */
const node = (receiver: Receiver, options: IDataObject = {}): NodeSettings => ({
	retryOnFail: true,
	maxTries: 3,
	onError: 'continueErrorOutput',
	parameters: {
		url: `=${receiver.origin}/{{ $itemIndex }}`,
		options: { idempotencyHeader: 'Idempotency-Key', ...options } as never,
	},
});

/** Items as n8n has them: their fields are not to be taken for those of an item. */
const asItems = (all: IDataObject[]) => all.map((json) => ({ json }));

const outcomeCounts = (run: Parameters<typeof outcomesOf>[0], count: number) => {
	const counts = Array<number>(count).fill(0);
	for (const index of outcomesOf(run).flatMap(inputsOf)) counts[index]! += 1;
	return counts;
};

it.each(['receipt', 'response', 'input'])(
	`random items, Output %s: each is sent whole and exactly once (seed ${seed})`,
	async (output) => {
		const random = randomOf(seed);
		const items = Array.from({ length: COUNT }, () => randomItem(random));
		const bodies = items.map((item) => JSON.stringify(item));
		const receiver = await startReceiver();
		// A third fails at first: what is known of an item must be found again in the next try.
		receiver.choose((key, nth) => (Number(key.slice(1)) % 3 === 1 && nth === 0 ? answer(503) : undefined));
		const run = await runWorkflow({ items: asItems(items), node: node(receiver, { output }) });
		expect([run.status, run.error]).toEqual(['success', undefined]);
		expect(outcomeCounts(run, COUNT)).toEqual(Array(COUNT).fill(1));
		expect(run.output(0)).toHaveLength(COUNT);
		expect(receiver.acknowledged().size).toBe(COUNT);
		expect(receiver.repeated()).toBe(0);
		for (const { key, body } of receiver.requests)
			expect([key, body.toString('utf8')]).toEqual([key, bodies[Number(key.slice(1))]]);
		for (const index of bodies.keys()) expect(receiver.of(`/${index}`)).toHaveLength(index % 3 === 1 ? 2 : 1);
		// One ID an item, and none shared.
		const ids = new Set(receiver.requests.map(({ key, headers }) => `${key} ${String(headers['idempotency-key'])}`));
		expect([ids.size, new Set([...ids].map((pair) => pair.split(' ')[1])).size]).toEqual([COUNT, COUNT]);
		if (output === 'input')
			expect(
				run
					.output(0)
					.map(({ json }) => JSON.stringify(json))
					.sort(),
			).toEqual([...bodies].sort());
	},
);

it(`items that JSON has no form for fail by themselves, the others are sent (seed ${seed})`, async () => {
	const random = randomOf(seed);
	const items = Array.from({ length: 60 }, (_, index) =>
		index % 4 === 2 ? unwritableItem(random) : randomItem(random),
	);
	const receiver = await startReceiver();
	const run = await runWorkflow({ items: asItems(items), node: node(receiver) });
	expect(run.status).toBe('success');
	expect(outcomeCounts(run, 60)).toEqual(Array(60).fill(1));
	expect(run.errorOutput.flatMap(inputsOf)).toEqual(items.flatMap((_, index) => (index % 4 === 2 ? [index] : [])));
	expect(receiver.requests).toHaveLength(45);
});

it(`random items that failed come back to the node: each is sent again as it was, under its ID (seed ${seed})`, async () => {
	const random = randomOf(seed);
	// Of these n8n itself overwrites an item's own on the error output.
	const without = ({ error, message, details, ...rest }: IDataObject): IDataObject => rest;
	const items = Array.from({ length: 100 }, () => without(randomItem(random)));
	const receiver = await startReceiver();
	receiver.choose((_key, nth) => (nth < 3 ? answer(503) : undefined));
	const first = await runWorkflow({ items: asItems(items), node: node(receiver) });
	expect(first.errorOutput).toHaveLength(100);
	const run = await runWorkflow({ items: asItems(first.errorOutput.map(({ json }) => json)), node: node(receiver) });
	expect(run.output(0)).toHaveLength(100);
	expect(receiver.acknowledged().size).toBe(100);
	expect(receiver.repeated()).toBe(0);
	for (const index of items.keys()) {
		const requests = receiver.of(`/${index}`);
		expect(requests).toHaveLength(4);
		expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
		for (const { body } of requests)
			expect(JSON.parse(body.toString('utf8'))).toEqual(JSON.parse(JSON.stringify(items[index])));
	}
});
