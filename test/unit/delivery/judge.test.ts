import { downgradeFault, guardFault, interrupted, judge, redirectFault } from '../../../lib/delivery/judge';
import { fail, ok } from '../../../lib/result/result';
import type { HttpAnswer } from '../../../lib/http/transport';

const url = new URL('https://api.example.com:8443/hook?token=hunter2secret');
const answered = (statusCode: number, body = '', headers: Record<string, string> = {}): HttpAnswer => ({
	ok: true,
	statusCode,
	headers,
	body: Buffer.from(body),
});
const broken = (
	code: 'TIMEOUT' | 'CONNECTION' | 'RESPONSE_TOO_LARGE' | 'CANCELLED' | 'TLS',
	statusCode?: number,
): HttpAnswer => ({
	ok: false,
	code,
	cause: 'why',
	...(statusCode === undefined ? {} : { statusCode, headers: {} }),
});
const verdict = (answer: HttpAnswer, successStatus: '2xx' | '200' = '2xx', secrets: string[] = []) =>
	judge(answer, url, { successStatus, retryStatuses: [], failsWhen: [] }, { secrets });
const faultOf = (answer: HttpAnswer, successStatus: '2xx' | '200' = '2xx', secrets: string[] = []) => {
	const judgement = verdict(answer, successStatus, secrets);
	if (judgement.ok) throw new Error('It was delivered');
	return judgement.fault;
};

it('a success is delivered, with the response', () => {
	expect(verdict(answered(201, '{"id":5}', { location: '/5' }))).toEqual(
		ok({ statusCode: 201, headers: { location: '/5' }, response: { id: 5 } }),
	);
});

it('with success status 200, another 2xx is not, and is not retried', () => {
	expect(faultOf(answered(202), '200')).toMatchObject({ code: 'STATUS', statusCode: 202, retryable: false });
	expect(verdict(answered(200), '200').ok).toBe(true);
});

it('a refusal reports host, status and the destination’s words, and keeps its response', () => {
	expect(faultOf(answered(422, '{"error":"RecordInvalid","description":"subject: is empty"}'))).toEqual({
		code: 'STATUS',
		statusCode: 422,
		retryable: false,
		message: 'api.example.com:8443 responded with 422 Unprocessable Entity: subject: is empty: RecordInvalid',
		description: expect.stringContaining('Check the response for the field') as string,
		response: { error: 'RecordInvalid', description: 'subject: is empty' },
	});
});

it('a refusal reports the reason that is nested in the response, without secrets', () => {
	const details = {
		requester: [
			{ description: 'Requester Name: is too short, hunter2secret (minimum is 1 characters)', error: 'TooShort' },
		],
	};
	const body = JSON.stringify({ error: 'RecordInvalid', description: 'Record validation errors', details });
	expect(faultOf(answered(422, body), '2xx', ['hunter2secret']).message).toBe(
		'api.example.com:8443 responded with 422 Unprocessable Entity: Record validation errors: Requester Name: is too short, *** (minimum is 1 characters)',
	);
});

it.each([
	['502 Bad Gateway', 502, '<html><head><title>502 Bad Gateway</title></head></html>'],
	['404 Not Found', 404, '{"error":"Not Found"}'],
	['404 Not Found', 404, '<html><title>HTTP Status 404 – Not Found</title></html>'],
	['403 Forbidden: Sign in ‹b›', 403, '<html><title>Sign in &lt;b&gt;</title></html>'],
	['403 Forbidden: Error 1020', 403, '<html><title>Error 1020</title></html>'],
	[
		'500 Internal Server Error: key *** is unknown',
		500,
		'<Error><Message>key hunter2secret is unknown</Message></Error>',
	],
	[
		'500 Internal Server Error: key *** is unknown',
		500,
		'<Error><Message>key hunter2&#115;ecret is unknown</Message></Error>',
	],
])('a response in markup or without words: %s', (words, status, body) => {
	expect(faultOf(answered(status, body), '2xx', ['hunter2secret']).message).toBe(
		`api.example.com:8443 responded with ${words}`,
	);
});

