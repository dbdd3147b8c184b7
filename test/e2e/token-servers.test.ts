import type { ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';

import { runByHand } from '../../tools/n8n/runByHand';
import { baseNode, chain, dispatchNode, itemsNode, start, using, workflowOf } from '../../tools/n8n/sketch';
import { Instance } from '../support/n8n/instance';
import { answer, issueCertificate, Receiver, type ReceivedRequest } from '../support/receiver';

/**
 * Token servers and destinations with their own ways, in a real n8n: the settings are behind *Advanced Settings*, which is
 * off in these credentials, as it is in those that are older.
 */

const TYPE = 'webhookDispatchClientCredentialsOAuth2Api';
const instance = new Instance();
let endpoint: Receiver;
let destination: Receiver;
let given = 0;
const newest = () => `token-${given}-of-the-endpoint`;

beforeAll(async () => {
	[endpoint, destination] = await Promise.all([Receiver.start(), Receiver.start()]);
	await instance.start();
}, 600_000);
beforeEach(() => {
	destination.clear();
	endpoint.clear();
	endpoint.choose(() => ({
		name: 'token',
		act: (response, request) => {
			given += 1;
			const body = { access_token: newest(), expires_in: 3600, instance_url: destination.url('/instance') };
			answer(200, body).act(response, request);
		},
	}));
});
afterAll(async () => {
	await instance.end();
	await Promise.all([endpoint?.close(), destination?.close()]);
}, 60_000);

const pair = (name: string, value: string) => ({ parameters: [{ name, value }] });

const credential = async (name: string, data: object) =>
	await instance.client.credentials.create({
		name,
		type: TYPE,
		data: { accessTokenUrl: endpoint.url('/token'), clientId: 'my-app', clientSecret: 'the-secret', ...data },
	});

const oAuth2 = { authentication: 'oAuth2', grantType: 'clientCredentials' };

/** Runs *Webhook Dispatch* to `/node`, and then n8n's HTTP Request to `/http-request`, with the credential. */
async function runBoth(name: string, reference: Awaited<ReturnType<typeof credential>>, to: Receiver) {
	const nodes = [
		start,
		dispatchNode('Dispatch', {
			parameters: { ...oAuth2, url: to.url('/node') },
			credentials: using(reference),
		}),
		baseNode(
			'HTTP Request',
			'httpRequest',
			{
				method: 'POST',
				url: to.url('/http-request'),
				authentication: 'predefinedCredentialType',
				nodeCredentialType: TYPE,
				options: {},
			},
			{ typeVersion: 4.2, credentials: using(reference) },
		),
	];
	const { id } = await instance.client.workflows.create(
		workflowOf(name, nodes, chain('Start', 'Dispatch', 'HTTP Request')),
	);
	return await runByHand(instance.client, id);
}

it('its own grant, parameters and masked headers, from the node and from HTTP Request', async () => {
	const reference = await credential('Zoom', {
		customGrantType: 'account_credentials',
		additionalParameters: pair('account_id', 'acct-7'),
		tokenRequestHeaders: pair('X-Api-Key', 'gateway-key'),
	});
	const stored = await instance.client.credentials.get(reference.id);
	expect(stored.data).toMatchObject({ customGrantType: 'account_credentials' });
	expect(JSON.stringify(stored.data)).not.toMatch(/gateway-key|the-secret/);

	const execution = await runBoth('Zoom', reference, destination);
	expect([execution.status, execution.data.resultData.error?.message]).toEqual(['success', undefined]);
	expect(destination.requests.map(({ key, headers }) => [key, headers.authorization])).toEqual([
		['/node', `Bearer ${newest()}`],
		['/http-request', `Bearer ${newest()}`],
	]);
	expect(endpoint.requests.map(({ body, headers }) => [body.toString(), headers['x-api-key']])).toEqual([
		['grant_type=account_credentials&account_id=acct-7', 'gateway-key'],
	]);
	expect(JSON.stringify(execution)).not.toMatch(/of-the-endpoint|the-secret|gateway-key/);
});

it('a token that is called expired in the body of a 200 is renewed, and the delivery sent once more', async () => {
	const reference = await credential('Marketo', {
		tokenRequestMethod: 'GET',
		clientAuthentication: 'body',
		expiredWhen: { rules: [{ path: 'errors.code', values: '601, 602' }] },
	});
	const taken: string[] = [];
	destination.choose(() => ({
		name: 'protected',
		act: (response, request) => {
			const isNew = request.headers.authorization === `Bearer ${newest()}`;
			if (isNew) taken.push(request.body.toString());
			const refusal = { success: false, errors: [{ code: '602', message: 'Access token expired' }] };
			answer(200, isNew ? { success: true } : refusal).act(response, request);
		},
	}));
	const items = Array.from({ length: 20 }, (_, n) => ({ n }));
	const { id } = await instance.client.workflows.create(
		workflowOf(
			'Marketo',
			[
				start,
				itemsNode(items),
				dispatchNode('Dispatch', {
					parameters: { ...oAuth2, url: destination.url('/') },
					credentials: using(reference),
				}),
			],
			chain('Start', 'Items', 'Dispatch'),
		),
	);
	await runByHand(instance.client, id);
	given += 1;
	taken.length = 0;
	const execution = await runByHand(instance.client, id);
	expect(execution.status).toBe('success');
	expect(instance.client.executions.itemsOf(execution, 'Dispatch')).toHaveLength(items.length);
	expect(taken.sort()).toEqual(items.map((item) => JSON.stringify(item)).sort());
	expect(endpoint.requests.map(({ method, url, body }) => [method, url, body.toString()])).toEqual(
		Array(2).fill(['GET', '/token?grant_type=client_credentials&client_id=my-app&client_secret=the-secret', '']),
	);
});

it('a field of the token response is in URL and headers of the next node', async () => {
	const reference = await credential('Salesforce', { responseFields: 'instance_url' });
	const { id } = await instance.client.workflows.create(
		workflowOf(
			'Salesforce',
			[
				start,
				dispatchNode('Get Access Token', {
					parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' },
					credentials: using(reference),
				}),
				itemsNode([{ n: 1 }, { n: 2 }]),
				dispatchNode('Dispatch', {
					parameters: {
						...oAuth2,
						url: "={{ $('Get Access Token').first().json.instance_url }}/services/{{ $json.n }}",
						headerParameters: pair('X-Instance', "={{ $('Get Access Token').first().json.instance_url }}"),
					},
					credentials: using(reference),
				}),
			],
			chain('Start', 'Get Access Token', 'Items', 'Dispatch'),
		),
	);
	const execution = await runByHand(instance.client, id);
	expect([execution.status, execution.data.resultData.error?.message]).toEqual(['success', undefined]);
	expect(destination.requests.map(({ url, headers }) => [url, headers['x-instance']]).sort()).toEqual([
		['/instance/services/1', destination.url('/instance')],
		['/instance/services/2', destination.url('/instance')],
	]);
	expect(endpoint.requests).toHaveLength(1);
});

it('a client certificate is presented to the token server and to the destination, from the node and from HTTP Request', async () => {
	const authority = issueCertificate({ name: 'Authority', authority: true });
	const server = issueCertificate({ name: 'server', issuer: authority });
	const identity = issueCertificate({ name: 'the client', issuer: authority });
	const seen: string[] = [];
	const looking = (body: object) => ({
		name: 'looks at the client',
		act: (response: ServerResponse, request: ReceivedRequest) => {
			const { subject } = (response.socket as TLSSocket).getPeerCertificate();
			seen.push(`${request.key}: ${String(subject?.CN)}, ${request.headers.authorization ?? request.body.toString()}`);
			answer(200, body).act(response, request);
		},
	});
	const tls = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
	const token = { access_token: 'bound-token', token_type: 'Bearer', expires_in: 3600 };
	const [tokenServer, picky] = await Promise.all([
		Receiver.start({ tls, otherwise: looking(token) }),
		Receiver.start({ tls, otherwise: looking({ ok: true }) }),
	]);
	try {
		const reference = await credential('mTLS', {
			accessTokenUrl: tokenServer.url('/token'),
			clientSecret: '',
			clientAuthentication: 'tls',
			tlsCertificate: identity.cert,
			tlsPrivateKey: identity.key,
			tlsCa: authority.cert,
		});
		const stored = await instance.client.credentials.get(reference.id);
		expect(JSON.stringify(stored.data)).not.toContain('PRIVATE KEY');
		const execution = await runBoth('mTLS', reference, picky);
		expect([execution.status, execution.data.resultData.error?.message]).toEqual(['success', undefined]);
		// One token for both: a process keeps one for each content of a credential.
		expect(seen).toEqual([
			'/token: the client, grant_type=client_credentials&client_id=my-app',
			'/node: the client, Bearer bound-token',
			'/http-request: the client, Bearer bound-token',
		]);
		expect(JSON.stringify(execution)).not.toMatch(/bound-token|PRIVATE KEY/);
	} finally {
		await Promise.all([tokenServer.close(), picky.close()]);
	}
});
