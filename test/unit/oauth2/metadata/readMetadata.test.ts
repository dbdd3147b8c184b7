import { readMetadata } from '../../../../lib/oauth2/metadata/readMetadata';
import { tokenEndpointOf } from '../../../../lib/oauth2/metadata/tokenEndpoint';
import { wellKnownUrls } from '../../../../lib/oauth2/metadata/wellKnownUrls';
import { ok } from '../../../../lib/result/result';
import { randomOf, seedFrom, type Random } from '../../../support/random';

const ISSUER = 'https://server.example.com';

/** The example of RFC 8414 section 3.2, without what is of no use here. */
const RFC_EXAMPLE = {
	issuer: ISSUER,
	authorization_endpoint: 'https://server.example.com/authorize',
	token_endpoint: 'https://server.example.com/token',
	token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
	token_endpoint_auth_signing_alg_values_supported: ['RS256', 'ES256'],
	scopes_supported: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
	response_types_supported: ['code', 'code token'],
};

const read = (document: unknown, issuer = ISSUER) =>
	readMetadata(typeof document === 'string' ? document : JSON.stringify(document), issuer);

const kindOf = (result: ReturnType<typeof readMetadata>) => (result.ok ? 'metadata' : result.fault.kind);

describe('where the metadata of an issuer is', () => {
	it.each([
		[
			'https://example.com',
			[
				'https://example.com/.well-known/oauth-authorization-server',
				'https://example.com/.well-known/openid-configuration',
			],
		],
		[
			// RFC 8414 sections 3.1 and 5.
			'https://example.com/issuer1',
			[
				'https://example.com/.well-known/oauth-authorization-server/issuer1',
				'https://example.com/.well-known/openid-configuration/issuer1',
				'https://example.com/issuer1/.well-known/openid-configuration',
			],
		],
		[
			'https://tenant.auth0.com/',
			[
				'https://tenant.auth0.com/.well-known/oauth-authorization-server',
				'https://tenant.auth0.com/.well-known/openid-configuration',
			],
		],
		[
			'http://127.0.0.1:8080/realms/a%20b/',
			[
				'http://127.0.0.1:8080/.well-known/oauth-authorization-server/realms/a%20b',
				'http://127.0.0.1:8080/.well-known/openid-configuration/realms/a%20b',
				'http://127.0.0.1:8080/realms/a%20b/.well-known/openid-configuration',
			],
		],
		['no URL', []],
	])('%s', (issuer, urls) => {
		expect(wellKnownUrls(issuer)).toEqual(urls);
	});
});

describe('a metadata document', () => {
	it('is read', () => {
		const more = {
			grant_types_supported: ['client_credentials'],
			dpop_signing_alg_values_supported: ['ES256'],
			tls_client_certificate_bound_access_tokens: true,
			mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example.com/token' },
		};
		expect(read({ ...RFC_EXAMPLE, ...more })).toEqual(
			ok({
				issuer: ISSUER,
				tokenEndpoint: 'https://server.example.com/token',
				mtlsTokenEndpoint: 'https://mtls.example.com/token',
				authenticationMethods: ['client_secret_basic', 'private_key_jwt'],
				signingAlgorithms: ['RS256', 'ES256'],
				scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
				grantTypes: ['client_credentials'],
				dpopAlgorithms: ['ES256'],
				bindsToCertificates: true,
			}),
		);
		expect(kindOf(read(`\uFEFF${JSON.stringify(RFC_EXAMPLE)}`))).toBe('metadata');
	});

	it.each<[string, unknown]>([
		['not JSON', ''],
		['not JSON', '<!doctype html>'],
		['not JSON', '{"issuer": "https://server.example.com"'],
		['not JSON', 'null'],
		['not JSON', '"a text"'],
		['not JSON', [RFC_EXAMPLE]],
		['no issuer', {}],
		['no issuer', { ...RFC_EXAMPLE, issuer: [ISSUER] }],
		['no issuer', '{"__proto__": {"issuer": "https://server.example.com"}}'],
		['other issuer', { ...RFC_EXAMPLE, issuer: `${ISSUER}/` }],
		['other issuer', { ...RFC_EXAMPLE, issuer: 'https://SERVER.example.com' }],
		['other issuer', { ...RFC_EXAMPLE, issuer: 'https://server.example.com.evil.example' }],
	])('is none of the issuer: %s, %j', (kind, document) => {
		expect(kindOf(read(document))).toBe(kind);
	});

	it.each<[unknown]>([[[]], ['client_secret_basic'], [[1]], [{}], [null], [['x'.repeat(201)]], [Array(201).fill('x')]])(
		'lists nothing where there is no list of texts: %j',
		(value) => {
			const result = read({
				...RFC_EXAMPLE,
				token_endpoint_auth_methods_supported: value,
				mtls_endpoint_aliases: value,
			});
			expect(result).toMatchObject({ ok: true, value: { tokenEndpoint: 'https://server.example.com/token' } });
			expect(result.ok && result.value.authenticationMethods).toBeUndefined();
			expect(result.ok && result.value.mtlsTokenEndpoint).toBeUndefined();
		},
	);
});

