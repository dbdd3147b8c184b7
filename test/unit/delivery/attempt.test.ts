import { attempt, type AttemptSettings, type AttemptTools } from '../../../lib/delivery/attempt';
import type { DeliveryRequest } from '../../../lib/request/deliveryRequest';
import { fail, ok } from '../../../lib/result/result';
import type { OutgoingMessage } from '../../../lib/signature/scheme';
import type { HttpAnswer, HttpLimits, HttpRequest, Transport } from '../../../lib/http/transport';

const settings: AttemptSettings = {
	timeout: 5000,
	maxResponseSize: 1000,
	followRedirects: true,
	redirectMethod: 'keep',
	successStatus: '2xx',
	retryStatuses: [],
	failsWhen: [],
};
const request: DeliveryRequest = {
	method: 'POST',
	url: new URL('https://a.example/hook'),
	headers: { 'content-type': 'application/json', 'x-api-key': 'key', 'idempotency-key': 'id-1' },
	body: '{"a":1}',
	identityHeader: 'idempotency-key',
};
const answered = (statusCode: number, headers: Record<string, string> = {}, body = ''): HttpAnswer => ({
	ok: true,
	statusCode,
	headers,
	body: Buffer.from(body),
});
const redirect = (location: string, statusCode = 307) => answered(statusCode, { location });

/** Gives the responses in turn, and notes what was sent within which limits. */
function setUp(answers: HttpAnswer[], more: Partial<AttemptTools> = {}) {
	const sent: Array<HttpRequest & HttpLimits> = [];
	const transport = {
		send: async (next: HttpRequest, limits: HttpLimits) => {
			sent.push({ ...next, ...limits });
			return answers[sent.length - 1] ?? answered(200);
		},
	} as unknown as Transport;
	let tokens = 1;
	const tools: AttemptTools = {
		transport,
		guard: async () => ok(undefined),
		pace: jest.fn(async () => {}),
		authorization: {
			authorize: async () => ok({ headers: { authorization: `Bearer ${tokens}` }, secrets: [`token-${tokens}`] }),
			isExpired: jest.fn((status: number) => {
				if (status === 401) tokens += 1;
				return status === 401;
			}),
		},
		...more,
	};
	return {
		sent,
		tools,
		run: async (changes: Partial<AttemptSettings> = {}) =>
			await attempt('id-1', request, { ...settings, ...changes }, tools),
	};
}

it('sends what was asked for, authorized, within its limits', async () => {
	const { run, sent, tools } = setUp([answered(201, { etag: 'x' }, '{"ok":true}')]);
	const before = performance.now();
	expect(await run()).toEqual({
		judgement: ok({ statusCode: 201, headers: { etag: 'x' }, response: { ok: true } }),
		requests: 1,
		durationMs: expect.any(Number) as number,
	});
	expect(sent).toMatchObject([
		{
			method: 'POST',
			body: '{"a":1}',
			maxResponseSize: 1000,
			headers: { authorization: 'Bearer 1', 'x-api-key': 'key' },
		},
	]);
	expect(sent[0]?.deadline).toBeGreaterThanOrEqual(before + 5000);
	expect(sent[0]?.deadline).toBeLessThanOrEqual(performance.now() + 5000);
	expect(tools.pace).toHaveBeenCalledTimes(1);
});

describe('a signer', () => {
	/** Signs with a number, and notes what it was given. */
	function numbering(signsForOtherOrigins = true) {
		const messages: OutgoingMessage[] = [];
		const sign = (message: OutgoingMessage) =>
			ok({
				headers: { 'x-seal': String(messages.push(message)), 'x-seal-id': message.id },
				headerNames: { 'x-seal': 'X-Seal' },
			});
		return { messages, signer: { signsForOtherOrigins, idFault: () => undefined, sign } };
	}

	const seals = (sent: HttpRequest[]) => sent.map(({ headers }) => headers['x-seal']);

	it('signs the exact body under the delivery’s ID, again for every request', async () => {
		const { messages, signer } = numbering();
		const { run, sent } = setUp([answered(401), answered(200)], { signer });
		await run();
		expect(messages).toMatchObject([
			{ id: 'id-1', method: 'POST', body: '{"a":1}', headers: { authorization: 'Bearer 1' } },
			{ id: 'id-1', method: 'POST', body: '{"a":1}', headers: { authorization: 'Bearer 2' } },
		]);
		expect(Math.abs(messages[0]!.timestampSeconds - Date.now() / 1000)).toBeLessThan(60);
		expect(seals(sent)).toEqual(['1', '2']);
		expect(sent[0]?.headerNames).toMatchObject({ 'x-seal': 'X-Seal' });
	});

	it('signs each hop for its own address, and no signature of before is sent along', async () => {
		const { messages, signer } = numbering();
		const { run, sent } = setUp([redirect('/1?x=2'), redirect('https://b.example/'), answered(200)], { signer });
		await run();
		expect(messages.map(({ url }) => url.href)).toEqual([
			'https://a.example/hook',
			'https://a.example/1?x=2',
			'https://b.example/',
		]);
		expect(messages.map(({ headers }) => Object.keys(headers).filter((name) => name.startsWith('x-seal')))).toEqual([
			[],
			[],
			[],
		]);
		expect(seals(sent)).toEqual(['1', '2', '3']);
	});

	it('whose signature is for one origin is not asked for another, and nothing goes there unsigned', async () => {
		const { messages, signer } = numbering(false);
		const { run, sent } = setUp([redirect('/1'), redirect('https://b.example/'), answered(200)], { signer });
		expect(await run()).toMatchObject({ judgement: fail({ code: 'REDIRECT', statusCode: 307, retryable: false }) });
		expect([sent.length, messages.length]).toEqual([2, 2]);
	});

	it('a body that is gone is signed no more; the ID of the delivery stays', async () => {
		const { signer } = numbering();
		const { run, sent } = setUp([redirect('/1', 303), answered(200)], { signer });
		await run();
		expect(sent[1]).toMatchObject({ method: 'GET' });
		expect([sent[1]?.headers['x-seal'], sent[1]?.headers['x-seal-id']]).toEqual([undefined, 'id-1']);
	});

	it('that cannot sign is the fault of the item: nothing is sent', async () => {
		const fault = { message: 'No key', description: 'Fill it in.' };
		const signer = { ...numbering().signer, sign: async () => fail(fault) };
		const { run, sent } = setUp([answered(200)], { signer });
		expect(await run()).toMatchObject({
			judgement: fail({ code: 'INVALID_REQUEST', retryable: false, ...fault }),
			requests: 0,
		});
		expect(sent).toEqual([]);
	});
});

