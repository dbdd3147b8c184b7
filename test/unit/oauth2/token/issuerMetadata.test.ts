import { inspect } from 'node:util';

import { fetchMetadata } from '../../../../lib/oauth2/token/fetchMetadata';
import { MetadataStore } from '../../../../lib/oauth2/token/metadataStore';
import { obtainToken } from '../../../../lib/oauth2/token/requestToken';
import type { OAuth2Credential } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { TIMED_OUT } from '../../../../lib/http/networkFault';
import { fail } from '../../../../lib/result/result';
import type { TokenHttpRequest, TokenTransport } from '../../../../lib/oauth2/token/tokenTransport';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../../support/oauth2/credentials';
import {
	answered,
	answering,
	formOf,
	scriptedTransport,
	type TokenAnswer,
} from '../../../support/oauth2/scriptedTransport';
import { issueCertificate } from '../../../support/receiver';
import { pkcs8, rsaKey } from '../../keys/fixtures';

const ISSUER = 'https://login.example.com/realms/main';
const [FIRST, SECOND, THIRD] = [
	'https://login.example.com/.well-known/oauth-authorization-server/realms/main',
	'https://login.example.com/.well-known/openid-configuration/realms/main',
	`${ISSUER}/.well-known/openid-configuration`,
] as const;
const HOUR = 3_600_000;

const byIssuer = { accessTokenUrl: '', issuerUrl: ISSUER };
const SECRETS = { clientSecret: 'client-secret', password: 'user-password' };

const document = (more: object = {}) => answered(200, { issuer: ISSUER, token_endpoint: TOKEN_URL, ...more });
const token = answered(200, { access_token: 'one', token_type: 'Bearer', expires_in: 3600 });

/** A server: what it responds at each URL, 404 elsewhere. */
function server(answers: Record<string, TokenAnswer>) {
	const requests: TokenHttpRequest[] = [];
	const transport: TokenTransport = async (request) => {
		requests.push(request);
		return await Promise.resolve(answers[request.url] ?? answered(404, 'not found'));
	};
	return { transport, requests, urls: () => requests.map(({ url }) => url) };
}

let now = Date.parse('2026-11-30T12:00:00Z');
let metadata: MetadataStore;
beforeEach(() => {
	metadata = new MetadataStore(() => now);
});

const obtain = async (credential: OAuth2Credential, transport: TokenTransport) =>
	await obtainToken(credential, undefined, { transport, metadata });

