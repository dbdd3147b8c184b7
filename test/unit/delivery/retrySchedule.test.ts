import { backoffDelay, nextRound, readRetrySchedule } from '../../../lib/delivery/retrySchedule';

describe('a retry schedule', () => {
	it.each([
		['5s, 5m, 30m, 2h, 5h, 10h, 10h', [5e3, 3e5, 18e5, 72e5, 18e6, 36e6, 36e6]],
		['1s', [1000]],
		['0.5s;1.5h 2min', [500, 54e5, 12e4]],
		[' 10 S ', 'The Retry Schedule cannot be read at "10"'],
		['1D', [864e5]],
		['', []],
		['   ', []],
		[undefined, []],
		[null, []],
		[',,', []],
	])('%p is %p', (text, expected) => {
		const result = readRetrySchedule(text);
		expect(result.ok ? result.value : result.fault.message).toEqual(expected);
	});

	it.each(['5', '5x', 's', '-5s', '0s', '31d', '1e3s', 'NaNs', '5s\u0000', '5s,постой', '🎉'])(
		'%p is refused',
		(text) => {
			const result = readRetrySchedule(text);
			expect(result).toMatchObject({ ok: false, fault: { code: 'INVALID_REQUEST' } });
			expect(result.ok || result.fault.message).toMatch(/^The Retry Schedule cannot be read at "[\x20-\x7e]{1,30}"$/);
		},
	);

	it('has up to 50 rounds', () => {
		expect(readRetrySchedule(Array(50).fill('1s').join(','))).toMatchObject({ ok: true });
		expect(readRetrySchedule(Array(51).fill('1s').join(','))).toMatchObject({ ok: false });
	});
});

describe('the next round', () => {
	const schedule = [1000, 5000];

	it('starts after the delay of its step, up to a fifth later', () => {
		expect(nextRound(schedule, 0, 10_000, 0)).toBe(11_000);
		expect(nextRound(schedule, 0, 10_000, 0.5)).toBe(11_100);
		expect(nextRound(schedule, 1, 10_000, 1)).toBe(16_000);
	});

	it.each([2, 99, -1, 0.5])('is none at step %p of two', (step) => {
		expect(nextRound(schedule, step, 10_000, 0)).toBeUndefined();
	});

	it('is none without a schedule', () => {
		expect(nextRound([], 0, 10_000, 0)).toBeUndefined();
	});
});

describe('exponential backoff with full jitter', () => {
	it('is a random part of 1 s, 2 s, 4 s …', () => {
		expect([1, 2, 3, 4].map((attempt) => backoffDelay(attempt, 60_000, 1))).toEqual([1000, 2000, 4000, 8000]);
		expect([1, 2, 3, 4].map((attempt) => backoffDelay(attempt, 60_000, 0.25))).toEqual([250, 500, 1000, 2000]);
		expect(backoffDelay(5, 60_000, 0)).toBe(0);
	});

	it('never exceeds the cap, however many attempts', () => {
		expect(backoffDelay(8, 60_000, 1)).toBe(60_000);
		expect(backoffDelay(1_000_000, 60_000, 1)).toBe(60_000);
		expect(backoffDelay(3, 0, 1)).toBe(0);
	});
});
