import type { IDataObject, IHttpRequestHelper } from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { authenticateWithToken, fetchToken } from '../../credentials/n8n/authenticate';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { DpopServers } from '../support/dpop/dpopServers';
import { runWorkflow } from '../support/engine';
import { requesters } from './support/requesters';
import { storedCredential } from './support/storedCredential';

/** DPoP where n8n sends the requests: it asks the credential for each, so each gets its own proof. */

const type = new WebhookDispatchClientCredentialsOAuth2Api();
let servers: DpopServers;
beforeEach(async () => {
	tokenStore.clear();
	servers = await DpopServers.start();
});
afterEach(async () => await servers.close());

const data = () => ({
	accessToken: '',
	accessTokenUrl: servers.tokenUrl,
	clientId: 'id',
	clientSecret: 'secret',
	tokenBinding: 'dpop',
});
const helpers = requesters(type.name, ({ n }) => servers.destination.url(`/hook?n=${String(n)}`));
const items = Array.from({ length: 5 }, (_, n) => ({ n }));

const send = async (helper: keyof typeof helpers, given: IDataObject[] = items) =>
	await runWorkflow({
		items: given,
		nodeType: helpers[helper],
		credentials: { [type.name]: {} },
		credentialsHelper: storedCredential(type, data()).helper,
	});

describe.each(Object.keys(helpers) as Array<keyof typeof helpers>)('%s', (helper) => {
	it('sends a proof with each request, which is verified', async () => {
		servers.wishes.endpoint = { nonce: () => 'of-the-token-endpoint' };
		expect((await send(helper)).status).toBe('success');
		expect(servers.refusals).toEqual(['use_dpop_nonce: a nonce is needed']);
		expect(servers.atDestination.accepted.map(({ payload: { htm, htu } }) => [htm, htu])).toEqual(
			Array(items.length).fill(['POST', servers.destination.url('/hook')]),
		);
		expect(servers.endpoint.requests).toHaveLength(2);
	});

	it('gets a new token for one that is refused, bound to the same key, and sends again with a new proof', async () => {
		await send(helper, [{ n: 0 }]);
		servers.revoke();
		expect((await send(helper, [{ n: 0 }])).status).toBe('success');
		expect(servers.refusals).toEqual(['invalid_token']);
		expect(new Set(servers.atEndpoint.accepted.map(({ jkt }) => jkt)).size).toBe(1);
	});

	it('fails where the destination wants a nonce: n8n shows the credential no response', async () => {
		servers.wishes.destination = { nonce: () => 'of-the-destination' };
		expect((await send(helper, [{ n: 0 }])).status).toBe('error');
		expect(servers.destination.requests).toHaveLength(2);
	});
});

describe('the proof', () => {
	/** As n8n's of every version. */
	const overFetch: IHttpRequestHelper['helpers'] = {
		httpRequest: async ({ url, method, headers, body }) => {
			const response = await fetch(url, { method, headers: headers as never, body: body as string });
			return {
				statusCode: response.status,
				headers: {},
				body: await response.text(),
			};
		},
	};
	const proofFor = async (options: object): Promise<IDataObject> => {
		const credential = data();
		await fetchToken(type.name).call({ helpers: overFetch }, credential);
		const { headers } = await authenticateWithToken(type.name)(credential, options as never);
		const proof = String(headers?.DPoP);
		return JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()) as IDataObject;
	};

	it.each([
		[{ uri: 'https://api.example.com/a?b=c#d', method: 'put' }, 'PUT', 'https://api.example.com/a'],
		[{ url: 'https://api.example.com', qs: { a: 1 } }, 'GET', 'https://api.example.com/'],
		[{ url: '/a/b', baseURL: 'https://api.example.com/v1/', method: 'POST' }, 'POST', 'https://api.example.com/v1/a/b'],
		[{ url: 'https://b.example/', baseURL: 'https://a.example/', method: 'POST' }, 'POST', 'https://b.example/'],
		[{ url: '', baseURL: 'https://a.example/v1' }, 'GET', 'https://a.example/v1'],
	])('of %j', async (options, htm, htu) => {
		expect(await proofFor(options)).toMatchObject({ htm, htu });
	});

	it.each([{}, { url: '/path' }, { uri: 'nonsense', method: 'POST' }])(
		'is not made without a URL: %j',
		async (options) => {
			await expect(proofFor(options)).rejects.toThrow('A DPoP proof needs the full URL of the request');
		},
	);

	it('takes the place of one that is there', async () => {
		const credential = data();
		await fetchToken(type.name).call({ helpers: overFetch }, credential);
		const options = { url: 'https://a.example', headers: { dpop: 'old', authorization: 'old' } };
		const { headers } = await authenticateWithToken(type.name)(credential, options);
		expect(Object.keys(headers ?? {}).sort()).toEqual(['Authorization', 'DPoP']);
		expect(headers?.Authorization).toMatch(/^DPoP dpop-token/);
	});
});