describe('the metadata of an issuer', () => {
	it.each([
		[[FIRST], { [FIRST]: document() }],
		[[FIRST, SECOND], { [SECOND]: document() }],
		[[FIRST, SECOND, THIRD], { [THIRD]: document() }],
		// Whatever is at the URLs before.
		[
			[FIRST, SECOND, THIRD],
			{
				[FIRST]: answered(200, '<!doctype html>'),
				[SECOND]: answered(302, '', { location: 'https://evil.example/' }),
				[THIRD]: document(),
			},
		],
		[[FIRST, SECOND], { [FIRST]: answered(200, { issuer: 'https://login.example.com' }), [SECOND]: document() }],
		[[FIRST, SECOND], { [FIRST]: answered(500, ''), [SECOND]: document() }],
	])('is looked for at %j', async (urls, answers) => {
		const { transport, urls: asked } = server(answers);
		expect(await fetchMetadata(clientCredential(byIssuer), { transport })).toMatchObject({
			ok: true,
			value: { issuer: ISSUER, tokenEndpoint: TOKEN_URL },
		});
		expect(asked()).toEqual(urls);
	});

	it('is asked for with nothing of the credential', async () => {
		const { transport, requests } = server({ [THIRD]: document() });
		const hidden = 'a-secret-value';
		const parameters = { parameters: [{ name: 'x-api-key', value: hidden }] };
		const more = {
			tokenRequestHeaders: parameters,
			secretParameters: parameters,
			clientId: 'the-client',
			scope: hidden,
		};
		await fetchMetadata(passwordCredential({ ...byIssuer, ...more, ...SECRETS }), { transport });
		const headers = { accept: 'application/json', 'user-agent': 'n8n-nodes-webhook-dispatch' };
		expect(requests).toEqual([FIRST, SECOND, THIRD].map((url) => ({ url, method: 'GET', headers })));
	});

	it.each<[string, Record<string, TokenAnswer>, object]>([
		[
			'all that was seen',
			{ [SECOND]: answered(302, ''), [THIRD]: answered(200, '<html>') },
			{
				code: 'TOKEN',
				retryable: false,
				message: `There is no metadata of the issuer ${ISSUER}: ${FIRST} responded with 404; ${SECOND} responded with 302, a redirect; ${THIRD} responded with 200 and a web page`,
				description: expect.stringContaining('Check Issuer URL') as string,
			},
		],
		[
			'JSON that is something else',
			{ [FIRST]: answered(200, '[]'), [SECOND]: answered(200, '{"a":1}') },
			{
				message: expect.stringMatching(
					/200 and something other than a JSON object; .* 200 and JSON without an issuer; .* 404$/,
				) as string,
			},
		],
		[
			'another issuer',
			{ [THIRD]: answered(200, { issuer: `${ISSUER}/\n<b>`, token_endpoint: TOKEN_URL }) },
			{
				retryable: false,
				message: `The metadata at ${THIRD} belongs to the issuer ${ISSUER}/ ‹b›, not to ${ISSUER}`,
				description: expect.stringContaining('exactly') as string,
			},
		],
		[
			'what passes',
			{
				[FIRST]: answered(503, '', { 'retry-after': '7' }),
				[THIRD]: answered(200, { issuer: 'https://other.example' }),
			},
			{ retryable: true, statusCode: 503, retryAfterMs: 7000, description: expect.stringContaining('later') as string },
		],
	])('that is not there is a fault that says %s', async (_what, answers, fault) => {
		const { transport } = server(answers);
		expect(await fetchMetadata(clientCredential(byIssuer), { transport })).toMatchObject({ ok: false, fault });
	});

	it('is not asked for further where there is no response, or where requests are limited', async () => {
		const silent = server({ [FIRST]: fail(TIMED_OUT) });
		expect(await fetchMetadata(clientCredential(byIssuer), silent)).toMatchObject({
			ok: false,
			fault: { code: 'TOKEN', retryable: true, message: expect.stringContaining(`metadata URL ${FIRST}: `) as string },
		});
		const limited = server({ [FIRST]: answered(429, '') });
		expect(await fetchMetadata(clientCredential(byIssuer), limited)).toMatchObject({
			ok: false,
			fault: { retryable: true, statusCode: 429 },
		});
		expect([silent.urls(), limited.urls()]).toEqual([[FIRST], [FIRST]]);
	});

	it('is asked for at allowed domains alone', async () => {
		const { transport, requests } = server({ [FIRST]: document() });
		const domains = { allowedHttpRequestDomains: 'domains', allowedDomains: 'api.example.com' };
		const result = await fetchMetadata(clientCredential({ ...byIssuer, ...domains }), { transport });
		expect(result).toMatchObject({ ok: false, fault: { code: 'BLOCKED' } });
		expect(requests).toEqual([]);
	});

	it('is trusted by TLS CA of the credential, to which the certificate itself is not presented', async () => {
		const { cert, key } = issueCertificate();
		const { transport, requests } = server({ [FIRST]: document() });
		const tls = { clientAuthentication: 'tls', tlsCertificate: cert, tlsPrivateKey: key };
		await fetchMetadata(clientCredential({ ...byIssuer, ...tls, tlsCa: cert }), { transport });
		await fetchMetadata(clientCredential({ ...byIssuer, ...tls }), { transport });
		expect(requests.map(({ clientCertificate }) => Object.keys(clientCertificate ?? {}))).toEqual([['ca'], []]);
		expect(requests[0]?.clientCertificate?.ca).toContain(cert.trim());
	});

	it('survives a transport that throws', async () => {
		const transport = () => Promise.reject(new Error('secret'));
		const result = await fetchMetadata(clientCredential(byIssuer), { transport });
		expect(result).toMatchObject({ ok: false, fault: { code: 'TOKEN' } });
		expect(inspect(result)).not.toContain('secret');
	});
});

