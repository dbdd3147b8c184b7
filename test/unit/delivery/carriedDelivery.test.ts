import type { IDataObject } from 'n8n-workflow';
import { carriedDelivery, markOf, overwrittenFields, readPayloads } from '../../../lib/delivery/carriedDelivery';
import { newDelivery } from '../../../lib/delivery/transitions';
import { failureItem } from '../../../nodes/WebhookDispatch/n8n/outputItem';

const mark = markOf({ id: '6f1c', name: 'Webhook Dispatch' }, 'w1');
const carrying = (delivery: unknown, own: IDataObject = { a: 1 }) =>
	({ ...own, error: 'e', message: 'm', details: { delivery } }) as IDataObject;
const failed = { id: 'id-1', status: 'failed', code: 'STATUS', attempts: 3, retryable: true, scheduleStep: 2, mark };
const made = (more: Parameters<typeof failureItem>[1], itemIndexes = [0]) =>
	failureItem({ ...newDelivery(itemIndexes), id: 'id-2', attempts: 4, scheduleStep: 1 }, more).json;

/** What is sent for one item. */
const payloadsOf = async (json: IDataObject, mark: string) => (await readPayloads([{ json }], mark)).of(0);

describe('an item that carries a failed delivery of this node', () => {
	it('continues it: ID, attempts and step of the schedule', () => {
		expect(carriedDelivery(carrying(failed), mark)).toEqual({ id: 'id-1', attempts: 3, scheduleStep: 2 });
	});

	it('is what the node itself outputs', async () => {
		const json = { a: 1, ...made({ mark }) };
		expect(carriedDelivery(json, mark)).toEqual({ id: 'id-2', attempts: 4, scheduleStep: 1 });
		expect(await payloadsOf(json, mark)).toEqual([{ a: 1 }]);
	});

	it('without an ID, since nothing was ever sent, is still known', async () => {
		const fault = { code: 'INVALID_URL', message: '', description: '', retryable: false } as const;
		const json = { a: 1, ...failureItem({ ...newDelivery([0]), fault }, { mark }).json };
		expect(carriedDelivery(json, mark)).toEqual({ id: undefined, attempts: 0, scheduleStep: 0 });
		expect(await payloadsOf(json, mark)).toEqual([{ a: 1 }]);
	});

	it('has a body without error, message and details, whatever else is in it', async () => {
		const own = JSON.parse('{"__proto__":{"x":1},"constructor":2,"messages":3}') as IDataObject;
		expect(JSON.stringify(await payloadsOf(carrying(failed, { ...own }), mark))).toBe(
			'[{"__proto__":{"x":1},"constructor":2,"messages":3}]',
		);
	});

	it('has the error, message and details again that its input had', async () => {
		const input = { a: 1, message: 'hello', details: { delivery: 'by courier' } };
		const json = { ...input, ...made({ mark, input: overwrittenFields(input) }) };
		expect(await payloadsOf(json, mark)).toEqual([input]);
		expect(overwrittenFields({ a: 1 })).toBeUndefined();
	});

	it('represents all recipients of a broadcast', async () => {
		const recipients = [{ a: 1 }, { a: 2 }, { a: 3 }];
		expect(await payloadsOf({ a: 1, ...made({ mark, recipients }, [0, 1, 2]) }, mark)).toEqual(recipients);
	});

	it.each(['a\r\nX-Injected: 1', 'a b', 'ä', '🎉', 'x'.repeat(256), '', 'a.b'])(
		'gets a new ID when %p is none that can be signed',
		(id) => {
			expect(carriedDelivery(carrying({ ...failed, id }), mark)).toEqual({
				id: undefined,
				attempts: 3,
				scheduleStep: 2,
			});
		},
	);
});

