import { retryAfter } from '../../../nodes/WebhookDispatch/delivery/retryAfter';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const seconds = (headers: Record<string, string | string[]>, status = 429) => {
	const at = retryAfter(status, headers, NOW);
	return at === undefined ? undefined : (at - NOW) / 1000;
};

describe('Retry-After', () => {
	it.each([
		['0', 0],
		['1', 1],
		[' 120 ', 120],
		['1.5', 1.5],
		['999999999', 999999999],
		['Fri, 20 Nov 2026 12:00:30 GMT', 30],
		['Fri, 20 Nov 2026 11:59:00 GMT', 0],
		['Friday, 20-Nov-26 12:00:30 GMT', 30],
		['Fri Nov 20 12:00:30 2026', 30],
		['Wed, 21 Oct 2015 07:28:00 GMT', 0],
	])('%p is %p s', (value, expected) => {
		expect(seconds({ 'retry-after': value })).toBe(expected);
	});

	it.each(['', 'soon', '-1', '+1', '1e3', '0x10', '2, 3', '2026-11-20T12:00:30Z', 'NaN', 'Infinity', '1 s', 'Fri, 99 Foo'])(
		'%p is as good as none',
		(value) => {
			expect(seconds({ 'retry-after': value })).toBeUndefined();
		},
	);

	it('counts once when it came twice', () => {
		expect(seconds({ 'retry-after': ['2', '9'] })).toBe(2);
	});

	it.each([200, 301, 400, 408, 413, 425, 500, 502, 504])('is not read on %i', (status) => {
		expect(seconds({ 'retry-after': '5' }, status)).toBeUndefined();
	});

	it('is read on 503', () => {
		expect(seconds({ 'retry-after': '5' }, 503)).toBe(5);
	});
});

describe('RateLimit-Reset', () => {
	it.each([
		['30', 30],
		['0', 0],
		['0.25', 0.25],
		[String(NOW / 1000 + 40), 40],
		[String(NOW + 40_000), 40],
		[String(NOW / 1000 - 40), 0],
	])('%p is %p s', (value, expected) => {
		expect(seconds({ 'ratelimit-reset': value })).toBe(expected);
		expect(seconds({ 'x-ratelimit-reset': value })).toBe(expected);
	});

	it.each(['', 'soon', '-5', '99999999999999', '30;w=60', 'NaN'])('%p is as good as none', (value) => {
		expect(seconds({ 'ratelimit-reset': value })).toBeUndefined();
	});

	it('comes after Retry-After, and the standard one before the other', () => {
		expect(seconds({ 'retry-after': '1', 'ratelimit-reset': '2', 'x-ratelimit-reset': '3' })).toBe(1);
		expect(seconds({ 'retry-after': 'soon', 'ratelimit-reset': '2', 'x-ratelimit-reset': '3' })).toBe(2);
		expect(seconds({ 'ratelimit-reset': 'soon', 'x-ratelimit-reset': '3' })).toBe(3);
	});
});

it('no header, no time', () => {
	expect(seconds({})).toBeUndefined();
});
