import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import type { IDataObject, IExecuteFunctions, INodeParameters, INodeType } from 'n8n-workflow';
import { Webhook } from 'standardwebhooks';

import { closeIdleDispatchers } from '../../lib/http/dispatchers';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import type { NodeSettings } from '../support/engine';
import { TestCredentialsHelper } from '../support/engine/credentialsHelper';
import { webhookDispatch } from '../support/engine/packageTypes';
import { inputsOf, outcomesOf } from '../support/faults/scenario';
import { randomOf, seedFrom } from '../support/random';
import { answer, issueCertificate, Receiver } from '../support/receiver';
import {
	allOf,
	ownersIn,
	ownersSeenBy,
	startCustomers,
	tokenForOwner,
	tokenOf,
	type Customer,
} from './support/customers';
import { bodies, deliveryOf, dispatch } from './support/dispatch';

/** Each item goes out under its own identity: what a credential's expressions make of it, and nothing of another item's. */

const toErrorOutput = { onError: 'continueErrorOutput' } as const;
const CLIENT_CREDENTIALS = 'webhookDispatchClientCredentialsOAuth2Api';
const PASSWORD = 'webhookDispatchPasswordOAuth2Api';
const JWT = 'webhookDispatchJwtOAuth2Api';

let customers: Customer[];
let tokens: Receiver;
beforeAll(async () => {
	customers = await startCustomers(3);
	tokens = await Receiver.start();
});
afterAll(
	async () => await Promise.all([...customers.map(({ receiver }) => receiver), tokens].map((one) => one.close())),
);
beforeEach(() => {
	for (const { receiver } of customers) receiver.clear();
	tokens.clear();
	tokens.choose(tokenForOwner);
	tokenStore.clear();
});
afterEach(() => jest.restoreAllMocks());

/** Items of all customers in turn; `more` adds what is only its own. */
const itemsOf = (count: number, more: (customer: Customer, n: number) => IDataObject = () => ({})): IDataObject[] =>
	Array.from({ length: count }, (_, n) => {
		const customer = customers[n % customers.length] as Customer;
		return { n, host: customer.receiver.origin, customer: customer.name, ...more(customer, n) };
	});

/** Of an item nothing is sent but its number: what else is in a request, its identity brought along. */
const PLAIN = { url: '={{ $json.host }}/{{ $json.n }}', body: 'text', textBody: '={{ String($json.n) }}' };

interface Sending {
	items?: IDataObject[];
	credentials: Record<string, IDataObject>;
	parameters: INodeParameters;
	settings?: NodeSettings;
	nodeType?: INodeType;
}

const send = async ({ items = itemsOf(6), credentials, parameters, settings = {}, nodeType }: Sending) =>
	await dispatch({
		items,
		credentials: credentials as never,
		parameters: { ...PLAIN, ...parameters },
		settings,
		...(nodeType === undefined ? {} : { nodeType }),
	});

/** Fails unless every receiver got as many requests as are its own, and nothing of anybody else's in them. */
function expectApart(requestsEach: number): void {
	expect(customers.map(({ name, receiver }) => [name, receiver.requests.length])).toEqual(
		customers.map(({ name }) => [name, requestsEach]),
	);
	expect(customers.map(({ receiver }) => ownersSeenBy(receiver))).toEqual(customers.map(({ name }) => [name]));
}

const oAuth2 = (grantType = 'clientCredentials') => ({ authentication: 'oAuth2', grantType });
const client = (more: IDataObject = {}): IDataObject => ({
	accessTokenUrl: tokens.url('/token'),
	clientId: 'shared client',
	clientSecret: 'shared secret',
	...more,
});

describe('Basic', () => {
	it.each<[string, IDataObject]>([
		['the whole fields', { user: '={{ $json.user }}', password: '={{ $json.pw }}' }],
		['one of them', { user: 'user', password: '={{ $json.pw }}' }],
		['deep in a text, of another node', { user: 'user', password: '=a pass{{ $("Start").item.json.pw.slice(4) }}' }],
		['by the place of the item', { user: 'user', password: '={{ $input.all()[$itemIndex].json.pw }}' }],
	])('by expressions in %s', async (_where, data) => {
		const items = itemsOf(6, ({ name }) => ({ user: `user-of-${name}`, pw: `password-of-${name}` }));
		const run = await send({
			items,
			credentials: { webhookDispatchBasicApi: data },
			parameters: { authentication: 'basic' },
		});
		expect(run.output()).toHaveLength(6);
		expectApart(2);
		const prefix = JSON.stringify(data).includes('a pass') ? 'a ' : '';
		const user = (name: string) => (data.user === 'user' ? 'user' : `user-of-${name}`);
		for (const { name, receiver } of customers) {
			const expected = Buffer.from(`${user(name)}:${prefix}password-of-${name}`).toString('base64');
			expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill(`Basic ${expected}`));
		}
	});
});

