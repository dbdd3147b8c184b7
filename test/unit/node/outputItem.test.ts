import type { Delivery, DeliveryFault } from '../../../lib/delivery/delivery';
import { newDelivery } from '../../../lib/delivery/transitions';
import { failureItem, pairedItem, receipt, responseItem } from '../../../nodes/WebhookDispatch/n8n/outputItem';

const AT = Date.parse('2026-11-20T12:00:00.250Z');
const fault: DeliveryFault = {
	code: 'STATUS',
	statusCode: 503,
	message: 'api.example.com responded with 503 Service Unavailable',
	description: 'Try again later.',
	retryable: true,
	retryAfter: AT,
	response: { busy: true },
};
const failed = (more: Partial<Delivery> = {}): Delivery => ({
	...newDelivery([2]),
	id: 'id-1',
	attempts: 3,
	state: 'failed',
	fault,
	settledAt: AT,
	...more,
});

const mark = 'webhookDispatch:node-1';

describe('the item of a failure', () => {
	it('is the contract’s, key for key, and holds no other key', () => {
		expect(JSON.stringify(failureItem(failed({ retryAt: AT + 5000 }), { mark }))).toBe(
			JSON.stringify({
				json: {
					error: 'Webhook Dispatch Failed',
					message: 'api.example.com responded with 503 Service Unavailable [item 2]',
					details: {
						delivery: {
							id: 'id-1',
							status: 'failed',
							statusCode: 503,
							code: 'STATUS',
							attempts: 3,
							retryable: true,
							retryAt: '2026-11-20T12:00:05.250Z',
							at: '2026-11-20T12:00:00.250Z',
							mark,
						},
						description: 'Try again later.',
						response: { busy: true },
					},
				},
				pairedItem: { item: 2 },
			}),
		);
	});

	it('leaves out what there is not', () => {
		const bare: DeliveryFault = { code: 'DNS', message: 'No delivery', description: 'Check.', retryable: true };
		expect(failureItem(failed({ fault: bare }), { mark }).json.details).toEqual({
			delivery: {
				id: 'id-1',
				status: 'failed',
				code: 'DNS',
				attempts: 3,
				retryable: true,
				at: '2026-11-20T12:00:00.250Z',
				mark,
			},
			description: 'Check.',
		});
	});

	it('says Invalid Webhook URL for a bad URL', () => {
		const { json } = failureItem(failed({ id: undefined, fault: { ...fault, code: 'INVALID_URL' } }), { mark });
		expect(json.error).toBe('Invalid Webhook URL');
		expect(json.details).toMatchObject({ delivery: { id: null, code: 'INVALID_URL' } });
	});

	it('carries the step of the schedule once there is one', () => {
		expect(failureItem(failed({ scheduleStep: 2 }), { mark }).json.details).toMatchObject({
			delivery: { scheduleStep: 2 },
		});
	});

	it('of a broadcast names and pairs all its items', () => {
		const item = failureItem(failed({ itemIndexes: [0, 1, 2] }), { mark, recipients: [{ a: 1 }] });
		expect(item.json.message).toMatch(/ \[items 0-2\]$/);
		expect(item.pairedItem).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(item.json.details).toMatchObject({ recipients: [{ a: 1 }] });
	});
});

describe('the receipt', () => {
	const delivery = { ...newDelivery([0]), id: 'id-1', attempts: 2 };
	const made = { delivery, statusCode: 201, durationMs: 12, response: { id: 5 }, headers: {}, at: AT };

	it('is the contract’s, key for key', () => {
		expect(JSON.stringify(receipt(made))).toBe(
			'{"delivery":{"id":"id-1","status":"delivered","statusCode":201,"attempts":2,"durationMs":12,"at":"2026-11-20T12:00:00.250Z"},"response":{"id":5}}',
		);
	});

	it('has headers when they are asked for', () => {
		const answer = { ...made, response: '', headers: { 'x-a': ['1', '2'] } };
		expect(receipt(answer, true)).toMatchObject({ response: '', headers: { 'x-a': ['1', '2'] } });
	});
});

it.each([
	[{ a: 1 }, { a: 1 }],
	[[1, 2], { data: [1, 2] }],
	['text', { data: 'text' }],
	['', { data: '' }],
	[null, { data: null }],
	// n8n would take it for a failed item, and send it to the error output.
	[{ error: 'none' }, { data: { error: 'none' } }],
	[{ error: 'x', message: 'y', details: {} }, { data: { error: 'x', message: 'y', details: {} } }],
	[
		{ error: null, message: 'y' },
		{ error: null, message: 'y' },
	],
	[
		{ error: 'x', id: 1 },
		{ error: 'x', id: 1 },
	],
])('output "response": %p flows on as %p', (response, json) => {
	expect(responseItem(response)).toEqual(json);
});

it('one item is paired plainly, several as a list', () => {
	expect(pairedItem([4])).toEqual({ item: 4 });
	expect(pairedItem([4, 5])).toEqual([{ item: 4 }, { item: 5 }]);
});
