import type { INodeParameters } from 'n8n-workflow';
import type { NodeSettings } from '../support/engine';
import { answer, busy, Receiver } from '../support/receiver';
import { bodies, dispatch } from './support/dispatch';

/**
 * Order, rate, connections, pauses. Of times only that something came not sooner than it may: a loaded machine
 * makes everything later, and nothing earlier.
 */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const items = Array.from({ length: 6 }, (_, n) => ({ n }));
const run = async (options: INodeParameters, settings: NodeSettings = {}) =>
	await dispatch({ items, settings, parameters: { url: `=${receiver.origin}/{{ $json.n }}`, options } });
const order = () => receiver.requests.map(({ key }) => key.slice(1)).join('');
/** Timers may fire a little early. */
const TOLERANCE = 20;

describe('concurrency 1', () => {
	it('sends one after the other, each after the response to the last, on one connection', async () => {
		let underWay = 0;
		let most = 0;
		receiver.choose(() => ({
			name: 'slow',
			act: (response) => {
				most = Math.max(most, (underWay += 1));
				setTimeout(() => {
					underWay -= 1;
					response.end();
				}, 5);
			},
		}));
		const before = receiver.connections;
		await run({ concurrency: 1 });
		expect([order(), most, receiver.connections - before]).toEqual(['012345', 1, 1]);
	});

	it('one that is to be retried holds back those after it', async () => {
		receiver.script('/2', answer(503), answer(503));
		const result = await run({ concurrency: 1 }, { retryOnFail: true });
		expect([result.status, order()]).toEqual(['success', '01222345']);
	});

	it('where the node stops, nothing is sent after one that failed; the retry goes on from there', async () => {
		receiver.script('/2', answer(400), answer(503), answer(200));
		const failed = await run({ concurrency: 1 });
		expect([failed.status, order()]).toEqual(['error', '012']);
		const again = await failed.retry();
		expect([again.status, order()]).toEqual(['error', '0122']);
		const last = await again.retry();
		expect([last.status, order()]).toEqual(['success', '01222345']);
		expect(last.output()).toHaveLength(6);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'where it goes on (%s), one that failed is passed over',
		async (onError) => {
			receiver.choose((key) => (key === '/2' ? answer(503) : undefined));
			const result = await run({ concurrency: 1 }, { onError, retryOnFail: true });
			expect([result.status, order()]).toEqual(['success', '01222345']);
		},
	);

	it('waits for what the destination asks for, in order', async () => {
		receiver.script('/1', busy(429, 1));
		const result = await run({ concurrency: 1 }, { retryOnFail: true });
		expect([result.status, order()]).toEqual(['success', '0112345']);
		const [first, second] = receiver.of('/1');
		expect(second!.at - first!.at).toBeGreaterThanOrEqual(1000 - TOLERANCE);
	});
});

describe('concurrency', () => {
	it.each([2, 5])('of %i: at most so many requests and connections', async (concurrency) => {
		const held: Array<() => void> = [];
		let most = 0;
		// Responses come when as many requests are there as may be: with fewer, the test would stand still.
		receiver.choose(() => ({
			name: 'held',
			act: (response) => {
				most = Math.max(
					most,
					held.push(() => response.end()),
				);
				if (held.length >= concurrency) for (const release of held.splice(0)) release();
			},
		}));
		const before = receiver.connections;
		await dispatch({
			items: Array.from({ length: 40 }, (_, n) => ({ n })),
			parameters: { url: receiver.url(), options: { concurrency, timeout: 60_000 } },
		});
		expect(receiver.requests).toHaveLength(40);
		expect(most).toBe(concurrency);
		expect(receiver.connections - before).toBeLessThanOrEqual(concurrency);
	});

	it('is each execution’s own: one does not wait behind another, nor run into its timeout there', async () => {
		let release = () => {};
		receiver.script('/slow', { name: 'held', act: (response) => (release = () => response.end()) });
		const send = async (path: string) =>
			await dispatch({
				items: [{}],
				parameters: { url: receiver.url(path), options: { concurrency: 1, timeout: 20_000 } },
			});
		const slow = send('/slow');
		await receiver.arrived(1);
		expect((await send('/quick')).status).toBe('success');
		release();
		expect((await slow).status).toBe('success');
	});

	it('connections stay open over executions', async () => {
		await run({ concurrency: 3 });
		const before = receiver.connections;
		await run({ concurrency: 3 });
		await run({ concurrency: 3 });
		expect(receiver.connections - before).toBeLessThanOrEqual(3);
		expect(receiver.requests).toHaveLength(18);
	});
});

describe('a rate limit', () => {
	it.each([1, 50])('holds over all items (concurrency %i)', async (concurrency) => {
		const before = performance.now();
		await run({ rateLimit: 20, concurrency });
		expect(receiver.requests).toHaveLength(6);
		receiver.requests.forEach(({ at }, index) => expect(at - before).toBeGreaterThanOrEqual(index * 50 - TOLERANCE));
	});

	it('counts the requests of later tries, too', async () => {
		receiver.choose((_key, nth) => (nth === 0 ? answer(503) : undefined));
		const before = performance.now();
		await run({ rateLimit: 20 }, { retryOnFail: true });
		expect(receiver.requests).toHaveLength(12);
		// The second try may begin with the last request of the first.
		receiver.requests.forEach(({ at }, index) =>
			expect(at - before).toBeGreaterThanOrEqual((index < 6 ? index : index - 1) * 50 - TOLERANCE),
		);
	});
});

describe('a destination that asks for a pause', () => {
	it('gets nothing before it is over, neither what it had refused nor what it never saw', async () => {
		receiver.choose((key, nth) => (key === '/0' && nth === 0 ? busy(429, 1) : undefined));
		const result = await run({ concurrency: 2 }, { retryOnFail: true });
		expect(result.status).toBe('success');
		expect(result.output()).toHaveLength(6);
		const [refused] = receiver.of('/0');
		// What was in progress may still arrive; everything else comes after the pause.
		const early = receiver.requests.filter(({ at }) => at > refused!.at && at - refused!.at < 1000 - TOLERANCE);
		expect(early.length).toBeLessThanOrEqual(2);
		expect(receiver.requests).toHaveLength(7);
	});

	it('for longer than Max Retry Wait is not waited for: the item says when', async () => {
		receiver.choose((key) => (key === '/3' ? busy(503, 120) : undefined));
		const result = await run({ maxRetryWait: 100_000 }, { retryOnFail: true, onError: 'continueErrorOutput' });
		expect(receiver.of('/3')).toHaveLength(1);
		const { delivery } = result.errorOutput[0]?.json.details as { delivery: { retryAt: string; retryable: boolean } };
		expect(delivery.retryable).toBe(true);
		expect(Date.parse(delivery.retryAt) - Date.now()).toBeGreaterThan(60_000);
	});

	it('for longer, when a person retries the execution earlier, is asked at once', async () => {
		receiver.script('/3', busy(503, 3600));
		const result = await run({});
		const again = await result.retry();
		expect([result.status, again.status, receiver.of('/3').length]).toEqual(['error', 'success', 2]);
	});

	it('in a word that cannot be read is retried like any other', async () => {
		receiver.choose((key, nth) => (key === '/3' && nth === 0 ? busy(429, 'when it suits you') : undefined));
		expect((await run({}, { retryOnFail: true })).status).toBe('success');
	});
});

it('exponential backoff ends within its cap', async () => {
	receiver.choose((_key, nth) => (nth < 2 ? answer(503) : undefined));
	const result = await run({ backoff: 'exponential', maxRetryWait: 30 }, { retryOnFail: true });
	expect(result.status).toBe('success');
	expect(receiver.requests).toHaveLength(18);
});

it('items of a batch are each sent once, whatever the order of the responses', async () => {
	receiver.choose((key) => ({
		name: 'some later than others',
		act: (response) => setTimeout(() => response.end(), (Number(key.slice(1)) * 7) % 20),
	}));
	await run({ concurrency: 3 });
	expect(bodies(receiver.requests).sort()).toEqual(items.map((item) => JSON.stringify(item)));
});
