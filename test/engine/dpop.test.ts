import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { DpopServers } from '../support/dpop/dpopServers';
import { runWorkflow, type Run } from '../support/engine';
import { answer, Receiver, type Behaviour } from '../support/receiver';
import { deliveryOf, dispatch, pairs, type Dispatch } from './support/dispatch';

/** Deliveries with tokens that are bound by DPoP; every proof is verified where it arrives. */

let servers: DpopServers;
beforeEach(async () => {
	tokenStore.clear();
	servers = await DpopServers.start();
});
afterEach(async () => await servers.close());

const COUNT = 20;
const items = Array.from({ length: COUNT }, (_, n) => ({ n }));
const SECRET = 'secret-of-the-client';

const client = (data: IDataObject = {}) => ({
	webhookDispatchClientCredentialsOAuth2Api: {
		accessTokenUrl: servers.tokenUrl,
		clientId: 'client one',
		clientSecret: SECRET,
		tokenBinding: 'dpop',
		...data,
	} as never,
});

const send = async (
	options: INodeParameters = {},
	{ credentials = client(), parameters = {}, ...more }: Partial<Dispatch> = {},
): Promise<Run> =>
	await dispatch({
		items,
		credentials,
		...more,
		parameters: {
			url: servers.destination.url('/hook'),
			authentication: 'oAuth2',
			grantType: 'clientCredentials',
			options,
			...parameters,
		},
	});

const deliveries = (run: Run) => run.output().map(({ json }) => deliveryOf(json));
const failures = (run: Run) => run.errorOutput.map(({ json }) => json as unknown as { message: string; n: number });
const hosts = (receiver: Receiver) => new URL(receiver.origin).host;

describe('each request', () => {
	it('has the token and its own proof; one token is fetched, with a proof, too', async () => {
		const run = await send({ includeHeaders: true }, { parameters: { url: servers.destination.url('/hook?key=1') } });
		expect(deliveries(run)).toEqual(
			Array(COUNT).fill(expect.objectContaining({ status: 'delivered', attempts: 1 }) as unknown),
		);
		expect([servers.refusals, servers.atEndpoint.accepted.length]).toEqual([[], 1]);
		const { accepted } = servers.atDestination;
		expect(accepted).toHaveLength(COUNT);
		expect(new Set(accepted.map(({ payload }) => payload.jti)).size).toBe(COUNT);
		expect(new Set([...accepted, ...servers.atEndpoint.accepted].map(({ jkt }) => jkt)).size).toBe(1);
		expect(accepted[0]?.payload.htu).toBe(servers.destination.url('/hook'));
		expect(servers.destination.requests[0]?.rawHeaders).toEqual(expect.arrayContaining(['Authorization', 'DPoP']));
		expect(JSON.stringify(run.data)).not.toMatch(/of-this-endpoint|eyJ0eXAiOiJkcG9w|secret-of-the/);
	});

	it('has a new one when it is retried, and one of the node’s own parameters does not take its place', async () => {
		servers.destination.script('/hook', answer(503), answer(503));
		const run = await send(
			{ concurrency: 1 },
			{ settings: { retryOnFail: true }, parameters: { headerParameters: pairs(['dpop', 'of-the-user']) } },
		);
		expect([run.status, servers.refusals, servers.atDestination.accepted.length]).toEqual(['success', [], COUNT]);
		const proofs = servers.destination.requests.map(({ headers }) => headers.dpop);
		expect([proofs.length, new Set(proofs).size, proofs.includes('of-the-user')]).toEqual([
			COUNT + 2,
			COUNT + 2,
			false,
		]);
	});

	it('has one in a test, too', async () => {
		const run = await send({}, { items: [{}], parameters: { operation: 'sendTest' } });
		expect(run.output()[0]?.json).toMatchObject({ passed: true, statusCode: 200 });
		expect(servers.atDestination.accepted).toHaveLength(1);
	});

	it('shows neither token nor proof when the destination gives them back', async () => {
		const echo: Behaviour = {
			name: 'echo',
			act: (response, { headers }) => {
				response.setHeader('x-echo', String(headers.dpop));
				response.end(`${headers.authorization ?? ''} ${String(headers.dpop)}`);
			},
		};
		servers.destination.choose(() => servers.protected(servers.destination, echo));
		const run = await send({ includeHeaders: true }, { items: [{}] });
		expect(run.output()[0]?.json).toMatchObject({ response: 'DPoP *** ***', headers: { 'x-echo': '***' } });
		expect(JSON.stringify(run.data)).not.toMatch(/of-this-endpoint|eyJ0eXAiOiJkcG9w/);
	});
});