describe('OAuth 2.0', () => {
	const whole = (name: string) => `=${name}-of-{{ $json.customer }}`;
	const rows: Array<[string, string, string, IDataObject]> = [
		['client ID', 'clientCredentials', CLIENT_CREDENTIALS, { clientId: whole('client') }],
		['client secret', 'clientCredentials', CLIENT_CREDENTIALS, { clientSecret: whole('secret') }],
		[
			'client secret in the body',
			'clientCredentials',
			CLIENT_CREDENTIALS,
			{ clientSecret: whole('secret'), clientAuthentication: 'body' },
		],
		['scope', 'clientCredentials', CLIENT_CREDENTIALS, { scope: '=read scope-of-{{ $json.customer }} write' }],
		['token URL', 'clientCredentials', CLIENT_CREDENTIALS, { accessTokenUrl: '={{ $json.tokenUrl }}' }],
		[
			'an additional parameter, deep in a text',
			'clientCredentials',
			CLIENT_CREDENTIALS,
			{
				additionalParameters: {
					parameters: [
						{ name: 'resource', value: 'fixed' },
						{ name: 'tenant', value: '={{ "t" }}:tenant-of-{{ $json.customer }}!' },
					],
				},
			},
		],
		['user name', 'password', PASSWORD, { username: whole('user'), password: 'shared' }],
		['password', 'password', PASSWORD, { username: 'shared', password: whole('password') }],
	];

	it.each(rows)('by an expression in %s (%s): a token each', async (_field, grantType, type, data) => {
		const items = itemsOf(6, ({ name }) => ({ tokenUrl: tokens.url(`/token-of-${name}`) }));
		const run = await send({ items, credentials: { [type]: client(data) }, parameters: oAuth2(grantType) });
		expect(run.output()).toHaveLength(6);
		expectApart(2);
		expect(tokens.requests.map((request) => ownersIn(allOf(request)).join()).sort()).toEqual(['ada', 'ben', 'cyd']);
		for (const { name, receiver } of customers) {
			for (const { headers } of receiver.requests) expect(headers.authorization).toMatch(tokenOf(name));
		}
	});

	it('by an expression in the header and its prefix alone: the same token, in each its own header', async () => {
		const run = await send({
			credentials: {
				[CLIENT_CREDENTIALS]: client({ headerName: '=X-{{ $json.customer }}', headerPrefix: whole('prefix') }),
			},
			parameters: oAuth2(),
		});
		expect(run.output()).toHaveLength(6);
		expectApart(2);
		for (const { name, receiver } of customers) {
			expect(receiver.requests[0]?.headers[`x-${name}`]).toMatch(new RegExp(`^prefix-of-${name} token-\\d+`));
		}
	});

	it('with a JWT: each client under its own name, signed with its own key', async () => {
		const keys = Object.fromEntries(
			customers.map(({ name }) => [
				name,
				generateKeyPairSync('ec', {
					namedCurve: 'P-256',
					privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
					publicKeyEncoding: { type: 'spki', format: 'pem' },
				}),
			]),
		);
		const run = await send({
			items: itemsOf(6, ({ name }) => ({ key: keys[name]?.privateKey ?? '' })),
			credentials: {
				[JWT]: {
					accessTokenUrl: tokens.url('/token'),
					clientId: whole('client'),
					privateKey: '={{ $json.key }}',
					algorithm: 'ES256',
					keyId: whole('key'),
					audience: 'the audience',
				},
			},
			parameters: oAuth2('clientCredentialsJwt'),
		});
		expect(run.error?.message).toBeUndefined();
		expect(run.output()).toHaveLength(6);
		expectApart(2);
		expect(tokens.requests).toHaveLength(3);
		for (const request of tokens.requests) {
			const [owner = ''] = ownersIn(allOf(request));
			const assertion = new URLSearchParams(request.body.toString()).get('client_assertion') ?? '';
			const { payload } = await jwtVerify(assertion, createPublicKey(keys[owner]?.publicKey ?? ''));
			expect([payload.iss, payload.sub]).toEqual([`client-of-${owner}`, `client-of-${owner}`]);
			expect(decodeProtectedHeader(assertion).kid).toBe(`key-of-${owner}`);
		}
	});

	it('1,000 items of three customers ask for three tokens', async () => {
		const run = await send({
			items: itemsOf(999),
			credentials: { [CLIENT_CREDENTIALS]: client({ clientId: whole('client') }) },
			parameters: oAuth2(),
		});
		expect(run.output()).toHaveLength(999);
		expect(tokens.requests).toHaveLength(3);
		expectApart(333);
	});

	it('a client that is refused is asked for once in a try, however many items it has', async () => {
		tokens.choose(() => ({
			name: 'refuses ben',
			act: (response, request) =>
				(ownersIn(allOf(request)).includes('ben')
					? answer(401, { error: 'invalid_client', error_description: 'no such client' })
					: tokenForOwner()
				).act(response, request),
		}));
		const run = await send({
			items: itemsOf(150),
			credentials: { [CLIENT_CREDENTIALS]: client({ clientId: whole('client') }) },
			parameters: oAuth2(),
			settings: { ...toErrorOutput, retryOnFail: true },
		});
		expect([run.output().length, run.errorOutput.length, tokens.requests.length]).toEqual([100, 50, 3]);
		for (const { json } of run.errorOutput) {
			expect(json.customer).toBe('ben');
			expect(deliveryOf(json)).toMatchObject({ code: 'TOKEN', statusCode: 401, retryable: false, attempts: 0 });
		}
		expect(customers.map(({ receiver }) => receiver.requests.length)).toEqual([50, 0, 50]);
	});

	it('a destination that takes no token of one client does not cost the others theirs', async () => {
		customers[1]?.receiver.choose(() => answer(401));
		const run = await send({
			items: itemsOf(30),
			credentials: { [CLIENT_CREDENTIALS]: client({ clientId: whole('client') }) },
			parameters: oAuth2(),
			settings: toErrorOutput,
		});
		expect([run.output().length, run.errorOutput.length]).toEqual([20, 10]);
		// Its own is asked for once more.
		expect(tokens.requests.map((request) => ownersIn(allOf(request)).join()).sort()).toEqual([
			'ada',
			'ben',
			'ben',
			'cyd',
		]);
	});
});

