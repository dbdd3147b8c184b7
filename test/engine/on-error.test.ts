import type { INodeParameters } from 'n8n-workflow';
import type { NodeSettings } from '../support/engine';
import { answer, Receiver } from '../support/receiver';
import { bodies, deliveryOf, dispatch } from './support/dispatch';

/**
 * The three On Error settings, with and without Retry On Fail: what is sent how often, and what comes out.
 * Item n goes to /n; `passing` gets 503 once, `gone` 400 for good, `down` 503 for good.
 */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const COUNT = 5;
const items = Array.from({ length: COUNT }, (_, n) => ({ n }));
type OnError = 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
const ON_ERROR: OnError[] = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'];

interface Faults {
	passing?: number[];
	gone?: number[];
	down?: number[];
}

async function run(faults: Faults, settings: NodeSettings, parameters: INodeParameters = {}) {
	const { passing = [], gone = [], down = [] } = faults;
	receiver.choose((key, nth) => {
		const n = Number(key.slice(1));
		if (gone.includes(n)) return answer(400, { message: 'no' });
		return down.includes(n) || (passing.includes(n) && nth === 0) ? answer(503, { message: 'later' }) : undefined;
	});
	return await dispatch({ items, settings, parameters: { url: `=${receiver.origin}/{{ $json.n }}`, ...parameters } });
}

/** How often each item was sent. */
const sent = () => items.map(({ n }) => receiver.of(`/${n}`).length);
/** Where each item came out: `d`elivered or `f`ailed by its item, on output 0 or 1. */
const outcomes = (result: Awaited<ReturnType<typeof run>>) =>
	[0, 1]
		.flatMap((index) =>
			result.output(index).map(({ json, pairedItem }) => ({ json, index, n: (pairedItem as { item: number }).item })),
		)
		.sort((a, b) => a.n - b.n)
		.map(({ json, index, n }) => `${n}${json.error === undefined ? 'd' : 'f'}${index}`)
		.join(' ');

describe.each(ON_ERROR)('%s', (onError) => {
	const continues = onError !== 'stopWorkflow';
	const failedOn = onError === 'continueErrorOutput' ? 1 : 0;
	const expectOutcomes = (result: Awaited<ReturnType<typeof run>>, failed: number[]) => {
		if (continues || failed.length === 0) {
			expect(result.status).toBe('success');
			expect(outcomes(result)).toBe(
				items.map(({ n }) => (failed.includes(n) ? `${n}f${failedOn}` : `${n}d0`)).join(' '),
			);
		} else {
			expect(result.status).toBe('error');
			expect(result.error?.message).toBe('Webhook Dispatch Failed');
			expect(result.reached('Delivered')).toEqual([]);
		}
	};

	it('without Retry On Fail everything is sent once', async () => {
		const result = await run({ passing: [1], gone: [3] }, { onError });
		expect(sent()).toEqual([1, 1, 1, 1, 1]);
		expectOutcomes(result, [1, 3]);
	});

	it.each([[[2]], [[0]], [[0, 1, 2, 3, 4]]])(
		'with it, what passes (%p) is sent once more and all are delivered',
		async (passing) => {
			const result = await run({ passing }, { onError, retryOnFail: true });
			expect(sent()).toEqual(items.map(({ n }) => (passing.includes(n) ? 2 : 1)));
			expectOutcomes(result, []);
		},
	);

	it.each([2, 3, 5])(
		'what stays is sent %i times, as often as there are tries, whichever item is first',
		async (maxTries) => {
			const result = await run({ down: [3] }, { onError, retryOnFail: true, maxTries });
			expect(sent()).toEqual([1, 1, 1, maxTries, 1]);
			expectOutcomes(result, [3]);
		},
	);

	it('what is refused for good is sent once, tries or not', async () => {
		const result = await run({ gone: [0, 2] }, { onError, retryOnFail: true, maxTries: 5 });
		expect(sent()).toEqual([1, 1, 1, 1, 1]);
		expectOutcomes(result, [0, 2]);
	});

	it('a first item that is refused for good does not start the tries of the others again', async () => {
		const result = await run({ gone: [0], down: [2], passing: [4] }, { onError, retryOnFail: true, maxTries: 4 });
		expect(sent()).toEqual([1, 1, 4, 1, 2]);
		expectOutcomes(result, [0, 2]);
	});

	it('all refused for good: once each', async () => {
		const result = await run({ gone: [0, 1, 2, 3, 4] }, { onError, retryOnFail: true, maxTries: 5 });
		expect(sent()).toEqual([1, 1, 1, 1, 1]);
		expectOutcomes(result, [0, 1, 2, 3, 4]);
	});

	it('in every order of responses nothing that arrived is sent again', async () => {
		const result = await run(
			{ passing: [1], gone: [2], down: [3] },
			{ onError, retryOnFail: true },
			{ options: { concurrency: 2 } },
		);
		expect(sent()).toEqual([1, 2, 1, 3, 1]);
		expectOutcomes(result, [2, 3]);
	});
});

