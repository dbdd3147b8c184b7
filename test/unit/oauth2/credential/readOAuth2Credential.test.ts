import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { fail } from '../../../../lib/result/result';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../../support/oauth2/credentials';

const common = {
	accessTokenUrl: TOKEN_URL,
	issuerUrl: '',
	clientId: 'my-app',
	scope: '',
	customGrantType: '',
	tokenRequestMethod: 'POST',
	tokenRequestFormat: 'form',
	additionalParameters: [],
	secretParameters: [],
	tokenRequestHeaders: [],
	tokenLocation: 'json',
	accessTokenPath: 'access_token',
	accessTokenHeader: '',
	refreshTokenPath: 'refresh_token',
	expiry: { mode: 'response', path: 'expires_in', secondsPerUnit: 1 },
	tokenTypeCheck: 'strict',
	tokenBinding: 'none',
	expiredStatusCodes: [401],
	expiredWhen: [],
	responseFields: [],
	headerName: 'Authorization',
	headerPrefix: 'Bearer',
	allowedDomains: undefined,
};

describe('what is read when only the needed fields are filled in', () => {
	it('password', () => {
		expect(passwordCredential()).toEqual({
			...common,
			grant: 'password',
			refreshTokenUrl: TOKEN_URL,
			scopeOnRefresh: false,
			clientSecret: 'client-secret',
			clientAuthentication: 'header',
			clientEncoding: 'form',
			sendEmptySecret: false,
			username: 'ada',
			password: 'user-password',
		});
	});

	it('client credentials', () => {
		expect(clientCredential()).toEqual({
			...common,
			grant: 'clientCredentials',
			clientSecret: 'client-secret',
			clientAuthentication: 'header',
			clientEncoding: 'form',
			sendEmptySecret: false,
		});
	});

	it('client credentials with JWT', () => {
		expect(jwtCredential({ privateKey: 'key' })).toEqual({
			...common,
			grant: 'clientCredentialsJwt',
			privateKey: 'key',
			passphrase: '',
			previousPublicKey: '',
			algorithm: 'RS256',
			keyId: '',
			headerType: 'JWT',
			contentType: '',
			critical: [],
			issuer: 'my-app',
			subject: 'my-app',
			audience: TOKEN_URL,
			expiresIn: 60,
			useIssuedAt: true,
			jwtId: '',
			additionalClaims: {},
			certificate: '',
			certificateHeaders: ['x5t#S256'],
		});
	});
});

