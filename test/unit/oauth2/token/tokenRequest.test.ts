import { obtainToken, requestToken } from '../../../../lib/oauth2/token/requestToken';
import { initialGrant } from '../../../../lib/oauth2/token/grant';
import { fail, ok } from '../../../../lib/result/result';
import type { OAuth2Credential } from '../../../../lib/oauth2/credential/oAuth2Credential';
import {
	AWKWARD_ID,
	AWKWARD_SECRET,
	clientCredential,
	jwtCredential,
	passwordCredential,
	TOKEN_URL,
} from '../../../support/oauth2/credentials';
import { answered, answering } from '../../../support/oauth2/scriptedTransport';

const granted = answered(200, { access_token: 'token-one', token_type: 'Bearer', expires_in: 3600 });

/** The request that a credential makes, to the byte. */
async function requestOf(credential: OAuth2Credential, refreshToken?: string) {
	const { transport, requests } = answering(granted);
	const signAssertion = async () => ok({ clientAssertion: 'header.payload.signature' });
	const result = await obtainToken(credential, refreshToken, { transport, signAssertion });
	expect(result.ok).toBe(true);
	expect(requests).toHaveLength(1);
	return requests[0]!;
}

const form = {
	accept: 'application/json',
	'content-type': 'application/x-www-form-urlencoded',
	'user-agent': 'n8n-nodes-webhook-dispatch',
};
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the token request of each grant, to the byte', () => {
	it('client credentials', async () => {
		expect(await requestOf(clientCredential({ scope: 'read write' }))).toEqual({
			url: TOKEN_URL,
			method: 'POST',
			headers: { ...form, authorization: 'Basic bXktYXBwOmNsaWVudC1zZWNyZXQ=' },
			body: 'grant_type=client_credentials&scope=read+write',
		});
	});

	it('password', async () => {
		expect(await requestOf(passwordCredential({ username: 'ada@example.com', password: 'p+w&d=ü ' }))).toEqual({
			url: TOKEN_URL,
			method: 'POST',
			headers: { ...form, authorization: 'Basic bXktYXBwOmNsaWVudC1zZWNyZXQ=' },
			body: 'grant_type=password&username=ada%40example.com&password=p%2Bw%26d%3D%C3%BC+',
		});
	});

	it('refresh, at the refresh token URL and without the scope', async () => {
		const credential = passwordCredential({ refreshTokenUrl: 'https://login.example.com/refresh', scope: 'read' });
		expect(await requestOf(credential, 'refresh+one')).toEqual({
			url: 'https://login.example.com/refresh',
			method: 'POST',
			headers: { ...form, authorization: 'Basic bXktYXBwOmNsaWVudC1zZWNyZXQ=' },
			body: 'grant_type=refresh_token&refresh_token=refresh%2Bone',
		});
	});

	it('refresh with the scope, for servers that want it', async () => {
		const credential = passwordCredential({ scope: 'read write', scopeOnRefresh: true });
		expect((await requestOf(credential, 'refresh+one')).body).toBe(
			'grant_type=refresh_token&refresh_token=refresh%2Bone&scope=read+write',
		);
		expect((await requestOf(passwordCredential({ scopeOnRefresh: true }), 'one')).body).toBe(
			'grant_type=refresh_token&refresh_token=one',
		);
	});

	it('refresh, at the access token URL when there is no other', async () => {
		expect((await requestOf(passwordCredential(), 'one')).url).toBe(TOKEN_URL);
	});

	it('client credentials with JWT', async () => {
		expect(await requestOf(jwtCredential({ scope: 'read' }))).toEqual({
			url: TOKEN_URL,
			method: 'POST',
			headers: form,
			body:
				'grant_type=client_credentials&scope=read&client_id=my-app' +
				'&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer' +
				'&client_assertion=header.payload.signature',
		});
	});

	it('ignores a refresh token for grants that have none', async () => {
		expect((await requestOf(clientCredential(), 'refresh-one')).body).toBe('grant_type=client_credentials');
	});
});

