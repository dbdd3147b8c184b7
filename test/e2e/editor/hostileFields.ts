import type { JsonObject } from '../../../tools/n8n/rest/json';
import { answer } from '../../support/receiver';
import { CANARY, expectClear, expectIntact, EXPRESSIONS, HTML, VALUES } from './hostileValues';
import { fromFile, fromStart } from './workflows';
import type { World } from './world';

interface Field {
	/** Makes it show. */
	parameters?: JsonObject;
	name: string;
	/** Of the collection of pairs that it is in. */
	within?: string;
	/** With this, it is delivered. */
	good: string;
	/** Whether the item has a file, *data*. */
	withFile?: boolean;
}

const pairs = { parameters: [{ name: 'a', value: 'b' }] };
const option = (name: string, good: string): Field => ({ parameters: { options: { [name]: good } }, name, good });
const pair = (collection: string, name: 'name' | 'value', parameters: JsonObject = {}): Field => ({
	parameters: { ...parameters, [collection]: pairs },
	name,
	within: collection,
	good: 'b',
});

/** Of *Fails When*; with `good` it fits no response of the receiver. */
const rule = (name: 'path' | 'value'): Field => ({
	parameters: { options: { failsWhen: { rules: [{ path: 'a', condition: 'equals', value: 'b' }] } } },
	name,
	within: 'failsWhen',
	good: 'b',
});
const part = (name: 'name' | 'value', row: JsonObject): Field => ({
	parameters: { body: 'multipart', multipartParameters: { parameters: [row] } },
	name,
	within: 'multipartParameters',
	good: 'b',
});

/** Every field of *Dispatch* that takes a text. */
const TEXTS: Record<string, Field> = {
	'Destination URL': { name: 'url', good: '' },
	'Query Parameters, Name': pair('queryParameters', 'name'),
	'Query Parameters, Value': pair('queryParameters', 'value'),
	'Headers, Name': pair('headerParameters', 'name'),
	'Headers, Value': pair('headerParameters', 'value'),
	JSON: { parameters: { body: 'json', jsonBody: '{}' }, name: 'jsonBody', good: '{}' },
	Text: { parameters: { body: 'text', textBody: 'a' }, name: 'textBody', good: 'a' },
	'Body Parameters, Name': pair('bodyParameters', 'name', { body: 'keyValues' }),
	'Body Parameters, Value': pair('bodyParameters', 'value', { body: 'keyValues' }),
	'Body Parameters of a form, Value': pair('bodyParameters', 'value', { body: 'form' }),
	'Target ID': { parameters: { body: 'profiles', targetId: '1' }, name: 'targetId', good: '1' },
	'Key-Value Pairs, Name': pair('keyValues', 'name', { body: 'profiles', targetId: '1' }),
	'Key-Value Pairs, Value': pair('keyValues', 'value', { body: 'profiles', targetId: '1' }),
	'Delivery ID': option('deliveryId', 'order-7'),
	'Idempotency Header': option('idempotencyHeader', 'Idempotency-Key'),
	Proxy: option('proxy', ''),
	'Retry Schedule': option('retrySchedule', '5s, 5m'),
	'Retry Statuses': option('retryStatuses', '500-599'),
	'Order Key': option('orderKey', 'customer-1'),
	'Fails When, Path': rule('path'),
	'Fails When, Value': rule('value'),
	Fields: { parameters: { body: 'selectedFields', fields: 'a' }, name: 'fields', good: 'a' },
	'Input Data Field Name': {
		parameters: { body: 'file' },
		name: 'inputDataFieldName',
		good: 'data',
		withFile: true,
	},
	'Multipart, Input Data Field Name': {
		...part('name', { parameterType: 'formBinaryData', name: 'a', inputDataFieldName: 'data' }),
		name: 'inputDataFieldName',
		good: 'data',
		withFile: true,
	},
	'Multipart, Name': part('name', { parameterType: 'formData', name: 'a', value: 'b' }),
	'Multipart, Value': part('value', { parameterType: 'formData', name: 'a', value: 'b' }),
};

/** Those with which every text is right: it is sent as it is. */
const TAKES_ANYTHING = [
	'Query Parameters, Value',
	'Text',
	'Body Parameters, Value',
	'Body Parameters of a form, Value',
	'Key-Value Pairs, Value',
];

const NUMBERS = ['maxResponseSize', 'timeout', 'concurrency', 'maxRetryWait', 'rateLimit'];
const ABSURD = ['-1', '0.5', '99999999999999999999', ''];

