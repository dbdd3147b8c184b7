import { createPrivateKey, X509Certificate } from 'node:crypto';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import type { ICredentialTestFunctions, IDataObject, INodeParameters } from 'n8n-workflow';

import { credentialTests } from '../../credentials/n8n/credentialTests';
import { certificateThumbprint } from '../../lib/http/clientCertificate';
import { readOAuth2Credential } from '../../lib/oauth2/credential/readOAuth2Credential';
import { obtainToken } from '../../lib/oauth2/token/requestToken';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { deliveryOf, dispatch } from '../engine/support/dispatch';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { runWorkflow } from '../support/engine';
import { credentialTestHelpers, tokenPaths } from '../support/oauth2/tokenPaths';
import { answer, issueCertificate, Receiver } from '../support/receiver';

/**
 * mTLS (RFC 8705) end to end with oidc-provider: clients that authenticate with their certificate, by either method, and
 * tokens that are bound to it. The destination takes a token only over a connection with the certificate in its `cnf`.
 */

const TYPE = 'webhookDispatchClientCredentialsOAuth2Api';
const AUDIENCE = 'https://hooks.example/';
const resource = { parameters: [{ name: 'resource', value: AUDIENCE }] };

const authority = issueCertificate({ name: 'Authority', authority: true });
const server = issueCertificate({ name: 'server', issuer: authority });
const issued = issueCertificate({ name: 'issued', issuer: authority });
const selfSigned = issueCertificate({ name: 'self-signed' });
const stranger = issueCertificate({ name: 'stranger', issuer: authority });

/** As RFC 8705 §2.2.2 registers a certificate. */
const asJwk = ({ cert, key }: typeof selfSigned) => {
	const { kty, crv, x, y } = createPrivateKey(key).export({ format: 'jwk' });
	return { kty, crv, x, y, x5c: [new X509Certificate(cert).raw.toString('base64')] };
};

let provider: OidcProviderServer;
let receiver: Receiver;
let keys: ReturnType<typeof createLocalJWKSet>;
let jwtKey: Awaited<ReturnType<typeof newKey>>;
/** Of each request that was taken: who showed what. */
const taken: string[] = [];

const thumbprint = ({ cert }: { cert: string }) => certificateThumbprint(cert);

const getJson = async (url: string) =>
	await new Promise<unknown>((resolve, reject) => {
		https
			.get(url, { ca: authority.cert }, (response) => {
				let text = '';
				response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(JSON.parse(text)));
			})
			.on('error', reject);
	});

