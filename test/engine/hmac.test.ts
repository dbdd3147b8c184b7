import { createHmac } from 'node:crypto';

import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Webhook } from 'standardwebhooks';

import type { NodeSettings } from '../support/engine';
import { answer, Receiver, redirect, type ReceivedRequest } from '../support/receiver';
import { vendors } from '../support/signature/vendors';
import { bodies, deliveryOf, dispatch, pairs } from './support/dispatch';

/** Deliveries signed by HMAC, verified at the receiver by each service's own library. */
let receiver: Receiver;
let other: Receiver;
beforeAll(async () => ([receiver, other] = await Promise.all([Receiver.start(), Receiver.start()])));
afterAll(async () => await Promise.all([receiver.close(), other.close()]));
beforeEach(() => [receiver, other].forEach((one) => one.clear()));
afterEach(() => jest.restoreAllMocks());

const type = 'webhookDispatchSigningApi';
const secret = 'a secret of both';
const hmac = (preset: string, more: object = {}) => ({ scheme: 'hmac', preset, secret, ...more });

/** Method, path and time are signed, in SHA-512 and Base64url, with a secret in hex. */
const shape = hmac('custom', {
	secret: Buffer.from(secret).toString('hex'),
	secretEncoding: 'hex',
	hashAlgorithm: 'sha512',
	signatureEncoding: 'base64url',
	signedContent: '{method} {path}?{query} {id} {timestamp} {body}',
	signatureHeader: 'X-Acme-Signature',
	signatureFormat: 'v1={signature}',
	signatureHeaders: pairs(['X-Acme-Time', '{timestamp}'], ['X-Acme-Id', '{id}']),
});

async function send(
	data: object,
	parameters: INodeParameters = {},
	items: INodeExecutionData[] = [{ json: { name: 'Zoë' } }],
	settings: Omit<NodeSettings, 'parameters'> = { onError: 'continueErrorOutput' },
) {
	return await dispatch({
		items,
		settings,
		parameters: { url: receiver.url('/hook'), signing: 'hmac', ...parameters },
		credentials: { [type]: data as never },
	});
}

const flat = ({ headers }: ReceivedRequest) =>
	Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** What the library of a preset's service says of a request that has arrived. */
const isGenuine = async (preset: string, request: ReceivedRequest, known = secret) =>
	await vendors[preset]!(known, {
		url: `http://${String(request.headers.host)}${request.url}`,
		headers: flat(request),
		body: request.body.toString(),
	});

/** The same for the custom shape, put together here. */
function isAcme(request: ReceivedRequest): boolean {
	const { 'x-acme-signature': given, 'x-acme-time': time, 'x-acme-id': id } = flat(request);
	const [path, query = ''] = request.url.split('?');
	const right = createHmac('sha512', secret)
		.update(`${request.method} ${path}?${query} ${id} ${time} `)
		.update(request.body)
		.digest('base64url');
	return given === `v1=${right}`;
}

describe.each(Object.keys(vendors))('%s', (preset) => {
	it.each<[string, INodeParameters]>([
		['JSON', {}],
		['text', { body: 'text', textBody: 'grüße ☃\n' }],
		['a form', { body: 'form', bodyParameters: pairs(['To', '+1 555'], ['From', 'ü&=']) }],
	])('takes a delivery of %s, and not with another secret', async (_what, parameters) => {
		const run = await send(hmac(preset), { queryParameters: pairs(['a', 'b c']), ...parameters });
		expect(deliveryOf(run.output()[0]!.json)).toMatchObject({ status: 'delivered' });
		const [request] = receiver.requests;
		expect(await isGenuine(preset, request!)).toBe(true);
		expect(await isGenuine(preset, request!, 'another')).toBe(false);
	});

	it('takes a file, byte for byte', async () => {
		const text = 'a file, ☃ '.repeat(20_000);
		const binary = { data: { data: Buffer.from(text).toString('base64'), mimeType: 'text/plain', fileName: 'a.txt' } };
		await send(hmac(preset), { body: 'file' }, [{ json: {}, binary }]);
		expect(bodies(receiver.requests)).toEqual([text]);
		expect(await isGenuine(preset, receiver.requests[0]!)).toBe(true);
	});
});

it('a shape of one’s own is sent as it is filled in', async () => {
	const run = await send(shape, { method: 'PUT', queryParameters: pairs(['a', 'b c']) });
	const [request] = receiver.requests;
	expect(isAcme(request!)).toBe(true);
	expect(request?.headers['x-acme-id']).toBe(deliveryOf(run.output()[0]!.json).id);
	expect(request?.rawHeaders.filter((name) => name.startsWith('X-Acme'))).toEqual([
		'X-Acme-Time',
		'X-Acme-Id',
		'X-Acme-Signature',
	]);
});

it.each([['GET'], ['DELETE']])('%s without a body is signed', async (method) => {
	await send(shape, { method });
	expect(receiver.requests.map(isAcme)).toEqual([true]);
});

it('each try has a time and its own signature, and the same ID', async () => {
	receiver.script('/hook', answer(503), answer(200));
	let at = Date.now() - 100_000;
	jest.spyOn(Date, 'now').mockImplementation(() => (at += 1000));
	await send(shape, {}, [{ json: {} }], { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 });
	expect(receiver.requests.map(isAcme)).toEqual([true, true]);
	const of = (name: string) => new Set(receiver.requests.map(({ headers }) => headers[name])).size;
	expect([of('x-acme-id'), of('x-acme-time'), of('x-acme-signature')]).toEqual([1, 2, 2]);
});

