import { WebhookDispatchClientCredentialsOAuth2Api } from '../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import type { NodeSettings } from '../support/engine';
import { runWorkflow } from '../support/engine';
import { answer, Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';
import { Tokens } from './support/tokens';

/** Token servers and destinations with their own ways, through the node in n8n's engine. */

const COUNT = 12;
const items = Array.from({ length: COUNT }, (_, n) => ({ n }));
const type = new WebhookDispatchClientCredentialsOAuth2Api().name;

let receiver: Receiver;
let tokens: Tokens;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(async () => {
	tokenStore.clear();
	receiver.clear();
	tokens = await Tokens.start();
});
afterEach(async () => await tokens.endpoint.close());

const client = () => ({ accessTokenUrl: tokens.url, clientId: 'my-app', clientSecret: 'secret-of-the-client' });

const send = async (more: object, settings: NodeSettings = {}, options = {}) =>
	await dispatch({
		items,
		settings,
		parameters: { url: receiver.url(), authentication: 'oAuth2', grantType: 'clientCredentials', options },
		credentials: { [type]: { ...client(), ...more } as never },
	});

/** Responds with this to every request that has not the newest token. */
function protectByBody(status: number, refusal: unknown): { taken: string[] } {
	const taken: string[] = [];
	receiver.choose(() => ({
		name: 'protected by its body',
		act: (response, request) => {
			const isNew = request.headers.authorization === `Bearer ${tokens.newest}`;
			if (isNew) taken.push(request.body.toString());
			answer(isNew ? 200 : status, isNew ? { success: true } : refusal).act(response, request);
		},
	}));
	return { taken };
}

const expiredWhen = (path: string, values: string) => ({ expiredWhen: { rules: [{ path, values }] } });

describe('Expired When: a token that the body of a response calls expired', () => {
	const MARKETO = { success: false, errors: [{ code: '602', message: 'Access token expired' }] };
	const marketo = expiredWhen('errors.code', '601, 602');

	it.each([
		[200, MARKETO, marketo, 1],
		[200, MARKETO, marketo, 50],
		[200, { errcode: 42001, errmsg: 'access_token expired' }, expiredWhen('errcode', '40001,42001'), 4],
		[400, { error: { type: 'expired' } }, expiredWhen('error.type', 'expired'), 4],
	])(
		'%i %j: one new token, every delivery sent once more and taken once',
		async (status, refusal, when, concurrency) => {
			const { taken } = protectByBody(status, refusal);
			await send(when, {}, { concurrency });
			tokens.expire();
			taken.length = 0;
			const run = await send(when, {}, { concurrency });
			expect(run.status).toBe('success');
			expect(run.output().map(({ json }) => deliveryOf(json).status)).toEqual(Array(COUNT).fill('delivered'));
			expect(taken.sort()).toEqual(items.map((item) => JSON.stringify(item)).sort());
			expect(tokens.forms).toHaveLength(2);
		},
	);

	it('is a failure with the words of the destination when a new token is called so, too', async () => {
		receiver.choose(() => answer(200, MARKETO));
		const run = await send(marketo, { onError: 'continueErrorOutput', retryOnFail: true }, { concurrency: 1 });
		expect(run.output()).toHaveLength(0);
		expect(run.errorOutput).toHaveLength(COUNT);
		expect(run.errorOutput[0]?.json.message).toMatch(
			/responded with 200 and does not accept the access token \(errors\.code is 602\): Access token expired/,
		);
		expect(deliveryOf(run.errorOutput[3]!.json)).toMatchObject({
			status: 'failed',
			code: 'REJECTED',
			statusCode: 200,
			retryable: false,
		});
		// One that may have grown old and one new one; each item but the first is sent once.
		expect([tokens.forms.length, receiver.requests.length]).toEqual([2, COUNT + 1]);
		expect(JSON.stringify(run.data)).not.toContain('of-this-endpoint');
	});

	it('other values and bodies are delivered', async () => {
		receiver.choose((_key, nth) =>
			answer(200, nth % 2 === 0 ? { errors: [{ code: '610' }] } : 'errors: [{ code: 602 }]'),
		);
		const run = await send(marketo);
		expect(run.output()).toHaveLength(COUNT);
		expect([tokens.forms.length, receiver.requests.length]).toEqual([1, COUNT]);
	});

	it('says nothing of a credential without it', async () => {
		receiver.choose(() => answer(200, MARKETO));
		expect((await send({})).output()).toHaveLength(COUNT);
	});

	it('counts by no other origin, to which the token does not go', async () => {
		const elsewhere = await Receiver.start();
		elsewhere.choose(() => answer(200, MARKETO));
		receiver.choose(() => answer(307, '', { location: elsewhere.url('/x') }));
		const run = await send(marketo, {}, { followRedirects: true });
		expect(run.output()).toHaveLength(COUNT);
		expect(tokens.forms).toHaveLength(1);
		await elsewhere.close();
	});
});

describe('the token request', () => {
	it('has its own grant, headers and parameters, by GET or POST', async () => {
		const pair = (name: string, value: string) => ({ parameters: [{ name, value }] });
		const own = {
			customGrantType: 'account_credentials',
			additionalParameters: pair('account_id', 'acct-7'),
			tokenRequestHeaders: pair('X-Api-Key', 'gateway-key'),
		};
		await send(own);
		await send({ ...own, tokenRequestMethod: 'GET' });
		const [post, get] = tokens.endpoint.requests;
		expect([post?.method, post?.url, post?.body.toString()]).toEqual([
			'POST',
			'/token',
			'grant_type=account_credentials&account_id=acct-7',
		]);
		expect([get?.method, get?.url, get?.body.toString()]).toEqual([
			'GET',
			'/token?grant_type=account_credentials&account_id=acct-7',
			'',
		]);
		for (const request of [post, get]) {
			expect(request?.headers['x-api-key']).toBe('gateway-key');
			expect(request?.headers.authorization).toMatch(/^Basic /);
		}
	});

	it('may come in a header', async () => {
		tokens.instead = [answer(201, '', { 'x-auth-token': 'token-in-header' })];
		const run = await send({ tokenLocation: 'header', accessTokenHeader: 'X-Auth-Token' });
		expect(run.status).toBe('success');
		expect(new Set(receiver.requests.map(({ headers }) => headers.authorization))).toEqual(
			new Set(['Bearer token-in-header']),
		);
	});

	it('gives further fields to the nodes after it', async () => {
		tokens.more = { instance_url: 'https://my.example', id_token: 'x', data: { region: 'eu' } };
		const run = await runWorkflow({
			items: [{}],
			node: { parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' } },
			credentials: { [type]: { ...client(), responseFields: 'instance_url, data.region, missing' } },
		});
		expect(run.output()[0]?.json).toEqual({
			tokenType: 'Bearer',
			scope: null,
			expiresIn: 86_400,
			expiresAt: expect.any(String) as string,
			accessToken: expect.stringMatching(/^\*{4}/) as string,
			instance_url: 'https://my.example',
			region: 'eu',
			missing: null,
		});
	});
});
