/** Token servers with a request or their own response. */
import { inspect } from 'node:util';

import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { oAuth2CredentialTypes, type OAuth2Credential } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { credentialKey } from '../../../../lib/oauth2/token/credentialKey';
import { obtainToken } from '../../../../lib/oauth2/token/requestToken';
import { TokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { ok } from '../../../../lib/result/result';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../../support/oauth2/credentials';
import { answered, answering, type TokenAnswer } from '../../../support/oauth2/scriptedTransport';

const GOOD = { access_token: 'token-one', token_type: 'Bearer', expires_in: 3600 };
const signAssertion = async () => ok({ clientAssertion: 'header.payload.signature' });

const pair = (name: string, value: string) => ({ parameters: [{ name, value }] });

async function ask(credential: OAuth2Credential, answer: TokenAnswer = answered(200, GOOD), refreshToken?: string) {
	const { transport, requests } = answering(answer);
	const result = await obtainToken(credential, refreshToken, { transport, signAssertion });
	return { result, request: requests[0]! };
}

async function tokenOf(credential: OAuth2Credential, answer: TokenAnswer) {
	const { result } = await ask(credential, answer);
	if (!result.ok) throw new Error(`${result.fault.message}. ${result.fault.description}`);
	return result.value;
}

async function faultOf(credential: OAuth2Credential, answer: TokenAnswer) {
	const { result } = await ask(credential, answer);
	if (result.ok) throw new Error(`There is a token: ${result.value.accessToken}`);
	expect(inspect(result, { depth: Infinity })).not.toMatch(/client-secret|user-password/);
	return result.fault;
}

/** Why a credential with these fields is not read. */
function refusalOf(data: Record<string, unknown>): { message: string; description: string } {
	const read = readOAuth2Credential(oAuth2CredentialTypes.clientCredentials, {
		accessTokenUrl: TOKEN_URL,
		clientId: 'my-app',
		clientSecret: 'client-secret',
		...data,
	});
	if (read.ok) throw new Error('It was read');
	return read.fault;
}

describe('Custom Grant Type', () => {
	it('is what Zoom asks for: account_credentials with account_id', async () => {
		const credential = clientCredential({
			customGrantType: ' account_credentials ',
			additionalParameters: pair('account_id', 'acct-7'),
		});
		const { request } = await ask(credential);
		expect(request).toMatchObject({
			method: 'POST',
			body: 'grant_type=account_credentials&account_id=acct-7',
			headers: { authorization: 'Basic bXktYXBwOmNsaWVudC1zZWNyZXQ=' },
		});
	});

	it('replaces grant_type and nothing else, in every type and in JSON', async () => {
		const customGrantType = 'urn:example:grant';
		expect((await ask(passwordCredential({ customGrantType }))).request.body).toBe(
			'grant_type=urn%3Aexample%3Agrant&username=ada&password=user-password',
		);
		expect((await ask(jwtCredential({ customGrantType }))).request.body).toMatch(
			/^grant_type=urn%3Aexample%3Agrant&client_id=my-app&client_assertion_type=[^&]+&client_assertion=/,
		);
		expect((await ask(clientCredential({ customGrantType, tokenRequestFormat: 'json' }))).request.body).toBe(
			'{"grant_type":"urn:example:grant"}',
		);
	});

	it('leaves a refresh as it is', async () => {
		const { request } = await ask(passwordCredential({ customGrantType: 'own' }), answered(200, GOOD), 'refresh-one');
		expect(request.body).toBe('grant_type=refresh_token&refresh_token=refresh-one');
	});

	it.each([
		['a b', /spaces/],
		['a"b', /spaces or characters/],
		['grün', /spaces or characters/],
		['refresh_token', /cannot be refresh_token/],
		['authorization_code', /cannot be authorization_code/],
	])('%s is refused', (customGrantType, message) => {
		expect(refusalOf({ customGrantType }).message).toMatch(message);
	});

	it('is named where grant_type is among the parameters', () => {
		const { message, description } = refusalOf({ additionalParameters: pair('Grant_Type', 'password') });
		expect(message).toBe('Additional Parameters contains grant_type');
		expect(description).toContain('Custom Grant Type');
	});

	it('is named when the server does not know it', async () => {
		const answer = answered(400, { error: 'unsupported_grant_type' });
		expect((await faultOf(clientCredential({ customGrantType: 'own' }), answer)).description).toContain(
			'Custom Grant Type',
		);
	});
});

describe('Token Request Method GET', () => {
	const get = (data: Record<string, unknown> = {}) => clientCredential({ tokenRequestMethod: 'GET', ...data });

	it('has everything in the query and no body', async () => {
		const credential = get({ clientAuthentication: 'body', scope: 'a b', clientSecret: 'se+cr/et&=ß' });
		expect((await ask(credential)).request).toEqual({
			url: `${TOKEN_URL}?grant_type=client_credentials&scope=a%20b&client_id=my-app&client_secret=se%2Bcr%2Fet%26%3D%C3%9F`,
			method: 'GET',
			headers: { accept: 'application/json', 'user-agent': 'n8n-nodes-webhook-dispatch' },
		});
	});

	it('may authenticate in the header, and add headers', async () => {
		const credential = get({ tokenRequestHeaders: pair('X-Api-Key', 'gateway-key') });
		expect((await ask(credential)).request).toMatchObject({
			url: `${TOKEN_URL}?grant_type=client_credentials`,
			headers: { authorization: 'Basic bXktYXBwOmNsaWVudC1zZWNyZXQ=', 'X-Api-Key': 'gateway-key' },
		});
	});

	it("keeps the URL's own query, but for parameters of the same name", async () => {
		const accessTokenUrl = `${TOKEN_URL}?grant_type=client_credential&tenant=a%2Fb`;
		expect((await ask(get({ accessTokenUrl, customGrantType: 'client_credential' }))).request.url).toBe(
			`${TOKEN_URL}?tenant=a%2Fb&grant_type=client_credential`,
		);
	});

	it('repeats a parameter that repeats', async () => {
		const parameters = [
			{ name: 'resource', value: 'https://a.example' },
			{ name: 'resource', value: 'https://b.example' },
		];
		const { request } = await ask(get({ additionalParameters: { parameters } }));
		expect(new URL(request.url).searchParams.getAll('resource')).toEqual(['https://a.example', 'https://b.example']);
	});

	it('refreshes in the query, too', async () => {
		const credential = passwordCredential({ tokenRequestMethod: 'GET', clientSecret: '', clientId: '' });
		const { request } = await ask(credential, answered(200, GOOD), 'refresh-one');
		expect(request.url).toBe(`${TOKEN_URL}?grant_type=refresh_token&refresh_token=refresh-one`);
	});

	it.each([
		['a refusal that repeats the URL', (url: string) => answered(400, { error: 'invalid_request', message: url })],
		['a redirect to the same query', (url: string) => answered(302, '', { location: url })],
		[
			'a network fault that names the URL',
			(url: string): TokenAnswer => ({ ok: false, fault: { code: 'CONNECTION', cause: url } }),
		],
	])('shows no secret and no query in %s', async (_name, answer) => {
		const credential = passwordCredential({ tokenRequestMethod: 'GET', clientAuthentication: 'body' });
		const { request } = await ask(credential);
		expect(request.url).toContain('client-secret');
		const fault = await faultOf(credential, answer(request.url));
		expect(fault.endpoint).toBe(TOKEN_URL);
		expect(JSON.stringify(fault)).not.toMatch(/client-secret|user-password/);
	});

	it('is advised by a server that wants the other method', async () => {
		expect((await faultOf(get(), answered(405, ''))).description).toContain('Token Request Method to POST');
		expect((await faultOf(clientCredential(), answered(405, ''))).description).toContain('Token Request Method to GET');
	});

	it('is known', () => {
		expect(refusalOf({ tokenRequestMethod: 'PUT' }).message).toBe('Token Request Method has an unknown value');
	});
});

describe('a token in a header of the response', () => {
	const inHeader = clientCredential({ tokenLocation: 'header', accessTokenHeader: 'X-Auth-Token' });

	it.each([
		['with no body', 201, '', {}],
		['beside JSON', 200, { expires_in: 60, scope: 'read' }, { expiresIn: 60, scope: 'read' }],
		['beside something else', 200, '<session/>', {}],
		['beside a list', 200, [1], {}],
	])('%s', async (_name, status, body, more) => {
		const answer = answered(status, body, { 'x-auth-token': 'token-in-header' });
		expect(await tokenOf(inHeader, answer)).toMatchObject({
			accessToken: 'token-in-header',
			tokenType: 'Bearer',
			...more,
		});
	});

	it('without a life in the body is good for 5 minutes, or as long as the credential says', async () => {
		const answer = answered(204, '', { 'x-auth-token': 't' });
		expect(await tokenOf(inHeader, answer)).toMatchObject({ expiresIn: 300 });
		const fixed = { tokenLocation: 'header', accessTokenHeader: 'x-auth-token', expiryMode: 'fixed', expiryValue: 20 };
		expect(await tokenOf(clientCredential(fixed), answer)).toMatchObject({ expiresIn: 20 });
	});

	it('loses the scheme before it', async () => {
		const credential = clientCredential({ tokenLocation: 'header', accessTokenHeader: 'Authorization' });
		const answer = answered(200, '', { authorization: 'Bearer ey.J' });
		expect((await tokenOf(credential, answer)).accessToken).toBe('ey.J');
	});

	it('is asked for with an Accept that lets the server choose', async () => {
		expect((await ask(inHeader)).request.headers.accept).toBe('*/*');
	});

	it.each([
		['without it', { 'content-type': 'text/plain', 'x-session': 'secret-value' }, /without the header X-Auth-Token$/],
		['with an empty one', { 'x-auth-token': ' ' }, /without the header X-Auth-Token$/],
		['with words', { 'x-auth-token': 'not allowed here' }, /an access token that cannot be used$/],
	])('%s there is none', async (_name, headers, message) => {
		const fault = await faultOf(inHeader, answered(200, '', headers));
		expect(fault.message).toMatch(message);
		expect(fault.description).toContain('Access Token Header');
		expect(JSON.stringify(fault)).not.toContain('secret-value');
	});

	it('counts as little as any beside a refusal', async () => {
		const headers = { 'x-auth-token': 'token-in-header' };
		expect((await faultOf(inHeader, answered(401, '', headers))).statusCode).toBe(401);
		expect((await faultOf(inHeader, answered(200, { error: 'no' }, headers))).message).toContain('no');
	});

	it('quotes what the server says instead', async () => {
		const fault = await faultOf(inHeader, answered(200, { code: 7, msg: 'unknown user' }));
		expect(fault.message).toContain('(7: unknown user)');
	});

	it('needs the name of the header', () => {
		expect(refusalOf({ tokenLocation: 'header' }).message).toBe('Access Token Header is empty');
		expect(refusalOf({ tokenLocation: 'header', accessTokenHeader: 'a b' }).message).toBe(
			'Access Token Header is not a header name',
		);
	});
});

describe('a token that is all of the response', () => {
	const asText = clientCredential({ tokenLocation: 'text' });

	it.each([
		['text', 'eyJhbGciOiJIUzI1NiJ9.e30.abc'],
		['text with a line break', 'eyJhbGciOiJIUzI1NiJ9.e30.abc\r\n'],
		['a JSON text', '"eyJhbGciOiJIUzI1NiJ9.e30.abc"'],
	])('%s', async (_name, body) => {
		expect(await tokenOf(asText, answered(200, body))).toMatchObject({
			accessToken: 'eyJhbGciOiJIUzI1NiJ9.e30.abc',
			expiresIn: 300,
		});
	});

	it.each([
		['nothing', '', /The response must contain only the token/],
		['prose', 'please sign in first', /The response must contain only the token/],
		['a page', '<!DOCTYPE html><p>Sign in</p>', /web page/],
		['a document', '<token>abc</token>', /web page|only the token/],
		['JSON with the token', GOOD, /set Access Token Location to JSON Field/],
		['JSON that says why', { errcode: 40013, errmsg: 'invalid appid' }, /what the server says/],
		['two lines', 'first\nsecond', /only the token/],
		['a long one', 'x'.repeat(20_000), /only the token/],
	])('%s is none', async (_name, body, description) => {
		const fault = await faultOf(asText, answered(200, body));
		expect(fault.message).toContain('without a text that can be a token');
		expect(fault.description).toMatch(description);
	});
});

describe('where the token is not in the JSON, the advice names the setting', () => {
	it.each([
		['a header', answered(201, '', { 'x-subject-token': 'abc' }), /header x-subject-token.*Response Header/],
		['a header beside an empty object', answered(200, {}, { authorization: 'Bearer abc' }), /header authorization/],
		['a text', answered(200, 'eyJhbGciOiJIUzI1NiJ9.e30.abc'), /Response Text/],
		['a JSON text', answered(200, '"eyJhbGciOiJIUzI1NiJ9.e30.abc"'), /Response Text/],
	])('%s', async (_name, answer, description) => {
		const fault = await faultOf(clientCredential(), answer);
		expect(fault.description).toMatch(description);
		expect(JSON.stringify(fault)).not.toContain('eyJ');
	});

	it('a word or a page is no token', async () => {
		for (const body of ['OK', '"OK"', '<html>', 'not found here']) {
			expect((await faultOf(clientCredential(), answered(200, body))).description).not.toContain('Response Text');
		}
	});
});

describe('Response Fields', () => {
	const credential = passwordCredential({ responseFields: 'instance_url, data.api_domain,missing' });

	it('come with the token, under their last names', async () => {
		const body = { ...GOOD, instance_url: 'https://my.salesforce.example', data: { api_domain: 'eu', more: 1 } };
		expect((await tokenOf(credential, answered(200, body))).fields).toEqual({
			instance_url: 'https://my.salesforce.example',
			api_domain: 'eu',
		});
	});

	it('are none without the setting', async () => {
		expect(await tokenOf(clientCredential(), answered(200, { ...GOOD, instance_url: 'x' }))).not.toHaveProperty(
			'fields',
		);
	});

	it('show no token and no secret that a server repeats in them', async () => {
		const body = {
			...GOOD,
			refresh_token: 'refresh-one',
			instance_url: 'https://x/token-one?r=refresh-one&s=client-secret',
		};
		const { fields } = await tokenOf(credential, answered(200, body));
		expect(fields).toEqual({ instance_url: 'https://x/***?r=***&s=***' });
	});

	it('stay when a refresh leaves them out, and change when it has others', async () => {
		let now = 0;
		const store = new TokenStore({ now: () => now });
		const { transport } = answering(
			answered(200, { ...GOOD, refresh_token: 'r', instance_url: 'https://one', data: { api_domain: 'eu' } }),
			answered(200, { ...GOOD, access_token: 'token-two' }),
			answered(200, { ...GOOD, access_token: 'token-three', instance_url: 'https://two' }),
		);
		const seen: unknown[] = [];
		for (let round = 0; round < 3; round += 1) {
			const result = await store.get(credential, transport);
			seen.push(result.ok && result.value.fields);
			now += 3_600_000;
		}
		expect(seen).toEqual([
			{ instance_url: 'https://one', api_domain: 'eu' },
			{ instance_url: 'https://one', api_domain: 'eu' },
			{ instance_url: 'https://two', api_domain: 'eu' },
		]);
	});

	it.each(['id_token', 'data.refresh_token', 'clientSecret', 'a.password', 'tokenType', 'scope', 'a.x, b.x', 'a..b'])(
		'%s is refused',
		(responseFields) => {
			expect(refusalOf({ responseFields }).message).toMatch(/^Response Fields contains /);
		},
	);
});

describe('Expired When', () => {
	it('is read with commas between the values, blank rows left out', () => {
		const rules = [
			{ path: ' errors.code ', values: '601, 602' },
			{ path: '', values: '' },
			{ path: 'errcode', values: 42001 },
		];
		expect(clientCredential({ expiredWhen: { rules } }).expiredWhen).toEqual([
			{ path: 'errors.code', values: ['601', '602'] },
			{ path: 'errcode', values: ['42001'] },
		]);
	});

	it.each([undefined, null, '', {}, { rules: 'x' }, { rules: [null, 'x'] }])('is none when it is %p', (expiredWhen) => {
		expect(clientCredential({ expiredWhen }).expiredWhen).toEqual([]);
	});

	it.each([
		[{ path: '', values: '602' }, 'Condition 1 in Expired When has no usable field'],
		[{ path: 'a..b', values: '602' }, 'Condition 1 in Expired When has no usable field'],
		[{ path: 'a', values: ' , ' }, 'Condition 1 in Expired When has no values'],
	])('%j is refused', (row, message) => {
		expect(refusalOf({ expiredWhen: { rules: [row] } }).message).toBe(message);
	});
});

it('each of these settings is its own token', () => {
	const keys = [
		{},
		{ customGrantType: 'own' },
		{ tokenRequestMethod: 'GET' },
		{ tokenLocation: 'text' },
		{ tokenLocation: 'header', accessTokenHeader: 'X-A' },
		{ tokenLocation: 'header', accessTokenHeader: 'X-B' },
		{ responseFields: 'instance_url' },
	].map((data) => credentialKey(clientCredential(data)));
	expect(new Set(keys).size).toBe(keys.length);
});
