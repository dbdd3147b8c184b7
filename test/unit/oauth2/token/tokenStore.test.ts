import { inspect } from 'node:util';

import { credentialKey } from '../../../../lib/oauth2/token/credentialKey';
import { TokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { TIMED_OUT } from '../../../../lib/http/networkFault';
import { fail } from '../../../../lib/result/result';
import { clientCredential, passwordCredential } from '../../../support/oauth2/credentials';
import { answered, answering, formOf, scriptedTransport } from '../../../support/oauth2/scriptedTransport';

const START = Date.parse('2026-11-20T12:00:00Z');

let now: number;
let store: TokenStore;

beforeEach(() => {
	now = START;
	store = new TokenStore({ now: () => now });
});

const pass = (seconds: number) => {
	now += seconds * 1000;
};

const token = (access_token: string, more: Record<string, unknown> = {}) =>
	answered(200, { access_token, token_type: 'Bearer', expires_in: 3600, ...more });

const invalidGrant = answered(400, { error: 'invalid_grant' });
const unavailable = answered(503, '');
const timedOut = fail(TIMED_OUT);

/** The access token, or the fault's code with what was said. */
async function got(result: ReturnType<TokenStore['get']>): Promise<string> {
	const settled = await result;
	return settled.ok
		? settled.value.accessToken
		: `${settled.fault.code} ${settled.fault.statusCode ?? settled.fault.transportCode}`;
}

/** Lets everything run that can run without a response. */
const settle = async () => await new Promise((resolve) => setImmediate(resolve));

describe('one token for a credential', () => {
	it('is fetched once and reused', async () => {
		const { transport, requests } = answering(token('one'));
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		expect(requests).toHaveLength(1);
	});

	it('is fetched once for 50 deliveries at the same time', async () => {
		const { transport, requests, answer } = scriptedTransport();
		const waiting = Array.from({ length: 50 }, async () => await got(store.get(clientCredential(), transport)));
		await settle();
		answer(token('one'));
		expect(new Set(await Promise.all(waiting))).toEqual(new Set(['one']));
		expect(requests).toHaveLength(1);
	});

	it.each([
		['secret', { clientSecret: 'another' }],
		['ID', { clientId: 'another' }],
		['URL', { accessTokenUrl: 'https://other.example/token' }],
		['scope', { scope: 'write' }],
		['header', { tokenRequestHeaders: { parameters: [{ name: 'X-Api-Key', value: 'a' }] } }],
		['parameter', { additionalParameters: { parameters: [{ name: 'audience', value: 'a' }] } }],
	])('is another one when the %s changes', async (_field, data) => {
		const { transport, requests } = answering(token('one'), token('two'));
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		expect(await got(store.get(clientCredential(data), transport))).toBe('two');
		expect(requests).toHaveLength(2);
	});

	it('is another one for each grant', async () => {
		const { transport } = answering(token('one'), token('two'));
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		expect(await got(store.get(passwordCredential(), transport))).toBe('two');
	});
});

describe('a fault', () => {
	it('is shared by all who wait, and not kept', async () => {
		const { transport, requests, answer } = scriptedTransport();
		const waiting = Array.from({ length: 50 }, async () => await got(store.get(clientCredential(), transport)));
		await settle();
		answer(answered(401, { error: 'invalid_client' }));
		expect(new Set(await Promise.all(waiting))).toEqual(new Set(['TOKEN 401']));
		expect(requests).toHaveLength(1);

		const next = got(store.get(clientCredential(), transport));
		await settle();
		answer(token('one'));
		expect(await next).toBe('one');
		expect(requests).toHaveLength(2);
	});

	it('of a transport that throws is a fault like another, without what it threw', async () => {
		const result = await store.get(clientCredential(), async () => {
			throw new Error('stack with client-secret');
		});
		expect(result).toMatchObject({ ok: false, fault: { code: 'TOKEN', transportCode: 'CONNECTION' } });
		expect(inspect(result, { depth: Infinity })).not.toContain('client-secret');
	});

	it.each([
		['TIMEOUT', 'TOKEN', true],
		['CONNECTION', 'TOKEN', true],
		['DNS', 'TOKEN', true],
		['TLS', 'TOKEN', false],
		['RESPONSE_TOO_LARGE', 'TOKEN', false],
		['INVALID_URL', 'TOKEN', false],
		['BLOCKED', 'BLOCKED', false],
		['CANCELLED', 'CANCELLED', false],
	] as const)('of the transport, %s, is %s and retryable: %p', async (transportCode, code, retryable) => {
		const { transport } = answering(fail({ code: transportCode, cause: 'what happened' }));
		expect(await store.get(clientCredential(), transport)).toMatchObject({
			ok: false,
			fault: { code, transportCode, retryable },
		});
	});
});

describe('renewal', () => {
	it.each([
		[3600, 3539, 3540],
		[240, 179, 180],
		[120, 89, 90],
		[20, 14, 15],
	])('of a token with %i s of life comes after %i s and not later than %i s', async (expires_in, before, after) => {
		const { transport, requests } = answering(token('one', { expires_in }), token('two', { expires_in }));
		await store.get(clientCredential(), transport);
		pass(before);
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		pass(after - before);
		expect(await got(store.get(clientCredential(), transport))).toBe('two');
		expect(requests).toHaveLength(2);
	});

	it('of tokens of 5 s asks once every few seconds and never in a loop', async () => {
		const { transport, requests } = answering(token('one', { expires_in: 5 }));
		for (let delivery = 0; delivery < 200; delivery++) {
			await store.get(clientCredential(), transport);
			pass(0.1);
		}
		// 20 s, renewed after 3.75 s each.
		expect(requests).toHaveLength(6);
	});

	it('counts a life from the moment the request was sent', async () => {
		const { transport, answer, requests } = scriptedTransport();
		const first = got(store.get(clientCredential(), transport));
		await settle();
		pass(50);
		answer(token('one', { expires_in: 100 }));
		expect(await first).toBe('one');
		pass(24);
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		pass(1);
		void store.get(clientCredential(), transport);
		await settle();
		expect(requests).toHaveLength(2);
	});

	it('a token that lives shorter than its request still serves all who waited for it', async () => {
		const { transport, answer, requests } = scriptedTransport();
		const waiting = Array.from({ length: 50 }, async () => await got(store.get(clientCredential(), transport)));
		await settle();
		pass(10);
		answer(token('short', { expires_in: 1 }));
		expect(new Set(await Promise.all(waiting))).toEqual(new Set(['short']));
		expect(requests).toHaveLength(1);
	});

	it('never comes for tokens that never expire', async () => {
		const { transport, requests } = answering(token('one', { expires_in: 1 }));
		const credential = clientCredential({ expiryMode: 'never' });
		await store.get(credential, transport);
		pass(10 * 365 * 86_400);
		expect(await got(store.get(credential, transport))).toBe('one');
		expect(requests).toHaveLength(1);
	});

	it('that meets a passing fault leaves the token that is still good in use, and retries soon', async () => {
		const { transport, requests } = answering(token('one'), unavailable, token('two'));
		await store.get(clientCredential(), transport);
		pass(3545);
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
		expect(requests).toHaveLength(2);
		pass(5);
		expect(await got(store.get(clientCredential(), transport))).toBe('two');
	});

	it('that meets a passing fault is a fault when the token has expired', async () => {
		const { transport } = answering(token('one'), unavailable);
		await store.get(clientCredential(), transport);
		pass(3600);
		expect(await got(store.get(clientCredential(), transport))).toBe('TOKEN 503');
	});

	it('that is refused is a fault, though the token is still good', async () => {
		const { transport } = answering(token('one'), answered(401, { error: 'invalid_client' }));
		await store.get(clientCredential(), transport);
		pass(3550);
		expect(await got(store.get(clientCredential(), transport))).toBe('TOKEN 401');
	});
});

describe('discard', () => {
	it('leads 50 refused deliveries to one new token', async () => {
		const { transport, requests } = answering(token('one'), token('two'));
		const credential = clientCredential();
		await store.get(credential, transport);
		const again = Array.from({ length: 50 }, async () => {
			store.discard(credential, 'one');
			return await got(store.get(credential, transport));
		});
		expect(new Set(await Promise.all(again))).toEqual(new Set(['two']));
		expect(requests).toHaveLength(2);
	});

	it('of a token that was already replaced does nothing', async () => {
		const { transport, requests } = answering(token('one'), token('two'));
		const credential = clientCredential();
		await store.get(credential, transport);
		store.discard(credential, 'one');
		await store.get(credential, transport);
		store.discard(credential, 'one');
		expect(await got(store.get(credential, transport))).toBe('two');
		expect(requests).toHaveLength(2);
	});

	it('works for a credential that was read again', async () => {
		const { transport } = answering(token('one'), token('two'));
		await store.get(clientCredential(), transport);
		store.discard(clientCredential(), 'one');
		expect(await got(store.get(clientCredential(), transport))).toBe('two');
	});

	it('during an early renewal that then fails leaves no token in use', async () => {
		const { transport, answer } = scriptedTransport();
		const first = store.get(clientCredential(), transport);
		await settle();
		answer(token('one'));
		await first;
		pass(3545);
		const renewal = got(store.get(clientCredential(), transport));
		await settle();
		store.discard(clientCredential(), 'one');
		answer(unavailable);
		expect(await renewal).toBe('TOKEN 503');
	});

	it('of what was never stored does nothing', () => {
		expect(() => store.discard(clientCredential(), 'one')).not.toThrow();
		expect(store.size).toBe(0);
	});
});

describe('refresh, for the password grant', () => {
	const credential = passwordCredential({ refreshTokenUrl: 'https://login.example.com/refresh' });

	it('happens at the refresh token URL, with each new refresh token in turn', async () => {
		const { transport, requests } = answering(
			token('one', { refresh_token: 'r1' }),
			token('two', { refresh_token: 'r2' }),
			token('three', { refresh_token: 'r3' }),
		);
		for (const expected of ['one', 'two', 'three']) {
			expect(await got(store.get(credential, transport))).toBe(expected);
			pass(3600);
		}
		expect(requests.map(({ url }) => url)).toEqual([
			credential.accessTokenUrl,
			credential.refreshTokenUrl,
			credential.refreshTokenUrl,
		]);
		expect(requests.map((request) => formOf(request).refresh_token)).toEqual([undefined, 'r1', 'r2']);
	});

	it.each([{}, { refresh_token: '' }, { refresh_token: null }, { refresh_token: 7 }])(
		'keeps the old refresh token when the response has %j',
		async (more) => {
			const { transport, requests } = answering(token('one', { refresh_token: 'r1' }), token('two', more));
			for (let round = 0; round < 3; round++) {
				await store.get(credential, transport);
				pass(3600);
			}
			expect(requests.map((request) => formOf(request).refresh_token)).toEqual([undefined, 'r1', 'r1']);
		},
	);

	it('happens after a discard', async () => {
		const { transport, requests } = answering(token('one', { refresh_token: 'r1' }), token('two'));
		await store.get(credential, transport);
		store.discard(credential, 'one');
		expect(await got(store.get(credential, transport))).toBe('two');
		expect(formOf(requests[1])).toEqual({ grant_type: 'refresh_token', refresh_token: 'r1' });
	});

	it('uses a one-use refresh token once for 50 deliveries at the same time', async () => {
		const { transport, requests, answer } = scriptedTransport();
		const first = store.get(credential, transport);
		await settle();
		answer(token('one', { refresh_token: 'r1' }));
		await first;
		pass(3600);
		const waiting = Array.from({ length: 50 }, async () => await got(store.get(credential, transport)));
		await settle();
		answer(token('two', { refresh_token: 'r2' }));
		expect(new Set(await Promise.all(waiting))).toEqual(new Set(['two']));
		expect(requests).toHaveLength(2);
	});

	it.each([
		['invalid_grant', invalidGrant],
		['a 403 with nothing in it', answered(403, '')],
		['unsupported_grant_type', answered(400, { error: 'unsupported_grant_type' })],
	])('responded with %s leads to one password grant', async (_case, refusal) => {
		const { transport, requests } = answering(
			token('one', { refresh_token: 'r1' }),
			refusal,
			token('two', { refresh_token: 'r2' }),
		);
		await store.get(credential, transport);
		pass(3600);
		expect(await got(store.get(credential, transport))).toBe('two');
		expect(requests.map((request) => formOf(request).grant_type)).toEqual(['password', 'refresh_token', 'password']);
		pass(3600);
		await store.get(credential, transport);
		expect(formOf(requests[3]).refresh_token).toBe('r2');
	});

	it('and the password refused, too, is one fault and not a loop; the dead refresh token is not retried', async () => {
		const { transport, requests } = answering(token('one', { refresh_token: 'r1' }), invalidGrant);
		await store.get(credential, transport);
		pass(3600);
		expect(await got(store.get(credential, transport))).toBe('TOKEN 400');
		expect(await got(store.get(credential, transport))).toBe('TOKEN 400');
		expect(requests.map((request) => formOf(request).grant_type)).toEqual([
			'password',
			'refresh_token',
			'password',
			'password',
		]);
	});

	it.each([
		['a passing fault', unavailable, 'TOKEN 503'],
		['no answer', timedOut, 'TOKEN TIMEOUT'],
	])('that meets %s keeps the refresh token for the next time', async (_case, fault, told) => {
		const { transport, requests } = answering(token('one', { refresh_token: 'r1' }), fault, token('two'));
		await store.get(credential, transport);
		pass(3600);
		expect(await got(store.get(credential, transport))).toBe(told);
		expect(await got(store.get(credential, transport))).toBe('two');
		expect(requests.map((request) => formOf(request).refresh_token)).toEqual([undefined, 'r1', 'r1']);
	});

	it('that does not know the client does not send the password after it', async () => {
		const { transport, requests } = answering(
			token('one', { refresh_token: 'r1' }),
			answered(401, { error: 'invalid_client' }),
		);
		await store.get(credential, transport);
		pass(3600);
		expect(await got(store.get(credential, transport))).toBe('TOKEN 401');
		expect(requests).toHaveLength(2);
	});

	it('does not exist for client credentials, whatever the server sends', async () => {
		const { transport, requests } = answering(token('one', { refresh_token: 'r1' }), token('two'));
		await store.get(clientCredential(), transport);
		pass(3600);
		await store.get(clientCredential(), transport);
		expect(formOf(requests[1])).toEqual({ grant_type: 'client_credentials' });
	});
});

describe('cancelling', () => {
	it('of one who waits leaves the request and the others alone', async () => {
		const { transport, signals, answer } = scriptedTransport();
		const controller = new AbortController();
		const cancelled = got(store.get(clientCredential(), transport, controller.signal));
		const other = got(store.get(clientCredential(), transport));
		await settle();
		controller.abort();
		expect(await cancelled).toBe('CANCELLED CANCELLED');
		expect(signals[0]?.aborted).toBe(false);
		answer(token('one'));
		expect(await other).toBe('one');
	});

	it('of all who wait ends the request, and who comes next gets a new one', async () => {
		const { transport, signals, requests, answer } = scriptedTransport();
		const [first, second] = [new AbortController(), new AbortController()];
		const waiting = [first, second].map(
			async ({ signal }) => await got(store.get(clientCredential(), transport, signal)),
		);
		await settle();
		first.abort();
		second.abort();
		expect(await Promise.all(waiting)).toEqual(['CANCELLED CANCELLED', 'CANCELLED CANCELLED']);
		expect(signals[0]?.aborted).toBe(true);

		const next = got(store.get(clientCredential(), transport));
		await settle();
		expect(requests).toHaveLength(2);
		answer(token('one'), 1);
		expect(await next).toBe('one');
		// The abandoned request gets its response after all: its token does not count.
		answer(token('late'));
		await settle();
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
	});

	it('beforehand asks for nothing', async () => {
		const { transport, requests } = answering(token('one'));
		expect(await got(store.get(clientCredential(), transport, AbortSignal.abort()))).toBe('CANCELLED CANCELLED');
		expect(requests).toEqual([]);
	});

	it('leaves no listener behind on a signal that outlives many deliveries', async () => {
		const { transport } = answering(token('one', { expires_in: 1 }));
		const { signal } = new AbortController();
		const add = jest.spyOn(signal, 'addEventListener');
		const remove = jest.spyOn(signal, 'removeEventListener');
		for (let delivery = 0; delivery < 20; delivery++) {
			await store.get(clientCredential(), transport, signal);
			pass(10);
		}
		expect(add).toHaveBeenCalledTimes(20);
		expect(remove).toHaveBeenCalledTimes(20);
	});
});

describe('fetch', () => {
	it('asks by the grant, whatever is stored, and stores what comes', async () => {
		const credential = passwordCredential();
		const { transport, requests } = answering(
			token('one', { refresh_token: 'r1' }),
			token('two', { refresh_token: 'r2' }),
		);
		await store.get(credential, transport);
		expect(await got(store.fetch(credential, transport))).toBe('two');
		expect(formOf(requests[1]).grant_type).toBe('password');
		expect(await got(store.get(credential, transport))).toBe('two');
		expect(requests).toHaveLength(2);
	});

	it('reports a passing fault, though a stored token is still good', async () => {
		const { transport } = answering(token('one'), unavailable);
		await store.get(clientCredential(), transport);
		expect(await got(store.fetch(clientCredential(), transport))).toBe('TOKEN 503');
		expect(await got(store.get(clientCredential(), transport))).toBe('one');
	});
});

describe('the size', () => {
	it('is bounded, and the one used longest ago goes first', async () => {
		store = new TokenStore({ now: () => now, size: 3 });
		const { transport, requests } = answering(token('one'));
		const get = async (clientId: string) => await store.get(clientCredential({ clientId }), transport);
		for (const id of ['a', 'b', 'c']) await get(id);
		await get('a');
		await get('d');
		expect(store.size).toBe(3);
		expect(requests).toHaveLength(4);
		for (const id of ['a', 'c', 'd']) await get(id);
		expect(requests).toHaveLength(4);
		await get('b');
		expect(requests).toHaveLength(5);
		expect(store.size).toBe(3);
	});

	it('never drops a credential whose request is in progress', async () => {
		store = new TokenStore({ now: () => now, size: 1 });
		const { transport, requests, answer } = scriptedTransport();
		const first = got(store.get(clientCredential({ clientId: 'a' }), transport));
		const second = got(store.get(clientCredential({ clientId: 'b' }), transport));
		const third = got(store.get(clientCredential({ clientId: 'a' }), transport));
		await settle();
		expect(requests).toHaveLength(2);
		answer(token('of a'));
		answer(token('of b'));
		expect(await Promise.all([first, second, third])).toEqual(['of a', 'of b', 'of a']);
	});

	it('is back in bounds after 1,000 credentials at the same time', async () => {
		store = new TokenStore({ now: () => now, size: 10 });
		const { transport } = answering(token('one'));
		const all = Array.from(
			{ length: 1000 },
			async (_, id) => await store.get(clientCredential({ clientId: `id-${id}` }), transport),
		);
		await Promise.all(all);
		await store.get(clientCredential(), transport);
		expect(store.size).toBeLessThanOrEqual(10);
	});
});

describe('what shows', () => {
	it('is nothing of secrets or tokens, neither in the keys nor in the store', async () => {
		const credential = passwordCredential();
		const { transport } = answering(token('the-access-token', { refresh_token: 'the-refresh-token' }));
		await store.get(credential, transport);
		const shown = inspect(store, { depth: Infinity, showHidden: true }) + credentialKey(credential);
		for (const secret of ['client-secret', 'user-password', 'the-access-token', 'the-refresh-token']) {
			expect(shown).not.toContain(secret);
			expect(shown).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
		}
	});

	it('is the same key for the same content, of a fixed length', () => {
		expect(credentialKey(clientCredential())).toBe(credentialKey(clientCredential()));
		expect(credentialKey(clientCredential())).toMatch(/^[\w-]{43}$/);
	});
});
