import type { INodeParameters } from 'n8n-workflow';
import { answer, issueCertificate, Receiver, redirect } from '../support/receiver';
import { bodies, deliveryOf, dispatch, pairs } from './support/dispatch';
import { Tokens } from './support/tokens';

/** Redirects as destinations send them, counted where they lead to. */

let receiver: Receiver;
let other: Receiver;
beforeAll(async () => ([receiver, other] = await Promise.all([Receiver.start(), Receiver.start()])));
afterAll(async () => await Promise.all([receiver.close(), other.close()]));
beforeEach(() => [receiver, other].forEach((one) => one.clear()));

const send = async (options: INodeParameters, parameters: INodeParameters = {}, more = {}) =>
	await dispatch({
		items: [{ a: 1 }],
		settings: { onError: 'continueErrorOutput' },
		parameters: { url: receiver.url('/hook'), options: { followRedirects: true, ...options }, ...parameters },
		...more,
	});

describe('Google Apps Script: POST is taken with a 302 to another host, which takes GET only', () => {
	beforeEach(() => {
		receiver.script('/hook', redirect(other.url('/echo?id=1'), 302));
		other.choose(() => ({
			name: 'GET only',
			act: (response, { method }) => {
				response.writeHead(method === 'GET' ? 200 : 405, { 'content-type': 'application/json' });
				response.end('{"result":"success"}');
			},
		}));
	});

	it('with Redirect Method GET it is delivered, and the item goes to the first host alone', async () => {
		const run = await send({ redirectMethod: 'get' }, { headerParameters: pairs(['X-Api-Key', 'k']) });
		expect(run.output()[0]?.json).toMatchObject({
			delivery: { status: 'delivered', statusCode: 200 },
			response: { result: 'success' },
		});
		expect(bodies(receiver.requests)).toEqual(['{"a":1}']);
		expect(other.requests).toMatchObject([{ method: 'GET', url: '/echo?id=1', body: Buffer.alloc(0) }]);
		expect(Object.keys(other.requests[0]?.headers ?? {}).filter((name) => /^content-|x-api-key/.test(name))).toEqual(
			[],
		);
	});

	it('unless it is set, POST stays POST, with its body', async () => {
		const run = await send({});
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'STATUS', statusCode: 405 });
		expect(bodies(other.requests)).toEqual(['{"a":1}']);
	});

	it('Send Test has it, too', async () => {
		const run = await send({ redirectMethod: 'get' }, { operation: 'sendTest' });
		expect(run.output()[0]?.json).toMatchObject({ passed: true });
	});
});

it('a signature is not sent on over a body that is gone (303 within the origin)', async () => {
	receiver.script('/hook', redirect('/result', 303));
	const signing = { signing: 'standardWebhooks' };
	const credentials = { webhookDispatchSigningApi: { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` } };
	const run = await send({}, signing, { credentials });
	expect(run.output()).toHaveLength(1);
	expect(receiver.of('/hook')[0]?.headers).toHaveProperty('webhook-signature');
	const [result] = receiver.of('/result');
	expect(result).toMatchObject({ method: 'GET', body: Buffer.alloc(0) });
	expect(Object.keys(result?.headers ?? {}).filter((name) => /signature|timestamp|^content-/.test(name))).toEqual([]);
	expect(result?.headers['webhook-id']).toBe(receiver.of('/hook')[0]?.headers['webhook-id']);
});

describe('from https to http', () => {
	let secure: Receiver;
	beforeAll(async () => (secure = await Receiver.start({ tls: issueCertificate() })));
	afterAll(async () => await secure.close());
	beforeEach(() => secure.clear());

	it.each([301, 303, 307, 308])('nothing is sent on in plain text (%i)', async (status) => {
		secure.script('/hook', redirect(receiver.url('/hook'), status));
		const run = await send({ allowUnauthorizedCerts: true, redirectMethod: 'get' }, { url: secure.url('/hook') });
		expect(receiver.requests).toEqual([]);
		const [item] = run.errorOutput;
		expect(deliveryOf(item!.json)).toMatchObject({ code: 'REDIRECT', statusCode: status, retryable: false });
		expect(item?.json.message).toMatch(/^127\.0\.0\.1:\d+ redirects from https to http/);
		expect(item?.json.details).toMatchObject({
			description: expect.stringContaining('https address into Destination URL') as string,
		});
	});

	it('nor at a later hop', async () => {
		receiver.script('/hook', redirect(secure.url('/1'), 307));
		secure.script('/1', redirect(secure.url('/2'), 307));
		secure.script('/2', redirect(other.url('/3'), 307));
		const run = await send({ allowUnauthorizedCerts: true });
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'REDIRECT', retryable: false });
		expect([secure.requests.length, other.requests.length]).toEqual([2, 0]);
	});

	it('from http to https it is followed', async () => {
		receiver.script('/hook', redirect(secure.url('/hook'), 308));
		expect((await send({ allowUnauthorizedCerts: true })).output()).toHaveLength(1);
		expect(bodies(secure.requests)).toEqual(['{"a":1}']);
	});
});

describe('an expired token behind a redirect', () => {
	let tokens: Tokens;
	beforeEach(async () => (tokens = await Tokens.start()));
	afterEach(async () => await tokens.endpoint.close());
	const oAuth2 = { authentication: 'oAuth2', grantType: 'clientCredentials' };
	const credentials = () => ({
		webhookDispatchClientCredentialsOAuth2Api: {
			accessTokenUrl: tokens.url,
			clientId: 'c',
			clientSecret: 'secret-of-the-client',
		},
	});

	it('within the origin is renewed, and the delivery sent once more', async () => {
		const isProtected = (key: string) => ({
			name: 'protected',
			act: (...[response, request]: Parameters<ReturnType<typeof answer>['act']>) => {
				if (key === '/hook') redirect('/real', 307).act(response, request);
				else answer(request.headers.authorization === `Bearer ${tokens.newest}` ? 200 : 401).act(response, request);
			},
		});
		receiver.choose(isProtected);
		await send({}, oAuth2, { credentials: credentials() });
		tokens.expire();
		receiver.clear();
		receiver.choose(isProtected);
		const run = await send({}, oAuth2, { credentials: credentials() });
		expect(run.output()[0]?.json).toMatchObject({ delivery: { status: 'delivered', attempts: 2 } });
		expect(receiver.requests.map(({ key }) => key)).toEqual(['/hook', '/real', '/hook', '/real']);
		expect(tokens.endpoint.requests).toHaveLength(2);
	});

	it('at another origin, which never had it, is not', async () => {
		receiver.choose(() => redirect(other.url('/real'), 307));
		other.choose(() => answer(401));
		const run = await send({}, oAuth2, { credentials: credentials() });
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ statusCode: 401, attempts: 1 });
		expect([tokens.endpoint.requests.length, other.requests.length]).toEqual([1, 1]);
		expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
	});
});
