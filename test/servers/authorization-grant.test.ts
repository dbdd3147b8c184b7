/**
 * The JWT as authorization grant (RFC 7523 section 2.1) as Google, Salesforce, DocuSign and Box document it, over each way to
 * a token endpoint; jose verifies what arrives. And what must not leave: keys in the wrong field, JWTs to other servers.
 */
import { createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';

import { jwtVerify, type JWTHeaderParameters, type JWTPayload } from 'jose';

import { oAuth2CredentialTypes } from '../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../lib/oauth2/credential/readOAuth2Credential';
import { obtainToken } from '../../lib/oauth2/token/requestToken';
import type { TokenResult } from '../../lib/oauth2/token/token';
import { fail } from '../../lib/result/result';
import { HostileTokenServer } from '../support/oauth2/hostileTokenServer';
import { boxFile, googleFile } from '../support/oauth2/keyFiles';
import { tokenPaths } from '../support/oauth2/tokenPaths';
import { secretForms } from '../unit/keys/canaries';
import { keyFor, pkcs8, rsaCertificate, rsaKey } from '../unit/keys/fixtures';

/** One token request whose JWT jose has verified. */
interface Asked {
	header: JWTHeaderParameters;
	claims: JWTPayload;
	form: Record<string, string>;
	authorization?: string;
}

/** Why a server refuses a request; undefined when it gives a token. */
type Rule = (asked: Asked) => string | undefined;

const publicKey = createPublicKey(rsaKey);
const life = ({ exp = 0, iat = 0 }: JWTPayload) => exp - iat;
const names = (value: object) => Object.keys(value).sort().join(' ');
/** The first of these that does not hold, by its name. */
const firstUnmet = (rules: Record<string, boolean>) => Object.entries(rules).find(([, holds]) => !holds)?.[0];

let server: HostileTokenServer;
let elsewhere: HostileTokenServer;
let asked: Asked[] = [];

/** A token server that verifies the JWT, takes each `jti` once, and then asks its own rule. */
function serve(rule: Rule) {
	const seen = new Set<string>();
	asked = [];
	server.behave((response, request) => {
		const answer = (status: number, body: object) =>
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
		const form = Object.fromEntries(new URLSearchParams(request.body));
		const refuse = (error_description: string) => answer(400, { error: 'invalid_grant', error_description });
		if (form.grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return refuse('grant_type');
		return jwtVerify(form.assertion ?? '', publicKey, { algorithms: ['RS256'], requiredClaims: ['iss', 'aud', 'exp'] })
			.then(({ protectedHeader: header, payload: claims }) => {
				const one = { header, claims, form, authorization: request.headers.authorization };
				if (seen.has(claims.jti ?? '')) return refuse('replayed');
				seen.add(claims.jti ?? '');
				asked.push(one);
				const reason = rule(one);
				return reason === undefined
					? answer(200, {
							access_token: `token of ${claims.sub ?? claims.iss}`,
							token_type: 'Bearer',
							expires_in: 3600,
						})
					: refuse(reason);
			})
			.catch((error: Error) => refuse(error.message));
	});
}

/** https://developers.google.com/identity/protocols/oauth2/service-account, "Preparing to make an authorized API call". */
const google: Rule = ({ header, claims, form, authorization }) =>
	firstUnmet({
		'header: alg, typ, kid': names(header) === 'alg kid typ' && header.typ === 'JWT',
		'iss: the service account': claims.iss === googleFile().client_email,
		'aud: the token URL, as a text': claims.aud === server.url,
		'exp: at most an hour after iat': life(claims) > 0 && life(claims) <= 3600,
		'scope: in the JWT': claims['scope'] === 'https://www.googleapis.com/auth/pubsub',
		'sub: a user of the domain, or none': claims.sub === undefined || claims.sub === 'ada@example.com',
		'request: grant_type and assertion': names(form) === 'assertion grant_type' && authorization === undefined,
	});

/** https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm */
const salesforce: Rule = ({ claims, form, authorization }) =>
	firstUnmet({
		'iss: the consumer key': claims.iss === 'consumer-key',
		'aud: the login URL': claims.aud === 'https://login.salesforce.com',
		'sub: the user name': claims.sub === 'ada@example.com',
		'exp: within 3 minutes': life(claims) > 0 && life(claims) <= 180,
		'request: grant_type and assertion': names(form) === 'assertion grant_type' && authorization === undefined,
	});

/** https://developers.docusign.com/platform/auth/jwt-get-token */
const docuSign: Rule = ({ claims }) =>
	firstUnmet({
		'iss: the integration key': claims.iss === '7c2b8d7e-0000-4000-8000-83b1a9b1e3f0',
		'sub: the user ID': claims.sub === '464f7988-0000-4000-8000-781ee556ab7a',
		'aud: the host without https://': claims.aud === 'account-d.docusign.com',
		'scope: in the JWT': claims['scope'] === 'signature impersonation',
	});

/** https://developer.box.com/guides/authentication/jwt/without-sdk */
const box: Rule = ({ header, claims, form, authorization }) =>
	firstUnmet({
		'kid: the public key ID': header.kid === 'abcd1234',
		'iss: the client ID': claims.iss === 'box-client',
		'sub and box_sub_type':
			`${claims.sub} ${String(claims['box_sub_type'])}` === '1234567 enterprise' ||
			`${claims.sub} ${String(claims['box_sub_type'])}` === '987 user',
		'aud: the token URL': claims.aud === 'https://api.box.com/oauth2/token',
		'jti: 16 to 128 characters': /^.{16,128}$/.test(claims.jti ?? ''),
		'exp: at most 60 seconds': life(claims) > 0 && life(claims) <= 60,
		'client: ID and secret in the body':
			form.client_id === 'box-client' && form.client_secret === 'box-secret' && authorization === undefined,
	});

const read = (data: Record<string, unknown>) =>
	readOAuth2Credential(oAuth2CredentialTypes.clientCredentialsJwt, { jwtUse: 'authorizationGrant', ...data });

beforeAll(async () => {
	server = await HostileTokenServer.start();
	elsewhere = await HostileTokenServer.start();
	elsewhere.answer(200, { access_token: 'from elsewhere', token_type: 'Bearer' });
});
afterAll(async () => await Promise.all([server.close(), elsewhere.close()]));

describe.each(tokenPaths)('%s', (_path, transportOf) => {
	async function ask(data: Record<string, unknown>): Promise<TokenResult> {
		const credential = read(data);
		if (!credential.ok) throw new Error(credential.fault.message);
		return await obtainToken(credential.value, undefined, { transport: transportOf() });
	}
	const tokenOf = async (data: Record<string, unknown>) => {
		const result = await ask(data);
		return result.ok ? result.value.accessToken : result.fault.message;
	};

	it("Google: the key file and a scope; with a subject, the user's token", async () => {
		serve(google);
		const file = JSON.stringify(googleFile({ token_uri: server.url }), null, 2);
		const data = { privateKey: file, scope: 'https://www.googleapis.com/auth/pubsub' };
		expect(await tokenOf(data)).toBe(`token of ${googleFile().client_email}`);
		expect(await tokenOf({ ...data, subject: 'ada@example.com' })).toBe('token of ada@example.com');
		expect(asked.map(({ claims }) => names(claims))).toEqual([
			'aud exp iat iss jti scope',
			'aud exp iat iss jti scope sub',
		]);
		expect(await tokenOf({ ...data, subject: 'eve@elsewhere.example' })).toContain('sub: a user of the domain');
	});

	it('Salesforce: consumer key, user name and login URL', async () => {
		serve(salesforce);
		const data = {
			accessTokenUrl: server.url,
			clientId: 'consumer-key',
			subject: 'ada@example.com',
			audience: 'https://login.salesforce.com',
			privateKey: pkcs8(rsaKey),
			expiryMode: 'fixed',
		};
		expect(await tokenOf(data)).toBe('token of ada@example.com');
		expect(await tokenOf({ ...data, expiresIn: 181 })).toContain('exp: within 3 minutes');
		expect(await tokenOf({ ...data, subject: '' })).toContain('sub: the user name');
	});

	it('DocuSign: integration key, user ID and a host as audience', async () => {
		serve(docuSign);
		const data = {
			accessTokenUrl: server.url,
			clientId: '7c2b8d7e-0000-4000-8000-83b1a9b1e3f0',
			subject: '464f7988-0000-4000-8000-781ee556ab7a',
			audience: 'account-d.docusign.com',
			scope: 'signature impersonation',
			privateKey: pkcs8(rsaKey),
		};
		expect(await tokenOf(data)).toBe('token of 464f7988-0000-4000-8000-781ee556ab7a');
		expect(await tokenOf({ ...data, scopeLocation: 'assertion' })).toContain('token of');
		expect(asked.map(({ form }) => form.scope)).toEqual(['signature impersonation', undefined]);
		expect(await tokenOf({ ...data, audience: '' })).toContain('aud: the host without https://');
	});

	it('Box: the configuration file, for the enterprise and for a user', async () => {
		serve(box);
		const file = JSON.stringify(boxFile());
		const credential = (data: object) => {
			const made = read({ privateKey: file, ...data });
			if (!made.ok) throw new Error(made.fault.message);
			// The file has no URL, and Box's is not to be asked from here.
			return { ...made.value, accessTokenUrl: server.url };
		};
		for (const [data, owner] of [
			[{}, '1234567'],
			[{ subject: '987' }, '987'],
		] as const) {
			const result = await obtainToken(credential(data), undefined, { transport: transportOf() });
			expect(result).toMatchObject({ ok: true, value: { accessToken: `token of ${owner}` } });
		}
	});

	it('a JWK Set with an encryption key first: the key that may sign does', async () => {
		serve(({ header }) => firstUnmet({ 'kid: that of the key': header.kid === '2026-01' }));
		const jwk = (key: typeof rsaKey, members: object) => ({ ...key.export({ format: 'jwk' }), ...members });
		const keys = [
			jwk(rsaKey, { use: 'enc', kid: 'enc' }),
			jwk(keyFor.ES256, { kid: 'ec' }),
			jwk(rsaKey, { kid: '2026-01', use: 'sig' }),
		];
		const data = { accessTokenUrl: server.url, clientId: 'me', privateKey: JSON.stringify({ keys }) };
		expect(await tokenOf(data)).toBe('token of me');
		expect(await tokenOf({ ...data, keyId: 'enc' })).toContain('not for signing');
	});

	it.each([301, 302, 303, 307, 308])('a JWT does not follow a redirect (%i)', async (status) => {
		server.answer(status, '', { location: elsewhere.url });
		const data = { accessTokenUrl: server.url, clientId: 'me', privateKey: pkcs8(rsaKey) };
		const result = await ask(data);
		expect(result).toMatchObject({ ok: false, fault: { code: 'TOKEN', statusCode: status } });
		expect(elsewhere.requests).toEqual([]);
	});

	it('shows nothing of the JWT, the key or the secret that the server gives back', async () => {
		let sent = '';
		server.behave((response, request) => {
			sent = new URLSearchParams(request.body).get('assertion') ?? '';
			response.writeHead(400, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ error: 'invalid_grant', error_description: `${sent} ${request.body}` }));
		});
		const data = { clientAuthentication: 'body', clientId: 'me', clientSecret: 'a-secret-that-must-not-show' };
		const result = await ask({ ...data, accessTokenUrl: server.url, privateKey: pkcs8(rsaKey) });
		expect(result.ok).toBe(false);
		const shown = inspect(result, { depth: Infinity, showHidden: true });
		expect(sent.split('.')).toHaveLength(3);
		for (const hidden of [...sent.split('.'), 'a-secret-that-must-not-show', ...secretForms([pkcs8(rsaKey)])]) {
			expect(shown).not.toContain(hidden);
		}
	});

	it('sends the values of Secret Parameters, and shows them to nobody', async () => {
		const value = 'tenant value that must not show';
		server.behave((response, request) => {
			response.writeHead(400, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ error: 'invalid_request', error_description: request.body }));
		});
		const secretParameters = { parameters: [{ name: 'tenant', value }] };
		const result = await ask({
			accessTokenUrl: server.url,
			clientId: 'me',
			privateKey: pkcs8(rsaKey),
			secretParameters,
		});
		expect(new URLSearchParams(server.requests[0]?.body).get('tenant')).toBe(value);
		const shown = inspect(result, { depth: Infinity, showHidden: true });
		expect(shown).toContain('tenant=');
		for (const form of [value, encodeURIComponent(value), value.replaceAll(' ', '+')])
			expect(shown).not.toContain(form);
	});
});

it.each([
	['certificate', pkcs8(rsaKey) + rsaCertificate],
	['previousPublicKey', pkcs8(rsaKey)],
	['keyId', pkcs8(rsaKey)],
	['additionalClaims', JSON.stringify({ key: pkcs8(rsaKey) })],
])('a private key in %s is refused before anything is asked', (field, value) => {
	const credential = read({ accessTokenUrl: server.url, clientId: 'me', privateKey: pkcs8(rsaKey), [field]: value });
	expect(credential).toEqual(
		fail({
			message: expect.stringContaining('contains a private key') as string,
			description: expect.stringContaining('Remove it: n8n stores and shows that field') as string,
		}),
	);
});