describe('what is read of filled fields', () => {
	it('trims URLs and scopes, and leaves IDs and secrets as they are', () => {
		const credential = clientCredential({
			accessTokenUrl: ` ${TOKEN_URL}\n`,
			clientId: ' my app ',
			clientSecret: ' secret ',
			scope: '  read \n write ',
		});
		expect(credential).toMatchObject({
			accessTokenUrl: TOKEN_URL,
			clientId: ' my app ',
			clientSecret: ' secret ',
			scope: 'read write',
		});
	});

	it('keeps the order of additional parameters, repeats included, and drops those without a name', () => {
		const parameters = [
			{ name: 'resource', value: 'https://a.example' },
			{ name: ' audience ', value: 'x' },
			{ name: '', value: 'lost' },
			{ name: 'resource', value: 'https://b.example' },
		];
		expect(clientCredential({ additionalParameters: { parameters } }).additionalParameters).toEqual([
			['resource', 'https://a.example'],
			['audience', 'x'],
			['resource', 'https://b.example'],
		]);
	});

	it.each([
		[{ expiryMode: 'never' }, { mode: 'never' }],
		[
			{ expiryMode: 'fixed', expiryValue: 2, expiryUnit: 'hours' },
			{ mode: 'fixed', seconds: 7200 },
		],
		[
			{ expiryMode: 'fixed', expiryValue: '3', expiryUnit: 'days' },
			{ mode: 'fixed', seconds: 259_200 },
		],
		[
			{ expiryPath: 'data.ttl', expiryUnit: 'minutes' },
			{ mode: 'response', path: 'data.ttl', secondsPerUnit: 60 },
		],
	])('reads the expiry %j', (data, expiry) => {
		expect(clientCredential(data).expiry).toEqual(expiry);
	});

	it.each([
		['', TOKEN_URL],
		['https://issuer.example/', 'https://issuer.example/'],
		['["https://issuer.example/"]', 'https://issuer.example/'],
		['https://a.example https://b.example', ['https://a.example', 'https://b.example']],
		['["https://a.example", "urn:b c"]', ['https://a.example', 'urn:b c']],
	])('reads the audience %p: a single one is a text', (audience, expected) => {
		expect(jwtCredential({ audience }).audience).toEqual(expected);
	});

	it.each([
		['', []],
		['exp, aud', ['exp', 'aud']],
		['["exp","aud"]', ['exp', 'aud']],
	])('reads crit %p', (critical, expected) => {
		expect(jwtCredential({ critical }).critical).toEqual(expected);
	});

	it('reads claims from JSON text and from an object', () => {
		expect(jwtCredential({ additionalClaims: '{"tenant": "acme"}' }).additionalClaims).toEqual({ tenant: 'acme' });
		expect(jwtCredential({ additionalClaims: { tenant: 'acme' } }).additionalClaims).toEqual({ tenant: 'acme' });
	});

	it.each([
		['401, 403', [401, 403]],
		['400;401 407', [400, 401, 407]],
		[403, [403]],
		['', []],
	])('reads the status codes %p', (expiredStatusCodes, expected) => {
		expect(clientCredential({ expiredStatusCodes }).expiredStatusCodes).toEqual(expected);
	});

	it.each([
		[undefined, ['x5t#S256']],
		[['x5t'], ['x5t']],
		[
			['x5c', 'x5t#S256'],
			['x5t#S256', 'x5c'],
		],
		['x5c, x5t', ['x5t', 'x5c']],
		[' ', ['x5t#S256']],
		[[], []],
	])('reads the certificate headers %j', (certificateHeaders, expected) => {
		expect(jwtCredential({ certificateHeaders }).certificateHeaders).toEqual(expected);
	});

	it('lets the header prefix be empty', () => {
		expect(clientCredential({ headerPrefix: '' }).headerPrefix).toBe('');
	});

	it('reads the domains that n8n restricts the credential to', () => {
		const domains = { allowedHttpRequestDomains: 'domains', allowedDomains: 'login.example.com, *.example.org' };
		expect(clientCredential(domains).allowedDomains).toEqual(['login.example.com', '*.example.org']);
		expect(clientCredential({ ...domains, allowedHttpRequestDomains: 'none' }).allowedDomains).toBeUndefined();
	});

	it('keeps the order and the letter case of token request headers, trims them, and drops blank rows', () => {
		const parameters = [
			{ name: ' X-Api-Key ', value: ' a key \t' },
			{ name: '', value: ' ' },
			{ name: 'apikey', value: 42 },
		];
		for (const credential of [passwordCredential, clientCredential, jwtCredential]) {
			expect(credential({ tokenRequestHeaders: { parameters } }).tokenRequestHeaders).toEqual([
				['X-Api-Key', 'a key'],
				['apikey', '42'],
			]);
		}
	});

	it.each([
		[clientCredential({ clientSecret: '', sendEmptySecret: true })],
		[clientCredential({ clientSecret: '', sendEmptySecret: true, clientAuthentication: 'body' })],
		[passwordCredential({ clientSecret: '', sendEmptySecret: true })],
	])('lets the secret be empty when it is sent anyway: %#', (credential) => {
		expect(credential).toMatchObject({ clientSecret: '', sendEmptySecret: true });
	});

	it('lets a client of the password grant have no secret, or not be there at all', () => {
		expect(passwordCredential({ clientSecret: '' })).toMatchObject({ clientId: 'my-app', clientSecret: '' });
		expect(passwordCredential({ clientId: '', clientSecret: '' })).toMatchObject({ clientId: '', clientSecret: '' });
	});
});

