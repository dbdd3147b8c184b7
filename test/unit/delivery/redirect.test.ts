import { redirected } from '../../../nodes/WebhookDispatch/delivery/redirect';

const request = {
	method: 'POST',
	url: new URL('https://a.example/hook?x=1'),
	headers: {
		accept: '*/*',
		authorization: 'Bearer token',
		'x-api-key': 'key',
		cookie: 'session',
		host: 'virtual.example',
		'content-type': 'application/json',
		'content-language': 'de',
		'idempotency-key': 'id',
		'user-agent': 'n8n',
		'webhook-id': 'id',
		'webhook-timestamp': '1',
		'webhook-signature': 'v1,x',
	},
	body: '{}',
};
const to = (location: string | string[] | undefined, statusCode = 307) => redirected(request, statusCode, location);

it.each([301, 302, 307, 308])('%i keeps method and body: a delivery without its body delivers nothing', (status) => {
	expect(to('/other', status)).toMatchObject({ method: 'POST', body: '{}', url: new URL('https://a.example/other') });
});

it('303 becomes a GET without body and without the headers of one', () => {
	const next = to('/result', 303);
	expect(next?.method).toBe('GET');
	expect(next?.body).toBeUndefined();
	expect(Object.keys(next?.headers ?? {}).filter((name) => name.startsWith('content-'))).toEqual([]);
	expect(next?.headers.authorization).toBe('Bearer token');
});

describe('to the same origin', () => {
	it('all headers go, but the name of the virtual host', () => {
		const { host: _, ...others } = request.headers;
		expect(to('https://a.example/b')?.headers).toEqual(others);
		expect(to('https://A.EXAMPLE:443/b')?.headers).toEqual(others);
	});
});

describe('to another origin', () => {
	it.each([
		['https://b.example/hook'],
		['https://sub.a.example/hook'],
		['https://a.example:8443/hook'],
		['http://a.example/hook'],
		['//b.example/hook'],
		['https://a.example@b.example/'],
		['https:\\\\b.example\\'],
	])('%s: no header goes that can hold a credential', (location) => {
		expect(Object.keys(to(location)?.headers ?? {}).sort()).toEqual([
			'accept',
			'content-type',
			'user-agent',
			'webhook-id',
			'webhook-signature',
			'webhook-timestamp',
		]);
	});

	it('but the ID of the delivery does, wherever it stands', () => {
		const identified = { ...request, identityHeader: 'idempotency-key' };
		const next = redirected(identified, 307, 'https://b.example/');
		expect(next?.headers).toMatchObject({ 'idempotency-key': 'id' });
		expect(redirected(next!, 307, 'https://c.example/')?.headers).toMatchObject({ 'idempotency-key': 'id' });
	});

	it('and back again, they do not come back', () => {
		const away = redirected(request, 307, 'https://b.example/')!;
		expect(redirected(away, 307, 'https://a.example/hook')?.headers).not.toHaveProperty('authorization');
	});
});

it.each([
	['/other?y=2#part', 'https://a.example/other?y=2'],
	['other', 'https://a.example/other'],
	['?z', 'https://a.example/hook?z'],
	['https://user:password@b.example/', 'https://b.example/'],
	[['/first', '/second'], 'https://a.example/first'],
])('%p leads to %s', (location, href) => {
	expect(to(location as string)?.url.href).toBe(href);
});

it.each([undefined, 'ftp://a.example/', 'javascript:alert(1)', 'file:///etc/passwd', 'data:,x', 'https://', 'http://exa mple/'])(
	'%p leads nowhere',
	(location) => {
		expect(to(location)).toBeUndefined();
	},
);

it.each([200, 300, 304, 305, 306, 400])('%i is no redirect', (status) => {
	expect(to('/other', status)).toBeUndefined();
});

it('a GET stays without a body', () => {
	const { body: _, ...get } = { ...request, method: 'GET' };
	expect(redirected(get, 307, '/x')).not.toHaveProperty('body');
});
