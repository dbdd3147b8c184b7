import { runWorkflow, type NodeSettings, type Run } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { randomOf, seedFrom } from '../support/random';
import {
	answer,
	busy,
	receiversForTest,
	refusingUrl,
	resetAfterBody,
	type Behaviour,
	type Receiver,
} from '../support/receiver';

/** Destinations respond for themselves: what one of them does costs the others nothing, and itself a handful of requests. */

const COUNT = 300;
const DEAD = 270;
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const table = new FaultTable(9, 'apart');
const startReceiver = receiversForTest();
let healthy: Receiver;
let dead: Receiver;
beforeEach(async () => {
	healthy = await startReceiver();
	dead = await startReceiver();
});

const errorOutput = { onError: 'continueErrorOutput' } as const;
const never: Behaviour = { name: 'never', act: () => {} };

/** Nine tenths go to the dead one, with little time there; the others have all the time of a busy machine. */
const apart = (settings: NodeSettings = {}, deadOrigin = dead.origin) => {
	const { parameters, ...rest } = settings;
	const { options, ...others } = (parameters ?? {}) as { options?: object };
	return dispatchTo('', {
		...rest,
		parameters: {
			url: `={{ $json.item % 10 === 0 ? '${healthy.origin}' : '${deadOrigin}' }}/{{ $json.item }}`,
			...others,
			options: { timeout: '={{ $json.item % 10 === 0 ? 30000 : 300 }}', ...options },
		},
	});
};
const codes = (run: Run) => {
	const all = run.errorOutput.map(({ json }) => (json.details as { delivery: { code: string } }).delivery.code);
	return Object.fromEntries([...new Set(all)].map((code) => [code, all.filter((other) => other === code).length]));
};

describe('A destination that never responds, beside a healthy one', () => {
	const name = 'A destination that never responds, nine tenths of the items';

	it.each([false, true])(
		'stays so: the healthy one gets all, the other few requests (Retry On Fail: %p)',
		async (retryOnFail) => {
			dead.choose(() => never);
			const run = await runWorkflow({ items, node: apart({ ...errorOutput, retryOnFail }) });
			const counts = account(run, [healthy, dead], keys);
			table.add(name, counts);
			expect(counts).toMatchObject({ ...kept, delivered: COUNT - DEAD, failed: DEAD });
			expect(dead.requests.length).toBeLessThanOrEqual(retryOnFail ? 11 : 10);
			expect(healthy.requests).toHaveLength(COUNT - DEAD);
			expect(Object.keys(codes(run)).sort()).toEqual(['TIMEOUT', 'UNAVAILABLE']);
		},
	);

	it('stops the execution; it is up again when that is retried', async () => {
		dead.choose(() => never);
		const first = await runWorkflow({ items, node: apart({ retryOnFail: false }) });
		expect(first.status).toBe('error');
		const before = dead.requests.length;
		dead.choose(() => answer());
		// Its time is short for a busy machine: that it is up is what is tried here.
		const run = await first.retry({
			node: apart({ retryOnFail: false, parameters: { options: { timeout: 30_000 } } }),
		});
		const counts = account(run, [healthy, dead], keys);
		table.add(name, counts, 2);
		expect(run.status).toBe('success');
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT + before });
		expect(before).toBeLessThanOrEqual(10);
	});
});

describe.each<[string, () => Promise<string>, string]>([
	[
		'A destination that refuses connections, nine tenths of the items',
		async () => (await refusingUrl('')).replace(/\/$/, ''),
		'CONNECTION',
	],
	['A host name that does not resolve, nine tenths of the items', async () => 'http://nowhere.invalid', 'DNS'],
])('%s', (name, originOf, code) => {
	it.each([false, true])('is asked a few times, the healthy one gets all (Retry On Fail: %p)', async (retryOnFail) => {
		const run = await runWorkflow({ items, node: apart({ ...errorOutput, retryOnFail }, await originOf()) });
		const counts = account(run, [healthy], keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - DEAD, failed: DEAD, requests: COUNT - DEAD });
		const { [code]: asked = 0, UNAVAILABLE: left = 0 } = codes(run);
		expect([asked > 0, asked <= 10, asked + left]).toEqual([true, true, DEAD]);
	});
});

