import { runWorkflow, type NodeSettings } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import {
	account,
	dispatchTo as dispatch,
	isFaulty,
	itemsOf,
	kept,
	keysOf,
	outcomesOf,
	SHORT_TIMEOUT,
	TIMEOUT,
} from '../support/faults/scenario';
import {
	answer,
	bodiless,
	busy,
	closesUnsaid,
	commitThenHang,
	cutInHeaders,
	drip,
	gzipBomb,
	malformedHeaders,
	manyHeaders,
	neverEnds,
	oversized,
	Receiver,
	redirect,
	resetAfterBody,
	resetBeforeBody,
	saysNo,
	truncated,
	unaskedInterim,
	type Behaviour,
} from '../support/receiver';

/** A fault of the receiver, and what the node must make of it. */
interface Fault {
	name: string;
	/** What a faulty item meets at its nth request. */
	behaviour: (key: string, nth: number) => Behaviour;
	/** The code of an item that fails with it. */
	code: string;
	/** Whether it is retried within an execution. */
	retried: boolean;
	/** Whether it ends by the sender's timeout. */
	hangs?: boolean;
	/** Options of the node. */
	options?: object;
}

/** A response that acknowledges by its status line, though something is wrong with it. */
interface OddSuccess {
	name: string;
	behaviour: Behaviour;
	/** The code of `delivery.responseFault`; none where the response is still clear. */
	code?: string;
	/** Whether it ends by the sender's timeout. */
	hangs?: boolean;
	/** With Output: Response, what comes out where there is no `code`. */
	response?: unknown;
}

const always = (behaviour: Behaviour) => () => behaviour;
const inTurns = (statuses: number[]) => (key: string, nth: number) =>
	answer(statuses[(Number(key.slice(1)) + nth) % statuses.length], { no: true });

const noWhen = (tryAgain: boolean) => ({
	failsWhen: { rules: [{ path: 'ok', condition: 'equals', value: 'false', tryAgain }] },
});

const faults: Fault[] = [
	{ name: 'Connection reset before the body', behaviour: always(resetBeforeBody()), code: 'CONNECTION', retried: true },
	{ name: 'Connection reset after the body', behaviour: always(resetAfterBody()), code: 'CONNECTION', retried: true },
	{ name: 'Truncated 503', behaviour: always(truncated(503)), code: 'STATUS', retried: true },
	{
		name: 'Interim responses, then 503',
		behaviour: always(unaskedInterim([100, 103], 503)),
		code: 'STATUS',
		retried: true,
	},
	{
		name: 'Commit, then timeout (no response)',
		behaviour: always(commitThenHang()),
		code: 'TIMEOUT',
		retried: true,
		hangs: true,
	},
	{
		name: 'Bursts of 408, 425, 429, 500, 502, 503, 504',
		behaviour: inTurns([408, 425, 429, 500, 502, 503, 504]),
		code: 'STATUS',
		retried: true,
	},
	{ name: '429 with Retry-After: 0', behaviour: always(busy(429, 0)), code: 'STATUS', retried: true },
	{
		name: '400, 401, 403, 404, 410, 422, 501',
		behaviour: inTurns([400, 401, 403, 404, 410, 422, 501]),
		code: 'STATUS',
		retried: false,
	},
	{
		name: 'Redirect that is not followed',
		behaviour: always(redirect('/elsewhere')),
		code: 'REDIRECT',
		retried: false,
	},
	{
		name: 'Error response that never ends',
		behaviour: always(neverEnds(503)),
		code: 'STATUS',
		retried: true,
		hangs: true,
	},
	{
		name: '200 that means no (Fails When, Try Again)',
		behaviour: always(saysNo()),
		code: 'REJECTED',
		retried: true,
		options: noWhen(true),
	},
	{
		name: '200 that means no (Fails When)',
		behaviour: always(saysNo()),
		code: 'REJECTED',
		retried: false,
		options: noWhen(false),
	},
];

