import type { OAuth2Credential } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readTokenResponse, type TokenQuestion } from '../../../../lib/oauth2/token/tokenResponse';
import type { TokenFault } from '../../../../lib/oauth2/token/token';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../../support/oauth2/credentials';
import { tokenResponse } from '../../../support/oauth2/scriptedTransport';

/** Seconds. */
const FIVE_MINUTES = 300;
const MONTH = 30 * 86_400;

const NOW = Date.parse('2026-11-20T12:00:00Z');

const question = (credential: OAuth2Credential, kind?: TokenQuestion['kind']): TokenQuestion => ({
	credential,
	kind: kind ?? (credential.grant === 'password' ? 'password' : 'clientCredentials'),
	endpoint: TOKEN_URL,
	secrets: ['client-secret', 'user-password'],
	sentAt: NOW,
});

function read(status: number, body: unknown, credential: OAuth2Credential = clientCredential()) {
	return readTokenResponse(question(credential), tokenResponse(status, body));
}

function faultOf(status: number, body: unknown, credential?: OAuth2Credential): TokenFault {
	const result = read(status, body, credential);
	if (result.ok) throw new Error('A token was read');
	return result.fault;
}

function tokenOf(body: unknown, credential?: OAuth2Credential) {
	const result = read(200, body, credential);
	if (!result.ok) throw new Error(result.fault.message);
	return result.value;
}

const GOOD = { access_token: 'token-one', token_type: 'Bearer', expires_in: 3600 };

describe('a token', () => {
	it('is read whole', () => {
		expect(tokenOf({ ...GOOD, scope: 'read write', refresh_token: 'refresh-one' })).toEqual({
			accessToken: 'token-one',
			tokenType: 'Bearer',
			scope: 'read write',
			expiresIn: 3600,
			expiresAt: NOW + 3_600_000,
			refreshToken: 'refresh-one',
		});
	});

	it('is read from mapped fields', () => {
		const credential = passwordCredential({
			accessTokenPath: 'data.tokens.0.value',
			refreshTokenPath: 'data.refresh',
			expiryPath: 'data.ttl',
			expiryUnit: 'minutes',
		});
		expect(tokenOf({ data: { tokens: [{ value: 'mapped' }], refresh: 'again', ttl: '5' } }, credential)).toEqual({
			accessToken: 'mapped',
			tokenType: 'Bearer',
			expiresIn: 300,
			expiresAt: NOW + 300_000,
			refreshToken: 'again',
		});
	});

	it('is read from a field whose own name has a dot', () => {
		expect(tokenOf({ 'my.token': 'dotted' }, clientCredential({ accessTokenPath: 'my.token' })).accessToken).toBe(
			'dotted',
		);
	});

	it.each(['bearer', 'Bearer', 'BEARER'])('has the type %s', (token_type) => {
		expect(tokenOf({ ...GOOD, token_type }).tokenType).toBe(token_type);
	});

	it.each([undefined, null, '', '  '])('without a type (%p) is Bearer', (token_type) => {
		for (const tokenTypeCheck of ['strict', 'any']) {
			expect(tokenOf({ ...GOOD, token_type }, clientCredential({ tokenTypeCheck })).tokenType).toBe('Bearer');
		}
	});

	it.each(['BearerToken', 'bot', 'jwt-bearer', 'Bearer ', 'N_A'])(
		'of the type %s is accepted when any type is',
		(token_type) => {
			expect(tokenOf({ ...GOOD, token_type }, clientCredential({ tokenTypeCheck: 'any' })).tokenType).toBe(
				token_type.trim(),
			);
		},
	);

	it('shows neither itself nor a secret nor a tag as its type', () => {
		const token_type = `${GOOD.access_token} client-secret\n<b>${'x'.repeat(100)}`;
		const { tokenType } = tokenOf({ ...GOOD, token_type }, clientCredential({ tokenTypeCheck: 'any' }));
		expect(tokenType).toMatch(/^\*\*\* \*\*\* ‹b›x+…$/);
		expect(tokenType).toHaveLength(40);
	});

	it.each([201, 202])('may come with %i', (status) => {
		expect(read(status, GOOD).ok).toBe(true);
	});

	it('may come after a byte order mark', () => {
		expect(read(200, `\uFEFF${JSON.stringify(GOOD)}`).ok).toBe(true);
	});

	it.each([null, '', false])('may come with error: %p, which says nothing', (error) => {
		expect(read(200, { ...GOOD, error }).ok).toBe(true);
	});

	it.each([null, '', 7, {}])('has no refresh token when %p is there', (refresh_token) => {
		expect(tokenOf({ ...GOOD, refresh_token }).refreshToken).toBeUndefined();
	});

	it('has the scopes that come as a list', () => {
		expect(tokenOf({ ...GOOD, scope: ['read', 7, 'write'] }).scope).toBe('read write');
	});

	it('never shows itself in the scopes', () => {
		expect(tokenOf({ ...GOOD, scope: 'read token-one' }).scope).toBe('read ***');
	});
});