describe('the words of a rejection', () => {
	const rejected = (path: string, response: object) => {
		const failsWhen = [{ path, condition: 'notEmpty' as const, value: '', tryAgain: false }];
		const settings = { successStatus: '2xx' as const, retryStatuses: [], failsWhen };
		const judgement = judge(answered(200, JSON.stringify(response)), url, settings, { secrets: ['hunter2secret'] });
		return judgement.ok ? 'delivered' : judgement.fault.message.replace(/^.*? delivery \(.*?\)(: )?/, '');
	};
	it.each<[string, object, string]>([
		['errors', { errors: [{ message: 'no such field' }] }, 'no such field'],
		['errors', { message: 'Not valid', errors: { email: ['is taken'] } }, 'Not valid: email: is taken'],
		['error.code', { error: { code: 7, message: 'no such list' } }, 'no such list'],
		['failed', { message: 'Processed', failed: [{ text: 'x', error: 'no such user' }] }, 'no such user'],
		['data.a.userErrors', { data: { a: { userErrors: [{ field: ['b'], message: 'is empty' }] } } }, 'b: is empty'],
		['code', { code: 10014, msg: 'app hunter2secret invalid' }, 'app *** invalid'],
		['code', { code: 10014, errmsg: 'a\u0007b\nc' }, 'a b c'],
		['code', { code: 10014, title: 't'.repeat(1000) }, `${'t'.repeat(239)}…`],
		['code', { code: 10014 }, '{"code":10014}'],
	])('%s of %j', (path, response, words) => {
		expect(rejected(path, response)).toBe(words);
	});
});

it('an empty response is not kept', () => {
	expect(faultOf(answered(404))).not.toHaveProperty('response');
});

it('the words are cut, and made one line', () => {
	const { message } = faultOf(answered(400, `line one\r\nline two\u0007 ${'x'.repeat(5000)}`));
	expect(message).toMatch(/^api\.example\.com:8443 responded with 400 Bad Request: line one line two x+…$/);
	expect(message.length).toBeLessThan(360);
});

describe('Retry Statuses', () => {
	const withOption = (answer: HttpAnswer, retryStatuses = [302, 409, 529]) => {
		const judgement = judge(answer, url, { successStatus: '2xx', retryStatuses, failsWhen: [] }, { secrets: [] });
		if (judgement.ok) throw new Error('It was delivered');
		return judgement.fault;
	};

	it('are retried beside the standing list, and no other', () => {
		expect([302, 409, 529, 503, 410, 520].map((status) => withOption(answered(status)).retryable)).toEqual([
			true,
			true,
			true,
			true,
			false,
			false,
		]);
	});

	it('never make a success anything else', () => {
		expect(
			judge(answered(201), url, { successStatus: '2xx', retryStatuses: [201], failsWhen: [] }, { secrets: [] }).ok,
		).toBe(true);
	});

	it('may name a time, too', () => {
		const before = Date.now();
		expect(withOption(answered(529, '', { 'retry-after': '30' })).retryAfter).toBeGreaterThanOrEqual(before + 30_000);
		expect(withOption(answered(520, '', { 'retry-after': '30' }))).not.toHaveProperty('retryAfter');
	});

	it.each([409, 423, 520, 521, 522, 523, 524, 529, 599])('are named as what to do when %i is given up', (status) => {
		const hint = `add ${status} to Retry Statuses in the options`;
		expect(faultOf(answered(status)).description).toContain(hint);
		expect(faultOf(answered(status)).description).not.toContain('Retry On Fail');
		expect(withOption(answered(status), [status]).description).not.toContain(hint);
	});

	it.each([400, 404, 410, 422, 501, 503])('are not named for %i', (status) => {
		expect(faultOf(answered(status)).description).not.toContain('Retry Statuses');
	});
});

