import type { DeliveryCode } from '../../../lib/result/codes';
import { codeOfStatus, isRetryable, isSuccess } from '../../../lib/delivery/outcome';

const STATUSES = Array.from({ length: 500 }, (_, index) => 100 + index);

describe('which statuses count as delivered', () => {
	it('all of 2xx, and nothing else', () => {
		expect(STATUSES.filter((status) => isSuccess(status, '2xx'))).toEqual(
			Array.from({ length: 100 }, (_, index) => 200 + index),
		);
	});

	it('or 200 alone', () => {
		expect(STATUSES.filter((status) => isSuccess(status, '200'))).toEqual([200]);
	});
});

describe('what is retried', () => {
	it('408, 425, 429, 500, 502, 503, 504, and no other status', () => {
		expect(STATUSES.filter((status) => isRetryable('STATUS', status))).toEqual([408, 425, 429, 500, 502, 503, 504]);
		expect(isRetryable('STATUS')).toBe(false);
	});

	it.each<[DeliveryCode, boolean]>([
		['TIMEOUT', true],
		['CONNECTION', true],
		['DNS', true],
		['TLS', false],
		['REDIRECT', false],
		['RESPONSE_TOO_LARGE', false],
		['INVALID_URL', false],
		['INVALID_REQUEST', false],
		['BLOCKED', false],
		['TOKEN', false],
		['CANCELLED', false],
	])('%s: %p, whatever status had arrived', (code, again) => {
		expect([isRetryable(code), isRetryable(code, 503), isRetryable(code, 200)]).toEqual([again, again, again]);
	});
});

it('3xx is REDIRECT, every other status STATUS', () => {
	expect([299, 300, 304, 399, 400, 404, 503].map(codeOfStatus)).toEqual([
		'STATUS',
		'REDIRECT',
		'REDIRECT',
		'REDIRECT',
		'STATUS',
		'STATUS',
		'STATUS',
	]);
});
