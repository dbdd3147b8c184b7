import { compareMetadata } from '../../../../lib/oauth2/metadata/compareMetadata';
import { readMetadata } from '../../../../lib/oauth2/metadata/readMetadata';
import type { OAuth2Credential } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../../support/oauth2/credentials';

const ISSUER = 'https://login.example.com';

/** What a server says, over a document that has nothing but its endpoint. */
function metadata(document: object) {
	const read = readMetadata(JSON.stringify({ issuer: ISSUER, token_endpoint: TOKEN_URL, ...document }), ISSUER);
	if (!read.ok) throw new Error(read.fault.kind);
	return read.value;
}

const differences = (document: object, credential: OAuth2Credential) =>
	compareMetadata(metadata(document), credential, true);
const everything = (document: object, credential: OAuth2Credential) =>
	compareMetadata(metadata(document), credential, false);

const certificate = { tlsCertificate: 'a certificate', tlsPrivateKey: 'a key' };
const methods = (...names: string[]) => ({ token_endpoint_auth_methods_supported: names });

describe('client authentication', () => {
	it.each<[OAuth2Credential, string, string[]]>([
		[clientCredential(), 'client_secret_basic', ['client_secret_basic']],
		[clientCredential({ clientAuthentication: 'body' }), 'client_secret_post', ['client_secret_post']],
		[clientCredential({ clientAuthentication: 'secretJwt' }), 'client_secret_jwt', ['client_secret_jwt']],
		[passwordCredential({ clientSecret: '' }), 'none', ['none']],
		[jwtCredential(), 'private_key_jwt', ['private_key_jwt']],
		[
			jwtCredential({ jwtUse: 'authorizationGrant', clientAuthentication: 'body', clientSecret: 'x' }),
			'client_secret_post',
			['client_secret_post'],
		],
		[
			clientCredential({ clientAuthentication: 'tls', ...certificate }),
			'tls_client_auth or self_signed_tls_client_auth',
			['tls_client_auth', 'self_signed_tls_client_auth'],
		],
		[
			jwtCredential({ jwtUse: 'authorizationGrant', clientAuthentication: 'tls', ...certificate }),
			'tls_client_auth or self_signed_tls_client_auth',
			['tls_client_auth', 'self_signed_tls_client_auth'],
		],
		[
			passwordCredential({ clientSecret: '', tokenBinding: 'tls', ...certificate }),
			'tls_client_auth or self_signed_tls_client_auth or none',
			['tls_client_auth', 'self_signed_tls_client_auth', 'none'],
		],
	])('%#: set is %s', (credential, set, good) => {
		const binds = { tls_client_certificate_bound_access_tokens: true };
		for (const method of good) expect(differences({ ...methods('other', method), ...binds }, credential)).toEqual([]);
		expect(differences({ ...methods('other', 'another'), ...binds }, credential)).toEqual([
			`Client authentication: the server lists other, another; set is ${set}`,
		]);
	});

	it('is client_secret_basic when the server lists nothing (RFC 8414 section 2)', () => {
		expect(differences({}, clientCredential())).toEqual([]);
		expect(differences({}, clientCredential({ clientAuthentication: 'body' }))).toEqual([
			'Client authentication: the server lists no methods, which means client_secret_basic; set is client_secret_post',
		]);
	});

	it.each(['none', 'id'])('(%s) beside a grant is not compared', (clientAuthentication) => {
		const credential = jwtCredential({ jwtUse: 'authorizationGrant', clientAuthentication });
		expect(everything(methods('private_key_jwt'), credential)).toEqual([]);
	});
});