describe('a token that may have expired', () => {
	const refused = (status: number, expiredStatusCodes?: number[]) => {
		const judgement = judge(
			answered(status),
			url,
			{ successStatus: '2xx', retryStatuses: [], failsWhen: [] },
			{ secrets: [], expiredStatusCodes },
		);
		return judgement.ok ? '' : judgement.fault.description;
	};

	it.each([403, 419, 498])('%i with OAuth 2.0 names the setting', (status) => {
		expect(refused(status, [401])).toContain(
			`uses ${status} for expired tokens, add it to Expired Token Status Codes in the credential.`,
		);
	});

	it('is not named where the setting has it, for another status, or without OAuth 2.0', () => {
		expect([refused(403, [401, 403]), refused(401, [401]), refused(404, [401]), refused(403)].join()).not.toContain(
			'Expired Token',
		);
	});
});

it('a redirect from https to http is reported, with what to do', () => {
	expect(downgradeFault(url, 308)).toEqual({
		code: 'REDIRECT',
		statusCode: 308,
		retryable: false,
		message: 'api.example.com:8443 redirects from https to http',
		description: expect.stringContaining('https address into Destination URL') as string,
	});
});

it('a time to wait in the body alone is kept', () => {
	const before = Date.now();
	const { retryAfter } = faultOf(answered(429, '{"message":"You are being rate limited.","retry_after":1.7}'));
	expect(retryAfter).toBeGreaterThanOrEqual(before + 1700);
	expect(retryAfter).toBeLessThanOrEqual(Date.now() + 1700);
});

it('a time to wait is kept for 429 and 503', () => {
	const before = Date.now();
	const { retryAfter } = faultOf(answered(429, '', { 'retry-after': '30' }));
	expect(retryAfter).toBeGreaterThanOrEqual(before + 30_000);
	expect(retryAfter).toBeLessThanOrEqual(Date.now() + 30_000);
	expect(faultOf(answered(500, '', { 'retry-after': '30' }))).not.toHaveProperty('retryAfter');
});

describe('the status counts first', () => {
	it.each(['TIMEOUT', 'CONNECTION', 'RESPONSE_TOO_LARGE'] as const)(
		'a 404 whose body ended with %s is a 404',
		(code) => {
			expect(faultOf(broken(code, 404))).toMatchObject({ code: 'STATUS', statusCode: 404, retryable: false });
			expect(faultOf(broken(code, 404))).not.toHaveProperty('acknowledged');
		},
	);

	it('a 503 whose body is too large is retried', () => {
		expect(faultOf(broken('RESPONSE_TOO_LARGE', 503))).toMatchObject({ code: 'STATUS', retryable: true });
	});

	it('but not over a cancelled execution', () => {
		expect(faultOf(broken('CANCELLED', 404))).toMatchObject({ code: 'CANCELLED', retryable: false });
	});
});

describe('a 2xx whose response did not arrive', () => {
	it.each(['TIMEOUT', 'CONNECTION', 'RESPONSE_TOO_LARGE', 'CANCELLED'] as const)(
		'%s: delivered, and it says what became of it',
		(code) => {
			expect(verdict(broken(code, 200))).toEqual(
				ok({
					statusCode: 200,
					headers: {},
					response: '',
					responseFault: {
						code,
						message: 'api.example.com:8443 responded with 200, but its response could not be read: why',
					},
				}),
			);
		},
	);

	it('is none where 200 alone is a success and it is another', () => {
		expect(verdict(broken('TIMEOUT', 201), '200')).toMatchObject(
			fail({ code: 'STATUS', statusCode: 201, retryable: false }),
		);
	});

	it('without a status nobody knows', () => {
		expect(faultOf(broken('RESPONSE_TOO_LARGE'))).not.toHaveProperty('acknowledged');
	});
});