describe('a credential without Access Token URL', () => {
	it('gets its token where the metadata says, and asks for that once an hour', async () => {
		const { transport, urls } = server({ [FIRST]: document(), [TOKEN_URL]: token });
		const credential = clientCredential(byIssuer);
		for (let round = 0; round < 3; round += 1) expect(await obtain(credential, transport)).toMatchObject({ ok: true });
		expect(urls()).toEqual([FIRST, TOKEN_URL, TOKEN_URL, TOKEN_URL]);
		now += HOUR;
		await obtain(credential, transport);
		expect(urls().slice(4)).toEqual([FIRST, TOKEN_URL]);
	});

	it('has the token URL as the default of what defaults to it', async () => {
		const { transport, requests } = server({ [FIRST]: document(), [TOKEN_URL]: token });
		const claims = () => {
			const { client_assertion = '..' } = formOf(requests.at(-1));
			return JSON.parse(Buffer.from(client_assertion.split('.')[1]!, 'base64url').toString()) as { aud: unknown };
		};
		const secret = { ...byIssuer, clientAuthentication: 'secretJwt', clientSecret: 's'.repeat(32) };
		await obtain(clientCredential(secret), transport);
		expect(claims().aud).toBe(TOKEN_URL);
		await obtain(clientCredential({ ...secret, secretJwtAudience: ISSUER }), transport);
		expect(claims().aud).toBe(ISSUER);
		const jwt = { ...byIssuer, privateKey: pkcs8(rsaKey) };
		await obtain(jwtCredential(jwt), transport);
		expect(claims().aud).toBe(TOKEN_URL);
		await obtain(jwtCredential({ ...jwt, audience: `${ISSUER} ${TOKEN_URL}` }), transport);
		expect(claims().aud).toEqual([ISSUER, TOKEN_URL]);
	});

	it('refreshes there, unless Refresh Token URL says otherwise', async () => {
		const refreshUrl = 'https://login.example.com/refresh';
		const { transport, urls } = server({ [FIRST]: document(), [TOKEN_URL]: token, [refreshUrl]: token });
		for (const refreshTokenUrl of ['', refreshUrl]) {
			await obtainToken(passwordCredential({ ...byIssuer, refreshTokenUrl }), 'refresh', { transport, metadata });
		}
		expect(urls()).toEqual([FIRST, TOKEN_URL, refreshUrl]);
	});

	it('uses its own Access Token URL when it has both, and reads no metadata', async () => {
		const { transport, urls } = server({ [TOKEN_URL]: token });
		expect(await obtain(clientCredential({ issuerUrl: ISSUER }), transport)).toMatchObject({ ok: true });
		expect(urls()).toEqual([TOKEN_URL]);
	});

	it.each([
		[{ token_endpoint: undefined }, 'is missing or cannot be used'],
		[{ token_endpoint: 'http://127.0.0.1:5678/' }, 'is not encrypted'],
		[{ token_endpoint: ['x'] }, 'is missing or cannot be used'],
	])('sends nothing where the metadata has no good token endpoint: %j', async (more, reason) => {
		const { transport, urls } = server({ [FIRST]: document(more) });
		expect(await obtain(clientCredential(byIssuer), transport)).toMatchObject({
			ok: false,
			fault: {
				code: 'TOKEN',
				retryable: false,
				message: `The token_endpoint in the metadata of ${ISSUER} ${reason}`,
				description: expect.stringContaining('Access Token URL') as string,
			},
		});
		expect(urls()).toEqual([FIRST]);
	});

	it('keeps to the allowed domains at the token endpoint, too', async () => {
		const { transport, urls } = server({ [FIRST]: document({ token_endpoint: 'https://evil.example/token' }) });
		const domains = { allowedHttpRequestDomains: 'domains', allowedDomains: 'login.example.com' };
		const result = await obtain(clientCredential({ ...byIssuer, ...domains }), transport);
		expect(result).toMatchObject({ ok: false, fault: { code: 'BLOCKED' } });
		expect(urls()).toEqual([FIRST]);
	});

	it('asks for the metadata again after a token endpoint that is none any more, not after a refusal', async () => {
		const refused = server({ [FIRST]: document(), [TOKEN_URL]: answered(401, { error: 'invalid_client' }) });
		for (let round = 0; round < 2; round += 1) await obtain(clientCredential(byIssuer), refused.transport);
		expect(refused.urls()).toEqual([FIRST, TOKEN_URL, TOKEN_URL]);
		metadata.clear();
		const moved = server({ [FIRST]: document() });
		for (let round = 0; round < 2; round += 1) await obtain(clientCredential(byIssuer), moved.transport);
		expect(moved.urls()).toEqual([FIRST, TOKEN_URL, FIRST, TOKEN_URL]);
	});

	it('is refused with a fault that is not kept', async () => {
		const { transport } = server({});
		expect(await obtain(clientCredential(byIssuer), transport)).toMatchObject({ ok: false });
		const good = server({ [FIRST]: document(), [TOKEN_URL]: token });
		expect(await obtain(clientCredential(byIssuer), good.transport)).toMatchObject({ ok: true });
	});
});