describe('client authentication', () => {
	it('in the header, form-encoded (RFC 6749 section 2.3.1)', async () => {
		const { headers, body } = await requestOf(clientCredential({ clientId: AWKWARD_ID, clientSecret: AWKWARD_SECRET }));
		expect(Buffer.from(headers.authorization!.slice(6), 'base64').toString()).toBe(
			'app%3A42-a+b%2Bc%25d%26e%3Df%C3%BC:se%3Acr-et+%2F%2B%2520%26%3D%C3%9F%22%27%3C',
		);
		expect(body).toBe('grant_type=client_credentials');
	});

	it('in the header, as it is', async () => {
		const credential = clientCredential({ clientId: 'my äpp', clientSecret: AWKWARD_SECRET, clientEncoding: 'raw' });
		expect((await requestOf(credential)).headers.authorization).toBe(basic(`my äpp:${AWKWARD_SECRET}`));
	});

	it('in the body, and then not in the header', async () => {
		const credential = clientCredential({ clientSecret: AWKWARD_SECRET, clientAuthentication: 'body' });
		const { headers, body } = await requestOf(credential);
		expect(headers).toEqual(form);
		expect(body).toBe(
			'grant_type=client_credentials&client_id=my-app&client_secret=se%3Acr-et+%2F%2B%2520%26%3D%C3%9F%22%27%3C',
		);
	});

	it('of a client without a secret: its ID in the body', async () => {
		const { headers, body } = await requestOf(passwordCredential({ clientSecret: '' }));
		expect(headers).toEqual(form);
		expect(body).toBe('grant_type=password&username=ada&password=user-password&client_id=my-app');
	});

	describe('of a client with an empty secret that is to be sent', () => {
		const emptySecret = { clientId: 'cf', clientSecret: '', sendEmptySecret: true };

		it.each([
			['password', passwordCredential(emptySecret), undefined],
			['refresh', passwordCredential(emptySecret), 'one'],
			['client credentials', clientCredential(emptySecret), undefined],
		])('%s: in the header', async (_grant, credential, refreshToken) => {
			const { headers, body } = await requestOf(credential, refreshToken);
			expect(headers).toEqual({ ...form, authorization: 'Basic Y2Y6' });
			expect(body).not.toMatch(/client_id|client_secret/);
		});

		it('in the body', async () => {
			const { headers, body } = await requestOf(clientCredential({ ...emptySecret, clientAuthentication: 'body' }));
			expect(headers).toEqual(form);
			expect(body).toBe('grant_type=client_credentials&client_id=cf&client_secret=');
		});

		it('changes nothing for a secret that is not empty', async () => {
			expect(await requestOf(passwordCredential({ sendEmptySecret: true }))).toEqual(
				await requestOf(passwordCredential()),
			);
		});
	});

	it('of no client: nothing', async () => {
		const { headers, body } = await requestOf(passwordCredential({ clientId: '', clientSecret: '' }));
		expect(headers).toEqual(form);
		expect(body).toBe('grant_type=password&username=ada&password=user-password');
	});

	it('signs a new assertion for every request', async () => {
		const { transport, requests } = answering(granted);
		let count = 0;
		const signAssertion = async () => ok({ clientAssertion: `assertion-${++count}` });
		const credential = jwtCredential();
		await requestToken(credential, initialGrant(credential), { transport, signAssertion });
		await requestToken(credential, initialGrant(credential), { transport, signAssertion });
		expect(requests.map(({ body }) => new URLSearchParams(body).get('client_assertion'))).toEqual([
			'assertion-1',
			'assertion-2',
		]);
	});

	it('sends nothing when the key is no key, and says so', async () => {
		const { transport, requests } = answering(granted);
		const signAssertion = async () => fail({ message: 'Private Key is no key', description: 'Paste it' });
		const result = await obtainToken(jwtCredential(), undefined, { transport, signAssertion });
		expect(requests).toEqual([]);
		expect(result).toEqual({
			ok: false,
			fault: {
				code: 'TOKEN',
				endpoint: TOKEN_URL,
				retryable: false,
				message: 'Private Key is no key',
				description: 'Paste it',
			},
		});
	});
});