/** Absurd and hostile texts in the node's panel: delivered as they are, or refused with a clear message and nothing sent. */
export function hostileFields(world: World): void {
	const open = async (name: string, parameters: JsonObject, make = fromStart) => {
		const { id } = await world.client.workflows.create(
			make(`Hostile: ${name}`, { url: world.receiver.url('/hook'), ...parameters }),
		);
		await world.editor.open(id);
		await world.editor.openNode('Webhook Dispatch');
	};

	/** Executes the step. @returns whether it delivered; what was refused says why, and by default nothing of it was sent */
	const executed = async ({ maySend = false } = {}) => {
		const { editor, receiver } = world;
		receiver.clear();
		await editor.executeStep();
		await expectIntact(world);
		if ((await editor.at('node-error-message').count()) === 0) {
			expect(receiver.requests).toHaveLength(1);
			expect(receiver.requests[0]?.rawHeaders.map((header) => header.toLowerCase())).not.toContain('x-injected');
			return true;
		}
		const { message, description } = await editor.shownError();
		expectClear(`${message}\n${description}`);
		if (!maySend) expect(receiver.requests).toEqual([]);
		return false;
	};

	it.each(Object.entries(TEXTS))('%s', async (label, { parameters = {}, name, within, good, withFile = false }) => {
		const { editor, receiver } = world;
		await open(label, parameters, withFile ? fromFile : fromStart);
		const where = within === undefined ? undefined : editor.at(`fixed-collection-${within}`);
		const right = name === 'url' ? receiver.url('/hook') : good;
		for (const [kind, value] of Object.entries(VALUES)) {
			// An empty URL is asked for before anything runs: below.
			if (name === 'url' && value === '') continue;
			await editor.fill(name, value, where);
			const typed = await editor.textOf(name, where);
			// What an input of one line makes of line breaks is its own affair.
			expect(typed.replace(/\s+/g, ' ')).toBe(value.replace(/\s+/g, ' '));
			const delivered = await executed();
			if (!delivered) await editor.shoot(`hostile-${label}-${kind}`.replace(/[^\w-]+/g, '-'));
			if (TAKES_ANYTHING.includes(label)) expect([kind, delivered]).toEqual([kind, true]);
			if (name === 'url') expect([kind, delivered]).toEqual([kind, false]);
		}
		// The form is as usable as before.
		await editor.fill(name, right, where);
		expect(await executed()).toBe(true);
	});

	it('expressions that reach for the environment', async () => {
		const { editor, receiver } = world;
		await open('expressions', {
			body: 'keyValues',
			bodyParameters: { parameters: [{ name: 'a', value: '={{ 6 * 7 }}' }] },
		});
		const where = editor.at('fixed-collection-bodyParameters');
		const sent = () => receiver.requests.map(({ body }) => body.toString()).join();
		expect(await executed()).toBe(true);
		expect(JSON.parse(sent())).toEqual({ a: 42 });
		for (const [kind, value] of Object.entries(EXPRESSIONS)) {
			await editor.fill('value', value, where);
			expect(await editor.textOf('value', where)).toBe(value);
			await executed();
			await editor.shoot(`hostile-expression-${kind.replace(/ /g, '-')}`);
			expect([kind, sent()].join()).not.toContain(CANARY.HOSTILE_CANARY);
			expect(await editor.page.locator('body').innerText()).not.toContain(CANARY.HOSTILE_CANARY);
		}
		await editor.fill('value', 'b', where);
		expect(await executed()).toBe(true);
		expect(sent()).toBe('{"a":"b"}');
	});

	it('numbers out of every range', async () => {
		const { editor } = world;
		await open('numbers', { options: Object.fromEntries(NUMBERS.map((name) => [name, 1000])) });
		for (const name of NUMBERS) {
			for (const value of ABSURD) {
				await editor.fill(name, value);
				// Half a millisecond, or half a byte, is over when the request is on its way.
				if (!(await executed({ maySend: true }))) await editor.shoot(`hostile-number-${name}-${value}`);
			}
			await editor.shoot(`hostile-number-${name}-emptied`);
		}
	});

	it('an empty Destination URL is asked for before anything runs', async () => {
		const { editor, receiver } = world;
		await open('URL: empty', { url: '' });
		await editor.at('node-execute-button').first().click();
		await editor.page.getByText('Parameter "Destination URL" is required').first().waitFor();
		await editor.shoot('hostile-Destination-URL-empty');
		await expectIntact(world);
		expect(receiver.requests).toEqual([]);
	});

	it('the response of a hostile destination is shown as text', async () => {
		const { editor, receiver } = world;
		receiver.script('/hook', answer(500, { error: HTML, message: HTML }));
		await open('Hostile answer', {});
		await editor.executeStep();
		const { description } = await editor.shownError();
		await editor.shoot('hostile-answer');
		expect(description).toContain('responded with 500');
		expectClear(description);
		await expectIntact(world);
	});
}
