import { runWorkflow, startWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, isFaulty, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { answer, busy, hang, Receiver, receiversForTest } from '../support/receiver';

/** Waiting as a destination asks for it, and being stopped while waiting or sending. */

const COUNT = 6;
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const faulty = keys.filter(isFaulty);
const table = new FaultTable(4, 'waiting');
const startReceiver = receiversForTest();
let receiver: Receiver;

beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

/** When a request arrived, in milliseconds of the epoch. */
const arrival = ({ at }: { at: number }) => performance.timeOrigin + at;
/** The next whole second that is more than a second away, as HTTP dates know no parts of one. */
const soon = () => new Date(Math.ceil(Date.now() / 1000 + 1) * 1000);

it('429 with a date: the next attempt comes not before it', async () => {
	const date = soon();
	receiver.choose((key, nth) => (isFaulty(key) && nth === 0 ? busy(429, date.toUTCString()) : undefined));
	const run = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
	const counts = account(run, [receiver], keys);
	table.add('429 with Retry-After as a date', counts);
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	for (const key of faulty)
		expect(arrival(receiver.of(key)[1] ?? { at: 0 })).toBeGreaterThanOrEqual(date.getTime() - 20);
});

it.each([
	['Retry-After: 1', { 'retry-after': '1' }],
	['RateLimit-Reset: 1', { 'ratelimit-reset': '1' }],
])('503 with %s: the next attempt comes a second later', async (_name, headers) => {
	receiver.choose((key, nth) => (isFaulty(key) && nth === 0 ? answer(503, {}, headers) : undefined));
	const run = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
	const counts = account(run, [receiver], keys);
	table.add('503 with Retry-After in seconds', counts);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	for (const key of faulty) {
		const [first, second] = receiver.of(key);
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(980);
	}
});

it('items for another destination are not held up by one that wants a pause', async () => {
	const other = await startReceiver();
	const url = `={{ $json.item % 3 === 1 ? '${other.origin}' : '${receiver.origin}' }}/{{ $json.item }}`;
	other.choose((_key, nth) => (nth === 0 ? busy(429, 1) : undefined));
	receiver.choose((_key, nth) => (nth === 0 ? answer(502) : undefined));
	const run = await runWorkflow({ items, node: dispatchTo('', { parameters: { url } }) });
	const counts = account(run, [receiver, other], keys);
	table.add('A pause of one destination, others go on', counts);
	const begun = receiver.requests[0]?.at ?? 0;
	const lastElsewhere = Math.max(...receiver.requests.map(({ at }) => at));
	expect(counts).toMatchObject({ ...kept, delivered: COUNT });
	expect(lastElsewhere - begun).toBeLessThan(700);
});

it('a demand beyond maxRetryWait goes to the error output with the time', async () => {
	receiver.choose((key) => (isFaulty(key) ? busy(429, 3600) : undefined));
	const began = Date.now();
	const run = await runWorkflow({ items, node: dispatchTo(receiver.origin, { onError: 'continueErrorOutput' }) });
	const counts = account(run, [receiver], keys);
	table.add('429 with an hour to wait', counts);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length });
	for (const key of faulty) expect(receiver.of(key)).toHaveLength(1);
	for (const { json } of run.errorOutput) {
		const { retryAt } = (json.details as { delivery: { retryAt: string } }).delivery;
		expect(Date.parse(retryAt) - began).toBeGreaterThan(3_590_000);
	}
	expect(Date.now() - began).toBeLessThan(5000);
});

it('a failed item that comes back is the same delivery: same ID, attempts counted on', async () => {
	receiver.choose((key, nth) => (isFaulty(key) && nth < 2 ? answer(503) : undefined));
	const first = await runWorkflow({ items, node: dispatchTo(receiver.origin, { onError: 'continueErrorOutput' }) });
	table.add('A failed item comes back through the error output', account(first, [receiver], keys));
	const back = first.errorOutput.map(({ json }) => json);
	const second = await runWorkflow({ items: back, node: dispatchTo(receiver.origin) });
	const counts = account(
		second,
		[receiver],
		back.map(({ item }) => `/${String(item)}`),
	);
	table.add('A failed item comes back through the error output', { ...counts, items: 0 });
	expect(counts).toMatchObject({ ...kept, delivered: faulty.length });
	for (const { json } of second.output(0)) expect(json.delivery).toMatchObject({ attempts: 3 });
	for (const key of faulty) {
		const [sent, , last] = receiver.of(key);
		expect(last?.headers['idempotency-key']).toBe(sent?.headers['idempotency-key']);
		expect(last?.body.toString()).toBe(sent?.body.toString());
	}
});

describe('A cancelled execution', () => {
	/** Cancels when `count` requests have arrived, and gives the run and how long its end took. */
	const cancelled = async (count: number, parameters: Parameters<typeof dispatchTo>[1] = {}) => {
		const running = await startWorkflow({ items, node: dispatchTo(receiver.origin, parameters) });
		await receiver.arrived(count);
		const before = performance.now();
		running.cancel();
		const run = await running.finished;
		return { run, took: performance.now() - before };
	};

	it('ends the requests in flight and sends no more', async () => {
		receiver.choose((key) => (isFaulty(key) ? hang() : undefined));
		const { run, took } = await cancelled(2, { parameters: { options: { concurrency: 1, timeout: 30_000 } } });
		const sent = receiver.requests.length;
		await new Promise((resolve) => setTimeout(resolve, 100));
		table.add('Cancelled while sending', account(run, [receiver], keys));
		expect(run.status).toBe('canceled');
		expect(took).toBeLessThan(500);
		expect([sent, receiver.requests.length]).toEqual([2, 2]);
		expect(receiver.requests.map(({ outcome }) => outcome)).toEqual(['acknowledged', 'cut']);
	});

	it('ends the wait for a destination', async () => {
		receiver.choose((_key, nth) => (nth === 0 ? busy(429, 30) : undefined));
		const running = await startWorkflow({
			items,
			node: dispatchTo(receiver.origin, { parameters: { options: { concurrency: 1 } } }),
		});
		await receiver.arrived(1);
		// The next try is in progress and waits.
		await new Promise((resolve) => setTimeout(resolve, 200));
		const before = performance.now();
		running.cancel();
		const run = await running.finished;
		table.add('Cancelled while waiting', account(run, [receiver], keys));
		expect(run.status).toBe('canceled');
		expect(performance.now() - before).toBeLessThan(500);
		expect(receiver.requests).toHaveLength(1);
	});
});