it('a first item that failed for good does not make the engine wait, and run the node again, on the error output', async () => {
	const before = performance.now();
	const result = await run(
		{ gone: [0, 1] },
		{ onError: 'continueErrorOutput', retryOnFail: true, maxTries: 5, waitBetweenTries: 5000 },
	);
	// Each further run would wait 5 s before.
	expect(performance.now() - before).toBeLessThan(5000);
	expect([result.output().length, result.errorOutput.length]).toEqual([3, 2]);
}, 60_000);

describe('the failed items', () => {
	it('are the contract’s, with their input on the error output', async () => {
		const result = await run({ down: [3] }, { onError: 'continueErrorOutput', retryOnFail: true });
		expect(result.errorOutput).toEqual([
			{
				json: {
					n: 3,
					error: 'Webhook Dispatch Failed',
					message: expect.stringMatching(
						/^127\.0\.0\.1:\d+ responded with 503 Service Unavailable: later \[item 3\]$/,
					) as string,
					details: {
						delivery: {
							id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
							status: 'failed',
							statusCode: 503,
							code: 'STATUS',
							attempts: 3,
							retryable: true,
							at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
							mark: 'webhookDispatch:workflow/node-1',
						},
						description: expect.stringMatching(/Retry On Fail/) as string,
						response: { message: 'later' },
					},
				},
				pairedItem: { item: 3 },
			},
		]);
	});

	it('keep all of that in the regular output, too, without the input', async () => {
		const result = await run({ gone: [3] }, { onError: 'continueRegularOutput' });
		expect(Object.keys(result.output()[3]?.json ?? {})).toEqual(['error', 'message', 'details']);
		expect(deliveryOf(result.output()[3]!.json)).toMatchObject({ statusCode: 400, retryable: false, attempts: 1 });
	});

	it('come back through the error output and are delivered under the same ID, attempts counted on', async () => {
		const options = { idempotencyHeader: 'Idempotency-Key' };
		const first = await run({ down: [3] }, { onError: 'continueErrorOutput', retryOnFail: true }, { options });
		const url = `=${receiver.origin}/{{ $json.n }}`;
		receiver.choose(() => undefined);
		const second = await dispatch({ items: first.errorOutput.map(({ json }) => json), parameters: { url, options } });
		expect(deliveryOf(second.output()[0]!.json)).toMatchObject({ status: 'delivered', attempts: 4 });
		expect(new Set(receiver.of('/3').map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
		expect(new Set(bodies(receiver.of('/3')))).toEqual(new Set(['{"n":3}']));
	});
});

describe('the error that stops the node', () => {
	it('reports the first of them, and what became of the others', async () => {
		const { error } = await run({ down: [1, 3] }, {});
		expect(error).toMatchObject({
			message: 'Webhook Dispatch Failed',
			httpCode: '503',
			context: {
				itemIndex: 1,
				data: {
					code: 'STATUS',
					statusCode: 503,
					attempts: 1,
					deliveryId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
				},
			},
		});
		expect(error?.description).toMatch(
			/^127\.0\.0\.1:\d+ responded with 503 Service Unavailable: later \[item 1\]\. .*Retry On Fail.* 2 of 5 deliveries failed\. The 3 delivered are not sent again /,
		);
		// As the editor shows it: in lines, and without the number of the item, which is in its title.
		expect(error?.context.descriptionTemplate).toMatch(
			/^127\.0\.0\.1:\d+ responded with 503 Service Unavailable: later\.<br>.*Retry On Fail.*<br>2 of 5 deliveries failed\. The 3 delivered are not sent again /,
		);
	});

	it('names Retry On Fail once, whether the next step does so already or not', async () => {
		const answered = await run({ down: [1] }, {});
		const cut = await dispatch({ items: [{}], parameters: { url: 'http://127.0.0.1:1/' } });
		for (const { error } of [answered, cut]) expect(error?.description?.match(/Retry On Fail/g)).toHaveLength(1);
		expect(cut.error?.description).toMatch(/Turn on Retry On Fail in the node's settings to retry\.$/);
	});

	it('says nothing of Retry On Fail where it is on, or would be of no use', async () => {
		const on = await run({ down: [1] }, { retryOnFail: true });
		const useless = await run({ gone: [1] }, {});
		expect(on.error?.description).not.toMatch(/Turn on Retry On Fail/);
		expect(useless.error?.description).not.toMatch(/Turn on Retry On Fail/);
	});

	it('of one item speaks of no others', async () => {
		receiver.choose(() => answer(404, ''));
		const { error } = await dispatch({ items: [{ n: 0 }], parameters: { url: receiver.url('/x') } });
		expect(error?.description).toMatch(
			/^127\.0\.0\.1:\d+ responded with 404 Not Found \[item 0\]\. Check the path of the Destination URL\.$/,
		);
	});
});

describe('a broadcast', () => {
	const parameters = { url: '', body: 'profiles', recipients: 'broadcast', options: { batchSize: 2, concurrency: 1 } };

	it('fails by request: paired with all its items, the other requests are delivered', async () => {
		receiver.script('/b', answer(200), answer(400), answer(200));
		const result = await dispatch({
			items,
			parameters: { ...parameters, url: receiver.url('/b') },
			settings: { onError: 'continueErrorOutput', retryOnFail: true },
		});
		expect(receiver.requests).toHaveLength(3);
		expect(result.output().map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 0 }, { item: 1 }], { item: 4 }]);
		expect(result.errorOutput.map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 2 }, { item: 3 }]]);
		expect(result.errorOutput[0]?.json.message).toMatch(/ \[items 2-3\]$/);
	});
});