it.each([2, 5])(
	'A destination that is down for every %i-th request, in bursts: all arrive, each once',
	async (every) => {
		let taken = 0;
		dead.choose((_key, nth) => (nth < 2 && Math.floor(taken++ / 4) % every === 0 ? resetAfterBody() : undefined));
		const node = apart({ ...errorOutput, maxTries: 5, parameters: { options: { timeout: 30_000 } } });
		const run = await runWorkflow({ items, node });
		const counts = account(run, [healthy, dead], keys);
		table.add('A destination that comes and goes', counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	},
);

describe('A destination that takes 5 requests at once', () => {
	const MANY = 200;
	it.each<[string, () => Behaviour, boolean]>([
		['429', () => busy(429), false],
		['429', () => busy(429), true],
		['503', () => busy(503), false],
		['503', () => busy(503), true],
	])('and responds with %s to more: all arrive, each once', async (status, refusal, retryOnFail) => {
		let underWay = 0;
		dead.choose(() => ({
			name: '5 at once',
			act: (response, request) => {
				if (underWay >= 5) {
					refusal().act(response, request);
					return;
				}
				underWay += 1;
				setTimeout(() => {
					underWay -= 1;
					answer().act(response, request);
				}, 5);
			},
		}));
		const node = dispatchTo(dead.origin, { ...errorOutput, retryOnFail, parameters: { options: { timeout: 30_000 } } });
		const run = await runWorkflow({ items: itemsOf(MANY), node });
		const counts = account(run, [dead], keysOf(MANY));
		table.add(`${status} without a time to more than 5 requests at once`, counts);
		expect(counts).toMatchObject({ ...kept, delivered: MANY, failed: 0 });
		expect(counts.requests).toBeLessThanOrEqual(MANY + 80);
	});

	it('and refuses some items with 429 whatever happens: one more request at most', async () => {
		const refused = keysOf(MANY).filter((key) => Number(key.slice(1)) % 20 === 7);
		dead.choose((key) => (refused.includes(key) ? busy(429) : undefined));
		const node = dispatchTo(dead.origin, { ...errorOutput, retryOnFail: false });
		const run = await runWorkflow({ items: itemsOf(MANY), node });
		const counts = account(run, [dead], keysOf(MANY));
		table.add('429 to some items for good', counts);
		expect(counts).toMatchObject({ ...kept, delivered: MANY - refused.length, failed: refused.length });
		expect(counts.requests).toBeLessThanOrEqual(MANY + 1);
	});
});

describe('Order Key', () => {
	const seed = seedFrom('FAULT_SEED');
	it.each([false, true])(
		`random faults: each key in order, others go on (Retry On Fail: %p, seed ${seed})`,
		async (retryOnFail) => {
			const { chance, pick } = randomOf(seed);
			const faults: Array<() => Behaviour> = [resetAfterBody, () => answer(500), () => busy(503), () => answer(422)];
			const series = new Map(keys.map((key) => [key, chance(1 / 10) ? [pick(faults)()] : []]));
			for (const [key, behaviours] of series) healthy.script(key, ...behaviours);
			const options = { orderKey: '={{ $json.item % 13 }}', timeout: 30_000 };
			const node = dispatchTo(healthy.origin, { ...errorOutput, retryOnFail, maxTries: 5, parameters: { options } });
			const run = await runWorkflow({ items, node });
			const counts = account(run, [healthy], keys);
			table.add('Order Key, a tenth with random faults', counts);
			expect(run.status).toBe('success');
			expect(counts).toMatchObject({ ...kept, delivered: COUNT - counts.failed });
			for (let key = 0; key < 13; key += 1) {
				const order = healthy.requests
					.map((request) => Number(request.key.slice(1)))
					.filter((item) => item % 13 === key);
				expect(order).toEqual([...order].sort((a, b) => a - b));
			}
		},
	);
});