describe('how long a token is good for', () => {
	const life = (expires_in: unknown, data: Record<string, unknown> = {}) =>
		tokenOf({ ...GOOD, expires_in }, clientCredential(data)).expiresIn;

	it.each([
		[3600, 3600],
		['3600', 3600],
		[' 3600 ', 3600],
		[1.5, 1.5],
		[1, 1],
	])('%p seconds', (expiresIn, seconds) => {
		expect(life(expiresIn)).toBe(seconds);
	});

	it.each([undefined, null, 'soon', '', 0, -1, '-5', NaN, true, {}, [3600], '1e3', '0x10', 'Infinity'])(
		'%p is nonsense, and means a short while',
		(expiresIn) => {
			expect(life(expiresIn)).toBe(FIVE_MINUTES);
		},
	);

	it.each([1e8, 1e300, '99999999999999999999', Number.MAX_SAFE_INTEGER])('%p is too long to believe', (expiresIn) => {
		expect(life(expiresIn)).toBe(MONTH);
	});

	it('a number that JSON cannot hold is not for ever', () => {
		const result = read(200, '{"access_token":"token-one","token_type":"Bearer","expires_in":1e999}');
		expect(result).toMatchObject({ ok: true, value: { expiresIn: FIVE_MINUTES } });
	});

	it.each([
		[NOW / 1000 + 900, 900],
		[String(NOW / 1000 + 900), 900],
		[NOW + 900_000, 900],
	])('a point in time, %p, is counted from now', (expiresOn, seconds) => {
		expect(life(expiresOn)).toBe(seconds);
	});

	it('a point in time that is past is not believed', () => {
		expect(life(NOW / 1000 - 900)).toBe(MONTH);
	});

	it('counts in the unit of the credential', () => {
		expect(life(2, { expiryUnit: 'hours' })).toBe(7200);
	});

	it('is fixed when the credential says so', () => {
		expect(life(3600, { expiryMode: 'fixed', expiryValue: 90, expiryUnit: 'minutes' })).toBe(5400);
	});

	it('has no end only when the credential says never', () => {
		expect(tokenOf(GOOD, clientCredential({ expiryMode: 'never' }))).toEqual({
			accessToken: 'token-one',
			tokenType: 'Bearer',
		});
	});
});