const oddSuccesses: OddSuccess[] = [
	{ name: 'Truncated 200', behaviour: truncated(), code: 'CONNECTION' },
	{ name: '200 that never ends', behaviour: neverEnds(), code: 'TIMEOUT', hangs: true },
	{ name: '200 that drips', behaviour: drip(20), code: 'TIMEOUT', hangs: true },
	{ name: 'Oversized 200', behaviour: oversized(4 * 1024 * 1024), code: 'RESPONSE_TOO_LARGE' },
	{ name: 'Gzip bomb with 200', behaviour: gzipBomb(), code: 'RESPONSE_TOO_LARGE' },
	{ name: '200 with 100 KB of headers', behaviour: manyHeaders(100_000), code: 'RESPONSE_TOO_LARGE' },
	{ name: '200 with 20 KB of headers', behaviour: manyHeaders(), response: { ok: true } },
	{ name: '200 with malformed headers', behaviour: malformedHeaders(), code: 'CONNECTION' },
	{ name: '200 cut inside its headers', behaviour: cutInHeaders(), code: 'CONNECTION' },
	{
		name: '100 Continue and others that nobody asked for, then 200',
		behaviour: unaskedInterim(),
		response: { ok: true },
	},
	{ name: '204 with Content-Length', behaviour: bodiless(), response: '' },
	{ name: '204 with Transfer-Encoding', behaviour: bodiless(204, { 'transfer-encoding': 'chunked' }), response: '' },
	{ name: '200, then a connection that ends unsaid', behaviour: closesUnsaid(), response: { ok: true } },
];

const COUNT = 12;
const keys = keysOf(COUNT);
const faulty = keys.filter(isFaulty);
const table = new FaultTable(1, 'faults');
let receiver: Receiver;

beforeAll(async () => {
	receiver = await Receiver.start();
	// What is loaded with the first execution is not to count against a short timeout.
	await runWorkflow({ items: itemsOf(COUNT), node: dispatch(receiver.origin) });
});
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const requestsOf = (some: string[]) => some.map((key) => receiver.of(key).length);

describe.each(faults)('$name', ({ name, behaviour, code, retried, hangs, options }) => {
	const dispatchTo = (origin: string, settings: NodeSettings = {}) =>
		dispatch(origin, {
			...settings,
			parameters: { options: { timeout: hangs ? SHORT_TIMEOUT : TIMEOUT, ...options } },
		});
	const items = itemsOf(COUNT);

	if (retried) {
		it('is over at the second try: all are delivered, the others were not sent again', async () => {
			receiver.choose((key, nth) => (isFaulty(key) && nth === 0 ? behaviour(key, nth) : undefined));
			const run = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
			const counts = account(run, [receiver], keys);
			table.add(name, counts);
			expect(run.status).toBe('success');
			expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0, requests: COUNT + faulty.length });
			expect(outcomesOf(run).map(({ pairedItem }) => pairedItem)).toEqual(items.map(({ item }) => ({ item })));
		});
	}

	it('stays: the faulty items take the error output, each with its code and attempts', async () => {
		receiver.choose((key, nth) => (isFaulty(key) ? behaviour(key, nth) : undefined));
		const node = dispatchTo(receiver.origin, { onError: 'continueErrorOutput' });
		const run = await runWorkflow({ items, node });
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(run.status).toBe('success');
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length });
		expect(requestsOf(faulty)).toEqual(faulty.map(() => (retried ? 2 : 1)));
		for (const { json } of run.errorOutput) {
			expect(json).toMatchObject({
				item: expect.any(Number),
				error: 'Webhook Dispatch Failed',
				message: expect.any(String),
				details: {
					delivery: { id: expect.any(String), status: 'failed', code, attempts: retried ? 2 : 1, retryable: retried },
				},
			});
		}
	});

	it('stops the execution; when it is over, the retry of the execution delivers what is missing', async () => {
		let over = false;
		receiver.choose((key, nth) => (isFaulty(key) && !over ? behaviour(key, nth) : undefined));
		const first = await runWorkflow({ items, node: dispatchTo(receiver.origin) });
		expect(first.status).toBe('error');
		expect(requestsOf(keys)).toEqual(keys.map((key) => (isFaulty(key) && retried ? 2 : 1)));
		over = true;
		const run = await first.retry();
		const counts = account(run, [receiver], keys);
		table.add(name, counts, 2);
		expect(run.status).toBe('success');
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0 });
		expect(requestsOf(keys)).toEqual(keys.map((key) => (isFaulty(key) ? (retried ? 3 : 2) : 1)));
	});
});