beforeAll(async () => {
	jwtKey = await newKey('ES256');
	const bound = { tls_client_certificate_bound_access_tokens: true };
	provider = await startOidcProvider({
		clients: [
			{
				client_id: 'issued',
				token_endpoint_auth_method: 'tls_client_auth',
				tls_client_auth_subject_dn: 'CN=issued',
				...bound,
			},
			{
				client_id: 'self-signed',
				token_endpoint_auth_method: 'self_signed_tls_client_auth',
				jwks: { keys: [asJwk(selfSigned)] },
				...bound,
			},
			{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: jwtKey.jwks, ...bound },
		],
		resources: [AUDIENCE],
		jwtAccessTokens: true,
		tls: { ...server, ca: authority.cert },
	});
	keys = createLocalJWKSet((await getJson(`${provider.issuer}/jwks`)) as JSONWebKeySet);
	receiver = await Receiver.start({
		tls: { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
		otherwise: {
			name: 'takes bound tokens',
			act: (response, request) => {
				const { raw, subject } = (response.socket as TLSSocket).getPeerCertificate() as Partial<
					ReturnType<TLSSocket['getPeerCertificate']>
				>;
				const shown = raw && certificateThumbprint(new X509Certificate(raw).toString());
				const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
				void jwtVerify(token, keys, { issuer: provider.issuer, audience: AUDIENCE })
					.then(({ payload }) => {
						const { 'x5t#S256': wanted } = (payload.cnf ?? {}) as Record<string, string>;
						const isGood = wanted !== undefined && wanted === shown;
						if (isGood) taken.push(`${String(payload.client_id)} with ${String(subject?.CN)}`);
						return isGood ? 200 : 403;
					})
					.catch(() => 401)
					.then((status) => answer(status).act(response, request));
			},
		},
	});
}, 60_000);
afterAll(async () => await Promise.all([provider?.stop(), receiver?.close()]));

beforeEach(() => {
	tokenStore.clear();
	provider.forget();
	receiver.clear();
	taken.length = 0;
});

const client = (clientId: string, { cert, key } = issued, change: IDataObject = {}): IDataObject => ({
	accessTokenUrl: provider.tokenUrl,
	clientId,
	clientAuthentication: 'tls',
	tlsCertificate: cert,
	tlsPrivateKey: key,
	tlsCa: authority.cert,
	additionalParameters: resource,
	...change,
});

interface Sending {
	credential: IDataObject;
	items?: IDataObject[];
	type?: string;
	options?: INodeParameters;
	more?: Record<string, IDataObject>;
	onError?: 'continueErrorOutput';
}

const send = async ({ credential, items = [{}], type = TYPE, options = {}, more = {}, onError }: Sending) =>
	await dispatch({
		items,
		credentials: { [type]: credential, ...more } as never,
		settings: onError ? { onError } : {},
		parameters: {
			url: receiver.url('/hook'),
			authentication: 'oAuth2',
			grantType: type === TYPE ? 'clientCredentials' : 'clientCredentialsJwt',
			options,
		},
	});

it.each([
	['tls_client_auth', 'issued', issued],
	['self_signed_tls_client_auth', 'self-signed', selfSigned],
])('%s: no secret is sent, and the bound token goes with the certificate', async (_method, clientId, identity) => {
	const items = Array.from({ length: 20 }, (_, n) => ({ n }));
	const run = await send({ credential: client(clientId, identity), items });
	expect([run.status, run.error?.description]).toEqual(['success', undefined]);
	expect(taken).toEqual(items.map(() => `${clientId} with ${clientId}`));
	expect(provider.requests()).toHaveLength(1);
	const [request] = provider.requests();
	expect([request?.clientAuthentication, request?.status]).toEqual(['none', 200]);
	expect(request?.parameters.map(([name]) => name)).toEqual(['grant_type', 'resource', 'client_id']);
	expect(JSON.stringify(run.data)).not.toMatch(/PRIVATE KEY|BEGIN CERTIFICATE/);
});

it('a signed client assertion gets a bound token, too, with Token Binding', async () => {
	const credential = client('with-key', issued, {
		clientAuthentication: '',
		tokenBinding: 'tls',
		algorithm: 'ES256',
		keyId: jwtKey.keyId,
		privateKey: jwtKey.encryptedPrivateKey,
		passphrase: PASSPHRASE,
	});
	const run = await send({ credential, type: 'webhookDispatchJwtOAuth2Api' });
	expect(run.error?.description).toBeUndefined();
	expect(taken).toEqual(['with-key with issued']);
	expect(provider.requests()[0]?.clientAuthentication).toBe('assertion');
});

it('each item has its own certificate, its own token, and its own fault', async () => {
	const items = [
		{ client: 'issued', ...issued },
		{ client: 'self-signed', ...selfSigned },
		{ client: 'issued', ...stranger },
		{ client: 'issued', cert: issued.cert, key: stranger.key },
		{ client: 'issued', ...issued },
	].map(({ client: clientId, cert, key }) => ({ client: clientId, cert, key }));
	const credential = client('={{ $json.client }}', issued, {
		tlsCertificate: '={{ $json.cert }}',
		tlsPrivateKey: '={{ $json.key }}',
	});
	const run = await send({ credential, items, onError: 'continueErrorOutput' });
	expect(run.output().map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 4 }]);
	expect(taken.sort()).toEqual(['issued with issued', 'issued with issued', 'self-signed with self-signed']);
	expect(run.errorOutput.map(({ json }) => deliveryOf(json)?.code ?? json.code)).toEqual(['TOKEN', 'INVALID_REQUEST']);
	expect(run.errorOutput[0]?.json.description ?? JSON.stringify(run.errorOutput[0]?.json)).toContain('TLS Certificate');
	expect(JSON.stringify(run.errorOutput[1]?.json)).toContain('TLS Private Key does not belong to TLS Certificate');
	// The tokens of one certificate are not asked for again, and never used with another one.
	expect(provider.requests().map(({ status }) => status)).toEqual(expect.arrayContaining([200, 200, 401]));
	expect(provider.requests()).toHaveLength(3);
});