describe('bad input gets a clear message', () => {
	const complete = {
		accessTokenUrl: TOKEN_URL,
		clientId: 'my-app',
		clientSecret: 'client-secret',
		username: 'ada',
		password: 'user-password',
		privateKey: 'key',
	};

	it.each([
		['password', { accessTokenUrl: '' }, 'Access Token URL is empty'],
		['password', { accessTokenUrl: 'token' }, 'Access Token URL is not a URL'],
		['password', { accessTokenUrl: 'http://a.example/t' }, 'Access Token URL is not encrypted'],
		['password', { refreshTokenUrl: 'http://a.example/t' }, 'Refresh Token URL is not encrypted'],
		['password', { refreshTokenUrl: 'https://u:p@a.example/t' }, 'Refresh Token URL contains a user name or password'],
		['password', { username: ' ' }, 'Username is empty'],
		['password', { password: '' }, 'Password is empty'],
		['password', { clientId: '' }, 'Client ID is empty'],
		['clientCredentials', { clientId: '' }, 'Client ID is empty'],
		['clientCredentials', { clientSecret: '' }, 'Client Secret is empty'],
		['clientCredentials', { clientSecret: '', sendEmptySecret: false }, 'Client Secret is empty'],
		['clientCredentials', { clientId: '', clientSecret: '', sendEmptySecret: true }, 'Client ID is empty'],
		['password', { clientId: '', clientSecret: '', sendEmptySecret: true }, 'Client ID is empty'],
		['clientCredentials', { clientId: 'a:b', clientEncoding: 'raw' }, 'Client ID contains a colon'],
		[
			'password',
			{ clientId: 'a:b', clientSecret: '', clientEncoding: 'raw', sendEmptySecret: true },
			'Client ID contains a colon',
		],
		[
			'clientCredentials',
			{ clientSecret: 'a\nb', clientEncoding: 'raw' },
			'Client ID or Client Secret contains a control character',
		],
		['clientCredentials', { clientAuthentication: 'both' }, 'Client Authentication Type has an unknown value'],
		['clientCredentials', { tokenRequestFormat: 'xml' }, 'Token Request Format has an unknown value'],
		['clientCredentials', { tokenTypeCheck: 'none' }, 'Token Type Check has an unknown value'],
		['clientCredentials', { expiryMode: 'fixed', expiryValue: 0 }, 'Expiry Value is out of range'],
		['clientCredentials', { expiryMode: 'fixed', expiryValue: 'soon' }, 'Expiry Value is out of range'],
		['clientCredentials', { expiryUnit: 'weeks' }, 'Expiry Unit has an unknown value'],
		[
			'clientCredentials',
			{ expiredStatusCodes: '401 and more' },
			'Expired Token Status Codes contains something other than status codes',
		],
		[
			'clientCredentials',
			{ expiredStatusCodes: '200' },
			'Expired Token Status Codes contains something other than status codes',
		],
		['clientCredentials', { headerName: 'X Token' }, 'Header Name is not a header name'],
		['clientCredentials', { headerPrefix: 'Bea\nrer' }, 'Header Prefix contains a character that a header cannot have'],
		[
			'clientCredentials',
			{ additionalParameters: { parameters: [{ name: 'Grant_Type', value: 'x' }] } },
			'Additional Parameters contains grant_type',
		],
		[
			'clientCredentials',
			{ additionalParameters: { parameters: [{ name: 'client_secret', value: 'x' }] } },
			'Additional Parameters contains client_secret',
		],
		['clientCredentials', { allowedHttpRequestDomains: 'domains' }, 'Allowed Domains is empty'],
		['clientCredentialsJwt', { privateKey: '' }, 'Private Key is empty'],
		['clientCredentialsJwt', { algorithm: 'none' }, 'Algorithm has an unknown value'],
		['clientCredentialsJwt', { expiresIn: 0 }, 'Assertion Lifetime is out of range'],
		['clientCredentialsJwt', { expiresIn: 1e9 }, 'Assertion Lifetime is out of range'],
		['clientCredentialsJwt', { additionalClaims: '[1]' }, 'Additional Claims is not a JSON object'],
		['clientCredentialsJwt', { additionalClaims: '{"a":' }, 'Additional Claims is not a JSON object'],
		['clientCredentialsJwt', { critical: '["exp", 1]' }, 'Critical (crit) is not a list'],
		['clientCredentialsJwt', { audience: '["a"' }, 'Audience is not a list'],
		['clientCredentialsJwt', { certificateHeaders: ['x5u'] }, 'Certificate Headers has an unknown value'],
	] as const)('%s %j: %s', (grant, data, message) => {
		const result = readOAuth2Credential(oAuth2CredentialTypes[grant], { ...complete, ...data });
		expect(result).toEqual(fail({ message, description: expect.any(String) as string }));
		const text = JSON.stringify(result);
		for (const secret of ['client-secret', 'user-password']) expect(text).not.toContain(secret);
	});

	describe.each(Object.values(oAuth2CredentialTypes))('token request headers of %s', (type) => {
		const faultOf = (...parameters: Array<{ name: unknown; value: unknown }>) => {
			const result = readOAuth2Credential(type, { ...complete, tokenRequestHeaders: { parameters } });
			if (result.ok) throw new Error('It was read');
			expect(Object.keys(result.fault)).toEqual(['message', 'description']);
			expect(`${result.fault.message} ${result.fault.description}`).not.toContain('gateway-key');
			return result.fault.message;
		};

		it.each(['X Api Key', 'X-Api-Key: gateway-key', 'Schlüssel', 'X-Api-Key\r\nHost', '"x"', ':authority'])(
			'the name %j is none',
			(name) => {
				expect(faultOf({ name, value: 'gateway-key' })).toBe('Header 1 in Token Request Headers has an invalid name');
			},
		);

		it.each([
			'authorization',
			'Authorization',
			'CONTENT-TYPE',
			'Content-Length',
			'content-encoding',
			'Host',
			'accept',
			'Accept-Encoding',
			'user-agent',
			'Connection',
			'Keep-Alive',
			'Transfer-Encoding',
			'TE',
			'Trailer',
			'Upgrade',
			'Expect',
			'Proxy-Authorization',
			'Proxy-Connection',
		])('%s is set by the request itself', (name) => {
			expect(faultOf({ name, value: 'gateway-key' })).toBe(
				`Token Request Headers must not contain ${name.toLowerCase()}`,
			);
		});

		it.each([
			'gateway-key\r\nX-Injected: yes',
			'gateway-key\n',
			'\ngateway-key',
			'gateway-key\u0000',
			'gateway-key\u007f',
			'gateway-key\u00fc',
			'gateway-key\u{1F511}',
		])('the value %j cannot go in a header', (value) => {
			expect(faultOf({ name: 'X-Tenant', value: 'acme' }, { name: 'X-Api-Key', value })).toMatch(
				/^Header 2 in .* has a value with line breaks/,
			);
		});

		it('wants name and value, and each name once', () => {
			expect(faultOf({ name: ' ', value: 'gateway-key' })).toBe('Header 1 in Token Request Headers has no name');
			for (const value of ['', ' \t', null, true]) {
				expect(faultOf({ name: 'X-Api-Key', value })).toBe('Header 1 in Token Request Headers has no value');
			}
			expect(faultOf({ name: 'X-Api-Key', value: 'gateway-key' }, { name: 'x-api-key', value: 'gateway-key' })).toBe(
				'Header 2 in Token Request Headers has the name of another header',
			);
		});
	});

	it('shows nothing of what is secret in a URL', () => {
		const accessTokenUrl = 'https://ada:url-password@login.example.com/t?key=url-key';
		const result = readOAuth2Credential(oAuth2CredentialTypes.password, { ...complete, accessTokenUrl });
		expect(result).toMatchObject(fail({ message: 'Access Token URL contains a user name or password' }));
		expect(JSON.stringify(result)).not.toMatch(/ada|url-password|url-key/);
	});

	it('refuses a credential of another type, inherited names included', () => {
		expect(readOAuth2Credential('oAuth2Api', complete)).toMatchObject({ ok: false });
		expect(readOAuth2Credential('constructor', complete)).toMatchObject({ ok: false });
	});
});
