import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { allowedDomainsOf } from '../../../nodes/WebhookDispatch/n8n/credentialDomains';
import type { EgressFilter } from '../../../lib/http/egress';
import { urlGuard } from '../../../lib/http/urlGuard';

const url = (href: string) => new URL(href);

describe('the domains that a credential allows', () => {
	it.each<ICredentialDataDecryptedObject>([{}, { allowedHttpRequestDomains: 'all' }])('are all with %p', (data) => {
		expect(allowedDomainsOf(data)(url('https://anywhere.example/'))).toBeUndefined();
	});

	it.each([
		['https://api.example.com/x', true],
		['https://other.example.com/x', true],
		['https://example.com/', false],
		['https://api.example.com.evil.test/', false],
		['https://evil.test/?api.example.com', false],
		['http://10.0.0.1/', false],
	])('as listed: %s %p', (href, allowed) => {
		const check = allowedDomainsOf({
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'api.example.com, *.example.com',
		});
		const fault = check(url(href));
		if (allowed) expect(fault).toBeUndefined();
		else {
			expect(fault).toEqual({
				code: 'BLOCKED',
				message: `The credential may not be used with ${url(href).host}`,
				description: 'Change Allowed HTTP Request Domains in the credential, or use another credential.',
			});
		}
	});

	it.each<ICredentialDataDecryptedObject>([
		{ allowedHttpRequestDomains: 'none' },
		{ allowedHttpRequestDomains: 'domains', allowedDomains: '' },
		{ allowedHttpRequestDomains: 'domains' },
	])('are none with %p', (data) => {
		expect(allowedDomainsOf(data)(url('https://api.example.com/'))).toMatchObject({ code: 'BLOCKED' });
	});
});

describe('the guard', () => {
	const blockedBy = (name: string) => Object.assign(new Error('10.0.0.1 is private'), { name });
	const filterWith = (error?: Error) => {
		const validateUrl = jest.fn(async () =>
			error ? { ok: false as const, error } : { ok: true as const, result: undefined },
		);
		return {
			validateUrl,
			createSecureLookup: jest.fn(),
			validateConnectionHost: jest.fn(),
		} as unknown as EgressFilter & {
			validateUrl: typeof validateUrl;
		};
	};
	const allow = () => undefined;

	it('lets everything pass without rules', async () => {
		expect(await urlGuard(undefined, allow)(url('http://10.0.0.1/'))).toEqual({ ok: true, value: undefined });
	});

	it('asks about an origin once', async () => {
		const filter = filterWith();
		const guard = urlGuard(filter, allow);
		await Promise.all(['/a', '/b', '/c'].map(async (path) => await guard(url(`https://a.example${path}`))));
		await guard(url('https://b.example/'));
		expect(filter.validateUrl).toHaveBeenCalledTimes(2);
	});

	it('says BLOCKED for what the rules forbid, in words that say nothing of the network', async () => {
		const guard = urlGuard(filterWith(blockedBy('SsrfBlockedIpError')), allow);
		expect(await guard(url('http://10.0.0.1/'))).toEqual({
			ok: false,
			fault: { code: 'BLOCKED', cause: 'the rules of this n8n instance forbid it' },
		});
	});

	it('says DNS where the name could not be resolved, which passes', async () => {
		const guard = urlGuard(filterWith(Object.assign(new Error('x'), { code: 'ENOTFOUND' })), allow);
		expect(await guard(url('https://nowhere.example/'))).toMatchObject({ fault: { code: 'DNS' } });
	});

	it('lets nothing pass that it cannot judge', async () => {
		const guard = urlGuard(filterWith(new Error('something new')), allow);
		expect(await guard(url('https://a.example/'))).toMatchObject({ ok: false, fault: { code: 'BLOCKED' } });
	});

	it.each<[string, Error, string]>([
		['a name that does not resolve', Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'DNS'],
		['a rule', blockedBy('SsrfBlockedIpError'), 'BLOCKED'],
		['anything else', new Error('something new'), 'CONNECTION'],
	])('does not reject where the filter does: %s', async (_name, error, code) => {
		const filter = { ...filterWith(), validateUrl: jest.fn(async () => await Promise.reject(error)) };
		expect(await urlGuard(filter, allow)(url('https://a.example/'))).toMatchObject({ ok: false, fault: { code } });
	});

	it('asks the credential first', async () => {
		const filter = filterWith();
		const fault = { code: 'BLOCKED' as const, message: 'm', description: 'd' };
		expect(await urlGuard(filter, () => fault)(url('https://a.example/'))).toEqual({ ok: false, fault });
		expect(filter.validateUrl).not.toHaveBeenCalled();
	});
});
