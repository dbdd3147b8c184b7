import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { NodeSettings, Run, Shape } from '../support/engine';
import { DISPATCH } from '../support/engine';
import { line } from '../support/engine/workflow';
import { answer, receiversForTest, refusingUrl, type Behaviour, type Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';

/** Destinations respond for themselves: one that is down costs a handful of requests, and holds up no other. */

const newReceiver = receiversForTest();
const toErrorOutput = { onError: 'continueErrorOutput' } as const;
/** So many requests a destination gets before it has responded to any. */
const AT_FIRST = 10;
/** For what never responds. Others have all the time that a busy machine needs. */
const SHORT = 300;

let healthy: Receiver;
let dead: Receiver;
beforeEach(async () => {
	healthy = await newReceiver();
	dead = await newReceiver();
});

/** Items, each tenth of them for the healthy destination. */
const itemsOf = (count: number, deadOrigin = dead.origin) =>
	Array.from({ length: count }, (_, n) => ({
		n,
		isDead: n % 10 !== 0,
		host: n % 10 === 0 ? healthy.origin : deadOrigin,
	}));
const url = '={{ $json.host }}/{{ $json.n }}';
const timeout = `={{ $json.isDead ? ${SHORT} : 30000 }}`;

const run = async (items: IDataObject[], options: INodeParameters = {}, settings: NodeSettings = {}, shape?: Shape) =>
	await dispatch({
		items,
		settings: { ...toErrorOutput, ...settings },
		parameters: { url, options: { timeout, ...options } },
		...(shape === undefined ? {} : { shape }),
	});

/** Takes connections and requests, and never responds; what is sent to it in a try is to be counted. */
const never: Behaviour = { name: 'never', act: () => {} };

/**
 * The dead one takes what it gets, until the healthy one has had all of its items; then it breaks off what it has, and is up
 * again, doing this. So nothing here depends on time: what a sender has to wait for comes, or the test stands still.
 *
 * @param healthyCount how many the healthy one is to get
 */
function downUntilServed(
	healthyCount: number,
	then: (nth: number) => Behaviour = () => answer(),
): { sentWhileDown(): number } {
	const held: Array<() => void> = [];
	let isDown = true;
	let sent = 0;
	let after = 0;
	const lookAround = () => {
		if (healthy.acknowledged().size < healthyCount || held.length < AT_FIRST) return;
		isDown = false;
		for (const end of held.splice(0)) end();
	};
	dead.choose(() => ({
		name: 'down at first',
		act: (response, request) => {
			if (!isDown) {
				then(after++).act(response, request);
				return;
			}
			sent += 1;
			held.push(() => response.socket?.destroy());
			lookAround();
		},
	}));
	healthy.choose(() => ({
		name: 'counts',
		act: (response, request) => {
			response.on('finish', lookAround);
			answer().act(response, request);
		},
	}));
	return { sentWhileDown: () => sent };
}
const patient = { timeout: 30_000 };

const codesOf = (result: Run) => {
	const codes: Record<string, number> = {};
	for (const { json } of result.errorOutput) {
		const code = String(deliveryOf(json).code);
		codes[code] = (codes[code] ?? 0) + 1;
	}
	return codes;
};
const acknowledgedOnce = (receiver: Receiver) => [receiver.acknowledged().size, receiver.repeated()];

describe('a destination that takes connections and never responds', () => {
	it('gets 10 requests of 270 in a try; the healthy one beside it gets all of its items', async () => {
		dead.choose(() => never);
		const result = await run(itemsOf(300), { concurrency: 50 });
		expect(dead.requests.length).toBeLessThanOrEqual(AT_FIRST);
		expect([result.status, result.output().length, acknowledgedOnce(healthy)]).toEqual(['success', 30, [30, 0]]);
		expect(codesOf(result)).toEqual({ TIMEOUT: dead.requests.length, UNAVAILABLE: 270 - dead.requests.length });
	});

	it('holds up no other: it is asked repeatedly only when the healthy one has everything', async () => {
		const host = downUntilServed(30, () => never);
		const result = await run(itemsOf(300), patient);
		expect(host.sentWhileDown()).toBeLessThanOrEqual(AT_FIRST);
		expect([result.output().length, dead.requests.length]).toEqual([30, host.sentWhileDown()]);
		expect(codesOf(result)).toEqual({ CONNECTION: dead.requests.length, UNAVAILABLE: 270 - dead.requests.length });
	});

	it('what is left for it says so: not sent, to be retried, with the time by the Retry Schedule', async () => {
		dead.choose(() => never);
		const before = Date.now();
		const result = await run(itemsOf(40), { retrySchedule: '1h, 2h' });
		const left = result.errorOutput.filter(({ json }) => deliveryOf(json).code === 'UNAVAILABLE');
		expect(left.length).toBeGreaterThan(20);
		for (const { json } of left) {
			expect(json).toMatchObject({
				error: 'Webhook Dispatch Failed',
				message: `Delivery to ${new URL(dead.origin).host} failed: it is unavailable, several requests in a row of this run got no response [item ${String(json.n)}]`,
			});
			const { retryAt, ...delivery } = deliveryOf(json);
			expect(delivery).toMatchObject({ id: null, status: 'failed', attempts: 0, retryable: true, scheduleStep: 1 });
			expect(delivery).not.toHaveProperty('statusCode');
			expect(Date.parse(String(retryAt)) - before).toBeGreaterThan(3_000_000);
		}
		const plain = await run(itemsOf(40));
		expect(plain.errorOutput.map(({ json }) => deliveryOf(json).retryAt)).toEqual(Array(36).fill(undefined));
	});

	it('comes back in a later round of the schedule as the same deliveries, each sent once', async () => {
		const host = downUntilServed(4);
		const backToItself: Shape = (node) => {
			const { nodes, connections } = line(node);
			return { nodes, connections: [...connections, [DISPATCH, DISPATCH, 1]] };
		};
		const options = { ...patient, retrySchedule: '1s, 1s', idempotencyHeader: 'Idempotency-Key' };
		const result = await run(itemsOf(40), options, {}, backToItself);
		const delivered = result.reached('Delivered');
		expect([result.status, delivered.length]).toEqual(['success', 40]);
		expect([...acknowledgedOnce(dead), ...acknowledgedOnce(healthy)]).toEqual([36, 0, 4, 0]);
		const attempts = delivered.map(({ json }) => deliveryOf(json).attempts);
		expect(attempts.filter((count) => count === 2)).toHaveLength(host.sentWhileDown());
		// What was sent before keeps its ID; what was not has one with its first attempt.
		for (const { n } of itemsOf(40)) {
			const ids = [...dead.of(`/${n}`), ...healthy.of(`/${n}`)].map(({ headers }) => headers['idempotency-key']);
			expect(new Set(ids).size).toBe(1);
		}
	});

	it('that is back is asked by one request in the next try, and then gets all, each once', async () => {
		let whileProbed = 0;
		const host = downUntilServed(30, (nth) => ({
			name: 'back',
			act: (response, request) => {
				if (nth > 0) {
					answer().act(response, request);
					return;
				}
				const before = dead.requests.length;
				setTimeout(() => {
					whileProbed = dead.requests.length - before;
					answer().act(response, request);
				}, 100);
			},
		}));
		const result = await run(itemsOf(300), patient, { retryOnFail: true, maxTries: 2 });
		expect([result.status, result.output().length, whileProbed]).toEqual(['success', 300, 0]);
		expect([...acknowledgedOnce(dead), ...acknowledgedOnce(healthy)]).toEqual([270, 0, 30, 0]);
		expect(dead.requests).toHaveLength(270 + host.sentWhileDown());
	});

	it('that is still down gets one request in each further try', async () => {
		dead.choose(() => never);
		const result = await run(itemsOf(300), {}, { retryOnFail: true, maxTries: 5 });
		expect(dead.requests.length).toBeLessThanOrEqual(AT_FIRST + 4);
		expect([result.output().length, acknowledgedOnce(healthy)]).toEqual([30, [30, 0]]);
	});

	it('where the node stops: the error says what happened, and the retry sends what is missing', async () => {
		const host = downUntilServed(6);
		const first = await run(itemsOf(60), patient, { onError: 'stopWorkflow' });
		expect(first.status).toBe('error');
		expect(first.error?.message).toBe('Webhook Dispatch Failed');
		expect(first.error?.description).toContain(
			`Delivery to ${new URL(dead.origin).host} failed: the connection was closed before the whole response had arrived [item 1]`,
		);
		expect(first.error?.description).toContain('54 of 60 deliveries failed. The 6 delivered are not sent again');
		const attempted = Object.values(
			(first.context?.webhookDispatchLedger as Record<string, { deliveries: IDataObject[] }>)[0]!.deliveries,
		).map(({ attempts }) => attempts);
		expect(attempted.filter((attempts) => attempts === 1)).toHaveLength(6 + host.sentWhileDown());
		const again = await first.retry();
		expect([again.status, again.output().length]).toEqual(['success', 60]);
		expect([...acknowledgedOnce(dead), ...acknowledgedOnce(healthy)]).toEqual([54, 0, 6, 0]);
		expect(healthy.requests).toHaveLength(6);
	});
});

describe.each<[string, () => Promise<string>, string]>([
	['refuses connections', async () => (await refusingUrl('')).replace(/\/$/, ''), 'CONNECTION'],
	['does not resolve', async () => 'http://nowhere.invalid', 'DNS'],
])('a destination whose host %s', (_how, originOf, code) => {
	it('is given up after a handful of requests; the healthy one gets all', async () => {
		const result = await run(itemsOf(300, await originOf()));
		const { [code]: asked = 0, UNAVAILABLE: left = 0 } = codesOf(result);
		expect(asked).toBeGreaterThan(0);
		expect(asked).toBeLessThanOrEqual(AT_FIRST);
		expect(asked + left).toBe(270);
		expect([result.output().length, acknowledgedOnce(healthy)]).toEqual([30, [30, 0]]);
	});
});

it('a destination that refuses connections and is there in the next try gets all', async () => {
	const origin = (await refusingUrl('')).replace(/\/$/, '');
	const first = await run(itemsOf(100, origin), {}, { onError: 'stopWorkflow' });
	expect(first.status).toBe('error');
	const late = await newReceiver({ port: Number(new URL(origin).port) });
	const again = await first.retry();
	expect([again.status, again.output().length]).toEqual(['success', 100]);
	expect([...acknowledgedOnce(late), ...acknowledgedOnce(healthy)]).toEqual([90, 0, 10, 0]);
});

it.each([1, 2, 3, 7])('a host that comes and goes (down for request %i of 8): all arrive in time', async (downAt) => {
	let taken = 0;
	dead.choose((_key, nth) => (nth < 2 && taken++ % 8 === downAt ? never : answer()));
	const result = await run(itemsOf(80), {}, { retryOnFail: true, maxTries: 5 });
	expect([result.status, result.output().length]).toEqual(['success', 80]);
	expect([...acknowledgedOnce(dead), ...acknowledgedOnce(healthy)]).toEqual([72, 0, 8, 0]);
});

describe('in order (concurrency 1)', () => {
	it.each([false, true])(
		'a dead destination is passed over, all others get theirs (Retry On Fail: %p)',
		async (retryOnFail) => {
			dead.choose(() => never);
			const result = await run(itemsOf(60), { concurrency: 1 }, { retryOnFail, maxTries: 2 });
			expect([result.status, result.output().length]).toEqual(['success', 6]);
			expect(healthy.requests.map(({ key }) => key)).toEqual(['/0', '/10', '/20', '/30', '/40', '/50']);
			expect(dead.requests.length).toBeLessThanOrEqual(6);
			const { UNAVAILABLE: left = 0, TIMEOUT: asked = 0 } = codesOf(result);
			expect(left + asked).toBe(54);
			expect(asked).toBeLessThanOrEqual(6);
		},
	);
});

describe('with an Order Key', () => {
	it('a dead destination holds back those of its keys, and no other', async () => {
		dead.choose(() => never);
		const orderKey = '={{ $json.n % 7 }}';
		const result = await run(itemsOf(140), { orderKey }, { retryOnFail: true, maxTries: 3 });
		expect([result.status, result.output().length]).toEqual(['success', 14]);
		expect(healthy.repeated()).toBe(0);
		expect(dead.requests.length).toBeLessThanOrEqual(30);
		for (let key = 0; key < 7; key += 1) {
			const numbers = healthy.requests.map((request) => Number(request.key.slice(1))).filter((n) => n % 7 === key);
			expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
		}
	});

	it('of each destination by itself, nothing waits behind the dead one, also where the node stops', async () => {
		dead.choose(() => never);
		const orderKey = '={{ $json.isDead ? "dead" : "healthy" }}';
		const stopped = await run(itemsOf(60), { orderKey }, { onError: 'stopWorkflow', retryOnFail: true, maxTries: 2 });
		expect(stopped.status).toBe('error');
		expect(healthy.requests.map(({ key }) => key)).toEqual(['/0', '/10', '/20', '/30', '/40', '/50']);
		expect(new Set(dead.requests.map(({ key }) => key))).toEqual(new Set(['/1']));
		dead.choose(() => answer());
		expect((await stopped.retry()).status).toBe('success');
		const order = dead.requests.map(({ key }) => Number(key.slice(1)));
		expect(order).toEqual([...order].sort((a, b) => a - b));
		expect([...acknowledgedOnce(dead), ...acknowledgedOnce(healthy)]).toEqual([54, 0, 6, 0]);
	});
});