describe('an expired token', () => {
	it('is replaced once, and the request made once more', async () => {
		const { run, sent, tools } = setUp([answered(401), answered(200)]);
		expect(await run()).toMatchObject({ judgement: { ok: true }, requests: 2 });
		expect(sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
		expect(tools.pace).toHaveBeenCalledTimes(2);
	});

	it('is not replaced twice', async () => {
		const { run, sent } = setUp([answered(401), answered(401), answered(200)]);
		expect(await run()).toMatchObject({
			judgement: fail({ code: 'STATUS', statusCode: 401, retryable: false }),
			requests: 2,
		});
		expect(sent).toHaveLength(2);
	});

	it('is no matter when another origin, which never saw it, says 401', async () => {
		const { run, sent, tools } = setUp([redirect('https://b.example/'), answered(401)]);
		expect(await run()).toMatchObject({ judgement: fail({ statusCode: 401 }), requests: 1 });
		expect(sent).toHaveLength(2);
		expect(tools.authorization.isExpired).not.toHaveBeenCalledWith(401, expect.anything(), expect.anything());
	});

	it('is replaced behind redirects within the origin, which had the token', async () => {
		const { run, sent } = setUp([
			redirect('/1'),
			redirect('https://A.EXAMPLE:443/2', 301),
			answered(401),
			answered(200),
		]);
		expect(await run()).toMatchObject({ judgement: { ok: true }, requests: 2 });
		expect(sent.map(({ url, headers }) => `${url.pathname} ${headers.authorization}`)).toEqual([
			'/hook Bearer 1',
			'/1 Bearer 1',
			'/2 Bearer 1',
			'/hook Bearer 2',
		]);
	});

	it('is replaced once behind redirects, too', async () => {
		const { run, sent } = setUp([redirect('/1'), answered(401), redirect('/1'), answered(401)]);
		expect(await run()).toMatchObject({ judgement: fail({ statusCode: 401 }), requests: 2 });
		expect(sent).toHaveLength(4);
	});

	it('is no matter when the origin is left and entered again: the token did not come along', async () => {
		const { run, sent } = setUp([redirect('https://b.example/'), redirect('https://a.example/2'), answered(401)]);
		expect(await run()).toMatchObject({ judgement: fail({ statusCode: 401 }), requests: 1 });
		expect(sent[2]?.headers).not.toHaveProperty('authorization');
	});

	it('that a body calls expired is no acknowledgement, also when what comes after it throws', async () => {
		let asked = 0;
		const authorization = {
			authorize: async () => {
				asked += 1;
				if (asked === 2) throw new Error('no store');
				return ok({ headers: {}, secrets: ['token-1'], expiredWhen: [{ path: 'errors.code', values: ['602'] }] });
			},
			isExpired: () => true,
		};
		const answer = answered(200, { 'content-type': 'application/json' }, '{"errors":[{"code":602}]}');
		const { run } = setUp([answer], { authorization });
		expect(await run()).toMatchObject({ judgement: { ok: false }, requests: 1 });
	});

	it('is distinguished from a response that never came', async () => {
		const { run, tools } = setUp([{ ok: false, code: 'TIMEOUT', cause: 'why' }]);
		expect(await run()).toMatchObject({ judgement: fail({ code: 'TIMEOUT' }) });
		expect(tools.authorization.isExpired).not.toHaveBeenCalled();
	});
});

it('without a token nothing is sent', async () => {
	const fault = { code: 'TOKEN' as const, message: 'm', description: 'd', retryable: true };
	const { run, sent } = setUp([], { authorization: { authorize: async () => fail(fault), isExpired: () => false } });
	expect(await run()).toMatchObject({ judgement: fail(fault), requests: 0 });
	expect(sent).toEqual([]);
});

it('what the guard refuses is not sent, and no token is fetched for it', async () => {
	const authorize = jest.fn();
	const guard = async () => fail({ code: 'BLOCKED' as const, message: 'm', description: 'd' });
	const { run, sent } = setUp([], { guard, authorization: { authorize, isExpired: () => false } });
	expect(await run()).toMatchObject({ judgement: fail({ code: 'BLOCKED' }), requests: 0 });
	expect([sent.length, authorize.mock.calls.length]).toEqual([0, 0]);
});

describe('redirects', () => {
	it('are a failure unless they are followed', async () => {
		const { run, sent } = setUp([redirect('/other')]);
		expect(await run({ followRedirects: false })).toMatchObject({
			judgement: fail({ code: 'REDIRECT', statusCode: 307 }),
		});
		expect(sent).toHaveLength(1);
	});

	it('are followed with one deadline over all of them, and are one request', async () => {
		const { run, sent } = setUp([redirect('/1'), redirect('/2'), answered(200)]);
		expect(await run()).toMatchObject({ judgement: { ok: true }, requests: 1 });
		expect(sent.map(({ url }) => url.href)).toEqual([
			'https://a.example/hook',
			'https://a.example/1',
			'https://a.example/2',
		]);
		expect(new Set(sent.map(({ deadline }) => deadline)).size).toBe(1);
	});

	it('take no credential to another origin, but the delivery’s ID', async () => {
		const { run, sent } = setUp([redirect('https://b.example/')]);
		await run();
		expect(sent[1]?.headers).toEqual({ 'content-type': 'application/json', 'idempotency-key': 'id-1' });
	});

	it('turn 303 into GET without a body', async () => {
		const { run, sent } = setUp([redirect('/result', 303)]);
		await run();
		expect(sent[1]).toMatchObject({ method: 'GET' });
		expect(sent[1]?.body).toBeUndefined();
	});

	it('turn POST into GET on 301 and 302 when asked to, and keep it otherwise', async () => {
		const asked = setUp([redirect('https://script.example/echo', 302), answered(200)]);
		expect(await asked.run({ redirectMethod: 'get' })).toMatchObject({ judgement: { ok: true } });
		expect(asked.sent[1]).toMatchObject({ method: 'GET', headers: { 'idempotency-key': 'id-1' } });
		expect(asked.sent[1]?.body).toBeUndefined();
		const kept = setUp([redirect('https://script.example/echo', 302), answered(200)]);
		await kept.run();
		expect(kept.sent[1]).toMatchObject({ method: 'POST', body: '{"a":1}' });
	});

	it.each([
		['at once', [redirect('http://a.example/hook', 301)], 1],
		['to another host', [redirect('http://b.example/')], 1],
		['at a later hop', [redirect('/1'), redirect('https://b.example/'), redirect('http://b.example/', 303)], 3],
	])('from https to http are refused: %s', async (_, answers, requests) => {
		const { run, sent } = setUp(answers);
		expect(await run({ redirectMethod: 'get' })).toMatchObject({
			judgement: fail({
				code: 'REDIRECT',
				retryable: false,
				message: expect.stringContaining('from https to http') as string,
			}),
		});
		expect(sent).toHaveLength(requests);
		expect(sent.every(({ url }) => url.protocol === 'https:')).toBe(true);
	});

	it('are asked about before each hop', async () => {
		const asked: string[] = [];
		const guard: AttemptTools['guard'] = async (url) => {
			asked.push(url.hostname);
			return url.hostname === '10.0.0.1' ? fail({ code: 'BLOCKED' as const, cause: 'why' }) : ok(undefined);
		};
		const { run, sent } = setUp([redirect('https://b.example/'), redirect('https://10.0.0.1/')], { guard });
		expect(await run()).toMatchObject({
			judgement: fail({ code: 'BLOCKED', retryable: false, message: 'Delivery to 10.0.0.1 failed: why' }),
		});
		expect(asked).toEqual(['a.example', 'b.example', '10.0.0.1']);
		expect(sent).toHaveLength(2);
	});

	it('end after ten', async () => {
		const { run, sent } = setUp(Array.from({ length: 50 }, () => redirect('/again')));
		expect(await run()).toMatchObject({ judgement: fail({ code: 'REDIRECT', retryable: false }) });
		expect(sent).toHaveLength(11);
	});

	it('to nowhere are judged as they are', async () => {
		const { run } = setUp([redirect('ftp://a.example/')]);
		expect(await run()).toMatchObject({ judgement: fail({ code: 'REDIRECT', statusCode: 307 }) });
	});
});
