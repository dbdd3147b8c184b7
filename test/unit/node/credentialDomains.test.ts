import * as n8nWorkflow from 'n8n-workflow';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { allowedDomainsOf } from '../../../nodes/WebhookDispatch/n8n/credentialDomains';

const { isDomainAllowed } = n8nWorkflow as unknown as { isDomainAllowed: (...given: unknown[]) => boolean };
/** The present n8n takes one object, n8n 2.20 and before a URL and an object. */
const asN8n = (url: string, allowedDomains: string) =>
	isDomainAllowed.length === 1 ? isDomainAllowed({ url, allowedDomains }) : isDomainAllowed(url, { allowedDomains });

const faultOf = (data: ICredentialDataDecryptedObject, href = 'https://api.example.com/') =>
	allowedDomainsOf(data)(new URL(href));

describe('the domains of a credential, on any n8n', () => {
	const lists = [
		'example.com',
		'*.example.com',
		'a.test, *.example.com ,b.test',
		'EXAMPLE.com.',
		'*.',
		',',
		'xn--bcher-kva.example',
		'10.0.0.1',
		'[::1]',
	];
	const urls = [
		'https://example.com/',
		'https://api.example.com/',
		'https://a.b.example.com:8443/x',
		'https://example.com./',
		'https://notexample.com/',
		'https://example.com.evil.test/',
		'https://evil.test/?q=example.com',
		'https://b.test/',
		'https://bücher.example/',
		'http://10.0.0.1/',
		'http://[::1]/',
	];

	it.each(lists)('are what n8n itself makes of %j', (allowedDomains) => {
		const ours = urls.filter(
			(href) => faultOf({ allowedHttpRequestDomains: 'domains', allowedDomains }, href) === undefined,
		);
		expect(ours).toEqual(urls.filter((href) => asN8n(href, allowedDomains)));
	});

	it.each<[ICredentialDataDecryptedObject, string]>([
		[{ allowedHttpRequestDomains: 'none' }, 'The credential may not be used to send requests'],
		[{ allowedHttpRequestDomains: 'domains', allowedDomains: ' ' }, 'The credential names no allowed domain'],
		[{ allowedHttpRequestDomains: 'domains' }, 'The credential names no allowed domain'],
		[{ allowedHttpRequestDomains: 'something new' }, 'The credential may not be used to send requests'],
	])('are none with %j', (data, message) => {
		expect(faultOf(data)).toMatchObject({ code: 'BLOCKED', message });
	});

	it.each<ICredentialDataDecryptedObject>([{}, { allowedHttpRequestDomains: 'all' }])('are all with %j', (data) => {
		expect(faultOf(data)).toBeUndefined();
	});
});
