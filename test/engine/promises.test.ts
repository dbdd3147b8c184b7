import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { DISPATCH, type NodeSettings, type Shape } from '../support/engine';
import { TestCredentialsHelper } from '../support/engine/credentialsHelper';
import { DISPATCH_TYPE, line } from '../support/engine/workflow';
import { answer, cutInHeaders, Receiver, redirect, truncated } from '../support/receiver';
import { bodies, deliveryOf, dispatch, pairs } from './support/dispatch';
import { TestProxy } from './support/proxy';
import { Tokens } from './support/tokens';

/** What a review broke, named after what is right (docs/delivery-promises.md). */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());
afterEach(() => jest.restoreAllMocks());

const errorOutput = { onError: 'continueErrorOutput' } as const;
const threeTries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 } as const;
const items = (count = 3) => Array.from({ length: count }, (_, n) => ({ n }));
const url = () => `=${receiver.origin}/{{ $json.n }}`;
const idsOf = (key: string) => receiver.of(key).map(({ headers }) => headers['idempotency-key']);
const withIds = { idempotencyHeader: 'Idempotency-Key' };

/** The error output leads back to the node. */
const backToItself: Shape = (node) => {
	const { nodes, connections } = line(node);
	return { nodes, connections: [...connections, [DISPATCH, DISPATCH, 1]] };
};

describe('who a run sends as', () => {
	const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
	const credentials = {
		webhookDispatchBasicApi: { user: 'user', password: 'password-of-user' },
		webhookDispatchClientCredentialsOAuth2Api: {
			accessTokenUrl: 'http://127.0.0.1:9/',
			clientId: 'c',
			clientSecret: 's',
		},
		webhookDispatchSigningApi: { secret },
	};

	it.each<[string, INodeParameters, RegExp]>([
		[
			'authentication by an expression',
			{ authentication: '={{ $json.n === 0 ? "basic" : "none" }}' },
			/^Authentication is set by an expression/,
		],
		[
			'a grant type by an expression',
			{ authentication: 'oAuth2', grantType: '={{ "password" }}' },
			/^Grant Type is set by an expression/,
		],
		[
			'signing by an expression',
			{ signing: '={{ $json.n === 0 ? "none" : "standardWebhooks" }}' },
			/^Signing is set by an expression/,
		],
		...['NONE', '', 'Basic', 'constructor', '__proto__', 'header'].map(
			(authentication): [string, INodeParameters, RegExp] => [
				`authentication ${JSON.stringify(authentication)}`,
				{ authentication },
				/^Authentication has a value that does not exist/,
			],
		),
		['authentication null', { authentication: null as never }, /^Authentication has a value that does not exist/],
		[
			'a list of authentications',
			{ authentication: ['none'] as never },
			/^Authentication has a value that does not exist/,
		],
		[
			'a grant type',
			{ authentication: 'oAuth2', grantType: 'implicit' },
			/^Grant Type has a value that does not exist/,
		],
		['a signing', { signing: 'StandardWebhooks' }, /^Signing has a value that does not exist/],
	])('is refused with %s: nothing is sent', async (_name, parameters, message) => {
		const stopped = await dispatch({ items: items(), credentials, parameters: { url: url(), ...parameters } });
		expect([stopped.status, stopped.error?.message]).toEqual(['error', expect.stringMatching(message)]);
		expect(stopped.error?.description).toMatch(/^Select /);
		const continued = await dispatch({
			items: items(),
			credentials,
			settings: errorOutput,
			parameters: { url: url(), ...parameters },
		});
		expect(continued.errorOutput.map(({ json }) => [json.n, deliveryOf(json).code])).toEqual(
			[0, 1, 2].map((n) => [n, 'INVALID_REQUEST']),
		);
		expect(receiver.requests).toHaveLength(0);
	});

	it.each([
		['sendTest', { operation: 'sendTest', authentication: 'NONE' }],
		['get', { resource: 'accessToken', operation: 'get', grantType: 'NONE' }],
	])('is refused by %s, too', async (_operation, parameters) => {
		const run = await dispatch({ items: items(1), credentials, parameters: { url: receiver.url(), ...parameters } });
		expect([run.status, receiver.requests.length]).toEqual(['error', 0]);
		expect(`${run.error?.message} ${run.error?.description}`).toMatch(/has a value that does not exist/);
	});

	it.each([
		'={{ "a" + "b" }}',
		'={{ $vars.missing ?? "ab" }}',
		'={{ $env.TWO_LETTERS_OF_THIS_TEST }}',
		'={{ $execution.id ? "ab" : "" }}',
		'={{ $workflow.name ? "ab" : "ab" }}',
		'={{ $now.year > 0 ? "ab" : "" }}',
		'a$json',
		'ab',
	])('is the credential when it is the same for all items: %s, read once', async (password) => {
		const more = { N8N_BLOCK_ENV_ACCESS_IN_NODE: 'false', TWO_LETTERS_OF_THIS_TEST: 'ab' };
		jest.replaceProperty(process, 'env', { ...process.env, ...more });
		const credentials = { webhookDispatchBasicApi: { user: 'u', password } };
		const run = await dispatch({ items: items(), credentials, parameters: { url: url(), authentication: 'basic' } });
		const expected = `Basic ${Buffer.from(`u:${password === 'a$json' ? 'a$json' : 'ab'}`).toString('base64')}`;
		expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected, expected]);
		expect(run.decryptions('webhookDispatchBasicApi')).toBe(1);
	});
});

