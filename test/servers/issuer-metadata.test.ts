import { inspect } from 'node:util';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import { credentialTests } from '../../credentials/n8n/credentialTests';
import { MetadataStore, metadataStore } from '../../lib/oauth2/token/metadataStore';
import { obtainToken } from '../../lib/oauth2/token/requestToken';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { fakeDeadlines } from '../support/fakeDeadlines';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { clientCredential, jwtCredential } from '../support/oauth2/credentials';
import { hostileMetadata, Issuers } from '../support/oauth2/issuers';
import { credentialTestHelpers, tokenPaths } from '../support/oauth2/tokenPaths';

/** Token endpoints from the metadata of a real server and of hostile ones, over all three ways to them. */

const SECRET = 'a-secret-that-must-not-show';

let oidc: OidcProviderServer;
let issuers: Issuers;
let key: Awaited<ReturnType<typeof newKey>>;
beforeAll(async () => {
	key = await newKey('ES256');
	[oidc, issuers] = await Promise.all([
		startOidcProvider({
			clients: [
				{ client_id: 'with-secret', client_secret: SECRET },
				{ client_id: 'in-body', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
				{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks },
			],
		}),
		Issuers.start(),
	]);
}, 30_000);
beforeEach(() => {
	oidc.forget();
	issuers.server.requests.length = 0;
	issuers.more = {};
});
afterEach(() => jest.useRealTimers());
afterAll(async () => await Promise.all([oidc?.stop(), issuers?.server.close()]));

const byIssuer = (issuerUrl: string, more: Record<string, unknown> = {}) => ({
	accessTokenUrl: '',
	issuerUrl,
	clientId: 'with-secret',
	clientSecret: SECRET,
	...more,
});
const withKey = () => ({
	clientId: 'with-key',
	algorithm: 'ES256',
	keyId: key.keyId,
	privateKey: key.encryptedPrivateKey,
	passphrase: PASSPHRASE,
});

describe.each(tokenPaths)('%s', (_path, transportOf) => {
	const tools = () => ({ transport: transportOf(), metadata: new MetadataStore() });

	it('gets tokens of oidc-provider by its issuer', async () => {
		const secret = await obtainToken(clientCredential(byIssuer(oidc.issuer)), undefined, tools());
		expect(secret).toMatchObject({ ok: true, value: { tokenType: 'Bearer' } });
		// The default audience is the token endpoint, which this server verifies.
		const jwt = await obtainToken(jwtCredential(byIssuer(oidc.issuer, withKey())), undefined, tools());
		expect(jwt).toMatchObject({ ok: true, value: { tokenType: 'Bearer' } });
		expect(oidc.requests()).toMatchObject([
			{ clientAuthentication: 'header', status: 200 },
			{ clientAuthentication: 'assertion', status: 200 },
		]);
	});

	it('takes the issuer of oidc-provider to the letter', async () => {
		const result = await obtainToken(clientCredential(byIssuer(`${oidc.issuer}/`)), undefined, tools());
		expect(result).toMatchObject({
			ok: false,
			fault: { message: expect.stringMatching(/belongs to the issuer \S+, not to \S+\/$/) as string },
		});
		expect(oidc.requests()).toEqual([]);
	});

	it.each(Object.keys(hostileMetadata))('sends nothing for the hostile issuer %s', async (realm) => {
		const result = await obtainToken(clientCredential(byIssuer(issuers.issuer(realm))), undefined, tools());
		expect(result).toMatchObject({
			ok: false,
			fault: { code: 'TOKEN', message: expect.stringMatching(hostileMetadata[realm]!.what) as string },
		});
		expect(inspect(result, { depth: Infinity, showHidden: true })).not.toContain(SECRET);
		expect(issuers.paths('token')).toEqual([]);
		// A redirect leads nowhere.
		expect(issuers.paths('good')).toEqual([]);
	});

	it('gives up after 10 s where the metadata never ends', async () => {
		fakeDeadlines();
		let dripping: NodeJS.Timeout | undefined;
		const begun = new Promise<void>((resolve) => {
			hostileMetadata.drip = {
				act: (response) => {
					response.writeHead(200, { 'content-type': 'application/json' });
					dripping = setInterval(() => {
						response.write(' ');
						resolve();
					}, 5);
				},
				what: /./,
			};
		});
		const result = obtainToken(clientCredential(byIssuer(issuers.issuer('drip'))), undefined, tools());
		await begun;
		jest.advanceTimersByTime(10_000);
		expect(await result).toMatchObject({
			ok: false,
			fault: {
				transportCode: 'TIMEOUT',
				retryable: true,
				message: expect.stringContaining('No response from the metadata URL') as string,
			},
		});
		clearInterval(dripping);
		delete hostileMetadata.drip;
	});
});

describe('the test of a credential form', () => {
	type TestName = keyof typeof credentialTests;
	const context = { helpers: credentialTestHelpers } as ICredentialTestFunctions;
	const test = async (data: object, name: TestName = 'webhookDispatchOAuth2ClientCredentialsTest') =>
		await credentialTests[name].call(context, {
			id: '1',
			name: 'A credential',
			type: 'any',
			data: data as ICredentialDataDecryptedObject,
		});

	it('passes without an Access Token URL, and says no more than before where all that is set is listed', async () => {
		expect(await test(byIssuer(oidc.issuer))).toEqual({
			status: 'OK',
			message: expect.stringMatching(
				/^The server accepted client ID and secret: the token expires in \d+ s$/,
			) as string,
		});
		expect((await test(byIssuer(oidc.issuer, withKey()), 'webhookDispatchOAuth2JwtTest')).status).toBe('OK');
	});

	it('uses nothing that is stored, and stores nothing', async () => {
		metadataStore.clear();
		for (let round = 0; round < 2; round += 1) {
			expect((await test(byIssuer(issuers.issuer('good')))).status).toBe('OK');
		}
		expect(issuers.paths('.well-known')).toHaveLength(6);
		expect(inspect(metadataStore, { depth: Infinity, showHidden: true })).not.toContain('realms');
		expect(tokenStore.size).toBe(0);
	});

	it('shows what the server supports beside what is set when the client is refused', async () => {
		const { status, message } = await test(byIssuer(oidc.issuer, { clientSecret: 'wrong', scope: 'read other' }));
		expect(status).toBe('Error');
		expect(message).toMatch(/responded with 401 \(invalid_client/);
		expect(message).toContain(
			'. Client authentication: the server lists client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt; set is client_secret_basic. ',
		);
		expect(message).toMatch(/\. Grant type: the server lists client_credentials.*; set is client_credentials\. /);
		expect(message).toMatch(/\. Scope: the server lists .*read, write.*; set is other\. /);
		expect(message).toMatch(/\. Token Binding: the server lists DPoP; set is None$/);
		expect(message).not.toMatch(/\n|\.\./);
	});

	it('shows the algorithm of an assertion that is refused', async () => {
		const form = byIssuer(oidc.issuer, { ...withKey(), audience: 'https://wrong.example/' });
		const { message } = await test(form, 'webhookDispatchOAuth2JwtTest');
		expect(message).toMatch(/\. Algorithm: the server lists ES256, HS256, .*; set is ES256\. /);
	});

	it('goes on in sentences where the key cannot be used', async () => {
		const form = byIssuer(oidc.issuer, { ...withKey(), additionalClaims: '{"iss": "x"}' });
		const { message } = await test(form, 'webhookDispatchOAuth2JwtTest');
		expect(message).toMatch(/^Additional Claims sets .*[^.]\. Client authentication: the server lists /);
	});

	it('shows only differences when a token was given', async () => {
		issuers.more = {
			token_endpoint: `${issuers.issuer('good')}/other`,
			token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
			grant_types_supported: ['client_credentials'],
			scopes_supported: ['read'],
		};
		const form = byIssuer(issuers.issuer('good'), {
			accessTokenUrl: `${issuers.issuer('good')}/token`,
			scope: 'write',
		});
		expect(await test(form)).toEqual({
			status: 'OK',
			message:
				'The server accepted client ID and secret: the token expires in 3600 s. ' +
				`Token endpoint: the server lists ${issuers.issuer('good')}/other; set is ${issuers.issuer('good')}/token. ` +
				'Client authentication: the server lists client_secret_post, private_key_jwt; set is client_secret_basic',
		});
	});

	it.each(Object.keys(hostileMetadata))('reports what is wrong with the hostile issuer %s', async (realm) => {
		const issuer = issuers.issuer(realm);
		const alone = await test(byIssuer(issuer));
		expect(alone.status).toBe('Error');
		const [first = ''] = alone.message.split(/\. (?=[A-Z])/);
		expect(first).toMatch(hostileMetadata[realm]!.what);
		expect(issuers.paths('token')).toEqual([]);
		// With an Access Token URL the credential works all the same.
		const beside = await test(byIssuer(issuer, { accessTokenUrl: `${issuers.issuer('good')}/token` }));
		expect(beside.status).toBe('OK');
	});

	it('says what is wrong with an Issuer URL that is not needed', async () => {
		const accessTokenUrl = `${issuers.issuer('good')}/token`;
		expect((await test(byIssuer(issuers.issuer('html'), { accessTokenUrl }))).message).toMatch(
			/^The server accepted .*\. About Issuer URL: There is no metadata of the issuer .* a web page$/,
		);
	});
});