describe('what is no token', () => {
	it.each([
		['none', { token_type: 'Bearer' }],
		['an empty one', { ...GOOD, access_token: '' }],
		['null', { ...GOOD, access_token: null }],
		['a number', { ...GOOD, access_token: 12345 }],
		['an object', { ...GOOD, access_token: { value: 'x' } }],
		['a list', { ...GOOD, access_token: ['x'] }],
		['a line break in it', { ...GOOD, access_token: 'a\r\nX-Injected: 1' }],
		['a null byte in it', { ...GOOD, access_token: 'a\u0000b' }],
		['a DEL in it', { ...GOOD, access_token: 'a\u007fb' }],
		['a character beyond ASCII in it', { ...GOOD, access_token: 'tökén' }],
		['a space at its end', { ...GOOD, access_token: 'token ' }],
	])('an access token: %s', (_case, body) => {
		expect(faultOf(200, body)).toMatchObject({ code: 'TOKEN', statusCode: 200, retryable: false, endpoint: TOKEN_URL });
	});

	it.each(['BearerToken', 'bot', 'jwt-bearer', 'JWT', 'Bearer '])(
		'a token of the type %p, and the setting is named',
		(token_type) => {
			const headerPrefix = token_type.trim();
			for (const credential of [
				clientCredential(),
				clientCredential({ headerPrefix }),
				passwordCredential(),
				jwtCredential(),
			]) {
				expect(faultOf(200, { ...GOOD, token_type }, credential)).toMatchObject({
					message: `The token endpoint ${TOKEN_URL} responded with 200 and a token of the type "${headerPrefix}"`,
					description: expect.stringContaining('Set Token Type Check to Any in the credential') as string,
				});
			}
		},
	);

	it.each(['mac', 'MAC', 'DPoP', 'dpop', ' DPOP ', 'D-PoP', 7, ['Bearer'], ['DPoP'], {}, true])(
		'a token of the type %p, whatever the settings',
		(token_type) => {
			for (const data of [
				{},
				{ tokenTypeCheck: 'any' },
				{ tokenTypeCheck: 'any', headerPrefix: 'DPoP' },
				{ headerPrefix: 'MAC' },
			]) {
				const fault = faultOf(200, { ...GOOD, token_type }, clientCredential(data));
				expect(fault.message).toContain('a token of the type');
				expect(fault.description).not.toContain('Token Type Check');
			}
		},
	);

	it.each(['__proto__', 'constructor.name', 'toString', '__proto__.access_token'])(
		'one at the path %s',
		(accessTokenPath) => {
			expect(faultOf(200, { other: 1 }, clientCredential({ accessTokenPath })).message).toContain('without');
		},
	);

	it('one that was put into a prototype', () => {
		expect(read(200, '{"__proto__":{"access_token":"token-one","token_type":"Bearer"}}').ok).toBe(false);
	});

	it('one beside an error', () => {
		expect(faultOf(200, { ...GOOD, error: 'invalid_client' })).toMatchObject({
			statusCode: 200,
			serverError: 'invalid_client',
		});
	});

	it.each([
		'',
		'   ',
		'null',
		'"token-one"',
		'42',
		'[]',
		'[1]',
		'{',
		'access_token=a&token_type=bearer',
		'<!DOCTYPE html><html>',
	])('the body %p', (body) => {
		expect(faultOf(200, body)).toMatchObject({ statusCode: 200, retryable: false });
	});

	it('reports the fields that did come', () => {
		expect(faultOf(200, { token: 'x', ttl: 1 })).toMatchObject({
			message: `The token endpoint ${TOKEN_URL} responded with 200 without access_token`,
			description: 'The response has: token, ttl. Set Access Token Field to the one that holds the token',
		});
	});
});

describe('reasons nested in a refusal are reported:', () => {
	it.each<[unknown, string]>([
		[{ errors: { client_id: ['is unknown'] } }, 'client_id: is unknown'],
		[{ error: 'RecordInvalid', details: { base: [{ description: 'no scope' }] } }, 'RecordInvalid: base: no scope'],
		[{ error: 'invalid_request', errors: { scope: 'is wrong' } }, 'invalid_request: scope: is wrong'],
		[{ error: { code: 'E1' } }, 'E1'],
		[{ data: { error: { reason: 'client-secret is wrong' } } }, '*** is wrong'],
	])('%j', (body, words) => {
		expect(faultOf(400, body).message).toBe(`The token endpoint ${TOKEN_URL} responded with 400 (${words})`);
	});
});