describe('many at the same time', () => {
	const clients = Array.from({ length: 50 }, (_, index) =>
		clientCredential({ ...byIssuer, clientId: `client-${index}` }),
	);
	const settle = async () => await new Promise((resolve) => setImmediate(resolve));

	it('share one request for an issuer, whoever the client is', async () => {
		const { transport, requests, answer } = scriptedTransport();
		const results = clients.map(async (credential) => await metadata.get(credential, { transport }));
		await settle();
		expect(requests).toHaveLength(1);
		answer(document());
		for (const result of await Promise.all(results)) expect(result).toMatchObject({ ok: true });
		expect(requests).toHaveLength(1);
	});

	it("do not share a fault: another's way may be the reason", async () => {
		const broken = scriptedTransport();
		const good = answering(document());
		const first = metadata.get(clients[0]!, { transport: broken.transport });
		const second = metadata.get(clients[1]!, { transport: good.transport });
		await settle();
		broken.answer(fail(TIMED_OUT));
		expect([await first, await second]).toMatchObject([{ ok: false }, { ok: true }]);
		expect(good.requests).toHaveLength(1);
	});

	it('can leave, and the request goes on for the others', async () => {
		const { transport, signals, answer } = scriptedTransport();
		const controllers = [new AbortController(), new AbortController()];
		const [first, second] = controllers.map(
			async ({ signal }, index) => await metadata.get(clients[index]!, { transport, signal }),
		);
		await settle();
		controllers[0]!.abort();
		expect(await first).toMatchObject({ ok: false, fault: { code: 'CANCELLED' } });
		expect(signals[0]?.aborted).toBe(false);
		answer(document());
		expect(await second).toMatchObject({ ok: true });
		expect(await metadata.get(clients[2]!, { transport })).toMatchObject({ ok: true });
	});

	it('end the request when all have left, and the next one makes another', async () => {
		const { transport, requests, signals, answer } = scriptedTransport();
		const controller = new AbortController();
		const left = metadata.get(clients[0]!, { transport, signal: controller.signal });
		await settle();
		controller.abort();
		await left;
		expect(signals[0]?.aborted).toBe(true);
		const next = metadata.get(clients[1]!, { transport });
		await settle();
		expect(requests).toHaveLength(2);
		answer(document(), 1);
		expect(await next).toMatchObject({ ok: true });
	});

	const { cert, key } = issueCertificate();
	it.each([
		['without encryption', { issuerUrl: 'http://as.internal', allowInsecureTokenUrl: true }],
		[
			'with an authority of its own',
			{ clientAuthentication: 'tls', tlsCertificate: cert, tlsPrivateKey: key, tlsCa: cert },
		],
	])('share nothing %s', async (_what, change) => {
		const credentials = ['one', 'two'].map((clientId) => clientCredential({ ...byIssuer, ...change, clientId }));
		const poisoned = answering(answered(200, { issuer: credentials[0]!.issuerUrl, token_endpoint: TOKEN_URL }));
		const other = answering(answered(404, ''));
		expect(await metadata.get(credentials[0]!, poisoned)).toMatchObject({ ok: true });
		expect(await metadata.get(credentials[1]!, other)).toMatchObject({ ok: false });
	});

	it('keep 100 issuers, and nothing of a credential', async () => {
		const credentials = Array.from({ length: 101 }, (_, index) =>
			clientCredential({ ...byIssuer, issuerUrl: `https://as-${index}.example`, clientSecret: 'client-secret' }),
		);
		const asked: string[] = [];
		const transport: TokenTransport = async ({ url }) => {
			asked.push(url);
			return await Promise.resolve(answered(200, { issuer: new URL(url).origin, token_endpoint: TOKEN_URL }));
		};
		for (const credential of credentials) await metadata.get(credential, { transport });
		await metadata.get(credentials[100]!, { transport });
		expect(asked).toHaveLength(101);
		await metadata.get(credentials[0]!, { transport });
		expect(asked).toHaveLength(102);
		expect(inspect(metadata, { depth: Infinity, showHidden: true })).not.toContain('client-secret');
	});
});

describe('Issuer URL', () => {
	const faultOf = (data: object) => {
		const read = readOAuth2Credential('webhookDispatchClientCredentialsOAuth2Api', {
			clientId: 'app',
			clientSecret: 'x',
			...data,
		});
		return read.ok ? 'no fault' : read.fault.message;
	};

	it.each([
		[{}, 'Access Token URL is empty'],
		[{ issuerUrl: '  ' }, 'Access Token URL is empty'],
		[{ issuerUrl: ISSUER }, 'no fault'],
		[{ issuerUrl: ` ${ISSUER}/ ` }, 'no fault'],
		[{ issuerUrl: 'http://127.0.0.1:8080' }, 'no fault'],
		[{ issuerUrl: 'login.example.com' }, 'Issuer URL is not a URL'],
		[{ issuerUrl: 'http://login.example.com' }, 'Issuer URL is not encrypted'],
		[{ issuerUrl: 'https://a:b@login.example.com' }, 'Issuer URL contains a user name or password'],
		[{ issuerUrl: `${ISSUER}?tenant=a` }, 'Issuer URL has a part after ? or #'],
		[{ issuerUrl: `${ISSUER}#a` }, 'Issuer URL has a part after ? or #'],
		[{ issuerUrl: FIRST }, 'Issuer URL is the URL of the metadata'],
		[{ issuerUrl: THIRD }, 'Issuer URL is the URL of the metadata'],
		// A field that cannot be used is reported, even where it is not needed.
		[{ issuerUrl: 'no URL', accessTokenUrl: TOKEN_URL }, 'Issuer URL is not a URL'],
	])('%j: %s', (data, message) => {
		expect(faultOf(data)).toBe(message);
	});
});
