import { createPublicKey } from 'node:crypto';

import { jwtVerify } from 'jose';
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { WebhookDispatchJwtOAuth2Api } from '../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { runWorkflow } from '../support/engine';
import { googleFile } from '../support/oauth2/keyFiles';
import { answer, Receiver } from '../support/receiver';
import { pkcs8, rsaKey } from '../unit/keys/fixtures';
import { requesters } from './support/requesters';
import { storedCredential } from './support/storedCredential';

/** The JWT as authorization grant in n8n's engine: in Webhook Dispatch, and for n8n's own requests. */

const type = new WebhookDispatchJwtOAuth2Api();
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
let endpoint: Receiver;
let destination: Receiver;

/** `sub` of the JWT in a token request. */
const subjectOf = (body: string): string | undefined => {
	const payload = new URLSearchParams(body).get('assertion')?.split('.')[1] ?? '';
	return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub?: string }).sub;
};

beforeAll(async () => {
	[endpoint, destination] = await Promise.all([Receiver.start(), Receiver.start()]);
});
beforeEach(() => {
	tokenStore.clear();
	destination.clear();
	endpoint.clear();
	endpoint.choose(() => ({
		name: 'token',
		act: (response, request) => {
			const access_token = `of-${subjectOf(request.body.toString()) ?? 'nobody'}`;
			answer(200, { access_token, token_type: 'Bearer', expires_in: 3600 }).act(response, request);
		},
	}));
});
afterAll(async () => await Promise.all([endpoint?.close(), destination?.close()]));

const credential = (change: IDataObject = {}): IDataObject => ({
	jwtUse: 'authorizationGrant',
	accessTokenUrl: endpoint.url('/token'),
	clientId: 'client-1',
	subject: '={{ $json.user }}',
	privateKey: pkcs8(rsaKey),
	...change,
});
const items = ['ada', 'ben', 'ada'].map((user) => ({ user }));
const arrived = () => destination.requests.map(({ url, headers }) => `${url} ${headers.authorization}`).sort();
const asked = () => endpoint.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body.toString())));

/** Sends each item as n8n's HTTP Request node does. */
const { requestWithAuthentication: requester } = requesters(type.name, ({ user }) =>
	destination.url(`/${user as string}`),
);

it('Webhook Dispatch: each item goes out with the token of its user, one request for each user', async () => {
	const run = await runWorkflow({
		items,
		node: {
			parameters: {
				url: `=${destination.url('')}/{{ $json.user }}`,
				authentication: 'oAuth2',
				grantType: 'clientCredentialsJwt',
			},
		},
		credentials: { [type.name]: credential() as never },
	});
	expect(run.status).toBe('success');
	expect(arrived()).toEqual(['/ada Bearer of-ada', '/ada Bearer of-ada', '/ben Bearer of-ben']);
	expect(asked().map(({ grant_type }) => grant_type)).toEqual([grantType, grantType]);
	for (const { assertion = '' } of asked()) await jwtVerify(assertion, createPublicKey(rsaKey), { issuer: 'client-1' });
});

it("n8n's HTTP Request: the same", async () => {
	const { helper } = storedCredential(type, credential({ accessToken: '' }) as ICredentialDataDecryptedObject);
	const run = await runWorkflow({
		items,
		credentialsHelper: helper,
		nodeType: requester,
		credentials: { [type.name]: {} },
	});
	expect(run.status).toBe('success');
	expect(arrived()).toEqual(['/ada Bearer of-ada', '/ada Bearer of-ada', '/ben Bearer of-ben']);
	expect(asked().map(({ grant_type }) => grant_type)).toEqual([grantType, grantType]);
});

it('an item whose user cannot have a token is its own fault', async () => {
	endpoint.choose(() => ({
		name: 'token',
		act: (response, request) =>
			(subjectOf(request.body.toString()) === 'ben'
				? answer(400, { error: 'invalid_grant', error_description: 'ben has not approved this client' })
				: answer(200, { access_token: 'of-ada', token_type: 'Bearer' })
			).act(response, request),
	}));
	const run = await runWorkflow({
		items,
		node: {
			onError: 'continueErrorOutput',
			parameters: { url: destination.url('/'), authentication: 'oAuth2', grantType: 'clientCredentialsJwt' },
		},
		credentials: { [type.name]: credential() as never },
	});
	expect(destination.requests).toHaveLength(2);
	expect(run.errorOutput).toHaveLength(1);
	const [failed] = run.errorOutput;
	expect(failed?.json).toMatchObject({ user: 'ben', details: { delivery: { code: 'TOKEN' } } });
	expect(String(failed?.json.message)).toContain('ben has not approved this client');
});

const operation = async (resource: string, name: string, data: IDataObject) => {
	const run = await runWorkflow({
		items: [{}],
		node: { parameters: { resource, operation: name } },
		credentials: { [type.name]: data as never },
	});
	expect([run.status, run.error?.message]).toEqual(['success', undefined]);
	return run.output()[0]?.json ?? {};
};

it('Client Assertion: Generate shows the JWT of the grant, with its claims', async () => {
	const data = { privateKey: JSON.stringify(googleFile()), scope: 'a b', subject: 'ada@example.com' };
	const shown = await operation('clientAssertion', 'generate', { jwtUse: 'authorizationGrant', ...data });
	const { header, payload, clientAssertion, ...more } = shown as Record<string, IDataObject>;
	expect(more).toEqual({ grantType });
	expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: googleFile().private_key_id });
	expect(payload).toMatchObject({
		iss: googleFile().client_email,
		sub: 'ada@example.com',
		aud: 'https://oauth2.googleapis.com/token',
		scope: 'a b',
		jti: expect.stringMatching(/^preview-/) as string,
	});
	expect(payload?.exp).toBe(Number(payload?.iat) + 10);
	expect(await jwtVerify(String(clientAssertion), createPublicKey(rsaKey))).toMatchObject({ payload });
	const { payload: ofNobody } = await operation('clientAssertion', 'generate', {
		jwtUse: 'authorizationGrant',
		...data,
		subject: '',
	});
	expect(ofNobody).not.toHaveProperty('sub');
});

it("Key: Get Public shows the key of a key file under the file's name for it", async () => {
	const data = { jwtUse: 'authorizationGrant', privateKey: JSON.stringify(googleFile()) };
	const shown = await operation('key', 'getPublic', data);
	expect(shown.keyId).toBe(googleFile().private_key_id);
	expect(createPublicKey(String(shown.publicKey)).equals(createPublicKey(rsaKey))).toBe(true);
});
