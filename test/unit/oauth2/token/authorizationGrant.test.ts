/** The JWT as authorization grant (RFC 7523 section 2.1): what is sent, and what of it makes another token. */
import { createPublicKey } from 'node:crypto';

import { jwtVerify } from 'jose';

import { createClientAssertion } from '../../../../lib/oauth2/assertion/createClientAssertion';
import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { credentialKey } from '../../../../lib/oauth2/token/credentialKey';
import { obtainToken } from '../../../../lib/oauth2/token/requestToken';
import { TokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { fail } from '../../../../lib/result/result';
import { AWKWARD_ID, AWKWARD_SECRET, jwtCredential, TOKEN_URL } from '../../../support/oauth2/credentials';
import { boxFile, googleFile } from '../../../support/oauth2/keyFiles';
import { answered, answering, formOf } from '../../../support/oauth2/scriptedTransport';
import { pkcs8, rsaKey } from '../../keys/fixtures';

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const granted = answered(200, { access_token: 'token-one', token_type: 'Bearer', expires_in: 3600 });
const grant = (data: Record<string, unknown> = {}) =>
	jwtCredential({ jwtUse: 'authorizationGrant', privateKey: pkcs8(rsaKey), ...data });
const file = (pasted: object, data: Record<string, unknown> = {}) =>
	grant({ accessTokenUrl: '', clientId: '', privateKey: JSON.stringify(pasted), ...data });

/** The token request, with the header and the claims of its JWT, which jose has verified. */
async function asked(data: Parameters<typeof grant>[0], make = grant) {
	const { transport, requests } = answering(granted);
	const result = await obtainToken(make(data), 'of an older answer', { transport });
	expect(result.ok).toBe(true);
	expect(requests).toHaveLength(1);
	const { assertion = '', ...parameters } = formOf(requests[0]);
	const { protectedHeader, payload } = await jwtVerify(assertion, createPublicKey(rsaKey), { algorithms: ['RS256'] });
	const { iat = 0, exp = 0, jti = '', ...claims } = payload;
	expect(jti.length).toBeGreaterThanOrEqual(22);
	return {
		url: requests[0]?.url,
		authorization: requests[0]?.headers.authorization,
		parameters,
		header: protectedHeader,
		claims,
		life: exp - iat,
	};
}

describe('the token request', () => {
	it('is the JWT and nothing of the client; the user is in it, and the client issued it', async () => {
		expect(await asked({ subject: ' ada@example.com ' })).toEqual({
			url: TOKEN_URL,
			authorization: undefined,
			parameters: { grant_type: grantType },
			header: { alg: 'RS256', typ: 'JWT' },
			claims: { iss: 'my-app', sub: 'ada@example.com', aud: TOKEN_URL },
			life: 60,
		});
	});

	it('has no subject unless one is filled in: never the client', async () => {
		expect((await asked({})).claims).toEqual({ iss: 'my-app', aud: TOKEN_URL });
	});

	it('has the form fields in their place', async () => {
		const filled = {
			clientId: '',
			issuer: 'issuer',
			subject: 'user',
			audience: 'account-d.docusign.com',
			expiresIn: 180,
			keyId: 'key-1',
			additionalClaims: '{"tenant": "acme"}',
			additionalParameters: { parameters: [{ name: 'resource', value: 'https://api.example.com' }] },
		};
		expect(await asked(filled)).toMatchObject({
			parameters: { grant_type: grantType, resource: 'https://api.example.com' },
			header: { kid: 'key-1' },
			claims: { iss: 'issuer', sub: 'user', aud: 'account-d.docusign.com', tenant: 'acme' },
			life: 180,
		});
	});

	it.each([
		[undefined, true, true],
		['automatic', true, true],
		['both', true, true],
		['request', true, false],
		['assertion', false, true],
	])('Send Scope In %s', async (scopeLocation, inRequest, inAssertion) => {
		const { parameters, claims } = await asked({ scope: ' signature  impersonation', scopeLocation });
		expect([parameters.scope, claims.scope]).toEqual([
			inRequest ? 'signature impersonation' : undefined,
			inAssertion ? 'signature impersonation' : undefined,
		]);
	});

	it('sends no empty scope', async () => {
		const { parameters, claims } = await asked({ scope: ' ', scopeLocation: 'both' });
		expect([Object.keys(parameters), Object.keys(claims)]).toEqual([['grant_type'], ['iss', 'aud']]);
	});

	it('with the client ID in the body', async () => {
		expect((await asked({ clientAuthentication: 'id' })).parameters).toEqual({
			grant_type: grantType,
			client_id: 'my-app',
		});
	});

	it('with ID and secret in the body', async () => {
		const { parameters, authorization } = await asked({
			clientId: AWKWARD_ID,
			clientSecret: AWKWARD_SECRET,
			clientAuthentication: 'body',
		});
		expect(authorization).toBeUndefined();
		expect(parameters).toEqual({ grant_type: grantType, client_id: AWKWARD_ID, client_secret: AWKWARD_SECRET });
	});

	it.each([
		['form', 'app%3A1:s%2B'],
		['raw', 'app1:s+'],
	])('with ID and secret in the header, %s', async (clientEncoding, text) => {
		const { parameters, authorization } = await asked({
			clientId: clientEncoding === 'form' ? 'app:1' : 'app1',
			clientSecret: 's+',
			clientAuthentication: 'header',
			clientEncoding,
		});
		expect(authorization).toBe(`Basic ${Buffer.from(text).toString('base64')}`);
		expect(parameters).toEqual({ grant_type: grantType });
	});

	it("with Google's key file alone", async () => {
		const scope = 'https://www.googleapis.com/auth/pubsub https://www.googleapis.com/auth/drive';
		expect(await asked({ scope }, (data) => file(googleFile(), data))).toEqual({
			url: 'https://oauth2.googleapis.com/token',
			authorization: undefined,
			parameters: { grant_type: grantType },
			header: { alg: 'RS256', typ: 'JWT', kid: googleFile().private_key_id },
			claims: { iss: googleFile().client_email, aud: 'https://oauth2.googleapis.com/token', scope },
			life: 60,
		});
		const delegated = await asked({ scope, subject: 'ada@example.com' }, (data) => file(googleFile(), data));
		expect(delegated.claims).toMatchObject({ sub: 'ada@example.com' });
	});

	it("with Box's key file alone", async () => {
		expect(await asked({}, (data) => file(boxFile(), data))).toEqual({
			url: 'https://api.box.com/oauth2/token',
			authorization: undefined,
			parameters: { grant_type: grantType, client_id: 'box-client', client_secret: 'box-secret' },
			header: { alg: 'RS256', typ: 'JWT', kid: 'abcd1234' },
			claims: {
				iss: 'box-client',
				sub: '1234567',
				aud: 'https://api.box.com/oauth2/token',
				box_sub_type: 'enterprise',
			},
			life: 45,
		});
	});
});

it("with Box's key file, an Assertion Lifetime of one's own counts", async () => {
	expect((await asked({ expiresIn: 30 }, (data) => file(boxFile(), data))).life).toBe(30);
	expect((await asked({ expiresIn: 60 }, (data) => file(boxFile(), data))).life).toBe(45);
	expect((await asked({ expiresIn: 60 }, (data) => file(googleFile(), data))).life).toBe(60);
});

describe('what cannot be sent is refused, with the field:', () => {
	const read = (data: Record<string, unknown>) =>
		readOAuth2Credential(oAuth2CredentialTypes.clientCredentialsJwt, {
			jwtUse: 'authorizationGrant',
			accessTokenUrl: TOKEN_URL,
			clientId: 'my-app',
			privateKey: pkcs8(rsaKey),
			...data,
		});
	it.each<[string, Record<string, unknown>, string]>([
		['no issuer', { clientId: ' ' }, 'Client ID is empty'],
		['no URL', { accessTokenUrl: '' }, 'Access Token URL is empty'],
		['no key', { privateKey: '' }, 'Private Key is empty'],
		['an unknown use', { jwtUse: 'grant' }, 'Use JWT As has an unknown value'],
		['an unknown place of the scope', { scopeLocation: 'header' }, 'Send Scope In has an unknown value'],
		[
			'an unknown client authentication',
			{ clientAuthentication: 'basic' },
			'Client Authentication Type has an unknown value',
		],
		['an ID that is not there', { clientAuthentication: 'id', clientId: '', issuer: 'me' }, 'Client ID is empty'],
		['a secret that is not there', { clientAuthentication: 'header' }, 'Client Secret is empty'],
		['a secret that is not there, body', { clientAuthentication: 'body' }, 'Client Secret is empty'],
		[
			'an ID that no header carries',
			{ clientAuthentication: 'header', clientEncoding: 'raw', clientId: 'a:b', clientSecret: 's' },
			'Client ID contains a colon',
		],
		[
			'an assertion of its own',
			{ additionalParameters: { parameters: [{ name: 'Assertion', value: 'a.b.c' }] } },
			'Additional Parameters contains assertion',
		],
		['a private key in Certificate', { certificate: pkcs8(rsaKey) }, 'Certificate contains a private key'],
	])('%s', (_name, data, message) => {
		expect(read(data)).toEqual(fail({ message, description: expect.any(String) as string }));
	});

	it('a scope among the claims beside Scope', async () => {
		const both = grant({ scope: 'read', additionalClaims: '{"scope": "write"}' });
		expect(await createClientAssertion(both)).toMatchObject(
			fail({ message: 'Additional Claims sets "scope", which has its own field' }),
		);
		expect(await asked({ additionalClaims: '{"scope": "write"}' })).toMatchObject({ claims: { scope: 'write' } });
		const request = { scope: 'read', scopeLocation: 'request', additionalClaims: '{"scope": "write"}' };
		expect(await asked(request)).toMatchObject({ parameters: { scope: 'read' }, claims: { scope: 'write' } });
	});
});

describe('the token store', () => {
	it('distinguishes uses, users and clients, and what is equal together', () => {
		const differing = [
			grant(),
			jwtCredential({ privateKey: pkcs8(rsaKey) }),
			grant({ subject: 'ada' }),
			grant({ subject: 'bob' }),
			grant({ scope: 'read' }),
			grant({ scope: 'read', scopeLocation: 'request' }),
			grant({ scope: 'read', scopeLocation: 'assertion' }),
			grant({ clientAuthentication: 'id' }),
			grant({ clientAuthentication: 'body', clientSecret: 'one' }),
			grant({ clientAuthentication: 'body', clientSecret: 'two' }),
			grant({ clientAuthentication: 'header', clientSecret: 'two' }),
		].map(credentialKey);
		expect(new Set(differing).size).toBe(differing.length);
		expect(credentialKey(grant({ subject: 'ada' }))).toBe(differing[2]);
	});

	it('makes a new JWT for each request, and keeps no refresh token', async () => {
		const answer = answered(200, { access_token: 'a', token_type: 'Bearer', expires_in: 60, refresh_token: 'r' });
		const { transport, requests } = answering(answer);
		let now = Date.parse('2026-11-30T12:00:00Z');
		const store = new TokenStore({ now: () => now });
		await Promise.all([1, 2, 3].map(async () => await store.get(grant(), transport)));
		now += 3_600_000;
		await store.get(grant(), transport);
		const forms = requests.map(formOf);
		expect(forms.map(({ grant_type }) => grant_type)).toEqual([grantType, grantType]);
		expect(new Set(forms.map(({ assertion }) => assertion)).size).toBe(2);
	});
});

describe('a refusal', () => {
	const refused = async (data: Record<string, unknown>, body: unknown, status = 400) => {
		const { transport, requests } = answering(answered(status, body));
		const result = await obtainToken(grant(data), undefined, { transport });
		if (result.ok) throw new Error('There is a token');
		return { ...result.fault, sent: formOf(requests[0]) };
	};

	it.each<[string, Record<string, unknown>, string, RegExp]>([
		['invalid_grant with a user', { subject: 'ada' }, 'invalid_grant', /Check that Subject .*Audience .*registered/],
		['invalid_grant without one', {}, 'invalid_grant', /Fill in Subject/],
		['consent_required', { subject: 'ada' }, 'consent_required', /approve this client once, in a browser/],
		['invalid_client without a secret', {}, 'invalid_client', /set Client Authentication Type/],
		[
			'invalid_client with one',
			{ clientAuthentication: 'body', clientSecret: 'the-secret' },
			'invalid_client',
			/Check Client ID and Client Secret/,
		],
	])('for %s says what to look at', async (_name, data, error, advice) => {
		expect((await refused(data, { error })).description).toMatch(advice);
	});

	it('shows nothing of the JWT or the secret, whatever the server repeats', async () => {
		const data = { subject: 'ada', clientAuthentication: 'body', clientSecret: 'the-secret' };
		let sent = '';
		const result = await obtainToken(grant(data), undefined, {
			transport: async (request) => {
				const form = formOf(request);
				sent = form.assertion ?? '';
				return answered(400, { error: 'invalid_grant', error_description: `no: ${sent} of ${form.client_secret}` });
			},
		});
		const shown = JSON.stringify(result);
		for (const part of [...sent.split('.'), 'the-secret']) expect(shown).not.toContain(part);
		expect(shown).toContain('no: ');
	});
});