describe('what the node says of certificates, too (n8n’s SSL Certificates)', () => {
	const useClientCertificate = { useClientCertificate: true };
	it.each([
		['the same certificate', { cert: issued.cert, key: issued.key }],
		['a CA alone', { ca: authority.cert }],
		['both', { ca: authority.cert, cert: issued.cert, key: issued.key }],
	])('%s is no contradiction', async (_name, httpSslAuth) => {
		const run = await send({ credential: client('issued'), options: useClientCertificate, more: { httpSslAuth } });
		expect([run.error?.message, taken]).toEqual([undefined, ['issued with issued']]);
	});

	it('another certificate is, and nothing is sent', async () => {
		const httpSslAuth = { ca: authority.cert, cert: stranger.cert, key: stranger.key };
		const run = await send({ credential: client('issued'), options: useClientCertificate, more: { httpSslAuth } });
		expect(run.error?.description).toContain('Two client certificates are selected');
		expect([provider.requests().length, receiver.requests.length]).toEqual([0, 0]);
	});
});

it('a certificate of which the server knows nothing is refused with advice, and nothing is delivered', async () => {
	const run = await send({ credential: client('issued', stranger) });
	expect(run.error?.description).toContain('the client is registered for this TLS Certificate');
	expect(receiver.requests).toHaveLength(0);
});

it('without its CA the server is not trusted, and TLS CA is named', async () => {
	const run = await send({ credential: client('issued', issued, { tlsCa: '' }) });
	expect(run.error?.description).toContain('fill in TLS CA');
	expect(provider.requests()).toHaveLength(0);
});

it.each([
	['http on loopback', 'http://127.0.0.1:1/token', {}],
	['http that is allowed', 'http://login.example.com/token', { allowInsecureTokenUrl: true }],
])('%s presents no certificate, so nothing is sent', async (_name, accessTokenUrl, change) => {
	const run = await send({ credential: client('issued', issued, { accessTokenUrl, ...change }) });
	expect(run.error?.description).toContain('the token URL does not begin with https://');
	expect(receiver.requests).toHaveLength(0);
});

it.each(tokenPaths)('%s presents it', async (_name, transport) => {
	const read = readOAuth2Credential(TYPE, client('self-signed', selfSigned));
	if (!read.ok) throw new Error(read.fault.message);
	const result = await obtainToken(read.value, undefined, { transport: transport() });
	if (!result.ok) throw new Error(`${result.fault.message}. ${result.fault.description}`);
	expect(decodeJwt(result.value.accessToken).cnf).toEqual({ 'x5t#S256': thumbprint(selfSigned) });
});

it('the test of the credential passes', async () => {
	const helpers = { helpers: credentialTestHelpers } as unknown as ICredentialTestFunctions;
	const test = async (data: IDataObject) =>
		await credentialTests.webhookDispatchOAuth2ClientCredentialsTest.call(helpers, { data } as never);
	expect(await test(client('issued'))).toMatchObject({
		status: 'OK',
		message: 'The server accepted client ID and the TLS certificate: the token expires in 3600 s',
	});
	expect(await test(client('issued', stranger))).toMatchObject({ status: 'Error' });
});

it("finds the token endpoint by the issuer's metadata, which TLS CA vouches for", async () => {
	const byIssuer = client('issued', issued, { accessTokenUrl: '', issuerUrl: provider.issuer });
	const run = await send({ credential: byIssuer });
	expect([run.error?.description, taken]).toEqual([undefined, ['issued with issued']]);
	const helpers = { helpers: credentialTestHelpers } as unknown as ICredentialTestFunctions;
	const bound = { ...byIssuer, tokenBinding: 'tls' };
	const tested = await credentialTests.webhookDispatchOAuth2ClientCredentialsTest.call(helpers, {
		data: bound,
	} as never);
	expect(tested).toEqual({ status: 'OK', message: expect.not.stringContaining('the server lists') as string });
});

it('Access Token: Get shows which certificate was presented', async () => {
	const run = await runWorkflow({
		items: [{}],
		node: { parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' } },
		credentials: { [TYPE]: client('issued') } as never,
	});
	expect(run.output()[0]?.json).toMatchObject({ tokenType: 'Bearer', 'x5t#S256': thumbprint(issued) });
});
