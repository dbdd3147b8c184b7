import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { obtainToken } from '../../lib/oauth2/token/requestToken';
import type { AccessToken, TokenFault } from '../../lib/oauth2/token/token';
import { TokenStore } from '../../lib/oauth2/token/tokenStore';
import type { OAuth2Credential } from '../../lib/oauth2/credential/oAuth2Credential';
import { fakeDeadlines } from '../support/fakeDeadlines';
import { clientCredential, passwordCredential } from '../support/oauth2/credentials';
import { flood, HostileTokenServer } from '../support/oauth2/hostileTokenServer';
import { tokenPaths } from '../support/oauth2/tokenPaths';

const MIB = 1024 * 1024;
const GOOD = { access_token: 'token-one', token_type: 'Bearer', expires_in: 3600 };
const SECRET = 'a-secret-that-must-not-show';

let server: HostileTokenServer;
/** Where redirects point; nothing may ever arrive there. */
let elsewhere: HostileTokenServer;

beforeAll(async () => {
	server = await HostileTokenServer.start();
	elsewhere = await HostileTokenServer.start();
});
beforeEach(() => elsewhere.answer(200, { ...GOOD, access_token: 'token-from-elsewhere' }));
afterEach(() => jest.useRealTimers());
afterAll(async () => await Promise.all([server.close(), elsewhere.close()]));

