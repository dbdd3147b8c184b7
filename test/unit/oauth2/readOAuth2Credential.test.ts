import { oAuth2CredentialTypes } from '../../../credentials/oauth2/oAuth2Credential';
import { readOAuth2Credential } from '../../../credentials/oauth2/readOAuth2Credential';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../support/oauth2/credentials';

const common = {
	accessTokenUrl: TOKEN_URL,
	clientId: 'my-app',
	scope: '',
	tokenRequestFormat: 'form',
	additionalParameters: [],
	accessTokenPath: 'access_token',
	refreshTokenPath: 'refresh_token',
	expiry: { mode: 'response', path: 'expires_in', secondsPerUnit: 1 },
	tokenTypeCheck: 'strict',
	expiredStatusCodes: [401],
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
			clientSecret: 'client-secret',
			clientAuthentication: 'header',
			clientEncoding: 'form',
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
		[{ expiryMode: 'fixed', expiryValue: 2, expiryUnit: 'hours' }, { mode: 'fixed', seconds: 7200 }],
		[{ expiryMode: 'fixed', expiryValue: '3', expiryUnit: 'days' }, { mode: 'fixed', seconds: 259_200 }],
		[{ expiryPath: 'data.ttl', expiryUnit: 'minutes' }, { mode: 'response', path: 'data.ttl', secondsPerUnit: 60 }],
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
		[['x5c', 'x5t#S256'], ['x5t#S256', 'x5c']],
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
		['password', { refreshTokenUrl: 'https://u:p@a.example/t' }, 'Refresh Token URL holds a user name or password'],
		['password', { username: ' ' }, 'Username is empty'],
		['password', { password: '' }, 'Password is empty'],
		['password', { clientId: '' }, 'Client ID is empty'],
		['clientCredentials', { clientId: '' }, 'Client ID is empty'],
		['clientCredentials', { clientSecret: '' }, 'Client Secret is empty'],
		['clientCredentials', { clientId: 'a:b', clientEncoding: 'raw' }, 'Client ID holds a colon'],
		['clientCredentials', { clientSecret: 'a\nb', clientEncoding: 'raw' }, 'Client ID or Client Secret holds a control character'],
		['clientCredentials', { clientAuthentication: 'both' }, 'Client Authentication Type has an unknown value'],
		['clientCredentials', { tokenRequestFormat: 'xml' }, 'Token Request Format has an unknown value'],
		['clientCredentials', { tokenTypeCheck: 'none' }, 'Token Type Check has an unknown value'],
		['clientCredentials', { expiryMode: 'fixed', expiryValue: 0 }, 'Expiry Value is out of range'],
		['clientCredentials', { expiryMode: 'fixed', expiryValue: 'soon' }, 'Expiry Value is out of range'],
		['clientCredentials', { expiryUnit: 'weeks' }, 'Expiry Unit has an unknown value'],
		['clientCredentials', { expiredStatusCodes: '401 and more' }, 'Expired Token Status Codes holds something else than status codes'],
		['clientCredentials', { expiredStatusCodes: '200' }, 'Expired Token Status Codes holds something else than status codes'],
		['clientCredentials', { headerName: 'X Token' }, 'Header Name is not a header name'],
		['clientCredentials', { headerPrefix: 'Bea\nrer' }, 'Header Prefix holds a character that a header cannot carry'],
		['clientCredentials', { additionalParameters: { parameters: [{ name: 'Grant_Type', value: 'x' }] } }, 'Additional Parameters holds grant_type'],
		['clientCredentials', { additionalParameters: { parameters: [{ name: 'client_secret', value: 'x' }] } }, 'Additional Parameters holds client_secret'],
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
		expect(result).toMatchObject({ ok: false, fault: { code: 'TOKEN', retryable: false, message } });
		const text = JSON.stringify(result);
		for (const secret of ['client-secret', 'user-password']) expect(text).not.toContain(secret);
	});

	it('names the endpoint without what is secret in its URL', () => {
		const accessTokenUrl = 'https://ada:pass@login.example.com/t?key=1';
		expect(readOAuth2Credential(oAuth2CredentialTypes.password, { ...complete, accessTokenUrl })).toMatchObject({
			fault: { endpoint: 'https://login.example.com/t' },
		});
	});

	it('refuses a credential of another type, inherited names included', () => {
		expect(readOAuth2Credential('oAuth2Api', complete)).toMatchObject({ ok: false });
		expect(readOAuth2Credential('constructor', complete)).toMatchObject({ ok: false });
	});
});
