import { checkTokenUrl, endpointLabel } from '../../../../lib/oauth2/credential/tokenUrl';
import { fail, ok } from '../../../../lib/result/result';

describe('checkTokenUrl', () => {
	it.each([
		'https://login.example.com/token',
		'https://login.example.com/token?tenant=a',
		'http://localhost:8080/token',
		'http://auth.localhost/token',
		'http://127.0.0.1/token',
		'http://127.9.9.9/token',
		'http://[::1]:3000/token',
	])('takes %s', (url) => {
		expect(checkTokenUrl('Access Token URL', ` ${url}\n`, false)).toEqual(ok(url));
	});

	it.each([
		['', 'Access Token URL is not a URL'],
		['login.example.com/token', 'Access Token URL is not a URL'],
		['//login.example.com/token', 'Access Token URL is not a URL'],
		['ftp://login.example.com/token', 'Access Token URL must start with https://'],
		['javascript:alert(1)', 'Access Token URL must start with https://'],
		['https://ada:pass@login.example.com/token', 'Access Token URL contains a user name or password'],
		['https://login.example.com/token#top', 'Access Token URL has a part after #'],
		['http://login.example.com/token', 'Access Token URL is not encrypted'],
		['http://127.0.0.1.example.com/token', 'Access Token URL is not encrypted'],
		['http://localhost.example.com/token', 'Access Token URL is not encrypted'],
		['http://192.168.0.1/token', 'Access Token URL is not encrypted'],
	])('refuses %s', (url, message) => {
		expect(checkTokenUrl('Access Token URL', url, false)).toMatchObject(fail({ message }));
	});

	it('takes http when it is opted in, and still no user name', () => {
		const url = 'http://login.example.com/token';
		expect(checkTokenUrl('Access Token URL', url, true)).toEqual(ok(url));
		expect(checkTokenUrl('Access Token URL', 'http://ada@login.example.com/', true)).toMatchObject({ ok: false });
	});
});

describe('endpointLabel', () => {
	it('leaves out query, fragment, user name and password', () => {
		expect(endpointLabel('https://ada:pass@login.example.com:8443/a/token?key=secret#x')).toBe(
			'https://login.example.com:8443/a/token',
		);
	});

	it.each(['', 'no url', 'data:text/plain,secret'])('is empty for %p', (url) => {
		expect(endpointLabel(url)).toBe('');
	});
});