describe('what a server says in place of a token, with 200, is quoted:', () => {
	it.each<[unknown, string]>([
		[{ code: 10014, msg: 'app secret invalid' }, '10014: app secret invalid'],
		[{ errcode: 40013, errmsg: 'invalid appid' }, '40013: invalid appid'],
		[{ errcode: 40013, errmsg: 'invalid appid', access_token: '' }, '40013: invalid appid'],
		[{ errcode: '40013', errmsg: 'invalid appid', access_token: null }, '40013: invalid appid'],
		[{ message: 'No such app' }, 'No such app'],
		[{ errors: [{ message: 'No such app' }] }, 'No such app'],
		[{ errors: [{ code: 'E1', message: 'No such app' }] }, 'E1: No such app'],
		[{ errors: [{ title: 'No such app' }] }, 'No such app'],
		[{ errors: ['No such app'] }, 'No such app'],
		[{ error_code: 7, error_msg: 'No such app' }, '7: No such app'],
		[{ errorCode: 'E0000011', errorSummary: 'Invalid token provided' }, 'E0000011: Invalid token provided'],
		[{ errorMessage: 'No such app' }, 'No such app'],
		[{ status: 'error', detail: 'No such app' }, 'No such app'],
		[{ title: 'No such app' }, 'No such app'],
		[{ fault: { faultstring: 'Invalid client', detail: { errorcode: 'oauth.v2.X' } } }, 'oauth.v2.X: Invalid client'],
		[{ code: 5, msg: 'line one\r\nline two <a href=x>' }, '5: line one line two ‹a href=x›'],
		[{ code: 5, msg: 'client-secret is wrong for user-password' }, '5: *** is wrong for ***'],
		[{ code: 5, msg: '' }, '5'],
	])('%j', (body, words) => {
		const fault = faultOf(200, body);
		expect(fault.message).toBe(`The token endpoint ${TOKEN_URL} responded with 200 without access_token (${words})`);
		expect(fault).toMatchObject({ code: 'TOKEN', statusCode: 200, retryable: false });
		expect(fault.description).toContain('The response has: ');
	});

	it('with the next step, and with code and words as fields of the fault', () => {
		expect(faultOf(200, { code: 10014, msg: 'app secret invalid' })).toMatchObject({
			serverError: '10014',
			serverErrorDescription: 'app secret invalid',
			description:
				'Check the fields of the credential against what the server says. The response has: code, msg. ' +
				'If the token is in one of them, set Access Token Field to it',
		});
	});

	it('but success beside a token in another field points to that field', () => {
		const fault = faultOf(200, { code: 0, msg: 'success', data: { token: 'x' } });
		expect(fault.description).toBe(
			'The response has: code, msg, data. Set Access Token Field to the one that holds the token',
		);
	});

	it('but nothing that may be the token itself', () => {
		const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln';
		const fault = faultOf(200, { code: 0, message: `Bearer ${token}` });
		expect(fault.message).toContain('(0: Bearer ***)');
		expect(JSON.stringify(fault)).not.toContain(token.slice(0, 20));
	});

	it('and short, however long it is', () => {
		const fault = faultOf(200, { code: 'c'.repeat(500_000), msg: 'a'.repeat(500_000) });
		expect(fault.message.length).toBeLessThan(450);
	});
});

describe('JSON that is no object is called what it is:', () => {
	it.each([
		['"token-one"', 'a JSON text, not an object'],
		['42', 'a JSON number, not an object'],
		['true', 'JSON true, not an object'],
		['null', 'JSON null, not an object'],
		['[]', 'a JSON list, not an object'],
		['[{"message":"No such app","errorCode":"X"}]', 'a JSON list, not an object (X: No such app)'],
	])('%s', (body, words) => {
		const fault = faultOf(200, body);
		expect(fault.message).toBe(`The token endpoint ${TOKEN_URL} responded with 200 and ${words}`);
		expect(JSON.stringify(fault)).not.toContain('token-one');
	});

	it.each(['{', 'access_token=a&token_type=bearer', 'hello'])('%s is not JSON', (body) => {
		expect(faultOf(200, body).message).toContain('and something that is not JSON');
	});

	it('a list is read where the path leads into it', () => {
		expect(tokenOf([GOOD], clientCredential({ accessTokenPath: '0.access_token' })).accessToken).toBe('token-one');
	});
});

