import { isAllowedDomain } from '../../../lib/http/allowedDomains';

const hosts = [
	'example.com',
	'example.com.',
	'EXAMPLE.com',
	'api.example.com',
	'a.b.example.com',
	'notexample.com',
	'example.com.evil.test',
	'',
];
const allowedOf = (domains: string[] | undefined) => hosts.filter((host) => isAllowedDomain(host, domains));

it.each([
	['no list', undefined, hosts],
	['an empty list', [], []],
	['an empty entry', ['', ' '], []],
	['a domain', ['example.com'], ['example.com', 'example.com.', 'EXAMPLE.com']],
	['a domain written otherwise', [' Example.COM. '], ['example.com', 'example.com.', 'EXAMPLE.com']],
	['subdomains, and not the domain itself', ['*.example.com'], ['api.example.com', 'a.b.example.com']],
	['an asterisk alone', ['*', '*.'], []],
	['several', ['api.example.com', 'notexample.com'], ['api.example.com', 'notexample.com']],
])('%s', (_what, domains, allowed) => {
	expect(allowedOf(domains)).toEqual(allowed);
});