describe('a credential that n8n cannot read at first', () => {
	const credentials = { webhookDispatchBasicApi: { user: 'u', password: 'password' } };
	const parameters = () => ({ url: url(), authentication: 'basic' });
	/** It can be read for neither of the first two items, which are asked about. */
	const failAtFirst = () =>
		jest
			.spyOn(TestCredentialsHelper.prototype, 'getDecrypted')
			.mockRejectedValueOnce(new Error('The database is busy'))
			.mockRejectedValueOnce(new Error('The database is busy'));

	it.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'is read again in the next try (%s)',
		async (onError) => {
			failAtFirst();
			const run = await dispatch({
				items: items(),
				credentials,
				settings: { ...threeTries, onError },
				parameters: parameters(),
			});
			expect([run.status, run.output().length, run.errorOutput.length]).toEqual(['success', 3, 0]);
			expect(receiver.requests).toHaveLength(3);
		},
	);

	it('fails the items of the last try, which may be retried later', async () => {
		failAtFirst();
		const run = await dispatch({ items: items(), credentials, settings: errorOutput, parameters: parameters() });
		expect(run.errorOutput.map(({ json }) => deliveryOf(json))).toEqual(
			Array(3).fill(expect.objectContaining({ retryable: true, attempts: 0 })),
		);
	});
});

