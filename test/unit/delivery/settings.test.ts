import { itemSettings, runSettings } from '../../../nodes/WebhookDispatch/operations/webhook/settings';
import type { IDataObject } from 'n8n-workflow';

const messageOf = (result: ReturnType<typeof runSettings> | ReturnType<typeof itemSettings>) =>
	result.ok ? 'fine' : result.fault.message;

describe('the defaults', () => {
	it('of a run', () => {
		expect(runSettings({})).toEqual({
			ok: true,
			value: {
				concurrency: 50,
				rateLimit: 0,
				maxRetryWait: 60_000,
				batchSize: 0,
				backoff: 'none',
				retrySchedule: [],
				allowUnauthorizedCerts: false,
				useClientCertificate: false,
			},
		});
	});

	it('of an item', () => {
		expect(itemSettings({})).toEqual({
			ok: true,
			value: {
				timeout: 5000,
				maxResponseSize: 1_048_576,
				followRedirects: false,
				successStatus: '2xx',
				deliveryId: '',
				idempotencyHeader: '',
				keyStyle: 'lower',
				output: 'receipt',
				includeHeaders: false,
			},
		});
	});

	it('of a test: 3 s', () => {
		expect(itemSettings({}, 3000)).toMatchObject({ value: { timeout: 3000 } });
	});

	it('hold for what is null or empty', () => {
		const empty = { concurrency: null, rateLimit: '', maxRetryWait: undefined, proxy: ' ', retrySchedule: '' };
		expect(runSettings(empty)).toEqual(runSettings({}));
		expect(itemSettings({ timeout: '', deliveryId: null, idempotencyHeader: ' ' })).toEqual(itemSettings({}));
	});

	it('are not taken from a prototype', () => {
		expect(runSettings(JSON.parse('{"__proto__":{"concurrency":1}}') as IDataObject)).toEqual(runSettings({}));
	});
});

describe('what is set', () => {
	it('is read, also as text, as an expression gives it', () => {
		const run = { concurrency: '1', rateLimit: '0.5', maxRetryWait: 0, batchSize: 100, backoff: 'exponential', retrySchedule: '1s', allowUnauthorizedCerts: true, proxy: ' http://localhost:3128 ', useClientCertificate: true };
		expect(runSettings(run)).toEqual({
			ok: true,
			value: { ...run, concurrency: 1, rateLimit: 0.5, retrySchedule: [1000], proxy: 'http://localhost:3128' },
		});
		const item = { timeout: '10', maxResponseSize: 0, followRedirects: true, successStatus: 200, deliveryId: 7, idempotencyHeader: ' Idempotency-Key ', keyStyle: 'reference', output: 'input', includeHeaders: true };
		expect(itemSettings(item)).toEqual({
			ok: true,
			value: { ...item, timeout: 10, successStatus: '200', deliveryId: '7', idempotencyHeader: 'idempotency-key' },
		});
	});

	it.each(['false', 1, 'yes', {}, null])('%p is no yes', (value) => {
		expect(itemSettings({ followRedirects: value as never })).toMatchObject({ value: { followRedirects: false } });
		expect(runSettings({ allowUnauthorizedCerts: value as never })).toMatchObject({ value: { allowUnauthorizedCerts: false } });
	});

	it.each(['none', 'linear', 5])('output and backoff of %p are the defaults', (value) => {
		expect(itemSettings({ output: value })).toMatchObject({ value: { output: 'receipt' } });
		expect(runSettings({ backoff: value })).toMatchObject({ value: { backoff: 'none' } });
	});
});

describe('what cannot be is refused, with the name that the editor shows', () => {
	it.each([0, -1, 1.5, 1001, NaN, Infinity, 'many', [], {}, '1e9'])('concurrency %p', (concurrency) => {
		expect(messageOf(runSettings({ concurrency: concurrency as never }))).toBe(
			'Concurrency in the options is not a whole number from 1 to 1000',
		);
	});

	it.each([
		['rateLimit', -1, 'Rate Limit in the options is not a number from 0 to 100000'],
		['maxRetryWait', 2 ** 31, 'Max Retry Wait in the options is not a number from 0 to 2147483647'],
		['batchSize', 0.5, 'Batch Size in the options is not a whole number from 0 to 1000000'],
		['proxy', 'localhost:3128', 'Proxy in the options is not the URL of an HTTP proxy'],
		['proxy', 'ftp://localhost', 'Proxy in the options is not the URL of an HTTP proxy'],
		['retrySchedule', 'soon', 'The Retry Schedule cannot be read at "soon"'],
	])('%s %p', (name, value, message) => {
		expect(messageOf(runSettings({ [name]: value }))).toBe(message);
	});

	it('a proxy’s password is not repeated', () => {
		expect(JSON.stringify(runSettings({ proxy: 'ftp://user:hunter2secret@proxy' }))).not.toContain('hunter2secret');
	});

	it.each([0, -5, 2 ** 31, NaN, 'x'])('timeout %p', (timeout) => {
		expect(messageOf(itemSettings({ timeout }))).toBe('Timeout in the options is not a number from 1 to 2147483647');
	});

	it.each(['a b', 'a\r\nX-Injected: 1', 'ä', '🎉', 'x'.repeat(256), {}, '\ud800'])('the delivery ID %p', (deliveryId) => {
		expect(messageOf(itemSettings({ deliveryId: deliveryId as never }))).toBe(
			'The Delivery ID has spaces, control or non-ASCII characters, or more than 255 of them',
		);
	});

	it('a delivery ID has up to 255 characters', () => {
		expect(itemSettings({ deliveryId: '!~'.repeat(127) + 'x' })).toMatchObject({ ok: true });
	});

	it.each(['Idempotency Key', 'a:b', 'ä', 'a\r\nb', 'Content-Length'])('the idempotency header %p', (idempotencyHeader) => {
		expect(messageOf(itemSettings({ idempotencyHeader }))).toBe('The Idempotency Header is not a header name that can be set');
	});
});