describe.each(oddSuccesses)('$name', ({ name, behaviour, code, hangs, response }) => {
	const dispatchTo = (settings: NodeSettings = {}, output = 'receipt') =>
		dispatch(receiver.origin, {
			...settings,
			parameters: { options: { timeout: hangs ? SHORT_TIMEOUT : TIMEOUT, output } },
		});
	const items = itemsOf(COUNT);
	const faultyIndexes = items.flatMap(({ item }) => (isFaulty(`/${item}`) ? [item] : []));
	beforeEach(() => receiver.choose((key) => (isFaulty(key) ? behaviour : undefined)));

	it('is delivered with one request; the receipt says what became of the response', async () => {
		const run = await runWorkflow({ items, node: dispatchTo({ maxTries: 3 }) });
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(run.status).toBe('success');
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0, requests: COUNT });
		for (const [index, { json }] of run.output(0).entries()) {
			const { responseFault, ...delivery } = json.delivery as { responseFault?: unknown };
			expect(delivery).toMatchObject({ status: 'delivered', attempts: 1, statusCode: expect.any(Number) });
			if (code !== undefined && faultyIndexes.includes(index)) {
				expect(responseFault).toEqual({ code, message: expect.any(String) });
			} else expect(responseFault).toBeUndefined();
		}
	});

	it('Output: Input Item: the item flows on as it came', async () => {
		const run = await runWorkflow({ items, node: dispatchTo({}, 'input') });
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
		expect(run.output(0).map(({ json }) => json)).toEqual(items);
	});

	if (code === undefined) {
		it('Output: Response: the response flows on', async () => {
			const run = await runWorkflow({ items, node: dispatchTo({}, 'response') });
			const counts = account(run, [receiver], keys);
			table.add(name, counts);
			expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
			for (const index of faultyIndexes)
				expect(run.output(0)[index]?.json).toMatchObject(response === '' ? {} : (response as object));
		});
		return;
	}

	it('Output: Response: the item fails, and is never sent again', async () => {
		const run = await runWorkflow({
			items,
			node: dispatchTo({ maxTries: 3, onError: 'continueErrorOutput' }, 'response'),
		});
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length, requests: COUNT });
		for (const { json } of run.errorOutput) {
			expect(json.details).toMatchObject({ delivery: { status: 'failed', code, attempts: 1, retryable: false } });
		}
	});

	it('Output: Response: stops the execution, whose retry does not send it again', async () => {
		const first = await runWorkflow({ items, node: dispatchTo({}, 'response') });
		expect(first.status).toBe('error');
		const run = await first.retry();
		const counts = account(run, [receiver], keys);
		table.add(name, counts, 2);
		expect(counts).toMatchObject(kept);
		expect(requestsOf(keys)).toEqual(keys.map(() => 1));
	});
});

it('Commit, then timeout: a receiver that knows delivery IDs has done everything exactly once', async () => {
	receiver.choose((key, nth) => (isFaulty(key) && nth === 0 ? commitThenHang() : undefined));
	const node = dispatch(receiver.origin, { parameters: { options: { timeout: SHORT_TIMEOUT } } });
	const run = await runWorkflow({ items: itemsOf(COUNT), node });
	const committed = receiver.requests.filter((request) => request.committed);
	expect(run.status).toBe('success');
	expect(committed).toHaveLength(COUNT + faulty.length);
	expect(new Set(committed.map(({ headers }) => headers['idempotency-key'])).size).toBe(COUNT);
});
