import type { IExecuteFunctions } from 'n8n-workflow';
import { refusedHost } from '../../../lib/http/egress';
import { networkFault } from '../../../lib/http/networkFault';
import { egressFilterOf } from '../../../nodes/WebhookDispatch/n8n/egressFilter';

const contextWith = (helpers: object) => ({ helpers }) as unknown as IExecuteFunctions;

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
			expect(networkFault(new Error('fetch failed', { cause: error }))).toEqual({
				code: 'BLOCKED',
				cause: 'SSRF protection is on, which n8n can apply to this node from 2.30 on',
			});
		}
	});
});