describe('nonces', () => {
	it('of both servers are learned by one request each, which is no attempt, and used from then on', async () => {
		servers.wishes = {
			endpoint: { nonce: () => 'of-the-endpoint' },
			destination: { nonce: () => 'of-the-destination' },
		};
		const run = await send({ concurrency: 1 });
		expect(deliveries(run)).toEqual(
			Array(COUNT).fill(expect.objectContaining({ status: 'delivered', attempts: 1 }) as unknown),
		);
		expect(servers.refusals).toEqual(Array(2).fill('use_dpop_nonce: a nonce is needed'));
		expect([servers.endpoint.requests.length, servers.destination.requests.length]).toEqual([2, COUNT + 1]);
		await send({ concurrency: 1 });
		expect([servers.refusals.length, servers.endpoint.requests.length]).toEqual([2, 2]);
	});

	it('are renewed by any response: a new one that comes with a success costs no request', async () => {
		let nonce = 0;
		servers.wishes.destination = { nonce: () => `n-${nonce}`, next: () => `n-${(nonce += 1)}` };
		const run = await send({ concurrency: 1 });
		expect([run.output().length, nonce, servers.refusals.length]).toEqual([COUNT, COUNT, 1]);
	});

	it('that change while many requests are out fail no delivery', async () => {
		servers.wishes.destination = {
			nonce: () => (servers.destination.requests.length < 60 ? 'first' : 'second'),
		};
		const many = Array.from({ length: 200 }, (_, n) => ({ n }));
		const run = await send({ concurrency: 50 }, { items: many });
		expect(run.error?.description).toBeUndefined();
		expect(deliveries(run)).toHaveLength(200);
		expect(deliveries(run).every(({ attempts }) => attempts === 1)).toBe(true);
		expect(servers.tokenCount).toBe(1);
	});

	it('that never satisfy end after one more request, with no new token', async () => {
		let nonce = 0;
		servers.wishes.destination = { nonce: () => `n-${(nonce += 1)}` };
		const run = await send({}, { items: [{ n: 0 }], settings: { onError: 'continueErrorOutput' } });
		const [{ json } = { json: {} }] = run.errorOutput;
		expect(json).toMatchObject({
			message: expect.stringMatching(/responded with 401 Unauthorized: use_dpop_nonce: a nonce is needed/) as string,
		});
		expect(deliveryOf(json)).toMatchObject({ statusCode: 401, attempts: 1, retryable: false });
		expect(JSON.stringify(run.data)).toContain('does not accept the nonce it has just sent');
		expect([servers.destination.requests.length, servers.endpoint.requests.length]).toEqual([2, 1]);
	});

	it('that never satisfy the token endpoint end after one more request', async () => {
		let nonce = 0;
		servers.wishes.endpoint = { nonce: () => `n-${(nonce += 1)}` };
		const run = await send({}, { settings: { onError: 'continueErrorOutput' } });
		expect([run.errorOutput.length, servers.endpoint.requests.length]).toEqual([COUNT, 2]);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'TOKEN', statusCode: 400, attempts: 0 });
	});
});

