import type { IExecuteFunctions } from 'n8n-workflow';

import type { Authorization } from '../../../lib/delivery/authorization';
import { authorizingPart } from '../../../nodes/WebhookDispatch/operations/webhook/identities';

/** The renewal by n8n, where n8n itself does not see to it that there is one at a time (2.0 does not). */

const IDENTITY = {
	authentication: 'n8nCredential',
	credentialType: 'oAuth2Api',
	n8nCredential: { type: 'oAuth2Api', label: 'OAuth2 API' },
	signing: 'none',
} as const;

afterEach(() => jest.useRealTimers());

/** Items that each have their own client ID, and one stored token. */
function setUp(items: number, refresh: (stored: { access_token: string }) => Promise<unknown>) {
	const stored = { access_token: 'token-0' };
	let refreshes = 0;
	const context = {
		getNode: () => ({ parameters: {}, credentials: { oAuth2Api: { id: '1', name: 'Account' } } }),
		getInputData: () => Array.from({ length: items }, () => ({ json: {} })),
		getCredentialsProperties: () => [],
		getCredentials: async (_type: string, itemIndex: number) =>
			await Promise.resolve({ clientId: `client-${itemIndex}`, oauthTokenData: { ...stored } }),
		helpers: {
			refreshOAuth2Token: async () => {
				refreshes += 1;
				return await refresh(stored);
			},
		},
	} as unknown as IExecuteFunctions;
	const open = async () => {
		const part = await authorizingPart(context, IDENTITY, undefined);
		const all = await Promise.all(
			Array.from({ length: items }, async (_, item) => {
				const made = await part.of(item);
				if (!made.ok) throw new Error(made.fault.message);
				return made.value.authorization;
			}),
		);
		for (const authorization of all) {
			const used = await authorization.authorize();
			if (used.ok) authorization.isExpired(401, used.value);
		}
		return all;
	};
	return { open, refreshes: () => refreshes };
}

const ask = async (all: Authorization[], signal?: AbortSignal) =>
	await Promise.all(all.map(async (authorization) => await authorization.authorize(signal)));

it('items with the same stored token, of whatever other content, cause one renewal', async () => {
	const { open, refreshes } = setUp(5, async (stored) => {
		await Promise.resolve();
		stored.access_token = 'token-1';
	});
	const all = await ask(await open());
	expect(all.map((one) => one.ok && one.value.secrets[0])).toEqual(Array(5).fill('token-1'));
	expect(refreshes()).toBe(1);
});

it('takes what n8n gives back, where it could not be stored', async () => {
	const { open } = setUp(1, async () => await Promise.resolve({ access_token: 'token-1' }));
	expect(await ask(await open())).toMatchObject([{ value: { secrets: ['token-1'] } }]);
});

it('says so when there is no new token', async () => {
	const { open } = setUp(1, async () => await Promise.resolve(undefined));
	expect(await ask(await open())).toMatchObject([{ fault: { code: 'TOKEN', retryable: false } }]);
});

it('ends with the execution', async () => {
	const { open } = setUp(2, async () => await new Promise(() => undefined));
	const all = await open();
	const controller = new AbortController();
	const asked = ask(all, controller.signal);
	controller.abort();
	const cancelled = { ok: false, fault: { code: 'CANCELLED' } };
	expect(await asked).toMatchObject([cancelled, cancelled]);
});

it('ends after 30 s, and may be asked again in the next try', async () => {
	const { open } = setUp(1, async () => await new Promise(() => undefined));
	const all = await open();
	jest.useFakeTimers();
	const asked = ask(all);
	await jest.advanceTimersByTimeAsync(30_000);
	expect(await asked).toMatchObject([{ ok: false, fault: { code: 'TOKEN', retryable: true } }]);
});

it.each([
	[{ code: 'ECONNREFUSED' }, true],
	[{ code: 'ERR_BAD_RESPONSE', response: { status: 503 } }, true],
	[{ code: 'ESTATUS', status: 429 }, true],
	[{ code: 'ESTATUS', status: 404 }, false],
	[{ code: 'EAUTH' }, false],
	[{}, false],
])('%j is retried: %s', async (error, retryable) => {
	const { open } = setUp(1, async () => await Promise.reject(Object.assign(new Error('x'), error)));
	expect(await ask(await open())).toMatchObject([{ ok: false, fault: { code: 'TOKEN', retryable } }]);
});
