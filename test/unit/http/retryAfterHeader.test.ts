import { LONGEST_WAIT, retryAfterMs } from '../../../lib/http/retryAfterHeader';

const NOW = Date.parse('2026-11-20T12:00:00Z');

it.each([
	['120', 120_000],
	['1.5', 1500],
	['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
	['Fri, 20 Nov 2026 11:00:00 GMT', 0],
	['Sat, 13 Sep 275760 00:00:00 GMT', LONGEST_WAIT],
	['Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_WAIT],
	['999999999', LONGEST_WAIT],
	['9999999999999', LONGEST_WAIT],
])('%s is %i ms', (value, wait) => {
	expect(retryAfterMs(value, NOW)).toBe(wait);
	expect(new Date(NOW + wait).toISOString()).toMatch(/^202[67]/);
});

it.each([
	undefined,
	'',
	'soon',
	'-1',
	'Sat, 13 Sep 275760 00:00:01 GMT',
	'Fri, 99 Foo',
	'9'.repeat(400),
	'Infinity',
	'NaN',
])('%p is none', (value) => {
	expect(retryAfterMs(value, NOW)).toBeUndefined();
});
