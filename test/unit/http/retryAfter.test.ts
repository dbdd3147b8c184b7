import { retryAfterMs, retryAt } from '../../../lib/http/retryAfter';

const LONGEST_WAIT_MS = 365 * 86_400_000;
import { randomOf, seedFrom } from '../../support/random';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const seconds = (headers: Record<string, string | string[]>, status = 429, body?: unknown) => {
	const at = retryAt(status, headers, NOW, body);
	return at === undefined ? undefined : (at - NOW) / 1000;
};

describe('the header by itself', () => {
	it.each([
		['120', 120_000],
		['1.5', 1500],
		['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
		['Fri, 20 Nov 2026 11:00:00 GMT', 0],
		['Sat, 13 Sep 275760 00:00:00 GMT', LONGEST_WAIT_MS],
		['Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_WAIT_MS],
		['999999999', LONGEST_WAIT_MS],
		['9999999999999', LONGEST_WAIT_MS],
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
});

describe('Retry-After', () => {
	it.each([
		['0', 0],
		['1', 1],
		[' 120 ', 120],
		['1.5', 1.5],
		['999999999', 365 * 86_400],
		['Sat, 13 Sep 275760 00:00:00 GMT', 365 * 86_400],
		['Fri, 31 Dec 9999 23:59:59 GMT', 365 * 86_400],
		[String(NOW / 1000 + 40), 40],
		['Fri, 20 Nov 2026 12:00:30 GMT', 30],
		['Fri, 20 Nov 2026 11:59:00 GMT', 0],
		['Friday, 20-Nov-26 12:00:30 GMT', 30],
		['Fri Nov 20 12:00:30 2026', 30],
		['Wed, 21 Oct 2015 07:28:00 GMT', 0],
	])('%p is %p s', (value, expected) => {
		expect(seconds({ 'retry-after': value })).toBe(expected);
	});

	it.each([
		'',
		'soon',
		'-1',
		'+1',
		'1e3',
		'0x10',
		'2, 3',
		'2026-11-20T12:00:30Z',
		'NaN',
		'Infinity',
		'1 s',
		'Fri, 99 Foo',
	])('%p is as good as none', (value) => {
		expect(seconds({ 'retry-after': value })).toBeUndefined();
	});

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

describe('other headers', () => {
	it.each([
		['retry-after-ms', '1700', 1.7],
		['retry-after-ms', '0.5', 0.001],
		['retry-after-ms', String(NOW + 5000), 5],
		['x-ms-retry-after-ms', '250', 0.25],
		['x-ratelimit-reset-after', '1.7', 1.7],
		['x-ratelimit-reset-after', '64.57', 64.57],
		['ratelimit-reset-after', '3', 3],
		['x-rate-limit-reset', String(NOW / 1000 + 9), 9],
		['ratelimit', 't=2', 2],
		['ratelimit', '"default";r=0;t=2', 2],
		['ratelimit', '"per;t=9,minute"; r=0; t=2', 2],
		['ratelimit', '"burst";r=0;t=2, "daily";r=5;t=3600', 2],
		['ratelimit', '"burst";r=0;t=2, "daily";r=0;t=3600', 3600],
		['ratelimit', '"burst";r=1;t=2, "daily";r=5;t=3600', 2],
		['ratelimit', 'limit=100, remaining=0, reset=2', 2],
		['ratelimit', 'limit=100,remaining=0,reset=2', 2],
	])('%s: %s is %p s', (name, value, expected) => {
		expect(seconds({ [name]: value })).toBe(expected);
		expect(seconds({ [name]: [value] })).toBe(expected);
	});

	it.each([
		'',
		'soon',
		'-2',
		'1e3',
		'NaN',
		'Infinity',
		'"default";r=0',
		't=',
		't=x',
		'reset',
		'"t=2"',
		't=1.2.3',
		';;,,==',
		'99999999999999',
	])('%p is as good as none', (value) => {
		const names = [
			'retry-after-ms',
			'x-ms-retry-after-ms',
			'x-ratelimit-reset-after',
			'ratelimit-reset-after',
			'ratelimit',
		];
		for (const name of names) expect([name, seconds({ [name]: value })]).toEqual([name, undefined]);
	});

	it('what asks for a wait comes before what says when a quota is full again', () => {
		const all = {
			'retry-after': '1',
			'retry-after-ms': '2000',
			'x-ratelimit-reset-after': '4',
			ratelimit: 't=5',
			'ratelimit-reset': '6',
		};
		const left: Record<string, string> = { ...all };
		const order: Array<number | undefined> = [];
		for (const name of Object.keys(all)) {
			if (name === 'x-ratelimit-reset-after') order.push(seconds(left, 429, { retry_after: 3 }));
			order.push(seconds(left));
			delete left[name];
		}
		expect(order).toEqual([1, 2, 3, 4, 5, 6]);
	});
});

describe('a body', () => {
	it.each([
		[{ retry_after: 1.7 }, 1.7],
		[{ retry_after: '1.7' }, 1.7],
		[{ retry_after: 0 }, 0],
		[{ message: 'You are being rate limited.', retry_after: 64.57, global: false }, 64.57],
		[{ retryAfter: 2 }, 2],
		[{ 'Retry-After': '2' }, 2],
		[{ retryAfterSeconds: 2 }, 2],
		[{ retry_after_ms: 1700 }, 1.7],
		[{ retryAfterMs: 1700 }, 1.7],
		[{ ok: false, error_code: 429, parameters: { retry_after: 35 } }, 35],
		[{ error: { code: 'rate_limited', retry_after: 3 } }, 3],
		[{ errors: [{ detail: 'slow down', retry_after: 3 }] }, 3],
		[{ error: { details: [{}, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3.5s' }] } }, 3.5],
		[{ retry_after: NOW / 1000 + 40 }, 40],
		[{ retry_after: '2026-11-20T12:00:30Z' }, 30],
		[{ retry_after: '2026-11-20T13:00:30+01:00' }, 30],
		[{ retry_after: 'Fri, 20 Nov 2026 12:00:30 GMT' }, 30],
		[{ retry_after: 1e12 }, 0],
		[{ retry_after: 9999999999999 }, 365 * 86_400],
		[{ retry_after: -1, retryAfter: 2 }, 2],
	])('%j is %p s', (body, expected) => {
		expect(seconds({}, 429, body)).toBe(expected);
		expect(seconds({}, 503, body)).toBe(expected);
	});

	it.each([
		undefined,
		null,
		'',
		'retry after 2 s',
		2,
		[],
		{},
		{ retry_after: null },
		{ retry_after: true },
		{ retry_after: 'soon' },
		{ retry_after: -1 },
		{ retry_after: { seconds: 2 } },
		{ retry_after: [2] },
		{ retry_after: Infinity },
		{ retry_after: NaN },
		{ retryDelay: 's' },
		{ retryDelay: '1.2.3s' },
		{ retry_after: '2026-99-99T99:99:99Z' },
		{ payload: { retry_after: 2 } },
		JSON.parse('{"__proto__":{"retry_after":2}}'),
	])('%j is as good as none', (body: unknown) => {
		expect(seconds({}, 429, body)).toBeUndefined();
	});

	it('is not read on another status', () => {
		expect(seconds({}, 500, { retry_after: 2 })).toBeUndefined();
	});

	it('is looked at near its beginning alone, however large it is', () => {
		const entries = Array.from({ length: 200_000 }, (_, index) => [`k${index}`, index] as const);
		expect(seconds({}, 429, { ...Object.fromEntries(entries), retry_after: 2 })).toBeUndefined();
		let nested: Record<string, unknown> = { retry_after: 2 };
		for (let depth = 0; depth < 100_000; depth++) nested = { error: nested };
		expect(seconds({}, 429, nested)).toBeUndefined();
	});
});

it('no header, no time', () => {
	expect(seconds({})).toBeUndefined();
});

describe('whatever a server names', () => {
	const seed = seedFrom('RETRY_AFTER_SEED');
	const { next, whole, pick: oneOf, chance } = randomOf(seed);
	const below = (count: number) => whole(0, count - 1);
	const YEAR = 365 * 86_400_000;

	const noise = () =>
		Array.from({ length: below(30) }, () =>
			String.fromCharCode(oneOf([32 + below(95), below(256), 48 + below(10)])),
		).join('');
	const date = () => {
		const time = new Date(Math.floor((next() - 0.5) * 2 * oneOf([8.64e15, 1e13, 4e12])));
		return oneOf([
			time.toUTCString(),
			time.toISOString(),
			`Fri ${time.toUTCString().slice(5, -4)}`,
			'Sat, 13 Sep 275760 00:00:00 GMT',
			'Sat, 13 Sep 275760 00:00:01 GMT',
		]);
	};
	const number = () =>
		oneOf([
			String(below(1e6)),
			String(next() * 10 ** below(40)),
			'9'.repeat(below(400)),
			`-${below(9)}`,
			'1e309',
			'0.1',
		]);
	const value = () =>
		oneOf([
			noise,
			date,
			number,
			() => `"p";r=${number()};t=${number()}`,
			() => `limit=${number()}, reset=${number()}`,
		])();
	const json = (): unknown =>
		oneOf<() => unknown>([
			value,
			() => Number(number()),
			() => null,
			() => ({ retry_after: value() }),
			() => [json()],
		])();
	const names = [
		'retry-after',
		'retry-after-ms',
		'x-ms-retry-after-ms',
		'x-ratelimit-reset-after',
		'ratelimit',
		'ratelimit-reset',
		'x-ratelimit-reset',
	];
	const keys = ['retry_after', 'retryAfterMs', 'retry_after_seconds', 'retryDelay', 'parameters', 'error'];

	it(`is no time, or one from now to a year later that makes a date (RETRY_AFTER_SEED=${seed})`, () => {
		let times = 0;
		for (let round = 0; round < 20_000; round++) {
			const now = oneOf([NOW, 0, Date.UTC(2100, 0)]);
			const headers = chance(0.7) ? { [oneOf(names)]: oneOf([value(), [value(), value()]]) } : {};
			const body = chance(0.5) ? { [oneOf(keys)]: json() } : json();
			const at = retryAt(oneOf([429, 503]), headers, now, body);
			if (at === undefined) continue;
			times += 1;
			const isGood = at >= now && at <= now + YEAR && new Date(at).toISOString() !== '';
			expect([isGood, { headers, body, now, at }]).toEqual([true, expect.anything()]);
		}
		expect(times).toBeGreaterThan(1000);
	});
});