describe('a broadcast', () => {
	const users = ['u1', 'u2', 'u3'].map((identity) => ({ identity }));
	const parameters = (options: IDataObject = {}) => ({
		url: receiver.url('/b'),
		body: 'profiles',
		recipients: 'broadcast',
		targetId: '7',
		options: { ...withIds, ...options } as never,
	});
	const received = () =>
		bodies(receiver.requests).map((body) =>
			(JSON.parse(body) as { profiles: IDataObject[] }).profiles.map(({ identity }) => identity),
		);

	it('that failed and comes back has all its recipients, the same bytes, under the same key', async () => {
		receiver.script('/b', answer(503), answer(503));
		const run = await dispatch({
			items: users,
			shape: backToItself,
			settings: errorOutput,
			parameters: parameters({ retrySchedule: '1s, 1s' }),
		});
		expect(received()).toEqual(Array(3).fill(['u1', 'u2', 'u3']));
		expect(new Set(bodies(receiver.requests)).size).toBe(1);
		expect(new Set(idsOf('/b')).size).toBe(1);
		expect(run.reached('Delivered').map(({ json }) => deliveryOf(json))).toEqual([
			expect.objectContaining({ attempts: 3 }),
		]);
	});

	it('comes back beside others, each recipient in one body', async () => {
		receiver.choose((_key, nth) => (nth === 1 || nth === 3 ? answer(503) : undefined));
		await dispatch({
			items: [...users, { identity: 'u4' }, { identity: 'u5' }],
			shape: backToItself,
			settings: errorOutput,
			parameters: parameters({ batchSize: 2, concurrency: 1 }),
		});
		expect(received()).toEqual([['u1', 'u2'], ['u3', 'u4'], ['u5'], ['u3', 'u4'], ['u3', 'u4']]);
	});

	it('comes back among new items, and is its own request under its key', async () => {
		receiver.script('/b', answer(503));
		const failed = await dispatch({ items: users, settings: errorOutput, parameters: parameters() });
		const again = [failed.errorOutput[0]!.json, { identity: 'u8' }, { identity: 'u9' }];
		await dispatch({ items: again, parameters: parameters() });
		expect(received()).toEqual(
			expect.arrayContaining([
				['u1', 'u2', 'u3'],
				['u8', 'u9'],
			]),
		);
		expect([receiver.requests.length, new Set(idsOf('/b')).size]).toEqual([3, 2]);
	});

	it('whose recipients come to a node that sends single ones loses none: it says so', async () => {
		receiver.script('/b', answer(503));
		const failed = await dispatch({ items: users, settings: errorOutput, parameters: parameters() });
		receiver.clear();
		const run = await dispatch({
			items: [failed.errorOutput[0]!.json],
			settings: errorOutput,
			parameters: { ...parameters(), recipients: 'single' },
		});
		expect(run.errorOutput[0]?.json.message).toBe('The item is a failed broadcast to 3 recipients [item 0]');
		expect(run.errorOutput[0]?.json.details).toMatchObject({ delivery: { code: 'INVALID_REQUEST' } });
		expect(receiver.requests).toHaveLength(0);
	});
});

describe('an item on the error output', () => {
	it('of one node is a new delivery in another, sent whole', async () => {
		receiver.script('/0', answer(500, { message: 'down' }));
		const shape: Shape = (node) => {
			const { nodes, connections } = line(node);
			const alert = {
				name: 'Alert',
				type: DISPATCH_TYPE,
				parameters: { url: receiver.url('/alert'), options: withIds },
			};
			return { nodes: [...nodes, alert], connections: [...connections, [DISPATCH, 'Alert', 1]] };
		};
		const run = await dispatch({
			items: items(1),
			shape,
			settings: errorOutput,
			parameters: { url: url(), options: withIds },
		});
		const [alert] = receiver.of('/alert');
		expect(JSON.parse(String(alert?.body))).toEqual(run.errorOutput[0]?.json);
		expect(alert?.headers['idempotency-key']).not.toBe(idsOf('/0')[0]);
		expect(deliveryOf(run.output(0, 'Alert')[0]!.json)).toMatchObject({ attempts: 1 });
	});

	it('that comes back is sent as it was, with its own error, message and details', async () => {
		const item = { n: 0, error: false, message: 'hello', details: { delivery: 'by courier' } };
		receiver.script('/0', answer(503), answer(503));
		await dispatch({
			items: [item],
			shape: backToItself,
			settings: errorOutput,
			parameters: { url: url(), options: withIds },
		});
		expect(bodies(receiver.requests)).toEqual(Array(3).fill(JSON.stringify(item)));
		expect(new Set(idsOf('/0')).size).toBe(1);
	});

	it('is an SMS report somebody else’s, and is sent whole under its own ID', async () => {
		const item = {
			n: 0,
			error: 'undelivered',
			message: 'm',
			details: { delivery: { id: 'SM123', status: 'failed', code: '30003' } },
		};
		await dispatch({ items: [item], parameters: { url: url(), options: withIds } });
		expect(bodies(receiver.requests)).toEqual([JSON.stringify(item)]);
		expect(idsOf('/0')).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
	});
});