describe('a signing secret', () => {
	const secretOf = (name: string) => `whsec_${Buffer.from(name.repeat(11)).toString('base64')}`;

	it('by an expression: each receiver can verify its own with its own, and with no other', async () => {
		await send({
			items: itemsOf(6, ({ name }) => ({ secret: secretOf(name) })),
			credentials: { webhookDispatchSigningApi: { secret: '={{ $json.secret }}' } },
			parameters: { signing: 'standardWebhooks' },
		});
		for (const { name, receiver } of customers) {
			expect(receiver.requests).toHaveLength(2);
			for (const { body, headers } of receiver.requests) {
				const verifiedBy = (secret: string) => {
					try {
						new Webhook(secret).verify(body, headers as Record<string, string>);
						return true;
					} catch {
						return false;
					}
				};
				const verifying = customers.filter((customer) => verifiedBy(secretOf(customer.name)));
				expect(verifying.map((customer) => customer.name)).toEqual([name]);
			}
		}
	});

	it('that is the same for all is read once, beside a user and a password by item', async () => {
		const run = await send({
			items: itemsOf(6, ({ name }) => ({ pw: `password-of-${name}` })),
			credentials: {
				webhookDispatchSigningApi: { secret: secretOf('all') },
				webhookDispatchBasicApi: { user: 'u', password: '={{ $json.pw }}' },
			},
			parameters: { authentication: 'basic', signing: 'standardWebhooks' },
		});
		expectApart(2);
		expect(run.decryptions('webhookDispatchSigningApi')).toBe(1);
	});

	it('that one item lacks is a fault of that item; it is not sent unsigned', async () => {
		const run = await send({
			items: itemsOf(6, ({ name }, n) => ({ secret: n === 3 ? '' : secretOf(name) })),
			credentials: { webhookDispatchSigningApi: { secret: '={{ $json.secret }}' } },
			parameters: { signing: 'standardWebhooks' },
			settings: toErrorOutput,
		});
		expect(run.errorOutput.map(({ json }) => [json.n, json.message, deliveryOf(json).code])).toEqual([
			[3, 'The signing credential has no secret [item 3]', 'INVALID_REQUEST'],
		]);
		const requests = customers.flatMap(({ receiver }) => receiver.requests);
		expect(requests.map(({ headers }) => headers['webhook-signature']?.slice(0, 3))).toEqual(Array(5).fill('v1,'));
	});
});

