import { basicAuthorization, noAuthorization, oAuth2Authorization } from '../../../lib/delivery/authorization';
import { readOAuth2Credential } from '../../../lib/oauth2/credential/readOAuth2Credential';
import { TokenStore } from '../../../lib/oauth2/token/tokenStore';
import type { TokenHttpResponse } from '../../../lib/oauth2/token/tokenTransport';
import { fail, ok } from '../../../lib/result/result';

it('none adds nothing, and nothing of it expires', async () => {
	expect(await noAuthorization.authorize()).toEqual({ ok: true, value: { headers: {}, secrets: [] } });
	expect(noAuthorization.isExpired(401, { headers: {}, secrets: [] })).toBe(false);
});

describe('Basic', () => {
	it('is RFC 7617’s own example, in UTF-8', async () => {
		const authorized = await basicAuthorization('test', '123\u00A3').authorize();
		expect(authorized).toMatchObject({ value: { headers: { authorization: 'Basic dGVzdDoxMjPCow==' } } });
	});

	it.each([
		['Aladdin', 'open sesame', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
		['', '', 'Og=='],
		['ü', 'p:w', 'w7w6cDp3'],
		['a', '🎉', 'YTrwn46J'],
	])('%s and %s', async (user, password, encoded) => {
		expect(await basicAuthorization(user, password).authorize()).toMatchObject({
			value: { headers: { authorization: `Basic ${encoded}` } },
		});
	});

	it('names what must not be shown, however short', async () => {
		const secretsOf = async (password: string) => {
			const authorized = await basicAuthorization('user', password).authorize();
			return authorized.ok ? authorized.value.secrets : [];
		};
		expect(await secretsOf('hunter2secret')).toEqual(['dXNlcjpodW50ZXIyc2VjcmV0', 'hunter2secret']);
		expect(await secretsOf('abc')).toEqual(['dXNlcjphYmM=', 'abc']);
		expect(await secretsOf('')).toEqual(['dXNlcjo=']);
	});

	it('does not expire', () => {
		expect(basicAuthorization('a', 'b').isExpired(401, { headers: {}, secrets: ['b'] })).toBe(false);
	});
});

describe('OAuth 2.0', () => {
	/** A token endpoint that gives `token-1`, `token-2` … unless it is told otherwise. */
	function setUp(data: Record<string, unknown> = {}, answers: Array<Partial<TokenHttpResponse> | 'down'> = []) {
		const read = readOAuth2Credential('webhookDispatchClientCredentialsOAuth2Api', {
			accessTokenUrl: 'https://auth.example.com/token',
			clientId: 'client',
			clientSecret: 'client-secret',
			...data,
		});
		if (!read.ok) throw new Error(read.fault.message);
		let requests = 0;
		const authorization = oAuth2Authorization(read.value, new TokenStore(), async () => {
			const answer = answers[requests];
			requests += 1;
			if (answer === 'down') return fail({ code: 'CONNECTION', cause: 'the connection was refused' });
			const body = JSON.stringify({ access_token: `token-${requests}`, token_type: 'Bearer', expires_in: 3600 });
			return ok({ statusCode: 200, headers: {}, body, ...answer });
		});
		const token = async () => {
			const result = await authorization.authorize();
			if (!result.ok) throw new Error(result.fault.message);
			return result.value;
		};
		return { authorization, token, requests: () => requests };
	}

	it('is the token as Bearer, fetched once', async () => {
		const { token, requests } = setUp();
		expect(await token()).toMatchObject({
			headers: { authorization: 'Bearer token-1' },
			secrets: ['token-1'],
			expiredStatusCodes: [401],
		});
		await Promise.all(Array.from({ length: 100 }, token));
		expect(requests()).toBe(1);
	});

	it.each([
		[{ headerName: 'X-Access-Token', headerPrefix: '' }, { 'x-access-token': 'token-1' }],
		[{ headerPrefix: 'Zoho-oauthtoken' }, { authorization: 'Zoho-oauthtoken token-1' }],
	])('with %p', async (data, headers) => {
		expect(await setUp(data).token()).toMatchObject({ headers });
	});

	it('is fetched again once for all deliveries that were refused with the same token', async () => {
		const { authorization, token, requests } = setUp();
		const used = await Promise.all(Array.from({ length: 50 }, token));
		expect(used.map((authorized) => authorization.isExpired(401, authorized))).toEqual(Array(50).fill(true));
		expect((await Promise.all(Array.from({ length: 50 }, token)))[49]?.headers.authorization).toBe('Bearer token-2');
		expect(requests()).toBe(2);
	});

	it.each([200, 204, 302, 400, 403, 500])('does not expire by %i', async (status) => {
		const { authorization, token, requests } = setUp();
		expect(authorization.isExpired(status, await token())).toBe(false);
		await token();
		expect(requests()).toBe(1);
	});

	it('expires by what the credential says', async () => {
		const { authorization, token } = setUp({ expiredStatusCodes: '403' });
		expect(authorization.isExpired(401, await token())).toBe(false);
		expect(authorization.isExpired(403, await token())).toBe(true);
	});

	it('a destination that takes no token gets one new one, not one for each item', async () => {
		const { authorization, token, requests } = setUp();
		for (let item = 0; item < 10; item += 1) {
			for (let renewed = false; authorization.isExpired(401, await token()) && !renewed; renewed = true);
		}
		expect(requests()).toBe(2);
	});

	it('but one that took the new token for a while, gets another', async () => {
		const { authorization, token, requests } = setUp();
		expect(authorization.isExpired(401, await token())).toBe(true);
		expect(authorization.isExpired(200, await token())).toBe(false);
		expect(authorization.isExpired(401, await token())).toBe(true);
		await token();
		expect(requests()).toBe(3);
	});

	it('a client that is refused is asked for once a run', async () => {
		const refused = { statusCode: 401, body: '{"error":"invalid_client"}' };
		const { authorization, requests } = setUp({}, [refused, refused]);
		for (let item = 0; item < 3; item += 1) {
			expect(await authorization.authorize()).toMatchObject({
				ok: false,
				fault: { code: 'TOKEN', statusCode: 401, retryable: false },
			});
		}
		expect(requests()).toBe(1);
	});

	it('a token endpoint that is down, or asks to wait, is asked once a try, and its Retry-After kept', async () => {
		const before = Date.now();
		const { authorization, requests } = setUp({}, [{ statusCode: 503, headers: { 'retry-after': '7' }, body: '' }]);
		for (let item = 0; item < 3; item += 1) {
			const result = await authorization.authorize();
			expect(result).toMatchObject({ ok: false, fault: { code: 'TOKEN', statusCode: 503, retryable: true } });
			expect(result.ok || result.fault.retryAfter).toBeGreaterThanOrEqual(before + 7000);
		}
		expect(requests()).toBe(1);
	});

	it('says no secret in a fault', async () => {
		const { authorization } = setUp({}, [
			{ statusCode: 400, body: '{"error":"invalid_request","error_description":"client-secret is bad"}' },
		]);
		expect(JSON.stringify(await authorization.authorize())).not.toContain('client-secret');
	});

	it('ends with the execution', async () => {
		const { authorization, requests } = setUp();
		expect(await authorization.authorize(AbortSignal.abort())).toMatchObject({
			ok: false,
			fault: { code: 'CANCELLED' },
		});
		expect(requests()).toBe(0);
	});
});