describe('an item that 0.1.0 made, without a mark', () => {
	const delivery = {
		id: 'id-1',
		status: 'failed',
		statusCode: 503,
		code: 'STATUS',
		attempts: 3,
		retryable: true,
		at: '2026-11-20T12:00:00.250Z',
	};
	const old = (changes: object = {}, more: IDataObject = {}, details: object = {}) =>
		({
			a: 1,
			error: 'Webhook Dispatch Failed',
			message: 'api.example.com responded with 503 [item 2]',
			details: { delivery: { ...delivery, ...changes }, description: 'Try again later.', ...details },
			...more,
		}) as IDataObject;

	it('is continued when everything fits', async () => {
		expect(carriedDelivery(old(), mark)).toEqual({ id: 'id-1', attempts: 3, scheduleStep: 0 });
		expect(
			carriedDelivery(old({ retryAt: '2026-11-20T12:00:05.250Z', scheduleStep: 1 }, {}, { response: {} }), mark),
		).toMatchObject({ scheduleStep: 1 });
		expect(await payloadsOf(old(), mark)).toEqual([{ a: 1 }]);
	});

	it.each<[string, IDataObject]>([
		['another error', old({}, { error: 'Failed' })],
		['a message without the item', old({}, { message: 'no' })],
		['no message', old({}, { message: null })],
		['no time', old({ at: undefined })],
		['another time', old({ at: 'yesterday' })],
		['another retryAt', old({ retryAt: 5 })],
		['another code', old({ code: '30003' })],
		['a retryable of another type', old({ retryable: 'yes' })],
		['another field in the delivery', old({ carrier: 'DHL' })],
		['another field in the details', old({}, {}, { carrier: 'DHL' })],
		['no description', old({}, {}, { description: undefined })],
		['a status of another type', old({ statusCode: '503' })],
		['a mark of undefined', old({ mark: undefined })],
	])('is new with %s', async (_name, json) => {
		expect(carriedDelivery(json, mark)).toBeUndefined();
		expect((await payloadsOf(json, mark))[0]).toBe(json);
	});
});

describe('an item that carries none of this node', () => {
	it.each<[string, IDataObject]>([
		['no details', { a: 1 }],
		['details that are null', { details: null }],
		['details that are text', { details: 'delivery' }],
		['details that are a list', { details: [failed] as never }],
		['another delivery', { details: { delivery: { id: 'DHL 1', status: 'failed' } } }],
		['an SMS report', carrying({ id: 'SM123', status: 'failed', code: '30003' })],
		['one that another node made', carrying({ ...failed, mark: markOf({ id: '7a2d', name: 'Alert' }, 'w1') })],
		['one of another workflow', carrying({ ...failed, mark: markOf({ id: '6f1c', name: 'Webhook Dispatch' }, 'w2') })],
		['one that only names the node', carrying({ ...failed, mark: '6f1c' })],
		['one without the mark', carrying({ ...failed, mark: undefined })],
		['one with an unknown code', carrying({ ...failed, code: 'constructor' })],
		['a delivered one', carrying({ ...failed, status: 'delivered' })],
		['a list of deliveries', carrying([failed])],
		['a null', carrying(null)],
		['a text', carrying('failed')],
		...[undefined, null, -1, 1.5, '3', 1e9, NaN].map((attempts): [string, IDataObject] => [
			`attempts of ${String(attempts)}`,
			carrying({ ...failed, attempts }),
		]),
	])('%s: all of it is the body', async (_name, json) => {
		expect(carriedDelivery(json, mark)).toBeUndefined();
		expect((await payloadsOf(json, mark))[0]).toBe(json);
	});

	it('an inherited delivery does not count', () => {
		const json = { details: Object.create({ delivery: failed }) as IDataObject };
		expect(carriedDelivery(json, mark)).toBeUndefined();
	});
});

it('a node without an ID is known by its name', () => {
	expect(markOf({ id: '', name: 'Dispatch' }, 'w1')).toBe('webhookDispatch:w1/Dispatch');
});

it('a new delivery is pending, without attempts', () => {
	expect(newDelivery([2, 3])).toEqual({ itemIndexes: [2, 3], state: 'pending', attempts: 0, scheduleStep: 0 });
});