describe('a client certificate', () => {
	const authority = issueCertificate({ name: 'Authority', authority: true });
	const tls = issueCertificate({ name: 'receiver', issuer: authority });
	const clients = ['ada', 'ben', 'cyd'].map((name) =>
		issueCertificate({ name: `client-of-${name}`, issuer: authority }),
	);
	let picky: Customer[];
	/** Whose certificate each path was asked for with. */
	let shown: Array<[path: string, client: string | undefined]>;

	beforeAll(async () => {
		picky = await startCustomers(3, {
			tls: { ...tls, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
			otherwise: {
				name: 'looks at the client',
				act: (response, { key }) => {
					const name = (response.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined;
					shown.push([key, name]);
					response.end();
				},
			},
		});
	});
	afterAll(async () => {
		await closeIdleDispatchers();
		await Promise.all(picky.map(async ({ receiver }) => await receiver.close()));
	});
	beforeEach(() => (shown = []));

	const data = { ca: authority.cert, cert: '={{ $json.cert }}', key: '={{ $json.key }}' };
	const owner = (n: number) => ['ada', 'ben', 'cyd'][n % 3];
	const withCertificates = (hostOf: (n: number) => string) =>
		Array.from({ length: 9 }, (_, n) => ({ n, host: hostOf(n), ...clients[n % 3] }));
	const options = { useClientCertificate: true, concurrency: 3 };

	it.each<[string, (n: number) => string]>([
		['each at its own host', (n) => picky[n % 3]?.receiver.origin ?? ''],
		['all at one host, on connections of their own', () => picky[0]?.receiver.origin ?? ''],
	])('by expressions: each item shows its own, %s', async (_where, hostOf) => {
		const run = await send({
			items: withCertificates(hostOf),
			credentials: { httpSslAuth: data },
			parameters: { options },
		});
		expect(run.error?.description).toBeUndefined();
		expect(shown.sort()).toEqual(Array.from({ length: 9 }, (_, n) => [`/${n}`, `client-of-${owner(n)}`]));
	});

	it('of one item that cannot be used is that item’s fault', async () => {
		const items = withCertificates((n) => picky[n % 3]?.receiver.origin ?? '');
		(items[0] as IDataObject).key = 'hunter2-secret, no key';
		const run = await send({
			items,
			credentials: { httpSslAuth: data },
			parameters: { options },
			settings: toErrorOutput,
		});
		expect(run.errorOutput.map(({ json }) => [json.n, deliveryOf(json).code])).toEqual([[0, 'INVALID_REQUEST']]);
		expect(run.errorOutput[0]?.json.message).toMatch(/^SSL Certificates credential: .* \[item 0\]$/);
		expect(shown).toHaveLength(8);
		expect(JSON.stringify(run.errorOutput[0]?.json.details)).not.toContain('hunter2-secret');
	});
});

it('the domains that a credential may be sent to are those of its item', async () => {
	const second = await Receiver.start({ host: '127.0.0.2' });
	const first = customers[0]?.receiver as Receiver;
	const items = [
		{ n: 0, host: first.origin, domain: '127.0.0.1' },
		{ n: 1, host: second.origin, domain: '127.0.0.1' },
		{ n: 2, host: second.origin, domain: '127.0.0.2' },
		{ n: 3, host: first.origin, domain: '127.0.0.2' },
	];
	const limited = {
		user: 'u',
		password: 'p',
		allowedHttpRequestDomains: 'domains',
		allowedDomains: '={{ $json.domain }}',
	};
	const run = await send({
		items,
		credentials: { webhookDispatchBasicApi: limited },
		parameters: { authentication: 'basic' },
		settings: toErrorOutput,
	});
	await second.close();
	expect([bodies(first.requests), bodies(second.requests)]).toEqual([['0'], ['2']]);
	expect(run.errorOutput.map(({ json }) => [json.n, deliveryOf(json).code])).toEqual([
		[1, 'BLOCKED'],
		[3, 'BLOCKED'],
	]);
});

describe('a fault of one item’s credential', () => {
	const BAD = 'bad-client-of-nobody';
	const byItem = (more: IDataObject = {}) => client({ clientId: '={{ $json.client }}', ...more });
	const withBad = (bad: number, value: string) =>
		itemsOf(6, ({ name }, n) => ({ client: n === bad ? value : `client-of-${name}`, isBad: n === bad }));
	const refusesBad = () =>
		tokens.choose(() => ({
			name: 'refuses one',
			act: (response, request) =>
				(allOf(request).includes(BAD) ? answer(401, { error: 'invalid_client' }) : tokenForOwner()).act(
					response,
					request,
				),
		}));
	/** n8n cannot read the credential for this item, so many times. */
	function unreadableFor(bad: number, times: number): void {
		const original = TestCredentialsHelper.prototype.getDecrypted;
		let left = times;
		jest.spyOn(TestCredentialsHelper.prototype, 'getDecrypted').mockImplementation(async function (
			this: TestCredentialsHelper,
			...given
		) {
			if (given[6]?.itemIndex === bad && left-- > 0) throw new Error('The database is busy');
			return await original.apply(this, given);
		});
	}
	const THROWS = '={{ $json.isBad ? $("No such node").first().json.x : $json.client }}';

	interface Fault {
		data?: IDataObject;
		value?: string;
		prepare?: (bad: number) => void;
		code: string;
		reason: RegExp;
		retryable: boolean;
	}
	const faults: Array<[string, Fault]> = [
		[
			'a field is empty',
			{ value: '', code: 'INVALID_REQUEST', reason: /^Client ID is empty \[item \d\]$/, retryable: false },
		],
		[
			'the client is refused',
			{ value: BAD, prepare: refusesBad, code: 'TOKEN', reason: /invalid_client.* \[item \d\]$/, retryable: false },
		],
		[
			'an expression throws',
			{
				data: { clientId: THROWS },
				code: 'INVALID_REQUEST',
				reason: /^Referenced node doesn't exist \[item \d\]$/,
				retryable: true,
			},
		],
		[
			'n8n cannot read it',
			{
				prepare: (bad) => unreadableFor(bad, Infinity),
				code: 'INVALID_REQUEST',
				reason: /^The database is busy \[item \d\]$/,
				retryable: true,
			},
		],
	];

	describe.each(faults)('%s', (_name, { data = {}, value, prepare = () => {}, code, reason, retryable }) => {
		const run = async (bad: number, settings: NodeSettings = {}) => {
			prepare(bad);
			const { name } = customers[bad % 3] as Customer;
			return await send({
				items: withBad(bad, value ?? `client-of-${name}`),
				credentials: { [CLIENT_CREDENTIALS]: byItem(data) },
				parameters: oAuth2(),
				settings,
			});
		};
		const requestsOf = () => customers.flatMap(({ receiver }) => bodies(receiver.requests)).sort();
		const others = (bad: number) => ['0', '1', '2', '3', '4', '5'].filter((n) => n !== String(bad));

		it.each([0, 2, 5])('for item %i: it fails with the reason, the others are delivered', async (bad) => {
			const made = await run(bad, toErrorOutput);
			const { errorOutput } = made;
			expect(errorOutput.map(({ json }) => json.n)).toEqual([bad]);
			expect(errorOutput[0]?.json.message).toMatch(reason);
			expect(deliveryOf(errorOutput[0]!.json)).toMatchObject({ code, retryable, attempts: 0 });
			expect(made.output()).toHaveLength(5);
			expect(requestsOf()).toEqual(others(bad));
		});

		it.each([0, 3])('for item %i, with Retry On Fail: it alone is retried, where that makes sense', async (bad) => {
			const made = await run(bad, { ...toErrorOutput, retryOnFail: true, maxTries: 3 });
			expect(made.errorOutput.map(({ json }) => json.n)).toEqual([bad]);
			expect(requestsOf()).toEqual(others(bad));
		});

		it.each([0, 3])(
			'for item %i, where the node stops: the others are delivered, the message names it',
			async (bad) => {
				const made = await run(bad);
				expect(made.status).toBe('error');
				expect(made.error?.description).toContain(`[item ${bad}]`);
				expect(made.error?.description).toContain('1 of 6 deliveries failed.');
				expect(requestsOf()).toEqual(others(bad));
			},
		);
	});

	it.each([0, 3])('that passes (item %i): it is delivered in the next try, the others once', async (bad) => {
		unreadableFor(bad, 1);
		const run = await send({
			items: withBad(bad, 'client-of-ada'),
			credentials: { [CLIENT_CREDENTIALS]: byItem() },
			parameters: oAuth2(),
			settings: { retryOnFail: true },
		});
		expect([run.status, run.output().length]).toEqual(['success', 6]);
		expectApart(2);
	});

	it('is over when the execution is retried: that item alone is sent', async () => {
		unreadableFor(4, 1);
		const run = await send({
			items: withBad(4, ''),
			credentials: { [CLIENT_CREDENTIALS]: byItem({ clientId: '=client-of-{{ $json.customer }}' }) },
			parameters: oAuth2(),
		});
		expect(run.status).toBe('error');
		expect((await run.retry()).status).toBe('success');
		expectApart(2);
	});
});

describe('a broadcast', () => {
	const broadcast = { body: 'profiles', recipients: 'broadcast', targetId: '7' };
	const profiles = (count: number) =>
		itemsOf(count, ({ name }, n) => ({ identity: `u${n}`, pw: n % 2 === 0 ? `password-of-${name}` : 'never sent' }));

	it('goes out under the identity of the first item of each batch', async () => {
		// Batches begin with items 0 (ada), 2 (cyd) and 4 (ben).
		const run = await send({
			items: profiles(6),
			credentials: { webhookDispatchBasicApi: { user: 'u', password: '={{ $json.pw }}' } },
			parameters: { ...broadcast, authentication: 'basic', options: { batchSize: 2 } },
		});
		expect(run.status).toBe('success');
		for (const { name, receiver } of customers) {
			const expected = Buffer.from(`u:password-of-${name}`).toString('base64');
			expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([`Basic ${expected}`]);
		}
	});

	it('whose first item has a credential that cannot be used fails by itself', async () => {
		const items = profiles(6);
		for (const index of [0, 3]) (items[index] as IDataObject).customer = '';
		const run = await send({
			items,
			credentials: { [CLIENT_CREDENTIALS]: client({ clientId: '={{ $json.customer }}' }) },
			parameters: { ...broadcast, ...oAuth2(), options: { batchSize: 2 } },
			settings: toErrorOutput,
		});
		expect(run.errorOutput.map(({ json, pairedItem }) => [json.message, pairedItem])).toEqual([
			['Client ID is empty [items 0-1]', [{ item: 0 }, { item: 1 }]],
		]);
		expect(customers.map(({ receiver }) => receiver.requests.length)).toEqual([0, 1, 1]);
	});
});

describe('an n8n that does not let a node see what it resolves', () => {
	/** The node gets a context that resolves credentials out of its sight. */
	async function unwatched(hides: (key: string) => boolean): Promise<INodeType> {
		const node = await webhookDispatch();
		const execute: INodeType['execute'] = async function () {
			const context = new Proxy(this, {
				get(target, key) {
					if (hides(String(key))) return undefined;
					const value: unknown = Reflect.get(target, key);
					return typeof value === 'function' ? (value.bind(target) as unknown) : value;
				},
			});
			return (await node.execute?.call(context as IExecuteFunctions)) ?? [];
		};
		return Object.assign(Object.create(node) as INodeType, { execute });
	}

	it.each<[string, (key: string) => boolean]>([
		['has no workflow to be seen', (key) => key === 'workflow'],
		['resolves in another way', () => false],
	])('that %s is asked for each item', async (_how, hides) => {
		const given = {
			items: itemsOf(6, ({ name }) => ({ pw: `password-of-${name}` })),
			parameters: { authentication: 'basic' },
			nodeType: await unwatched(hides),
		};
		await send({ ...given, credentials: { webhookDispatchBasicApi: { user: 'u', password: '={{ $json.pw }}' } } });
		expectApart(2);
		const constant = await send({ ...given, credentials: { webhookDispatchBasicApi: { user: 'u', password: 'p' } } });
		expect(constant.decryptions('webhookDispatchBasicApi')).toBeGreaterThanOrEqual(6);
	});

	it('gives a run of one item a single reading', async () => {
		const run = await send({
			items: itemsOf(1, () => ({ pw: 'password-of-ada' })),
			parameters: { authentication: 'basic' },
			nodeType: await unwatched(() => false),
			credentials: { webhookDispatchBasicApi: { user: 'u', password: '={{ $json.pw }}' } },
		});
		expect(run.decryptions('webhookDispatchBasicApi')).toBe(1);
	});
});

describe('Access Token: Get, which works once a run', () => {
	const get = async (clients: string[]) =>
		await dispatch({
			items: clients.map((name) => ({ client: name })),
			credentials: { [CLIENT_CREDENTIALS]: client({ clientId: '={{ $json.client }}' }) as never },
			parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' },
		});

	it('refuses a credential that gives the items different values', async () => {
		const run = await get(['client-of-ada', 'client-of-ben']);
		expect([run.status, run.error?.message, tokens.requests.length]).toEqual([
			'error',
			'The credential has an expression that reads the item',
			0,
		]);
	});

	it.each([[['client-of-ada']], [['client-of-ada', 'client-of-ada']]])('takes %j', async (clients) => {
		expect([(await get(clients)).status, tokens.requests.length]).toEqual(['success', 1]);
	});
});

describe('random items of random customers, with random faults', () => {
	const seed = seedFrom('IDENTITY_SEED');
	const COUNT = 120;
	beforeAll(() => console.log(`IDENTITY_SEED=${seed}`));

	it.each([false, true])(
		`each has one outcome and goes out as itself (Retry On Fail: %p, seed ${seed})`,
		async (retryOnFail) => {
			const { pick, chance } = randomOf(seed);
			const kinds = ['empty', 'refused', 'throws', 'status', 'once'] as const;
			const items = Array.from({ length: COUNT }, (_, n) => {
				const { name, receiver } = pick(customers);
				const kind = chance(1 / 3) ? pick(kinds) : 'good';
				const value = kind === 'empty' ? '' : `${kind === 'refused' ? 'bad-' : ''}client-of-${name}`;
				return { n, host: receiver.origin, customer: name, kind, isBad: kind === 'throws', client: value };
			});
			tokens.choose(() => ({
				name: 'refuses the bad',
				act: (response, request) =>
					(allOf(request).includes('bad-') ? answer(401, { error: 'invalid_client' }) : tokenForOwner()).act(
						response,
						request,
					),
			}));
			for (const { receiver } of customers) {
				receiver.choose((key, nth) => {
					const kind = items[Number(key.slice(1))]?.kind;
					if (kind === 'status') return answer(422);
					return kind === 'once' && nth === 0 ? answer(500) : undefined;
				});
			}
			const run = await send({
				items,
				credentials: {
					[CLIENT_CREDENTIALS]: client({
						clientId: '={{ $json.isBad ? $("No such node").first().json.x : $json.client }}',
					}),
				},
				parameters: { ...oAuth2(), options: { concurrency: pick(retryOnFail ? [7, 50] : [1, 7, 50]) } },
				settings: { ...toErrorOutput, retryOnFail },
			});
			expect(run.status).toBe('success');
			const outcomes = outcomesOf(run);
			expect(outcomes.flatMap(inputsOf).sort((a, b) => a - b)).toEqual(items.map(({ n }) => n));
			const failing = items.filter(({ kind }) => kind !== 'good' && !(kind === 'once' && retryOnFail));
			expect(run.errorOutput.flatMap(inputsOf).sort((a, b) => a - b)).toEqual(failing.map(({ n }) => n));
			for (const { name, receiver } of customers) {
				expect([[], [name]]).toContainEqual(ownersSeenBy(receiver));
				for (const { headers } of receiver.requests) expect(headers.authorization).toMatch(tokenOf(name));
				expect(receiver.repeated()).toBe(0);
			}
			// One for each client, the bad ones among them.
			const clients = new Set(items.flatMap((item) => (item.isBad || item.client === '' ? [] : item.client)));
			expect(tokens.requests).toHaveLength(clients.size);
		},
	);
});
