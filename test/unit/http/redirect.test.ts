import { isDowngrade, redirected } from '../../../lib/http/redirect';

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

describe('Redirect Method GET', () => {
	const next = (method: string, status: number) => redirected({ ...request, method }, status, '/other', 'get');

	it.each([301, 302, 303])('%i turns POST into GET without a body', (status) => {
		expect(next('POST', status)).toMatchObject({ method: 'GET', url: new URL('https://a.example/other') });
		expect(next('POST', status)).not.toHaveProperty('body');
	});

	it.each([307, 308])('%i keeps POST and its body', (status) => {
		expect(next('POST', status)).toMatchObject({
			method: 'POST',
			body: '{}',
			headers: { 'webhook-signature': 'v1,x' },
		});
	});

	it.each(['PUT', 'PATCH', 'DELETE'])('301 and 302 keep %s; 303 turns it into GET', (method) => {
		expect([301, 302, 303].map((status) => next(method, status)?.method)).toEqual([method, method, 'GET']);
		expect(next(method, 302)).toMatchObject({ body: '{}' });
	});
});

describe('a body that is gone', () => {
	const signed = {
		...request,
		identityHeader: 'X-Delivery-Digest',
		headers: {
			...request.headers,
			'content-encoding': 'gzip',
			'Content-Digest': 'sha-256=:x:',
			Digest: 'x',
			'Repr-Digest': 'x',
			Signature: 'sig1=:x:',
			'Signature-Input': 'sig1=("content-digest")',
			'X-Hub-Signature-256': 'sha256=x',
			'X-Shopify-Hmac-Sha256': 'x',
			'X-Delivery-Digest': 'id',
			'x-designature': 'no signature',
		},
	};

	it.each([303, 302])('takes its signature, digests and description along within the origin (%i)', (status) => {
		expect(Object.keys(redirected(signed, status, '/result', 'get')?.headers ?? {}).sort()).toEqual([
			'X-Delivery-Digest',
			'accept',
			'authorization',
			'cookie',
			'idempotency-key',
			'user-agent',
			'webhook-id',
			'x-api-key',
			'x-designature',
		]);
	});

	it('takes them along to another origin, too', () => {
		expect(Object.keys(redirected(signed, 303, 'https://b.example/')?.headers ?? {}).sort()).toEqual([
			'X-Delivery-Digest',
			'accept',
			'user-agent',
			'webhook-id',
		]);
	});

	it('leaves them where there was none: a signature over nothing stays good', () => {
		const { body: _, ...empty } = signed;
		expect(redirected({ ...empty, method: 'GET' }, 303, '/result')?.headers).toHaveProperty(
			'webhook-signature',
			'v1,x',
		);
		expect(redirected(empty, 302, '/result', 'get')).toMatchObject({
			method: 'GET',
			headers: { Signature: 'sig1=:x:' },
		});
	});

	it('leaves them where the body stays', () => {
		const { host: _, ...others } = signed.headers;
		expect(redirected(signed, 307, '/other')?.headers).toEqual(others);
	});
});

it('names of headers are compared without case', () => {
	const written = {
		...request,
		headers: { Host: 'virtual', Authorization: 'Bearer x', Accept: '*/*', 'Idempotency-Key': 'id' },
		identityHeader: 'idempotency-key',
	};
	expect(redirected(written, 307, '/other')?.headers).not.toHaveProperty('Host');
	expect(redirected(written, 307, 'https://b.example/')?.headers).toEqual({ Accept: '*/*', 'Idempotency-Key': 'id' });
});

it.each([
	['https://a.example/', 'http://a.example/', true],
	['https://a.example/', 'http://b.example/', true],
	['https://a.example/', 'https://b.example/', false],
	['http://a.example/', 'https://a.example/', false],
	['http://a.example/', 'http://b.example/', false],
])('from %s to %s encryption is lost: %p', (from, target, isLost) => {
	expect(isDowngrade(new URL(from), new URL(target))).toBe(isLost);
});

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

	it('but the ID of the delivery does, wherever it is', () => {
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

it.each([
	undefined,
	'ftp://a.example/',
	'javascript:alert(1)',
	'file:///etc/passwd',
	'data:,x',
	'https://',
	'http://exa mple/',
])('%p leads nowhere', (location) => {
	expect(to(location)).toBeUndefined();
});

it.each([200, 300, 304, 305, 306, 400])('%i is no redirect', (status) => {
	expect(to('/other', status)).toBeUndefined();
});

it('a GET stays without a body', () => {
	const { body: _, ...get } = { ...request, method: 'GET' };
	expect(redirected(get, 307, '/x')).not.toHaveProperty('body');
});