describe('the body', () => {
	const parameters = [
		{ name: 'audience', value: 'https://api.example.com' },
		{ name: 'resource', value: 'urn:a b' },
		{ name: 'resource', value: 'urn:c' },
	];

	it('as a form, with additional parameters in order and repeated', async () => {
		expect((await requestOf(clientCredential({ additionalParameters: { parameters } }))).body).toBe(
			'grant_type=client_credentials&audience=https%3A%2F%2Fapi.example.com&resource=urn%3Aa+b&resource=urn%3Ac',
		);
	});

	it('as JSON, a repeated parameter as an array', async () => {
		const { headers, body } = await requestOf(
			clientCredential({
				additionalParameters: { parameters },
				tokenRequestFormat: 'json',
				clientAuthentication: 'body',
				clientSecret: 'quote " and ü',
			}),
		);
		expect(headers['content-type']).toBe('application/json');
		expect(body).toBe(
			'{"grant_type":"client_credentials","audience":"https://api.example.com","resource":["urn:a b","urn:c"],' +
				'"client_id":"my-app","client_secret":"quote \\" and ü"}',
		);
	});

	it('as JSON keeps a name that would be a prototype', async () => {
		const hostile = { parameters: [{ name: '__proto__', value: 'x' }] };
		const { body } = await requestOf(clientCredential({ additionalParameters: hostile, tokenRequestFormat: 'json' }));
		expect(body).toBe('{"grant_type":"client_credentials","__proto__":"x"}');
	});
});

describe('the headers of the credential', () => {
	const tokenRequestHeaders = {
		parameters: [
			{ name: 'X-Api-Key', value: 'gateway-key' },
			{ name: 'X-Tenant', value: 'acme' },
		],
	};

	it.each([
		['password', passwordCredential({ tokenRequestHeaders }), undefined],
		['refresh', passwordCredential({ tokenRequestHeaders }), 'one'],
		['client credentials', clientCredential({ tokenRequestHeaders }), undefined],
		['client credentials with JWT', jwtCredential({ tokenRequestHeaders }), undefined],
	])('go with the token request: %s', async (_grant, credential, refreshToken) => {
		const { headers } = await requestOf(credential, refreshToken);
		const { authorization } = headers;
		expect(headers).toEqual({
			...form,
			'X-Api-Key': 'gateway-key',
			'X-Tenant': 'acme',
			...(authorization && { authorization }),
		});
	});

	it('are in no message', async () => {
		const parameters = [
			{ name: 'X-Api-Key', value: 'gateway-key' },
			{ name: 'X-Auth', value: 'ApiKey second-key' },
		];
		const echo = { error: 'invalid_client', error_description: 'gateway-key is unknown, and second-key' };
		const { transport } = answering(answered(401, echo));
		const result = await obtainToken(clientCredential({ tokenRequestHeaders: { parameters } }), undefined, {
			transport,
		});
		expect(result).toMatchObject({ ok: false, fault: { statusCode: 401 } });
		expect(JSON.stringify(result)).toContain('*** is unknown, and ***');
		expect(JSON.stringify(result)).not.toMatch(/gateway-key|second-key/);
	});
});

describe('where a token request may go', () => {
	it.each([
		['login.example.com', true],
		['LOGIN.example.com.', true],
		['*.example.com', true],
		['example.com', false],
		['*.login.example.com', false],
		['other.example', false],
	])('with the domains %s of the credential: %p', async (allowedDomains, allowed) => {
		const { transport, requests } = answering(granted);
		const credential = clientCredential({ allowedHttpRequestDomains: 'domains', allowedDomains });
		const result = await obtainToken(credential, undefined, { transport });
		expect(requests).toHaveLength(allowed ? 1 : 0);
		expect(result).toMatchObject(allowed ? { ok: true } : { ok: false, fault: { code: 'BLOCKED', retryable: false } });
	});
});
