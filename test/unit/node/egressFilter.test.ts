import type { IExecuteFunctions } from 'n8n-workflow';
import {
	blockedByEgress,
	egressFilterOf,
	refusedHost,
	type EgressFilter,
} from '../../../nodes/WebhookDispatch/n8n/egressFilter';

const contextWith = (helpers: object) => ({ helpers }) as unknown as IExecuteFunctions;
const no = (reason: string) => ({ ok: false as const, error: new Error(reason) });
const yes = { ok: true as const, result: undefined };

describe('a host that is connected to without a lookup', () => {
	const inside = ['http://10.0.0.1/', 'http://[::1]/'];
	const older: EgressFilter = {
		validateUrl: async (url) => (inside.includes(String(url)) ? no('inside') : yes),
		createSecureLookup: () => () => {},
	};

	it.each([
		['10.0.0.1', 'inside'],
		['[::1]', 'inside'],
		['::1', 'inside'],
		['192.0.2.1', undefined],
		['proxy.example', undefined],
	])('%s is asked about as a URL by n8n without a question of its own for it: %p', async (host, reason) => {
		expect((await refusedHost(older, host))?.message).toBe(reason);
	});

	it('is asked about as a host where n8n knows that question', async () => {
		const filter: EgressFilter = {
			...older,
			validateConnectionHost: (host) => (host === 'proxy.example' ? no('listed') : yes),
		};
		expect((await refusedHost(filter, 'proxy.example'))?.message).toBe('listed');
		expect(await refusedHost(filter, '10.0.0.1')).toBeUndefined();
	});
});

describe('the filter of an n8n', () => {
	const before = process.env.N8N_SSRF_PROTECTION_ENABLED;
	afterEach(() => {
		if (before === undefined) delete process.env.N8N_SSRF_PROTECTION_ENABLED;
		else process.env.N8N_SSRF_PROTECTION_ENABLED = before;
	});

	it('is its own', () => {
		process.env.N8N_SSRF_PROTECTION_ENABLED = 'true';
		const own = {};
		expect(egressFilterOf(contextWith({ getSecureEgressFilter: () => own }))).toBe(own);
	});

	it.each([
		['has none', {}],
		['gives none, as its protection is off', { getSecureEgressFilter: () => undefined }],
	])('that %s is none', (_what, helpers) => {
		process.env.N8N_SSRF_PROTECTION_ENABLED = 'false';
		expect(egressFilterOf(contextWith(helpers))).toBeUndefined();
	});

	it('that is asked for protection and has none lets nothing pass: no URL, no proxy, no name', async () => {
		process.env.N8N_SSRF_PROTECTION_ENABLED = 'TRUE';
		const filter = egressFilterOf(contextWith({}))!;
		const looked = new Promise<Error | null>((resolve) => filter.createSecureLookup()('a.example', {}, resolve));
		const url = await filter.validateUrl('https://a.example/');
		for (const error of [await looked, await refusedHost(filter, 'a.example'), url.ok ? undefined : url.error]) {
			expect(blockedByEgress(new Error('fetch failed', { cause: error }))).toContain('from 2.30 on');
		}
	});
});