describe('a 2xx whose response cannot be read', () => {
	const behaviours = [
		['cut in its body', () => truncated(201)],
		['cut in its headers', () => cutInHeaders(201)],
	] as const;

	it.each(behaviours)('%s is delivered, and the receipt says what became of it', async (_name, behaviour) => {
		receiver.choose(() => behaviour());
		const run = await dispatch({ items: items(2), settings: threeTries, parameters: { url: url() } });
		for (const { json } of run.output()) {
			expect(json).toMatchObject({
				delivery: {
					status: 'delivered',
					statusCode: 201,
					attempts: 1,
					responseFault: {
						code: 'CONNECTION',
						message: expect.stringMatching(
							/^127\.0\.0\.1:\d+ responded with 201, but its response could not be read: /,
						) as string,
					},
				},
				response: '',
			});
		}
		expect([run.output().length, receiver.requests.length]).toEqual([2, 2]);
	});

	it.each(behaviours)('%s lets the input item flow on', async (_name, behaviour) => {
		receiver.choose(() => behaviour());
		const run = await dispatch({
			items: items(2),
			settings: threeTries,
			parameters: { url: url(), options: { output: 'input' } },
		});
		expect([run.output().map(({ json }) => json), receiver.requests.length]).toEqual([items(2), 2]);
	});

	it.each(behaviours)(
		'%s fails an item whose response is wanted, and is never sent again',
		async (_name, behaviour) => {
			receiver.choose(() => behaviour());
			const parameters = { url: url(), options: { output: 'response' } };
			const run = await dispatch({ items: items(2), settings: { ...threeTries, ...errorOutput }, parameters });
			expect(run.errorOutput.map(({ json }) => deliveryOf(json))).toEqual(
				Array(2).fill(expect.objectContaining({ code: 'CONNECTION', statusCode: 201, retryable: false, attempts: 1 })),
			);
			const stopped = await dispatch({ items: items(1), settings: threeTries, parameters });
			expect(stopped.status).toBe('error');
			const before = receiver.requests.length;
			expect((await stopped.retry()).status).toBe('error');
			expect(receiver.requests).toHaveLength(before);
		},
	);
});

describe('an item that n8n would take for a failed one', () => {
	it.each<[string, IDataObject]>([
		['error and message', { error: 'e', message: 'm' }],
		['error alone', { error: true }],
		['error and details', { error: { code: 5 }, details: { a: 1 } }],
	])('with %s leaves by Success, as it came in', async (_name, item) => {
		const run = await dispatch({
			items: [item, item],
			settings: errorOutput,
			parameters: { url: receiver.url(), options: { output: 'input' } },
		});
		expect(JSON.stringify(run.reached('Delivered').map(({ json }) => json))).toBe(JSON.stringify([item, item]));
		expect(run.errorOutput).toEqual([]);
	});

	it.each<[string, NodeSettings]>([
		['regular output', { onError: 'continueRegularOutput' }],
		['error output', errorOutput],
		['stop', {}],
	])(
		'costs no further run of the node and no wait: %s',
		async (_name, settings) => {
			receiver.choose(() => answer(200, { ok: false, error: 'channel_not_found', id: 5 }));
			const input = jest.spyOn(Receiver.prototype, 'url');
			const slow = { retryOnFail: true, maxTries: 5, waitBetweenTries: 5000, ...settings };
			const before = performance.now();
			const response = await dispatch({
				items: items(2),
				settings: slow,
				parameters: { url: url(), options: { output: 'response' } },
			});
			expect(response.output().map(({ json }) => json)).toEqual(
				Array(2).fill({ ok: false, error: 'channel_not_found', id: 5 }),
			);
			const own = [{ n: 0, error: 'mine' }];
			expect(
				(
					await dispatch({ items: own, settings: slow, parameters: { url: url(), options: { output: 'input' } } })
				).output()[0]?.json,
			).toEqual(own[0]);
			// Each further run would come after 5 s.
			expect(performance.now() - before).toBeLessThan(5000);
			input.mockRestore();
		},
		60_000,
	);

	it('a failure that is final costs none either, as the first of all', async () => {
		receiver.choose(() => answer(404));
		const before = performance.now();
		const run = await dispatch({
			items: items(2),
			settings: { retryOnFail: true, maxTries: 5, waitBetweenTries: 5000, onError: 'continueRegularOutput' },
			parameters: { url: url() },
		});
		expect(run.output().map(({ json }) => json.error)).toEqual(Array(2).fill('Webhook Dispatch Failed'));
		expect(performance.now() - before).toBeLessThan(5000);
	}, 60_000);
});