describe('an attempt that something threw in', () => {
	const secret = 'hunter2secret';
	const error = new TypeError(`cannot read ${secret}`);

	it('is retried, and shows nothing of what it said', () => {
		const judged = interrupted(error, url, undefined);
		expect(judged).toMatchObject(fail({ code: 'CONNECTION', retryable: true }));
		expect(JSON.stringify(judged)).toContain('it was interrupted (TypeError)');
		expect(JSON.stringify(judged)).not.toContain(secret);
	});

	it('has the code of what is known', () => {
		const error = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
		expect(interrupted(error, url, undefined)).toMatchObject({ fault: { code: 'DNS', retryable: true } });
		expect(interrupted('text', url, undefined)).toMatchObject({ fault: { code: 'CONNECTION' } });
	});

	it('is delivered when the destination had responded with success', () => {
		expect(interrupted(error, url, { statusCode: 201, url })).toMatchObject(
			ok({ statusCode: 201, responseFault: { code: 'CONNECTION' } }),
		);
	});
});

it.each([
	['TIMEOUT', true],
	['CONNECTION', true],
	['TLS', false],
] as const)('%s without a status: retried %p', (code, retryable) => {
	expect(faultOf(broken(code))).toEqual({
		code,
		retryable,
		message: 'Delivery to api.example.com:8443 failed: why',
		description: expect.stringMatching(/./) as string,
	});
});

describe('a redirect', () => {
	it('is not delivered, and reports where it points to, without the query', () => {
		const fault = faultOf(answered(302, '', { location: '/login?session=hunter2secret' }));
		expect(fault).toMatchObject({ code: 'REDIRECT', statusCode: 302, retryable: false });
		expect(fault.message).toBe(
			'api.example.com:8443 responded with 302 Found, pointing to https://api.example.com:8443/login',
		);
	});

	it.each(['', 'http://', 'https://exa mple'])('to %p points nowhere', (location) => {
		expect(faultOf(answered(302, '', { location })).message).toBe('api.example.com:8443 responded with 302 Found');
	});

	it('that goes repeatedly is given up', () => {
		expect(redirectFault(url, 'more than 10 times')).toMatchObject({
			code: 'REDIRECT',
			retryable: false,
			message: expect.stringContaining('api.example.com:8443') as string,
		});
	});
});

describe('secrets', () => {
	const secret = 'token-hunter2secret';

	it('the destination sends back are in no message, response or header', () => {
		const echo = JSON.stringify({ message: `bad ${secret}`, more: [secret] });
		const refused = faultOf(answered(401, echo, { 'www-authenticate': `Bearer ${secret}` }), '2xx', [secret]);
		expect(JSON.stringify(refused)).not.toContain(secret);
		const taken = verdict(answered(200, echo, { 'x-echo': `Bearer ${secret}` }), '2xx', [secret]);
		expect(JSON.stringify(taken)).not.toContain(secret);
	});

	it('of the URL are in no message', () => {
		for (const answer of [answered(500), broken('TIMEOUT'), answered(301, '', { location: '?x' })]) {
			expect(JSON.stringify(faultOf(answer))).not.toContain('hunter2secret');
		}
	});

	it('in a redirect’s path are not shown', () => {
		expect(faultOf(answered(302, '', { location: `/callback/${secret}` }), '2xx', [secret]).message).not.toContain(
			secret,
		);
	});
});

it('what the guard refuses is a fault of the delivery', () => {
	const fault = { code: 'BLOCKED' as const, message: 'm', description: 'd' };
	expect(guardFault(fault, url)).toEqual({ ...fault, retryable: false });
	expect(guardFault({ code: 'DNS', cause: 'why' }, url)).toMatchObject({ code: 'DNS', retryable: true });
	expect(guardFault({ code: 'BLOCKED', cause: 'why' }, url)).toMatchObject({ code: 'BLOCKED', retryable: false });
});
