import type { IDataObject } from 'n8n-workflow';
import { carriedDelivery, newDelivery, payloadOf } from '../../../nodes/WebhookDispatch/delivery/delivery';
import { failureItem } from '../../../nodes/WebhookDispatch/delivery/outputItem';

const carrying = (delivery: unknown, own: IDataObject = { a: 1 }) =>
	({ ...own, error: 'e', message: 'm', details: { delivery } }) as IDataObject;
const failed = { id: 'id-1', status: 'failed', code: 'STATUS', attempts: 3, retryable: true, scheduleStep: 2 };

describe('an item that carries a failed delivery', () => {
	it('continues it: ID, attempts and step of the schedule', () => {
		expect(carriedDelivery(carrying(failed))).toEqual({ id: 'id-1', attempts: 3, scheduleStep: 2 });
	});

	it('is what the node itself puts out', () => {
		const delivery = { ...newDelivery([0]), id: 'id-2', attempts: 4, scheduleStep: 1 };
		const { json } = failureItem(delivery);
		expect(carriedDelivery({ a: 1, ...json })).toEqual({ id: 'id-2', attempts: 4, scheduleStep: 1 });
		expect(payloadOf({ a: 1, ...json })).toEqual({ a: 1 });
	});

	it('without an ID, since nothing was ever sent, is known all the same', () => {
		const { json } = failureItem({ ...newDelivery([0]), fault: { code: 'INVALID_URL', message: '', description: '', retryable: false } });
		expect(carriedDelivery({ a: 1, ...json })).toEqual({ id: undefined, attempts: 0, scheduleStep: 0 });
		expect(payloadOf({ a: 1, ...json })).toEqual({ a: 1 });
	});

	it('has a body without error, message and details, whatever else is in it', () => {
		const own = JSON.parse('{"__proto__":{"x":1},"constructor":2,"messages":3}') as IDataObject;
		expect(JSON.stringify(payloadOf(carrying(failed, { ...own })))).toBe('{"__proto__":{"x":1},"constructor":2,"messages":3}');
	});

	it.each([undefined, null, -1, 1.5, '3', 1e9, NaN])('counts attempts of %p as none', (attempts) => {
		expect(carriedDelivery(carrying({ ...failed, attempts }))).toMatchObject({ id: 'id-1', attempts: 0 });
	});

	it.each(['a\r\nX-Injected: 1', 'a b', 'ä', '🎉', 'x'.repeat(256), ''])('gets a new ID when %p is none that can be sent', (id) => {
		expect(carriedDelivery(carrying({ ...failed, id }))).toEqual({ id: undefined, attempts: 3, scheduleStep: 2 });
	});
});

describe('an item that carries none', () => {
	it.each<[string, IDataObject]>([
		['no details', { a: 1 }],
		['details that are null', { details: null }],
		['details that are text', { details: 'delivery' }],
		['details that are a list', { details: [failed] as never }],
		['another delivery', { details: { delivery: { id: 'DHL 1', status: 'failed' } } }],
		['a delivered one', carrying({ ...failed, status: 'delivered' })],
		['a list of deliveries', carrying([failed])],
		['a null', carrying(null)],
		['a text', carrying('failed')],
	])('%s: all of it is the body', (_name, json) => {
		expect(carriedDelivery(json)).toBeUndefined();
		expect(payloadOf(json)).toBe(json);
	});

	it('an inherited delivery does not count', () => {
		const json = { details: Object.create({ delivery: failed }) as IDataObject };
		expect(carriedDelivery(json)).toBeUndefined();
	});
});

it('a new delivery is pending, without attempts', () => {
	expect(newDelivery([2, 3])).toEqual({ itemIndexes: [2, 3], state: 'pending', attempts: 0, scheduleStep: 0 });
});
