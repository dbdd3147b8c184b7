import { Webhook } from 'standardwebhooks';
import { answer, commitThenHang, Receiver, redirect, resetAfterBody } from '../support/receiver';
import type { NodeSettings } from '../support/engine';
import { deliveryOf, dispatch, pairs } from './support/dispatch';

/** One ID a delivery, over attempts, tries, retried executions and rounds; and the signatures made with it. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const items = [{ n: 0 }, { n: 1 }, { n: 2 }];
const url = () => `=${receiver.origin}/{{ $json.n }}`;
const options = { idempotencyHeader: 'Idempotency-Key' };
const idsOf = (key: string) => receiver.of(key).map(({ headers }) => headers['idempotency-key']);
const deliver = async (settings: NodeSettings = {}, more = {}, input: typeof items = items) =>
	await dispatch({ items: input, settings, parameters: { url: url(), options: { ...options, ...more } } });

describe('the delivery’s ID', () => {
	it('is the receipt’s and the header’s, another for each item, and of every execution', async () => {
		const first = await deliver();
		const ids = items.map(({ n }) => idsOf(`/${n}`)[0]);
		expect(first.output().map(({ json }) => deliveryOf(json).id)).toEqual(ids);
		expect(ids.every((id) => UUID.test(String(id)))).toBe(true);
		await deliver();
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(6);
	});

	it('differs for equal items, too', async () => {
		await deliver({}, {}, [{ n: 0 }, { n: 0 }, { n: 0 }]);
		expect(new Set(idsOf('/0')).size).toBe(3);
	});

	it('stays over tries, and over the retry of the execution', async () => {
		receiver.script('/1', answer(503), resetAfterBody(), answer(500), answer(502));
		const run = await deliver({ retryOnFail: true, maxTries: 2 });
		const retried = await run.retry();
		const again = await retried.retry();
		expect([run.status, retried.status, again.status]).toEqual(['error', 'error', 'success']);
		expect(new Set(idsOf('/1')).size).toBe(1);
		expect(idsOf('/1')).toHaveLength(5);
		expect(deliveryOf(again.output()[1]!.json)).toMatchObject({ attempts: 5, id: idsOf('/1')[0] });
		expect([idsOf('/0').length, idsOf('/2').length]).toEqual([1, 1]);
	});

	it('stays in the retry of an execution of which nothing but its start was written down', async () => {
		const run = await deliver();
		const again = await run.retryAfterCrash();
		expect(again.executionId).not.toBe(run.executionId);
		expect(items.map(({ n }) => [idsOf(`/${n}`).length, new Set(idsOf(`/${n}`)).size])).toEqual(
			items.map(() => [2, 1]),
		);
	});

	it('is no other delivery’s when a retry has another item in its place, with the same body', async () => {
		receiver.script('/1', answer(503));
		const run = await dispatch({
			items: [{ n: 0 }, { n: 1 }],
			parameters: { url: url(), body: 'text', textBody: 'same', options },
		});
		const retried = await run.retry({ items: [{ n: 2 }, { n: 0 }] });
		expect([retried.status, receiver.requests.length]).toEqual(['success', 3]);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
	});

	it('stays when the items come in another order in the retry', async () => {
		receiver.script('/1', answer(503));
		const run = await deliver();
		await run.retry({ items: [...items].reverse() });
		expect(new Set(idsOf('/1')).size).toBe(1);
	});

	it('makes a repetition harmless at a destination that committed without a response', async () => {
		const done = new Set<unknown>();
		receiver.choose((_key, nth) => (nth === 0 ? commitThenHang() : answer(200)));
		const run = await deliver({ retryOnFail: true }, { timeout: 1500 });
		for (const { headers } of receiver.requests) done.add(headers['idempotency-key']);
		expect([run.status, receiver.requests.length, done.size]).toEqual(['success', 6, 3]);
	});

	it('may be one’s own, from the item', async () => {
		const run = await deliver({}, { deliveryId: '=order-{{ $json.n }}' });
		expect(run.output().map(({ json }) => deliveryOf(json).id)).toEqual(['order-0', 'order-1', 'order-2']);
		expect(idsOf('/2')).toEqual(['order-2']);
	});

	it('goes in any header, and wins over one that was set by hand', async () => {
		const parameters = {
			url: url(),
			headerParameters: pairs(['X-Id', 'mine']),
			options: { idempotencyHeader: 'X-ID', deliveryId: 'a1' },
		};
		await dispatch({ items: [{ n: 0 }], parameters });
		expect(receiver.requests[0]?.rawHeaders.filter((text) => text.toLowerCase() === 'x-id')).toHaveLength(1);
		expect(receiver.requests[0]?.headers['x-id']).toBe('a1');
	});

	it('is sent along when a redirect is followed', async () => {
		receiver.script('/0', redirect('/end', 307));
		await deliver({}, { followRedirects: true }, [{ n: 0 }]);
		expect(idsOf('/end')).toEqual(idsOf('/0'));
	});
});

describe('an item that carries a failed delivery', () => {
	const carrying = (delivery: object) => ({
		n: 0,
		error: 'Webhook Dispatch Failed',
		message: 'm',
		details: {
			delivery: {
				id: 'id-of-before',
				status: 'failed',
				code: 'STATUS',
				attempts: 3,
				retryable: true,
				mark: 'webhookDispatch:workflow/node-1',
				...delivery,
			},
			description: 'd',
		},
	});

	it('continues it: its ID, attempts counted on, its own fields as the body', async () => {
		const run = await dispatch({ items: [carrying({})], parameters: { url: url(), options } });
		expect(receiver.requests[0]?.body.toString()).toBe('{"n":0}');
		expect(deliveryOf(run.output()[0]!.json)).toMatchObject({ id: 'id-of-before', attempts: 4 });
		expect(idsOf('/0')).toEqual(['id-of-before']);
	});

	it('continues it over several tries, too', async () => {
		receiver.script('/0', answer(503));
		const run = await dispatch({
			items: [carrying({})],
			parameters: { url: url(), options },
			settings: { retryOnFail: true },
		});
		expect(deliveryOf(run.output()[0]!.json)).toMatchObject({ id: 'id-of-before', attempts: 5 });
	});

	it('of another node is a new one, sent whole', async () => {
		const item = carrying({ mark: 'webhookDispatch:node-2' });
		const run = await dispatch({ items: [item], parameters: { url: url(), options } });
		expect(JSON.parse(String(receiver.requests[0]?.body))).toEqual(item);
		expect(deliveryOf(run.output()[0]!.json)).toMatchObject({ attempts: 1 });
		expect(idsOf('/0')).not.toContain('id-of-before');
	});

	it('goes through a schedule step by step, until it is used up', async () => {
		receiver.choose(() => answer(503));
		const parameters = { url: url(), options: { ...options, retrySchedule: '10s, 1h' } };
		let input: object = { n: 0 };
		const rounds: unknown[] = [];
		for (let round = 0; round < 3; round += 1) {
			const before = Date.now();
			const run = await dispatch({
				items: [input as { n: number }],
				parameters,
				settings: { onError: 'continueErrorOutput' },
			});
			input = run.errorOutput[0]!.json;
			const { retryAt, attempts, scheduleStep } = deliveryOf(run.errorOutput[0]!.json);
			const wait = retryAt === undefined ? undefined : Date.parse(String(retryAt)) - before;
			rounds.push([
				attempts,
				scheduleStep,
				wait === undefined ? 'none' : wait >= 3_600_000 ? '1h' : wait >= 10_000 ? '10s' : 'too soon',
			]);
		}
		expect(rounds).toEqual([
			[1, 1, '10s'],
			[2, 2, '1h'],
			[3, 2, 'none'],
		]);
		expect(new Set(idsOf('/0')).size).toBe(1);
	});

	it('that is refused for good gets no further date', async () => {
		receiver.choose(() => answer(410));
		const run = await dispatch({
			items: [{ n: 0 }],
			parameters: { url: url(), options: { retrySchedule: '10s' } },
			settings: { onError: 'continueErrorOutput' },
		});
		expect(deliveryOf(run.errorOutput[0]!.json)).not.toHaveProperty('retryAt');
		expect((run.errorOutput[0]?.json.details as { description: string }).description).toMatch(/permanently gone/);
	});

	it('a destination that asks for longer than the schedule gets it', async () => {
		receiver.choose(() => answer(503, '', { 'retry-after': '86400' }));
		const run = await dispatch({
			items: [{ n: 0 }],
			parameters: { url: url(), options: { retrySchedule: '1s' } },
			settings: { onError: 'continueErrorOutput' },
		});
		const { retryAt } = deliveryOf(run.errorOutput[0]!.json);
		expect(Date.parse(String(retryAt)) - Date.now()).toBeGreaterThan(86_000_000);
	});
});

describe('signatures (Standard Webhooks)', () => {
	const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
	const previousSecret = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
	const signed = async (parameters = {}, settings: NodeSettings = {}, credential = { secret, previousSecret: '' }) =>
		await dispatch({
			items: [{ n: 0, text: 'Grüße "🎉" \ud800' }],
			settings,
			parameters: { url: url(), signing: 'standardWebhooks', ...parameters },
			credentials: { webhookDispatchSigningApi: credential },
		});
	const verify = (key: string, index = 0) => {
		const { body, headers } = receiver.requests[index]!;
		return new Webhook(key).verify(body.toString('utf8'), headers as Record<string, string>);
	};

	it.each([
		['the item', {}],
		['a form', { body: 'text', textBody: '{"a":1}' }],
		['pretty JSON', { body: 'json', jsonBody: '{\n  "a": 1.0 }' }],
		['profiles', { body: 'profiles' }],
	])('hold over the exact bytes of %s', async (_name, parameters) => {
		const run = await signed(parameters);
		expect(() => verify(secret)).not.toThrow();
		expect(receiver.requests[0]?.headers['webhook-id']).toBe(deliveryOf(run.output()[0]!.json).id);
		expect(() => verify(previousSecret)).toThrow();
	});

	it('hold over an empty body', async () => {
		await signed({ method: 'GET' });
		const { headers } = receiver.requests[0]!;
		const signature = new Webhook(secret).sign(
			String(headers['webhook-id']),
			new Date(Number(headers['webhook-timestamp']) * 1000),
			'',
		);
		expect(headers['webhook-signature']).toBe(signature);
	});

	it('hold with both secrets while they are rotated', async () => {
		await signed({}, {}, { secret, previousSecret });
		expect(() => [verify(secret), verify(previousSecret)]).not.toThrow();
	});

	it('hold with secrets that are written after their version', async () => {
		await signed({}, {}, { secret: `v1,${secret}`, previousSecret: `"v1,${previousSecret}"` });
		expect(() => [verify(secret), verify(previousSecret)]).not.toThrow();
	});

	it('are the same delivery in every try, each with its own time', async () => {
		receiver.script('/0', answer(503, '', { 'retry-after': '1' }));
		await signed({}, { retryOnFail: true });
		const [first, second] = receiver.requests;
		expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
		expect(Number(second?.headers['webhook-timestamp'])).toBeGreaterThan(Number(first?.headers['webhook-timestamp']));
		expect(() => verify(secret, 1)).not.toThrow();
	});

	it.each([
		['nonsense!', 'The signing secret is not Base64'],
		['whsec_c2hvcnQ=', 'The signing secret has 5 bytes, 24 to 64 are allowed'],
	])('a secret that is none stops the node and is not shown: %s', async (bad, message) => {
		const run = await signed({}, {}, { secret: bad, previousSecret: '' });
		expect([run.error?.message, receiver.requests.length]).toEqual([message, 0]);
		expect(JSON.stringify(run.data)).not.toContain(bad);
	});
});