describe('a token endpoint', () => {
	let tokens: Tokens;
	beforeEach(async () => (tokens = await Tokens.start()));
	afterEach(async () => await tokens.endpoint.close());
	const credentials = () => ({
		webhookDispatchClientCredentialsOAuth2Api: {
			accessTokenUrl: tokens.url,
			clientId: 'client',
			clientSecret: 'secret-of-client',
		},
	});
	const parameters = (options: IDataObject = {}) => ({
		url: url(),
		authentication: 'oAuth2',
		grantType: 'clientCredentials',
		options: options as never,
	});

	it.each([
		['429, Retry-After: 60', () => answer(429, '', { 'retry-after': '60' })],
		['503', () => answer(503)],
		['Retry-After in the year 275760', () => answer(429, '', { 'retry-after': 'Sat, 13 Sep 275760 00:00:00 GMT' })],
	])('that responds with %s is asked once a try, for however many items', async (_name, behaviour) => {
		tokens.instead = Array.from({ length: 50 }, behaviour);
		const run = await dispatch({
			items: items(1000),
			credentials: credentials(),
			settings: errorOutput,
			parameters: parameters(),
		});
		expect([run.status, run.errorOutput.length, tokens.endpoint.requests.length]).toEqual(['success', 1000, 1]);
		expect(receiver.requests).toHaveLength(0);
	});

	it('is asked through the node’s own proxy', async () => {
		const proxy = await TestProxy.start();
		await dispatch({
			items: items(1),
			credentials: credentials(),
			parameters: parameters({ proxy: `http://${proxy.address}` }),
		});
		await proxy.close();
		expect(proxy.passages.map(({ to }) => to)).toEqual([new URL(tokens.url).host, new URL(receiver.origin).host]);
		expect(receiver.requests).toHaveLength(1);
	});
});

describe('options that hold for a run', () => {
	it.each<[string, IDataObject]>([
		['Proxy', { proxy: '={{ $json.n === 0 ? "" : "http://127.0.0.1:9" }}' }],
		['Ignore SSL Issues', { allowUnauthorizedCerts: '={{ $json.n === 0 }}' }],
		['Use Client Certificate', { useClientCertificate: '={{ $json.n > 0 }}' }],
		['Concurrency', { concurrency: '={{ $json.n + 1 }}' }],
		['Retry Schedule', { retrySchedule: '={{ $json.n }}s' }],
	])('%s, different for the items, is refused, and nothing is sent', async (label, options) => {
		const run = await dispatch({
			items: items(),
			settings: errorOutput,
			parameters: { url: url(), options: options as never },
		});
		expect(run.errorOutput.map(({ json }) => json.message)).toEqual(
			[0, 1, 2].map((n) => `${label} in the options has an expression with different values for the items [item ${n}]`),
		);
		expect(receiver.requests).toHaveLength(0);
	});

	it('one that is the same for all is taken', async () => {
		const run = await dispatch({
			items: items(),
			parameters: { url: url(), options: { concurrency: '={{ $json.n < 9 ? 2 : 1 }}' as never } },
		});
		expect([run.status, receiver.requests.length]).toEqual(['success', 3]);
	});
});