describe('a token', () => {
	it('that is refused is replaced by one that is bound to the same key', async () => {
		await send();
		servers.revoke();
		const run = await send({ concurrency: 1 });
		expect([run.output().length, servers.refusals]).toEqual([COUNT, ['invalid_token']]);
		expect(new Set(servers.atEndpoint.accepted.map(({ jkt }) => jkt)).size).toBe(1);
		expect(servers.endpoint.requests).toHaveLength(2);
	});

	it.each([
		['Bearer', {}],
		['bearer', { tokenTypeCheck: 'any' }],
		[undefined, {}],
		[null, { tokenTypeCheck: 'any' }],
		['DPoP2', { tokenTypeCheck: 'any' }],
		[7, {}],
	])('of the type %s is not used: it is bound to nothing', async (type, data) => {
		servers.tokenType = type;
		const run = await send({}, { credentials: client(data), settings: { onError: 'continueErrorOutput' } });
		expect([run.errorOutput.length, servers.destination.requests.length]).toEqual([COUNT, 0]);
		expect(failures(run)[0]?.message).toMatch(
			/responded with 200 and a token of the type|responded with 200 without a token type/,
		);
		expect(JSON.stringify(run.data)).toContain('turn on DPoP for this client');
		expect(JSON.stringify(run.data)).not.toContain('of-this-endpoint');
	});

	it.each(['dpop', 'DPOP'])('of the type %s is one', async (type) => {
		servers.tokenType = type;
		expect((await send()).output()).toHaveLength(COUNT);
	});

	it.each([{}, { tokenTypeCheck: 'any' }])('that is bound is not used without Token Binding: %o', async (data) => {
		servers.endpoint.choose(() => answer(200, { access_token: 'bound-token', token_type: 'DPoP' }));
		const credentials = client({ tokenBinding: 'none', ...data });
		const run = await send({}, { credentials, settings: { onError: 'continueErrorOutput' } });
		expect([run.errorOutput.length, servers.destination.requests.length]).toEqual([COUNT, 0]);
		expect(JSON.stringify(run.data)).toContain('Set Token Binding to DPoP');
	});

	it('is renewed with a refresh token by the same key', async () => {
		servers.more = { refresh_token: 'refresh-1' };
		const credentials = {
			webhookDispatchPasswordOAuth2Api: {
				...(client().webhookDispatchClientCredentialsOAuth2Api as object),
				username: 'ada',
				password: 'hunter2-secret',
			} as never,
		};
		const password = async () => await send({ concurrency: 1 }, { credentials, parameters: { grantType: 'password' } });
		await password();
		servers.revoke();
		expect((await password()).output()).toHaveLength(COUNT);
		const grants = servers.endpoint.requests.map(({ body }) => new URLSearchParams(body.toString()).get('grant_type'));
		expect(grants).toEqual(['password', 'refresh_token']);
		expect(new Set(servers.atEndpoint.accepted.map(({ jkt }) => jkt)).size).toBe(1);
	});
});