describe('redirects', () => {
	const options = { followRedirects: true };

	it('within the origin, the request is signed for its new address', async () => {
		receiver.script('/hook', redirect('/moved?to=here', 307));
		await send(shape, { options });
		expect(receiver.requests.map(({ url }) => url)).toEqual(['/hook', '/moved?to=here']);
		expect(receiver.requests.map(isAcme)).toEqual([true, true]);
	});

	it.each([['github'], ['stripe'], ['slack'], ['shopify']])('to another origin goes what %s signs', async (preset) => {
		receiver.script('/hook', redirect(other.url('/hook'), 307));
		await send(hmac(preset), { options });
		expect(await isGenuine(preset, other.requests[0]!)).toBe(true);
	});

	it.each<[string, object]>([
		['a shape of one’s own', shape],
		['Twilio', hmac('twilio')],
		['the URL', hmac('custom', { signedContent: '{url}.{timestamp}.{body}' })],
		['the query', hmac('custom', { signedContent: '{query}.{timestamp}.{body}' })],
	])('to another origin goes nothing that signs its address: %s', async (_what, data) => {
		receiver.script('/hook', redirect(other.url('/hook'), 307));
		const run = await send(data, { options });
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'REDIRECT', retryable: false });
		expect(other.requests).toEqual([]);
	});

	it('Twilio’s hash is in the new address, too, once', async () => {
		receiver.script('/hook', redirect('/moved?bodySHA256=0', 307));
		await send(hmac('twilio'), { options });
		expect(receiver.requests[1]?.url).toMatch(/^\/moved\?bodySHA256=[0-9a-f]{64}$/);
		expect(await isGenuine('twilio', receiver.requests[1]!)).toBe(true);
	});

	it('where it turns into GET, nothing says that a body is signed', async () => {
		receiver.script('/hook', redirect('/result', 303));
		await send(shape, { options });
		const names = Object.keys(receiver.requests[1]?.headers ?? {});
		expect(receiver.requests[1]?.method).toBe('GET');
		expect(names.filter((name) => /signature|acme-time/.test(name))).toEqual([]);
	});
});

describe('a secret by item', () => {
	const items = (...values: IDataObject[]) => values.map((json) => ({ json }));

	it('that does not fit is the fault of its item alone', async () => {
		const given = items({ n: 1, s: 'one' }, { n: 2, s: '' }, { n: 3, s: ' three' }, { n: 4, s: 'four' });
		const run = await send(hmac('github', { secret: '={{ $json.s }}' }), {}, given);
		expect(run.output(0).map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 3 }]);
		expect(run.errorOutput.map(({ json, pairedItem }) => [pairedItem, json.message])).toEqual([
			[{ item: 1 }, expect.stringContaining('Secret of the signing credential has no value')],
			[{ item: 2 }, expect.stringContaining('Secret of the signing credential begins or ends with white space')],
		]);
		const byItem = receiver.requests.map((request) => [JSON.parse(request.body.toString()) as { s: string }, request]);
		expect(byItem).toHaveLength(2);
		for (const [{ s }, request] of byItem as Array<[{ s: string }, ReceivedRequest]>) {
			expect(await isGenuine('github', request, s)).toBe(true);
		}
	});

	it('no message has it', async () => {
		const bad = 'canary-of-the-secret\u200b';
		const run = await send(hmac('slack'), {}, items({ n: 1 }));
		const failed = await send(hmac('slack', { secret: bad }), {}, items({ n: 1 }));
		expect(failed.errorOutput).toHaveLength(1);
		expect(JSON.stringify([run.output(), failed.errorOutput])).not.toMatch(/canary-of|a secret of both/);
	});
});

it.each<[object, INodeParameters, RegExp]>([
	[
		{ scheme: 'standardWebhooks', secret },
		{},
		/Signing is HMAC in the node, but the signing credential is for Standard Webhooks/,
	],
	[{ secret }, {}, /Signing is HMAC in the node, but the signing credential is for Standard Webhooks/],
	[
		hmac('github'),
		{ signing: 'standardWebhooks' },
		/Signing is Standard Webhooks in the node, but the signing credential is for HMAC/,
	],
	[
		hmac('github'),
		{ signing: 'httpMessageSignatures' },
		/Signing is HTTP Message Signatures in the node, but the signing credential is for HMAC/,
	],
	[{ scheme: 'rsa', secret }, {}, /Scheme of the signing credential has a value that does not exist/],
	[{ scheme: '', secret }, {}, /Scheme of the signing credential has a value that does not exist/],
	[hmac('gitlab'), {}, /Preset of the signing credential has a value that does not exist/],
	[hmac('custom', { signedContent: '{payload}' }), {}, /Signed Content has the placeholder "\{payload\}"/],
	[hmac('github', { previousSecret: 'old' }), {}, /a GitHub signature has room for one secret/],
	[hmac('github'), { headerParameters: pairs(['x-hub-signature-256', 'x']) }, /The header X-Hub-Signature-256 is set/],
])('%j with %j is refused, and nothing is sent', async (data, parameters, text) => {
	const run = await send(data, parameters);
	expect(run.errorOutput[0]?.json).toMatchObject({ message: expect.stringMatching(text) });
	expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'INVALID_REQUEST', attempts: 0 });
	expect(receiver.requests).toEqual([]);
});

it('a credential saved before there was Scheme signs by Standard Webhooks', async () => {
	const standard = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
	await send({ secret: standard }, { signing: 'standardWebhooks' });
	const [request] = receiver.requests;
	expect(new Webhook(standard).verify(request!.body, flat(request!))).toEqual({ name: 'Zoë' });
});
