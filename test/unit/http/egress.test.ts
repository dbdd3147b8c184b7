import { blockedByEgress, refusedHost, type EgressFilter } from '../../../lib/http/egress';

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
	])('%s is asked about as a URL by n8n without its own question for it: %p', async (host, reason) => {
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

describe('an error of the egress rules', () => {
	class SsrfBlockedIpError extends Error {}
	const named = Object.assign(new Error('10.0.0.1 is private'), { name: 'SsrfBlockedHostnameError' });

	it.each([new SsrfBlockedIpError('10.0.0.1 is private'), named])('is known by its name: %p', (error) => {
		expect(blockedByEgress(error)).toBe('the rules of this n8n instance forbid it');
	});

	it.each([new Error('Ssrf'), {}, Object.create(null) as object, { name: 5 }])('%p is none', (error) => {
		expect(blockedByEgress(error)).toBeUndefined();
	});
});
