import type { INodeParameters } from 'n8n-workflow';

import type { NodeSettings } from '../support/engine';
import { inputsOf, outcomesOf } from '../support/faults/scenario';
import { randomOf, seedFrom, type Random } from '../support/random';
import { answer, busy, receiversForTest, resetAfterBody, type Behaviour, type Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';

/**
 * Order Key: items of one key strictly in order, keys beside each other; and Rate Limit Per.
 * `ORDER_SEED=123 npx jest test/engine/order-key.test.ts --selectProjects engine` repeats a run.
 */

const newReceiver = receiversForTest();
let receiver: Receiver;
beforeEach(async () => (receiver = await newReceiver()));

interface Item {
	n: number;
	/** Empty for one without an order. */
	key: string;
	/** What its requests get, one after the other, before they are taken. */
	faults: Array<'retried' | 'final'>;
}

const COUNT = 200;
const seed = seedFrom('ORDER_SEED');
const keyOf = ({ url }: { url: string }) => url.slice(1);

function randomItems({ pick, chance, whole }: Random): Item[] {
	const keys = ['', ...Array.from({ length: 12 }, (_, key) => `customer ${key}`)];
	return Array.from({ length: COUNT }, (_, n) => ({
		n,
		key: pick(keys),
		faults: chance(1 / 12)
			? [pick(['retried', 'retried', 'final'] as const)]
			: Array(chance(1 / 40) ? whole(2, 6) : 0).fill('retried'),
	}));
}

/** Responds after random times, and keeps an eye on how many of each key are in progress. */
function serve(items: Item[], { pick, whole }: Random): { mostOfAKey(): number; mostAtAll(): number } {
	const underWay = new Map<string, number>();
	let [mostOfAKey, mostAtAll, all] = [0, 0, 0];
	receiver.choose((path, nth) => ({
		name: 'in its own time',
		act: (response, request) => {
			const { key, faults } = items[Number(path.slice(1))] as Item;
			const now = (underWay.get(key) ?? 0) + 1;
			underWay.set(key, now);
			mostAtAll = Math.max(mostAtAll, (all += 1));
			if (key !== '') mostOfAKey = Math.max(mostOfAKey, now);
			const fault = faults[nth];
			const retried: Behaviour[] = [answer(500), answer(502), busy(429), busy(503), resetAfterBody()];
			const behaviour = fault === undefined ? answer() : fault === 'final' ? answer(422) : pick(retried);
			setTimeout(
				() => {
					all -= 1;
					underWay.set(key, (underWay.get(key) ?? 0) - 1);
					behaviour.act(response, request);
				},
				whole(0, 12),
			);
		},
	}));
	return { mostOfAKey: () => mostOfAKey, mostAtAll: () => mostAtAll };
}

const run = async (items: Item[], settings: NodeSettings, options: INodeParameters) =>
	await dispatch({
		items: items as never,
		settings,
		parameters: {
			url: `=${receiver.origin}/{{ $json.n }}`,
			options: { orderKey: '={{ $json.key }}', timeout: 30_000, ...options },
		},
	});

const withKey = (items: Item[]) => [...new Set(items.map(({ key }) => key))].filter((key) => key !== '');
/** The items of a key in the order in which they were asked for, repetitions among them. */
const orderOf = (items: Item[], key: string) =>
	receiver.requests.map((request) => Number(keyOf(request))).filter((n) => items[n]?.key === key);
const rising = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

/** What holds for every run: none of a key beside another, and none after one that comes later. */
function expectOrder(items: Item[], served: ReturnType<typeof serve>): void {
	for (const key of withKey(items)) expect(orderOf(items, key)).toEqual(rising(orderOf(items, key)));
	expect(served.mostOfAKey()).toBe(1);
	expect(receiver.repeated()).toBe(0);
}

describe(`random keys, faults and times (seed ${seed})`, () => {
	beforeAll(() => console.log(`ORDER_SEED=${seed}`));

	it.each([
		[false, 'continueErrorOutput', 50],
		[false, 'continueRegularOutput', 7],
		[true, 'continueErrorOutput', 50],
		[true, 'continueErrorOutput', 3],
		[true, 'continueRegularOutput', 20],
	] as const)('Retry On Fail %p, %s, concurrency %i', async (retryOnFail, onError, concurrency) => {
		const random = randomOf(seed);
		const items = randomItems(random);
		const served = serve(items, random);
		const result = await run(items, { retryOnFail, maxTries: 5, onError }, { concurrency });
		expect(result.status).toBe('success');
		expectOrder(items, served);
		expect(rising(outcomesOf(result).flatMap(inputsOf))).toEqual(items.map(({ n }) => n));
		// Each is asked for, and what has no fault is taken, whatever became of those before it.
		for (const { n, faults } of items) {
			const requests = receiver.of(`/${n}`);
			expect([n, requests.length > 0]).toEqual([n, true]);
			if (faults.length === 0) expect([n, requests.map(({ outcome }) => outcome)]).toEqual([n, ['acknowledged']]);
		}
		// Keys go beside each other.
		expect(served.mostAtAll()).toBeGreaterThan(1);
	});

	it('Retry On Fail: what fails holds back its key, and no other', async () => {
		const random = randomOf(seed);
		const items = randomItems(random).map((item) => ({ ...item, faults: [] as Item['faults'] }));
		const held = items.find(({ n, key }) => n > 20 && key !== '') as Item;
		held.faults = ['retried', 'retried'];
		const served = serve(items, random);
		const result = await run(items, { retryOnFail: true, maxTries: 3, onError: 'continueErrorOutput' }, {});
		expect([result.status, result.output().length]).toEqual(['success', COUNT]);
		expectOrder(items, served);
		// All that goes elsewhere, or comes before it, was there before its second request.
		const second = receiver.of(`/${held.n}`)[1]?.index ?? 0;
		const before = new Set(
			receiver.requests.filter(({ index }) => index < second).map((request) => Number(keyOf(request))),
		);
		for (const { n, key } of items) expect([n, before.has(n)]).toEqual([n, key !== held.key || n <= held.n]);
	});

	it.each([false, true])(
		'where the node stops, each key stops at what failed; retries go on from there (Retry On Fail: %p)',
		async (retryOnFail) => {
			const random = randomOf(seed);
			const items = randomItems(random);
			const served = serve(items, random);
			let result = await run(items, { retryOnFail, maxTries: 2, onError: 'stopWorkflow' }, {});
			expect(result.status).toBe('error');
			const asked = new Set(receiver.requests.map((request) => Number(keyOf(request))));
			const firstFailed = new Map<string, number>();
			for (const { n, key, faults } of items) {
				const fails = faults.includes('final') || faults.length > (retryOnFail ? 1 : 0);
				if (fails && key !== '' && !firstFailed.has(key)) firstFailed.set(key, n);
			}
			if (!retryOnFail)
				for (const { n, key } of items) expect([n, asked.has(n)]).toEqual([n, n <= (firstFailed.get(key) ?? Infinity)]);
			for (let retries = 0; result.status === 'error' && retries < 60; retries += 1) result = await result.retry();
			expect([result.status, result.output().length]).toEqual(['success', COUNT]);
			expectOrder(items, served);
			expect(receiver.acknowledged().size).toBe(COUNT);
		},
	);
});

it('a key is a text: a number and its digits are one, and what has none has no order', async () => {
	const held: Array<() => void> = [];
	let most = 0;
	receiver.choose(() => ({
		name: 'held until four are there',
		act: (response) => {
			held.push(() => response.end());
			most = Math.max(most, held.length);
			if (held.length === 4) for (const end of held.splice(0)) end();
		},
	}));
	// One of "7" at a time: with the three that have no key they are four.
	const items = [{ k: 7 }, { k: '7' }, { k: null }, { k: '' }, {}, { k: null }, { k: '' }, {}];
	const sent = dispatch({
		items: items as never,
		parameters: { url: receiver.url(), options: { orderKey: '={{ $json.k }}', timeout: 30_000, concurrency: 4 } },
	});
	expect((await sent).status).toBe('success');
	expect([most, receiver.requests.length]).toEqual([4, 8]);
	const ofSeven = receiver.requests.filter(({ body }) => body.toString().includes('7'));
	expect(ofSeven.map(({ body }) => body.toString())).toEqual(['{"k":7}', '{"k":"7"}']);
});

it('a key that has no value for one item is that item’s fault', async () => {
	const result = await dispatch({
		items: [{ n: 0 }, { n: 1 }, { n: 2 }],
		settings: { onError: 'continueErrorOutput' },
		parameters: {
			url: `=${receiver.origin}/{{ $json.n }}`,
			options: { orderKey: '={{ $json.n === 1 ? $("No such node").first().json.x : "k" }}' },
		},
	});
	expect(receiver.requests.map(({ key }) => key)).toEqual(['/0', '/2']);
	expect(result.errorOutput.map(({ json }) => [json.n, deliveryOf(json).code])).toEqual([[1, 'INVALID_REQUEST']]);
});

describe('Rate Limit', () => {
	/** Timers may fire a little early. */
	const TOLERANCE = 20;
	const GAP = 50;
	const send = async (rateLimitPer: string) => {
		const other = await newReceiver();
		// The last one alone goes to the other destination.
		const items = Array.from({ length: 11 }, (_, n) => ({ n, host: n < 10 ? receiver.origin : other.origin }));
		const before = performance.now();
		await dispatch({
			items,
			parameters: {
				url: '={{ $json.host }}/{{ $json.n }}',
				options: { rateLimit: 1000 / GAP, rateLimitPer, timeout: 30_000 },
			},
		});
		return { before, first: receiver.requests, alone: other.requests[0] };
	};

	it('per run: the requests to all destinations have one pace', async () => {
		const { before, first, alone } = await send('run');
		const all = [...first, alone!].sort((a, b) => a.at - b.at);
		expect(all).toHaveLength(11);
		all.forEach(({ at }, index) => expect(at - before).toBeGreaterThanOrEqual(index * GAP - TOLERANCE));
	});

	it('per destination: each has its own', async () => {
		const { before, first, alone } = await send('destination');
		expect(first).toHaveLength(10);
		first.forEach(({ at }, index) => expect(at - before).toBeGreaterThanOrEqual(index * GAP - TOLERANCE));
		// It does not wait for those of the other.
		expect(alone!.at).toBeLessThan(first[7]!.at);
	});
});