describe('a refusal', () => {
	it.each([408, 425, 429, 500, 502, 503, 504])('%i passes', (status) => {
		expect(faultOf(status, '').retryable).toBe(true);
	});

	it.each([400, 401, 403, 404, 405, 410, 415, 422, 501, 505, 511])('%i does not pass', (status) => {
		expect(faultOf(status, '').retryable).toBe(false);
	});

	it('reports endpoint, status, error and description', () => {
		const body = { error: 'invalid_client', error_description: 'Client authentication failed' };
		expect(faultOf(401, body, clientCredential({ clientSecret: 'with+plus' }))).toEqual({
			code: 'TOKEN',
			endpoint: TOKEN_URL,
			statusCode: 401,
			serverError: 'invalid_client',
			serverErrorDescription: 'Client authentication failed',
			retryable: false,
			message: `The token endpoint ${TOKEN_URL} responded with 401 (invalid_client: Client authentication failed)`,
			description:
				'Check Client ID and Client Secret; if they are right, set Client ID and Secret Encoding to As They Are, ' +
				'since servers differ; some servers want them in the body (Client Authentication Type)',
		});
	});

	it('counts the status first: a token beside a 401 is none', () => {
		expect(faultOf(401, GOOD).statusCode).toBe(401);
	});

	it.each([301, 302, 303, 307, 308])('a redirect (%i) is reported and not followed', (status) => {
		const location = 'https://ada:pass@elsewhere.example/token?client_secret=x#y';
		const result = readTokenResponse(question(clientCredential()), tokenResponse(status, GOOD, { location }));
		expect(result).toMatchObject({
			ok: false,
			fault: {
				statusCode: status,
				retryable: false,
				message: `The token endpoint ${TOKEN_URL} responded with ${status}, a redirect to https://elsewhere.example/token`,
			},
		});
	});

	it('a relative redirect is reported with its host', () => {
		const result = readTokenResponse(question(clientCredential()), tokenResponse(302, '', { location: '/login' }));
		expect(result).toMatchObject({
			fault: { message: expect.stringContaining('https://login.example.com/login') as string },
		});
	});

	it('a redirect to nowhere is reported without a place', () => {
		const result = readTokenResponse(question(clientCredential()), tokenResponse(302, ''));
		expect(result).toMatchObject({
			fault: { message: `The token endpoint ${TOKEN_URL} responded with 302, a redirect` },
		});
	});

	it.each([
		[{ error: { code: 'denied', message: 'No such client' } }, 'denied: No such client'],
		[{ error: { title: 'Forbidden', message: 'You are not allowed' } }, 'Forbidden: You are not allowed'],
		[{ title: 'Unauthorized', detail: 'Bad client' }, 'Bad client'],
		[{ message: 'Unauthorized' }, 'Unauthorized'],
		[{ error: 'invalid_client', error_description: 'line one\r\nline two' }, 'invalid_client: line one line two'],
		['', 'nothing in it'],
		['<html><body>Sign in</body></html>', 'a web page'],
	])('%j is reported as (%s)', (body, told) => {
		expect(faultOf(403, body).message).toBe(`The token endpoint ${TOKEN_URL} responded with 403 (${told})`);
	});

	it('reports no secret that the server gives back', () => {
		const echo = Buffer.from('my-app:client-secret').toString('base64');
		const fault = faultOf(400, {
			error: 'client-secret',
			error_description: `bad header Basic ${echo}, user-password`,
		});
		expect(fault.serverError).toBe('***');
		for (const secret of ['client-secret', 'user-password', echo]) expect(JSON.stringify(fault)).not.toContain(secret);
	});

	it('is short, however much the server says', () => {
		const fault = faultOf(400, { error: 'x'.repeat(5000), error_description: 'y'.repeat(5000) });
		expect(fault.message.length).toBeLessThan(450);
	});

	it('says when to ask again', () => {
		const wait = (value: string) => {
			const result = readTokenResponse(question(clientCredential()), tokenResponse(429, '', { 'retry-after': value }));
			return result.ok ? undefined : result.fault.retryAfterMs;
		};
		expect(wait('7')).toBe(7000);
		expect(wait('Fri, 20 Nov 2026 12:00:30 GMT')).toBe(30_000);
		expect(wait('Fri, 20 Nov 2026 11:00:00 GMT')).toBe(0);
		expect(wait('later')).toBeUndefined();
		expect(wait('-1')).toBeUndefined();
	});
});