describe('apart', () => {
	it('clients have a key each, and each item its own', async () => {
		const credentials = client({ clientId: '={{ $json.customer }}' });
		const customers = ['ada', 'ben', 'ada', 'cid'].map((customer) => ({ customer }));
		const run = await send({}, { items: customers, credentials });
		expect([run.output().length, servers.refusals]).toEqual([4, []]);
		expect(new Set(servers.atEndpoint.accepted.map(({ jkt }) => jkt)).size).toBe(3);
		expect(new Set(servers.atDestination.accepted.map(({ jkt }) => jkt)).size).toBe(3);
	});

	it('a destination whose clock is wrong fails its own items, and says so; the others are delivered', async () => {
		const late = await DpopServers.start();
		late.wishes.destination = { clockAhead: 600_000 };
		try {
			const run = await send(
				{ concurrency: 1 },
				{
					settings: { onError: 'continueErrorOutput' },
					parameters: {
						url: `={{ $json.n % 2 ? '${late.destination.url('/late')}' : '${servers.destination.url('/hook')}' }}`,
					},
				},
			);
			expect([run.output().length, run.errorOutput.length]).toEqual([COUNT / 2, COUNT / 2]);
			expect(failures(run).every(({ n }) => n % 2 === 1)).toBe(true);
			expect(failures(run)[0]?.message).toContain(
				`${hosts(late.destination)} responded with 401 Unauthorized: invalid_dpop_proof: iat is not about now`,
			);
			expect(JSON.stringify(run.data)).toMatch(/The clock of n8n is (599|600|601) s behind the server's/);
			// Neither token nor key was at fault.
			expect(servers.endpoint.requests).toHaveLength(1);
		} finally {
			await late.close();
		}
	});

	it('a token endpoint whose clock is wrong: what to do; nothing is sent', async () => {
		servers.wishes.endpoint = { clockAhead: -600_000 };
		const run = await send({}, { settings: { onError: 'continueErrorOutput' } });
		expect(failures(run)[0]?.message).toContain('(invalid_dpop_proof: iat is not about now)');
		expect(JSON.stringify(run.data)).toMatch(/The clock of n8n is (599|600|601) s ahead of the server's/);
		expect(servers.destination.requests).toHaveLength(0);
	});
});

describe('redirects', () => {
	const redirect = (location: string, status = 307) => answer(status, '', { location });

	it('within the origin have a proof for each address and method', async () => {
		servers.destination.choose((key) =>
			key === '/hook'
				? servers.protected(servers.destination, redirect('/next', 303))
				: servers.protected(servers.destination),
		);
		servers.wishes.destination = { nonce: () => 'nonce' };
		const run = await send({ followRedirects: true, concurrency: 1 }, { items: [{}] });
		expect(run.output()).toHaveLength(1);
		expect(servers.atDestination.accepted.map(({ payload: { htm, htu } }) => [htm, htu])).toEqual([
			['POST', servers.destination.url('/hook')],
			['GET', servers.destination.url('/next')],
		]);
	});

	it('to another origin take neither token nor proof along', async () => {
		const other = await Receiver.start();
		try {
			servers.destination.choose(() => servers.protected(servers.destination, redirect(other.url('/'))));
			const run = await send({ followRedirects: true });
			expect(run.output()).toHaveLength(COUNT);
			expect(other.requests).toHaveLength(COUNT);
			for (const { headers } of other.requests) {
				expect(headers).not.toHaveProperty('dpop');
				expect(headers).not.toHaveProperty('authorization');
			}
		} finally {
			await other.close();
		}
	});

	it('a nonce that another origin asks for is no one’s', async () => {
		const other = await Receiver.start();
		try {
			other.choose(() => answer(401, '', { 'dpop-nonce': 'n', 'www-authenticate': 'DPoP error="use_dpop_nonce"' }));
			servers.destination.choose(() => servers.protected(servers.destination, redirect(other.url('/'))));
			await send({ followRedirects: true }, { items: [{}], settings: { onError: 'continueErrorOutput' } });
			expect([other.requests.length, servers.destination.requests.length]).toEqual([1, 1]);
		} finally {
			await other.close();
		}
	});
});

describe('a credential', () => {
	it.each([
		[{ headerName: 'X-Access-Token' }, /^Header Name contradicts Token Binding$/],
		[{ headerPrefix: '' }, /^Header Prefix contradicts Token Binding$/],
		[{ headerPrefix: 'Token' }, /^Header Prefix contradicts Token Binding$/],
		[{ tokenBinding: 'mtls' }, /^Token Binding has an unknown value$/],
		[{ tokenRequestHeaders: pairs(['DPoP', 'x']) }, /must not contain dpop/],
	])('that contradicts itself is refused: %j', async (data, message) => {
		const { error } = await send({}, { credentials: client(data as never) });
		expect(error?.message).toMatch(message);
		expect([servers.endpoint.requests.length, servers.destination.requests.length]).toEqual([0, 0]);
	});

	it.each([{ headerPrefix: 'dpop' }, { headerName: 'authorization', headerPrefix: 'Bearer' }])(
		'that does not is sent as DPoP: %j',
		async (data) => {
			expect((await send({}, { credentials: client(data) })).output()).toHaveLength(COUNT);
		},
	);

	it('of a client that must use DPoP says so when it does not', async () => {
		const run = await send(
			{},
			{ credentials: client({ tokenBinding: 'none' }), settings: { onError: 'continueErrorOutput' } },
		);
		expect(JSON.stringify(run.errorOutput)).toContain('invalid_dpop_proof: there is no proof');
		expect(JSON.stringify(run.data)).toContain('set Token Binding to DPoP in the credential');
	});
});

it('Access Token: Get shows the type and the thumbprint of the key, under the name that tokens have it', async () => {
	const run = await runWorkflow({
		items: [{}],
		node: { parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' } },
		credentials: client(),
	});
	expect(run.output()[0]?.json).toEqual({
		tokenType: 'DPoP',
		scope: null,
		expiresIn: 3600,
		expiresAt: expect.any(String) as string,
		accessToken: '****oint',
		jkt: servers.atEndpoint.accepted[0]?.jkt,
	});
	await send();
	expect([servers.endpoint.requests.length, servers.refusals]).toEqual([1, []]);
});