describe('hints', () => {
	/** Without the summary of the run, which comes first. */
	const texts = (result: Awaited<ReturnType<typeof run>>) =>
		result.hints
			.map(({ message }) => message)
			.filter((message) => !/^\d+ delivered/.test(message))
			.join(' | ');
	const continuing: NodeSettings = { onError: 'continueErrorOutput' };

	it('say nothing when all is well', async () => {
		expect(texts(await run({}, { retryOnFail: true }))).toBe('');
	});

	it('begin with how the run went, for more than one item', async () => {
		const took = 'median \\d+ ms, slowest \\d+ m?s\\.$';
		const all = await run({}, { retryOnFail: true });
		expect(all.hints[0]?.message).toMatch(new RegExp(`^\\d delivered, ${took}`));
		const some = await run({ gone: [1] }, continuing);
		expect(some.hints[0]?.message).toMatch(new RegExp(`^\\d delivered, 1 failed \\(1 STATUS 400\\), ${took}`));
		const one = await dispatch({ items: [{}], parameters: { url: receiver.url('/one') } });
		expect(one.hints).toEqual([]);
	});

	it('report that Retry On Fail would help', async () => {
		expect(texts(await run({ down: [1] }, continuing))).toMatch(
			/^1 delivery may succeed on retry: turn on <b>Retry On Fail/,
		);
		expect(texts(await run({ down: [1, 2] }, continuing))).toMatch(/^2 deliveries may succeed/);
		expect(texts(await run({ gone: [1] }, continuing))).toBe('');
		expect(texts(await run({ down: [1] }, { ...continuing, retryOnFail: true }))).toBe('');
	});

	it('report bodies that GET does not send', async () => {
		const method = '={{ $itemIndex === 0 ? "POST" : "GET" }}';
		expect(texts(await run({}, {}, { method }))).toMatch(
			/^\d GET requests were sent without a body, as GET sends none\. Select another <b>Method<\/b>/,
		);
		expect(texts(await run({}, {}, { method, body: 'text', textBody: 'x' }))).toMatch(
			/^\d GET requests were sent without a body/,
		);
		expect(texts(await run({}, {}, { method, body: 'none' }))).toBe('');
		// The form shows no Body then, and n8n stores none.
		expect(texts(await run({}, {}, { method: 'GET', body: 'json', jsonBody: '{}' }))).toBe('');
	});

	it('report nothing of a body whose expression has no value for a request without one', async () => {
		const method = '={{ $itemIndex === 0 ? "POST" : "GET" }}';
		const body = '={{ $itemIndex === 0 ? "none" : $("No such node").first().json.x }}';
		const result = await run({}, {}, { method, body });
		expect([result.status, texts(result)]).toEqual(['success', '']);
	});

	it.each<[string, INodeParameters, NodeSettings, RegExp | '']>([
		['Retry Schedule without an error output', { retrySchedule: '5s' }, {}, /^<b>Retry Schedule<\/b> has no effect/],
		['Retry Schedule with one', { retrySchedule: '5s' }, continuing, ''],
		['Backoff without Retry On Fail', { backoff: 'exponential' }, {}, /^<b>Backoff<\/b> has no effect/],
		['Backoff with it', { backoff: 'exponential' }, { retryOnFail: true }, ''],
	])('report settings without effect: %s', async (_name, options, settings, text) => {
		const hint = texts(await run({}, settings, { options }));
		if (text === '') expect(hint).toBe('');
		else expect(hint).toMatch(text);
	});
});
