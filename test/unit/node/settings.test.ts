import type { IDataObject } from 'n8n-workflow';

import { OPTIONS, optionNames } from '../../../nodes/WebhookDispatch/operations/webhook/optionTable';
import { itemSettings, runSettings } from '../../../nodes/WebhookDispatch/operations/webhook/settings';

const messageOf = (result: ReturnType<typeof runSettings> | ReturnType<typeof itemSettings>) =>
	result.ok ? 'fine' : result.fault.message;

describe('the defaults', () => {
	it('of a run', () => {
		expect(runSettings({})).toEqual({
			ok: true,
			value: {
				concurrency: 50,
				rateLimit: 0,
				rateLimitPer: 'run',
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
				redirectMethod: 'keep',
				retryStatuses: [],
				failsWhen: [],
				successStatus: '2xx',
				deliveryId: '',
				idempotencyHeader: '',
				orderKey: '',
				keyStyle: 'lower',
				output: 'receipt',
				includeHeaders: false,
			},
		});
	});

	it('of a test: 3 s', () => {
		expect(itemSettings({}, 'sendTest')).toMatchObject({ value: { timeout: 3000 } });
	});

	it('are those that the form shows', () => {
		for (const name of optionNames()) {
			const { per, default: shown } = OPTIONS[name];
			const given = { [name]: shown };
			expect(per === 'run' ? runSettings(given) : itemSettings(given)).toEqual(
				per === 'run' ? runSettings({}) : itemSettings({}),
			);
		}
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
		const run = {
			concurrency: '1',
			rateLimit: '0.5',
			rateLimitPer: 'destination',
			maxRetryWait: 0,
			batchSize: 100,
			backoff: 'exponential',
			retrySchedule: '1s',
			allowUnauthorizedCerts: true,
			proxy: ' http://localhost:3128 ',
			useClientCertificate: true,
		};
		expect(Object.keys(run).sort()).toEqual(optionNames(({ per }) => per === 'run').sort());
		expect(runSettings(run)).toEqual({
			ok: true,
			value: { ...run, concurrency: 1, rateLimit: 0.5, retrySchedule: [1000], proxy: 'http://localhost:3128' },
		});
		const item = {
			timeout: '10',
			maxResponseSize: 0,
			followRedirects: true,
			redirectMethod: 'get',
			retryStatuses: '529,409;520 - 522, 520',
			successStatus: 200,
			deliveryId: 7,
			idempotencyHeader: ' Idempotency-Key ',
			orderKey: 7,
			failsWhen: { rules: [{ path: 'ok', condition: 'equals', value: false, tryAgain: true }] },
			keyStyle: 'reference',
			output: 'input',
			includeHeaders: true,
		};
		expect(Object.keys(item).sort()).toEqual(optionNames(({ per }) => per === 'item').sort());
		expect(itemSettings(item)).toEqual({
			ok: true,
			value: {
				...item,
				timeout: 10,
				successStatus: '200',
				retryStatuses: [409, 520, 521, 522, 529],
				deliveryId: '7',
				idempotencyHeader: 'Idempotency-Key',
				orderKey: '7',
				failsWhen: [{ path: 'ok', condition: 'equals', value: 'false', tryAgain: true }],
			},
		});
	});

	it.each(['false', 1, 'yes', {}, null])('%p is no yes', (value) => {
		expect(itemSettings({ followRedirects: value as never })).toMatchObject({ value: { followRedirects: false } });
		expect(runSettings({ allowUnauthorizedCerts: value as never })).toMatchObject({
			value: { allowUnauthorizedCerts: false },
		});
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

	it.each([
		['abc', 'cannot be read at "abc"'],
		['409, 5200', 'cannot be read at "5200"'],
		['299', 'cannot contain "299", which is a success'],
		['200-599', 'cannot contain "200-599", which is a success'],
		['2xx', 'cannot contain "2xx", which is a success'],
		['199-404', 'cannot be read at "199-404"'],
		['100', 'cannot be read at "100"'],
		['600', 'cannot be read at "600"'],
		['524-520', 'cannot be read at "524-520"'],
		['-409', 'cannot be read at "-409"'],
		['409.5', 'cannot be read at "409.5"'],
		['4e2', 'cannot be read at "4e2"'],
		[{}, 'cannot be read at "[object"'],
		[true, 'cannot be read at "true"'],
		[-1, 'cannot be read at "-1"'],
		['ä'.repeat(50), `cannot be read at "${'?'.repeat(30)}"`],
	])('Retry Statuses %p', (retryStatuses, what) => {
		expect(itemSettings({ retryStatuses: retryStatuses as never })).toMatchObject({
			fault: { code: 'INVALID_REQUEST', message: `Retry Statuses in the options ${what}` },
		});
	});

	it.each([
		[409, [409]],
		[
			[529, 409],
			[409, 529],
		],
		['520 – 521', [520, 521]],
		[' ', []],
		[null, []],
		['300 599', [300, 599]],
	])('Retry Statuses %p are %p', (retryStatuses, statuses) => {
		expect(itemSettings({ retryStatuses: retryStatuses as never })).toMatchObject({
			value: { retryStatuses: statuses },
		});
	});

	it('Retry Statuses 5xx are all of 500 to 599', () => {
		const read = itemSettings({ retryStatuses: '5xx' });
		expect(
			read.ok && [read.value.retryStatuses.length, read.value.retryStatuses[0], read.value.retryStatuses.at(-1)],
		).toEqual([100, 500, 599]);
	});

	it.each([0, -5, 2 ** 31, NaN, 'x'])('timeout %p', (timeout) => {
		expect(messageOf(itemSettings({ timeout }))).toBe('Timeout in the options is not a number from 1 to 2147483647');
	});

	it.each(['a b', 'a\r\nX-Injected: 1', 'ä', '🎉', 'x'.repeat(256), {}, '\ud800'])(
		'the delivery ID %p',
		(deliveryId) => {
			expect(messageOf(itemSettings({ deliveryId: deliveryId as never }))).toBe(
				'The Delivery ID must be at most 255 visible ASCII characters',
			);
		},
	);

	it('a delivery ID has up to 255 characters', () => {
		expect(itemSettings({ deliveryId: '!~'.repeat(127) + 'x' })).toMatchObject({ ok: true });
	});

	it.each(['Idempotency Key', 'a:b', 'ä', 'a\r\nb', 'Content-Length'])(
		'the idempotency header %p',
		(idempotencyHeader) => {
			expect(messageOf(itemSettings({ idempotencyHeader }))).toBe(
				'The Idempotency Header is not a header name that can be set',
			);
		},
	);
});