describe('the token endpoint of metadata', () => {
	const endpoint = (tokenEndpoint: string | undefined, issuer = ISSUER) => {
		const result = tokenEndpointOf({ issuer, tokenEndpoint }, false);
		return result.ok ? result.value : result.fault.message;
	};
	const label = (issuer = ISSUER) => `The token_endpoint in the metadata of ${issuer}`;

	it.each([
		['https://server.example.com/token?tenant=a', ISSUER],
		['https://oauth2.googleapis.com/token', 'https://accounts.google.com'],
		['http://127.0.0.1:9/token', 'http://127.0.0.1:8'],
		// Only who has turned on Allow Insecure Token URL has such an issuer.
		['http://as.internal/token', 'http://as.internal/realm'],
	])('is %s of %s', (url, issuer) => {
		expect(endpoint(url, issuer)).toBe(url);
	});

	it.each([
		[undefined, ISSUER, 'is missing or cannot be used'],
		['/token', ISSUER, 'is not a URL'],
		['file:///etc/passwd', ISSUER, 'must start with https://'],
		['https://user:pass@server.example.com/token', ISSUER, 'contains a user name or password'],
		['https://server.example.com/token#x', ISSUER, 'has a part after #'],
		['http://server.example.com/token', ISSUER, 'is not encrypted'],
		// Loopback is for issuers on loopback: a server elsewhere must not make this machine its token endpoint.
		['http://127.0.0.1:5678/token', ISSUER, 'is not encrypted'],
		['http://localhost/token', 'http://as.internal', 'is not encrypted'],
		['http://other.internal/token', 'http://as.internal', 'is not encrypted'],
	])('is not %s of %s', (url, issuer, reason) => {
		expect(endpoint(url, issuer)).toBe(`${label(issuer)} ${reason}`);
	});

	it('is the alias for clients with a certificate, where there is one', () => {
		const endpoints = { issuer: ISSUER, tokenEndpoint: `${ISSUER}/token` };
		const aliased = { ...endpoints, mtlsTokenEndpoint: 'https://mtls.example.com/token' };
		expect(tokenEndpointOf(aliased, true)).toEqual(ok('https://mtls.example.com/token'));
		expect(tokenEndpointOf(aliased, false)).toEqual(ok(`${ISSUER}/token`));
		expect(tokenEndpointOf(endpoints, true)).toEqual(ok(`${ISSUER}/token`));
		const bad = tokenEndpointOf({ ...aliased, mtlsTokenEndpoint: 'http://mtls.example.com/' }, true);
		expect(bad).toMatchObject({
			ok: false,
			fault: { message: `The mtls_endpoint_aliases.token_endpoint in the metadata of ${ISSUER} is not encrypted` },
		});
	});
});

const NAMES = [...Object.keys(RFC_EXAMPLE), 'mtls_endpoint_aliases', 'grant_types_supported', '__proto__', 'toString'];

/** Any JSON, and often something under a name or of a type that metadata has. */
function randomJson(random: Random, depth = 0): unknown {
	const kind = random.whole(0, depth > 3 ? 5 : 8);
	if (kind === 0) return null;
	if (kind === 1) return random.chance(0.5);
	if (kind === 2) return random.next() * 1e9;
	if (kind === 3) return random.pick([ISSUER, `${ISSUER}/`, '', '\u0000', '\ud800', 'https://[', 'a'.repeat(3000)]);
	if (kind === 4) return ISSUER;
	if (kind === 5) return [];
	if (kind === 6) return Array.from({ length: random.whole(0, 4) }, () => randomJson(random, depth + 1));
	return Object.fromEntries(
		Array.from({ length: random.whole(0, 6) }, () => [random.pick(NAMES), randomJson(random, depth + 1)]),
	);
}

it('never throws, whatever the document, and takes none of another issuer', () => {
	const seed = seedFrom('METADATA_SEED');
	const random = randomOf(seed);
	let readable = 0;
	for (let round = 0; round < 5000; round += 1) {
		const changed = Object.fromEntries([[random.pick(NAMES), randomJson(random)]]);
		const document = random.chance(0.5) ? randomJson(random) : { ...RFC_EXAMPLE, ...changed };
		const text = JSON.stringify(document);
		const body = random.chance(0.1) ? text.slice(0, random.whole(0, text.length)) : text;
		const result = read(body);
		const context = `METADATA_SEED=${seed}, round ${round}`;
		if (!result.ok) continue;
		readable += 1;
		expect([context, (JSON.parse(body) as { issuer: unknown }).issuer]).toEqual([context, ISSUER]);
		for (const mutualTls of [true, false]) {
			const endpoint = tokenEndpointOf(result.value, mutualTls);
			if (endpoint.ok) expect([context, new URL(endpoint.value).protocol]).toEqual([context, 'https:']);
		}
	}
	expect(readable).toBeGreaterThan(1000);
});