it('an own Delivery ID that differs in every try is the first one in all of them', async () => {
	receiver.script('/0', answer(503), answer(503));
	const options = { ...withIds, deliveryId: '={{ String(Math.random()).slice(2) }}' };
	const run = await dispatch({ items: items(1), settings: threeTries, parameters: { url: url(), options } });
	expect([idsOf('/0').length, new Set(idsOf('/0')).size]).toEqual([3, 1]);
	expect(deliveryOf(run.output()[0]!.json).id).toBe(idsOf('/0')[0]);
});

it('an ID with a full stop is not signed, also when it was made without signing', async () => {
	receiver.script('/0', answer(500));
	const parameters = { url: url(), options: { deliveryId: 'order.1' } };
	const credentials = { webhookDispatchSigningApi: { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` } };
	const failed = await dispatch({ items: items(1), credentials, parameters });
	const again = await failed.retry({
		node: { parameters: { ...parameters, signing: 'standardWebhooks', options: {} } },
	});
	expect(again.error?.description).toContain('The Delivery ID has a full stop');
	expect(receiver.requests).toHaveLength(1);
});

describe('Send Test', () => {
	const sendTest = async (settings: NodeSettings) =>
		await dispatch({
			items: items(1),
			settings: { ...threeTries, ...settings },
			parameters: { operation: 'sendTest', url: receiver.url('/t') },
		});

	it.each<[string, NodeSettings]>([
		['stop', {}],
		['error output', errorOutput],
		['regular output', { onError: 'continueRegularOutput' }],
	])('is sent once also with Retry On Fail: %s', async (_name, settings) => {
		receiver.choose(() => answer(503, { message: 'busy' }));
		const run = await sendTest(settings);
		expect(receiver.requests).toHaveLength(1);
		expect(JSON.stringify(run.data.resultData)).toContain('responded with 503 Service Unavailable: busy');
	});

	it('is sent again when the execution is retried', async () => {
		receiver.script('/t', answer(503));
		const run = await sendTest({});
		expect((await run.retry()).output()[0]?.json).toMatchObject({ passed: true });
		expect(receiver.requests).toHaveLength(2);
	});
});

it('a wait is no longer than Max Retry Wait, also when the clock was set back since', async () => {
	receiver.script('/0', answer(503, '', { 'retry-after': '1' }));
	const now = Date.now;
	let back = 0;
	jest.spyOn(Date, 'now').mockImplementation(() => now() - back);
	const setBack: NodeSettings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
	receiver.choose(() => undefined);
	const waits: number[] = [];
	const timers = jest.spyOn(global, 'setTimeout');
	void receiver.arrived(1).then(() => (back = 3_600_000));
	const run = await dispatch({
		items: items(1),
		settings: setBack,
		parameters: { url: url(), options: { maxRetryWait: 1500 } },
	});
	for (const [, milliseconds] of timers.mock.calls) waits.push(Number(milliseconds));
	expect([run.status, receiver.requests.length]).toEqual(['success', 2]);
	expect(waits.filter((wait) => wait > 60_000)).toEqual([]);
}, 30_000);

it('a credential is not sent to another origin that a redirect names, and nothing unencrypted that was encrypted', async () => {
	const other = await Receiver.start();
	receiver.choose(() => redirect(other.url('/x'), 307));
	const credentials = { webhookDispatchBasicApi: { user: 'u', password: 'password' } };
	await dispatch({
		items: items(1),
		credentials,
		parameters: {
			url: url(),
			authentication: 'basic',
			headerParameters: pairs(['X-Own', 'mine']),
			options: { followRedirects: true },
		},
	});
	await other.close();
	expect(other.requests).toHaveLength(1);
	expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
	expect(other.requests[0]?.headers).not.toHaveProperty('x-own');
});