describe('other settings', () => {
	const basic = methods('client_secret_basic', 'client_secret_jwt', 'private_key_jwt');
	const algorithms = { token_endpoint_auth_signing_alg_values_supported: ['RS256', 'HS256'] };
	const grants = { grant_types_supported: ['authorization_code', 'client_credentials'] };
	const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

	it.each<[object, OAuth2Credential, string[]]>([
		[algorithms, jwtCredential({ algorithm: 'RS256' }), []],
		[algorithms, jwtCredential({ algorithm: 'ES256' }), ['Algorithm: the server lists RS256, HS256; set is ES256']],
		[
			algorithms,
			clientCredential({ clientAuthentication: 'secretJwt', secretJwtAlgorithm: 'HS512' }),
			['Algorithm: the server lists RS256, HS256; set is HS512'],
		],
		[algorithms, jwtCredential({ jwtUse: 'authorizationGrant', algorithm: 'ES256' }), []],
		[grants, clientCredential(), []],
		[
			grants,
			passwordCredential(),
			['Grant type: the server lists authorization_code, client_credentials; set is password'],
		],
		[
			grants,
			clientCredential({ customGrantType: 'account_credentials' }),
			['Grant type: the server lists authorization_code, client_credentials; set is account_credentials'],
		],
		[
			grants,
			jwtCredential({ jwtUse: 'authorizationGrant' }),
			[`Grant type: the server lists authorization_code, client_credentials; set is ${bearer}`],
		],
		[{}, clientCredential({ tokenBinding: 'dpop' }), ['DPoP: the server lists no algorithms for it; set is ES256']],
		[
			{ dpop_signing_alg_values_supported: ['EdDSA'] },
			clientCredential({ tokenBinding: 'dpop' }),
			['DPoP: the server lists EdDSA; set is ES256'],
		],
		[{ dpop_signing_alg_values_supported: ['ES256'] }, clientCredential({ tokenBinding: 'dpop' }), []],
		[{ dpop_signing_alg_values_supported: ['ES256'] }, clientCredential(), []],
		[
			methods('tls_client_auth'),
			clientCredential({ clientAuthentication: 'tls', tokenBinding: 'tls', ...certificate }),
			['Token Binding: the server lists no certificate-bound tokens; set is TLS Client Certificate'],
		],
		// RFC 8414 section 2: a server may keep some to itself.
		[{ scopes_supported: ['read'] }, clientCredential({ scope: 'write' }), []],
		[
			{ token_endpoint: 'https://login.example.com/new?x=1' },
			clientCredential(),
			[`Token endpoint: the server lists https://login.example.com/new; set is ${TOKEN_URL}`],
		],
		[
			{ token_endpoint: 'https://login.example.com/x', mtls_endpoint_aliases: { token_endpoint: TOKEN_URL } },
			clientCredential(),
			[],
		],
	])('%#: only differences are told when a token was given', (document, credential, told) => {
		expect(differences({ ...basic, ...document }, credential)).toEqual(told);
	});

	it('are told in full when none was given', () => {
		const document = {
			...basic,
			...grants,
			scopes_supported: ['openid', 'read'],
			dpop_signing_alg_values_supported: ['ES256'],
		};
		expect(everything(document, clientCredential({ scope: 'read write admin' }))).toEqual([
			'Client authentication: the server lists client_secret_basic, client_secret_jwt, private_key_jwt; set is client_secret_basic',
			'Grant type: the server lists client_credentials, authorization_code; set is client_credentials',
			'Scope: the server lists openid, read; set is write admin',
			'Token Binding: the server lists DPoP; set is None',
		]);
	});
});

it('reports differences first', () => {
	const document = { ...methods('client_secret_basic'), grant_types_supported: ['password'] };
	expect(everything(document, clientCredential())).toEqual([
		'Grant type: the server lists password; set is client_credentials',
		'Client authentication: the server lists client_secret_basic; set is client_secret_basic',
	]);
});

it('shortens long lists, cleans what the server says, and shows no secret', () => {
	const grants = Array.from({ length: 30 }, (_, index) => `grant-${index}`);
	const told = everything(
		{ ...methods('<b>x</b>\n', 'client-secret'), grant_types_supported: [...grants, 'client_credentials'] },
		clientCredential({ clientSecret: 'client-secret' }),
	).join('. ');
	expect(told).toContain('the server lists ‹b›x‹/b›, ***; set is client_secret_basic');
	expect(told).toContain('the server lists client_credentials, grant-0, grant-1,');
	expect(told).toContain('grant-10 and 19 more; set is client_credentials');
	expect(told).not.toContain('client-secret');
});