describe.each(tokenPaths)('%s', (path, transportOf) => {
	const inBody = (): OAuth2Credential =>
		clientCredential({ accessTokenUrl: server.url, clientSecret: SECRET, clientAuthentication: 'body' });
	const ask = async (credential = inBody()) => await obtainToken(credential, undefined, { transport: transportOf() });

	async function faultOf(credential?: OAuth2Credential): Promise<TokenFault> {
		const result = await ask(credential);
		if (result.ok) throw new Error(`There is a token: ${result.value.accessToken}`);
		expect(inspect(result, { depth: Infinity, showHidden: true })).not.toContain(SECRET);
		return result.fault;
	}

	async function tokenOf(): Promise<AccessToken> {
		const result = await ask();
		if (!result.ok) throw new Error(result.fault.message);
		return result.value;
	}

	it('takes an ordinary response', async () => {
		server.answer(200, GOOD);
		expect(await tokenOf()).toMatchObject({ accessToken: 'token-one', expiresIn: 3600 });
		expect(server.requests).toEqual([
			{
				url: '/token',
				headers: expect.objectContaining({
					accept: 'application/json',
					'content-type': 'application/x-www-form-urlencoded',
				}) as object,
				body: `grant_type=client_credentials&client_id=my-app&client_secret=${SECRET}`,
			},
		]);
	});

	it('sends JSON and a Basic header to the byte', async () => {
		server.answer(200, GOOD);
		await ask(
			clientCredential({ accessTokenUrl: server.url, clientSecret: 'ü+ %', tokenRequestFormat: 'json', scope: 'a  b' }),
		);
		expect(server.requests[0]).toMatchObject({
			headers: {
				'content-type': 'application/json',
				authorization: `Basic ${Buffer.from('my-app:%C3%BC%2B+%25').toString('base64')}`,
			},
			body: '{"grant_type":"client_credentials","scope":"a b"}',
		});
	});

	it('sends the headers of the credential, and shows their values to nobody', async () => {
		const parameters = [
			{ name: 'X-Api-Key', value: SECRET },
			{ name: 'X-Tenant', value: 'acme' },
		];
		const credential = passwordCredential({
			accessTokenUrl: server.url,
			clientId: 'cf',
			clientSecret: '',
			sendEmptySecret: true,
			tokenRequestHeaders: { parameters },
		});
		server.answer(401, { error: 'invalid_client', error_description: `the key ${SECRET} is unknown` });
		const fault = await faultOf(credential);
		expect(fault.message).toContain('the key *** is unknown');
		expect(server.requests).toMatchObject([
			{ headers: { 'x-api-key': SECRET, 'x-tenant': 'acme', authorization: 'Basic Y2Y6', accept: 'application/json' } },
		]);
	});

	it('sends a GET with all parameters in the query, and shows it to nobody', async () => {
		const credential = clientCredential({
			accessTokenUrl: `${server.url}?grant_type=x&tenant=a%2Fb`,
			clientSecret: SECRET,
			clientAuthentication: 'body',
			tokenRequestMethod: 'GET',
			customGrantType: 'client_credential',
			additionalParameters: { parameters: [{ name: 'account_id', value: 'ä b' }] },
		});
		server.behave((response, { url }) => {
			response.writeHead(400, { 'content-type': 'application/json', location: url });
			response.end(JSON.stringify({ errcode: 40013, errmsg: `invalid appid in ${url}` }));
		});
		const fault = await faultOf(credential);
		expect(fault).toMatchObject({ endpoint: server.url, serverError: '40013' });
		expect(fault.message).toContain('client_secret=***');
		expect(server.requests).toEqual([
			{
				url: `/token?tenant=a%2Fb&grant_type=client_credential&account_id=%C3%A4%20b&client_id=my-app&client_secret=${SECRET}`,
				headers: expect.not.objectContaining({ 'content-type': expect.anything() as unknown }) as object,
				body: '',
			},
		]);
	});

	it('takes a token from a header of a response without a body', async () => {
		server.answer(204, '', { 'X-Auth-Token': 'token-in-header' });
		const place = { tokenLocation: 'header', accessTokenHeader: 'x-auth-token' };
		const result = await ask(clientCredential({ accessTokenUrl: server.url, ...place }));
		expect(result).toMatchObject({ ok: true, value: { accessToken: 'token-in-header', expiresIn: 300 } });
	});

	it.each([
		['header', { 'X-Auth-Token': ['one', 'two'] }, ''],
		['header', { 'X-Auth-Token': 'w\u00f6rd' }, ''],
		['header', {}, GOOD],
		['text', {}, 'a token\r\nX-Injected: yes'],
		['text', {}, '<html>Sign in</html>'],
		['text', {}, 'x'.repeat(20_000)],
		['text', {}, { errcode: 40013, errmsg: 'invalid appid' }],
	])('takes no token that is none from the %s: %j', async (tokenLocation, headers, body) => {
		server.answer(200, body, headers);
		const place = { tokenLocation, accessTokenHeader: 'X-Auth-Token' };
		const fault = await faultOf(clientCredential({ accessTokenUrl: server.url, clientSecret: SECRET, ...place }));
		expect(fault).toMatchObject({ code: 'TOKEN', statusCode: 200, retryable: false });
	});

	it.each(['eyJhbGciOiJIUzI1NiJ9.e30.abc\n', '"eyJhbGciOiJIUzI1NiJ9.e30.abc"'])('takes a text: %j', async (body) => {
		server.answer(200, body, { 'content-type': 'text/plain' });
		const result = await ask(clientCredential({ accessTokenUrl: server.url, tokenLocation: 'text' }));
		expect(result).toMatchObject({ ok: true, value: { accessToken: 'eyJhbGciOiJIUzI1NiJ9.e30.abc' } });
	});

	it.each<[unknown, string]>([
		[{ code: 10014, msg: 'app secret invalid' }, '10014: app secret invalid'],
		[{ errcode: 40013, errmsg: 'invalid appid' }, '40013: invalid appid'],
		[{ message: 'No such user' }, 'No such user'],
		[{ errors: [{ code: '601', message: 'Access token invalid' }] }, '601: Access token invalid'],
		[{ success: false, errors: ['Locked'] }, 'Locked'],
	])('quotes what is said beside a 200: %j', async (body, words) => {
		server.answer(200, body);
		expect((await faultOf()).message).toContain(`(${words})`);
	});

	it.each(['BearerToken', 'bot', 'jwt-bearer'])('takes the type %s where any is allowed', async (token_type) => {
		server.answer(200, { ...GOOD, token_type });
		const fault = await faultOf();
		expect(fault.message).toContain(`of the type "${token_type}"`);
		expect(fault.description).toContain('Token Type Check');
		const result = await ask(clientCredential({ accessTokenUrl: server.url, tokenTypeCheck: 'any' }));
		expect(result).toMatchObject({ ok: true, value: { accessToken: 'token-one' } });
	});

	it.each([null, '', undefined])('takes the type %p as Bearer', async (token_type) => {
		server.answer(200, { ...GOOD, token_type });
		expect((await tokenOf()).tokenType).toBe('Bearer');
	});

	describe('200 with no token in it is refused:', () => {
		it.each<[string, unknown]>([
			['no access_token', { token_type: 'Bearer' }],
			['an empty one', { ...GOOD, access_token: '' }],
			['null', { ...GOOD, access_token: null }],
			['a number', { ...GOOD, access_token: 42 }],
			['an object', { ...GOOD, access_token: {} }],
			['CR and LF in it', { ...GOOD, access_token: 'a\r\nX-Injected: yes' }],
			['an error', { error: 'invalid_client' }],
			['an error beside a token', { ...GOOD, error: 'server_error' }],
			['another type', { ...GOOD, token_type: 'mac' }],
			['nothing', ''],
			['a web page', '<!DOCTYPE html><title>Sign in</title>'],
			['a list', [GOOD]],
			['a JSON text', '"token-one"'],
			['an error of its own kind', { code: 10014, msg: `app secret ${SECRET} invalid` }],
			['DPoP', { ...GOOD, token_type: 'DPoP' }],
			['half of the JSON', '{"access_token":"token-one","token_type":"Bear'],
			['JSON of 100,000 levels', '['.repeat(100_000)],
			['a prototype', '{"__proto__":{"access_token":"token-one","token_type":"Bearer"}}'],
		])('%s', async (_case, body) => {
			server.answer(200, body);
			expect(await faultOf()).toMatchObject({ code: 'TOKEN', statusCode: 200, retryable: false });
		});
	});

	describe('a nonsense life is a short one:', () => {
		it.each([undefined, null, 'soon', 0, -1, {}])('%p', async (expires_in) => {
			server.answer(200, { ...GOOD, expires_in });
			const { expiresIn, expiresAt } = await tokenOf();
			expect(expiresIn).toBe(300);
			expect(expiresAt).toBeLessThanOrEqual(Date.now() + 300 * 1000);
		});

		it('10 ** 20 is a month', async () => {
			server.answer(200, { ...GOOD, expires_in: 1e20 });
			expect((await tokenOf()).expiresIn).toBe(30 * 86_400);
		});
	});

	describe('a redirect is not followed, and nothing is sent elsewhere:', () => {
		it.each([300, 301, 302, 303, 304, 305, 307, 308])('%i', async (status) => {
			server.answer(status, status === 304 ? '' : GOOD, { location: elsewhere.url });
			expect(await faultOf()).toMatchObject({ code: 'TOKEN', statusCode: status, retryable: false });
			expect(elsewhere.requests).toEqual([]);
			expect(server.requests).toHaveLength(1);
		});

		it('nor by a Refresh header or a Link', async () => {
			server.answer(200, '', { refresh: `0; url=${elsewhere.url}`, link: `<${elsewhere.url}>; rel="token_endpoint"` });
			await faultOf();
			expect(elsewhere.requests).toEqual([]);
		});
	});

	describe('a response that is too large is not read to its end:', () => {
		it('64 MiB', async () => {
			server.behave((response) => {
				response.writeHead(200, { 'content-type': 'application/json' });
				flood(response, Buffer.alloc(64 * 1024, ' '), 64 * MIB);
			});
			expect(await faultOf()).toMatchObject({
				transportCode: 'RESPONSE_TOO_LARGE',
				retryable: false,
				message: `No response from the token endpoint ${server.url}: the response is larger than allowed`,
			});
			expect(server.bytesSent).toBeLessThan(16 * MIB);
		});

		it('64 MiB, announced', async () => {
			server.behave((response) => {
				response.writeHead(200, { 'content-length': String(64 * MIB) });
				flood(response, Buffer.alloc(64 * 1024, ' '), 64 * MIB);
			});
			expect(await faultOf()).toMatchObject({ transportCode: 'RESPONSE_TOO_LARGE' });
			expect(server.bytesSent).toBeLessThan(16 * MIB);
		});

		const padded = Buffer.concat([Buffer.from(JSON.stringify(GOOD)), Buffer.alloc(64 * MIB, ' ')]);
		it.each([
			['gzip', gzipSync],
			['deflate', deflateSync],
			['br', brotliCompressSync],
		] as const)('a bomb in %s', async (encoding, compress) => {
			const bomb = compress(padded.subarray(0, encoding === 'br' ? 8 * MIB : padded.length));
			expect(bomb.length).toBeLessThan(MIB / 4);
			server.answer(200, bomb, { 'content-encoding': encoding });
			const before = process.memoryUsage().arrayBuffers;
			expect(await faultOf()).toMatchObject({ transportCode: 'RESPONSE_TOO_LARGE' });
			expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * MIB);
		});

		it('while a small gzip response is read', async () => {
			server.answer(200, gzipSync(JSON.stringify(GOOD)), { 'content-encoding': 'gzip' });
			expect((await tokenOf()).accessToken).toBe('token-one');
		});

		it('headers of 1 MiB', async () => {
			server.answerRaw(`HTTP/1.1 200 OK\r\nX-Filler: ${'x'.repeat(MIB)}\r\n\r\n{}`);
			expect(await faultOf()).toMatchObject({
				transportCode: 'RESPONSE_TOO_LARGE',
				message: expect.stringMatching(/: the headers of the response are too large$/) as string,
			});
		});
	});

	describe('a response that does not end is given up after 10 s:', () => {
		it('a body that drips for ever', async () => {
			fakeDeadlines();
			let dripping: NodeJS.Timeout | undefined;
			const begun = new Promise<void>((resolve) => {
				server.behave((response) => {
					response.writeHead(200, { 'content-type': 'application/json' });
					response.write('{');
					dripping = setInterval(() => {
						response.write(' ');
						resolve();
					}, 5);
				});
			});
			const fault = faultOf();
			await begun;
			jest.advanceTimersByTime(10_000);
			expect(await fault).toMatchObject({
				code: 'TOKEN',
				transportCode: 'TIMEOUT',
				retryable: true,
				message: `No response from the token endpoint ${server.url}: no complete response within the timeout`,
			});
			clearInterval(dripping);
		});

		it('no headers at all', async () => {
			fakeDeadlines();
			const asked = new Promise<void>((resolve) => server.behave(() => resolve()));
			const fault = faultOf();
			await asked;
			jest.advanceTimersByTime(10_001);
			expect(await fault).toMatchObject({ transportCode: 'TIMEOUT', retryable: true });
		});
	});

	describe('a connection that breaks is a fault that passes:', () => {
		const closed = () =>
			`No response from the token endpoint ${server.url}: the connection was closed before the whole response had arrived`;

		it('refused', async () => {
			const gone = await HostileTokenServer.start();
			const { url } = gone;
			await gone.close();
			const credential = clientCredential({ accessTokenUrl: url, clientSecret: SECRET });
			const fault = await faultOf(credential);
			expect(fault).toMatchObject({ code: 'TOKEN', transportCode: 'CONNECTION', retryable: true, endpoint: url });
			expect(fault.message).toContain('the connection was refused');
		});

		it('before a response', async () => {
			server.behave((_response, _request, socket) => socket.destroy());
			expect(await faultOf()).toMatchObject({ transportCode: 'CONNECTION', retryable: true, message: closed() });
		});

		it('reset in the middle of a response', async () => {
			server.behave((response, _request, socket) => {
				response.writeHead(200, { 'content-length': '1000' });
				response.write('{"access_token":"token-one"', () => socket.resetAndDestroy());
			});
			expect(await faultOf()).toMatchObject({ transportCode: 'CONNECTION', retryable: true, message: closed() });
		});

		it('with less than was announced', async () => {
			server.answerRaw(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${JSON.stringify(GOOD)}`);
			expect(await faultOf()).toMatchObject({ transportCode: 'CONNECTION', message: closed() });
		});

		it('in the middle of a chunk', async () => {
			server.answerRaw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n${JSON.stringify(GOOD)}`);
			expect(await faultOf()).toMatchObject({ transportCode: 'CONNECTION', message: closed() });
		});

		it('with something that is not HTTP', async () => {
			server.answerRaw('220 mail.example.com ESMTP\r\n');
			expect(await faultOf()).toMatchObject({ transportCode: 'CONNECTION' });
		});

		it('with half of the gzip', async () => {
			server.answer(200, gzipSync(JSON.stringify(GOOD)).subarray(0, 40), { 'content-encoding': 'gzip' });
			expect(await faultOf()).toMatchObject({ code: 'TOKEN' });
		});
	});

	it('a host name that does not exist is reported', async () => {
		const accessTokenUrl = 'https://no-such-host.invalid/token';
		expect(await faultOf(clientCredential({ accessTokenUrl, clientSecret: SECRET }))).toMatchObject({
			transportCode: 'DNS',
			retryable: true,
			message: expect.stringMatching(/: the host name could not be resolved \(E[A-Z_]+\)$/) as string,
		});
	});

	it('a certificate that no one vouches for is not trusted, and nothing is sent', async () => {
		const untrusted = await HostileTokenServer.start({ tls: true });
		untrusted.answer(200, GOOD);
		const fault = await faultOf(clientCredential({ accessTokenUrl: untrusted.url, clientSecret: SECRET }));
		expect(fault).toMatchObject({ code: 'TOKEN', transportCode: 'TLS', retryable: false });
		expect(fault.message).toBe(`No response from the token endpoint ${untrusted.url}: the certificate is self-signed`);
		expect(untrusted.requests).toEqual([]);
		await untrusted.close();
	});

	describe('a refusal reports what the server said, without what it gives back:', () => {
		it.each([400, 401, 403, 404, 429, 500, 503])('%i', async (status) => {
			server.behave((response, request) => {
				response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '3' });
				response.end(JSON.stringify({ error: 'invalid_request', error_description: `You sent\r\n${request.body}` }));
			});
			const fault = await faultOf();
			expect(fault).toMatchObject({ statusCode: status, serverError: 'invalid_request', retryAfterMs: 3000 });
			expect(fault.message).toContain(`${server.url} responded with ${status}`);
			expect(fault.serverErrorDescription).toBe(
				'You sent grant_type=client_credentials&client_id=my-app&client_secret=***',
			);
		});

		it('a Basic header in base64', async () => {
			server.behave((response, request) => {
				response.writeHead(401);
				response.end(
					JSON.stringify({ error: 'invalid_client', error_description: `got ${request.headers.authorization}` }),
				);
			});
			const fault = await faultOf(clientCredential({ accessTokenUrl: server.url, clientSecret: SECRET }));
			expect(fault.serverErrorDescription).toBe('got Basic ***');
		});

		it('403 with an empty body', async () => {
			server.answer(403, '');
			expect((await faultOf()).description).toContain('Check Client ID and Client Secret');
		});

		it('a challenge with 401 gets no second request', async () => {
			server.answer(401, '', { 'www-authenticate': ['Basic realm="x"', 'Digest realm="x", nonce="y", qop="auth"'] });
			await faultOf();
			expect(server.requests).toHaveLength(1);
		});
	});

	it('counts the status before the body: a token beside a 401 is none', async () => {
		server.answer(401, GOOD);
		expect((await faultOf()).statusCode).toBe(401);
	});

	it('reads the last of 103, 103 and 200', async () => {
		server.answerRaw(
			'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n' +
				`HTTP/1.1 200 OK\r\nContent-Length: ${JSON.stringify(GOOD).length}\r\nConnection: close\r\n\r\n${JSON.stringify(GOOD)}`,
		);
		expect((await tokenOf()).accessToken).toBe('token-one');
	});

	it('sends no cookie back', async () => {
		server.answer(200, GOOD, { 'set-cookie': 'session=1; Path=/' });
		await tokenOf();
		await tokenOf();
		expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
	});

	it('keeps the refresh token when a refresh response brings none', async () => {
		const store = new TokenStore({ now: () => now });
		let now = Date.now();
		const credential = passwordCredential({ accessTokenUrl: server.url });
		server.answer(200, { ...GOOD, refresh_token: 'refresh-one' });
		await store.get(credential, transportOf());
		server.answer(200, { ...GOOD, access_token: 'token-two' });
		for (let round = 0; round < 2; round += 1) {
			now += 3_600_000;
			await store.get(credential, transportOf());
		}
		expect(server.requests.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual([
			'refresh-one',
			'refresh-one',
		]);
	});

	if (path !== 'the credential test') {
		it('can be cancelled in the middle of a response', async () => {
			const controller = new AbortController();
			server.behave((response) => {
				response.writeHead(200);
				response.write('{', () => controller.abort());
			});
			const result = await obtainToken(inBody(), undefined, { transport: transportOf(), signal: controller.signal });
			expect(result).toMatchObject({ ok: false, fault: { code: 'CANCELLED', retryable: false } });
		});
	}
});