describe('the likely cause', () => {
	const advice = (status: number, body: unknown, credential?: OAuth2Credential, kind?: TokenQuestion['kind']) => {
		const result = readTokenResponse(question(credential ?? clientCredential(), kind), tokenResponse(status, body));
		return result.ok ? '' : result.fault.description;
	};
	const invalidClient = { error: 'invalid_client' };

	it('of an unknown client, when nothing in it needs encoding, leaves encoding out', () => {
		const credential = clientCredential({ clientSecret: 'plain.secret_1*' });
		expect(advice(401, invalidClient, credential)).not.toContain('Encoding');
	});

	it('of an unknown client with raw encoding points to form encoding', () => {
		const credential = clientCredential({ clientSecret: 'a+b', clientEncoding: 'raw' });
		expect(advice(401, invalidClient, credential)).toContain('Client ID and Secret Encoding to Form Encoded');
	});

	it('of an unknown client in the body points to the header', () => {
		const credential = clientCredential({ clientAuthentication: 'body' });
		expect(advice(401, invalidClient, credential)).toContain('Send Basic Authentication in Header');
	});

	it('of a pasted space', () => {
		expect(advice(401, invalidClient, clientCredential({ clientSecret: 'secret ' }))).toContain('ends with a space');
	});

	it('of a refused assertion points to audience and key', () => {
		expect(advice(401, invalidClient, jwtCredential())).toMatch(/Key ID.*Audience/);
	});

	it.each([
		[403, '', 'Check Client ID and Client Secret'],
		[403, { message: 'no' }, 'check the permissions of this client'],
		[400, { error: 'invalid_scope' }, 'This server wants a scope'],
		[400, { error: 'unsupported_grant_type' }, 'try Token Request Format JSON'],
		[400, { error: 'unauthorized_client' }, 'Allow this client the grant'],
		[400, { error: 'invalid_target' }, 'resource or audience'],
		[400, { error: 'invalid_request' }, 'Additional Parameters'],
		[404, '', 'probably not that of the token endpoint'],
		[415, '', 'Token Request Format'],
		[429, '', 'limits requests'],
		[503, '', 'try again later'],
		[400, '<html>', 'that of a web page'],
		[200, '<!doctype html>', 'login page'],
		[400, { error: 'something_new' }, 'Check the fields of the credential'],
	])('of %i %j', (status, body, text) => {
		expect(advice(status, body)).toContain(text);
	});

	it.each<[string, Record<string, unknown>, string]>([
		[
			'client_id and client_secret in the authorization header are not properly encoded',
			{ clientSecret: 'a+b%' },
			'Set Client ID and Secret Encoding to As They Are',
		],
		[
			'invalid authorization header value format',
			{ clientSecret: 'a+b%', clientEncoding: 'raw' },
			'Set Client ID and Secret Encoding to Form Encoded',
		],
		['Malformed Basic authentication', {}, 'Send Client ID and Client Secret in the body (Client Authentication Type)'],
		['could not decode: invalid base64 encoding', { clientSecret: 'ü' }, 'Client Authentication Type'],
		[
			'Missing authorization header',
			{ clientAuthentication: 'body' },
			'Set Client Authentication Type to Send Basic Authentication in Header',
		],
		['Content-Type must be application/x-www-form-urlencoded', {}, 'Token Request Format'],
		['only application/json encoding is read', {}, 'Token Request Format'],
		['scope is missing', { clientSecret: 'a+b%' }, 'Check Scope'],
	])('of invalid_request: %s', (error_description, data, text) => {
		expect(advice(400, { error: 'invalid_request', error_description }, clientCredential(data))).toContain(text);
	});

	it('of invalid_request about the header, for a public client: there is none', () => {
		const body = { error: 'invalid_request', error_description: 'No Authorization header' };
		expect(advice(400, body, passwordCredential({ clientSecret: '' }))).toContain('without a Client Secret');
		expect(advice(400, body, passwordCredential({ clientSecret: '', sendEmptySecret: true }))).not.toContain(
			'without a Client Secret',
		);
		expect(advice(400, body, jwtCredential())).toContain('Check Scope');
	});

	it.each([
		['password', 'Check Username and Password'],
		['refresh', 'The refresh token is no longer valid'],
	] as const)('of invalid_grant to %s', (kind, text) => {
		expect(advice(400, { error: 'invalid_grant' }, passwordCredential(), kind)).toContain(text);
	});
});
