import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';

import { createVerifier, httpbis } from 'http-message-signatures';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { runWorkflow } from '../support/engine';
import { answer, Receiver, redirect } from '../support/receiver';
import type { ReceivedRequest } from '../support/receiver';
import { deliveryOf, dispatch, pairs } from './support/dispatch';

/** Deliveries with HTTP Message Signatures, verified at the receiver by `http-message-signatures`. */
let receiver: Receiver;
let other: Receiver;
beforeAll(async () => ([receiver, other] = await Promise.all([Receiver.start(), Receiver.start()])));
afterAll(async () => await Promise.all([receiver.close(), other.close()]));
beforeEach(() => [receiver, other].forEach((one) => one.clear()));

const type = 'webhookDispatchSigningApi';
const { privateKey } = generateKeyPairSync('ed25519');
const credential = {
	scheme: 'httpMessageSignatures',
	privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

async function send(
	parameters: INodeParameters = {},
	data: Record<string, unknown> = credential,
	items: INodeExecutionData[] = [{ json: { name: 'Zoë' } }],
) {
	return await dispatch({
		items,
		settings: { onError: 'continueErrorOutput' },
		parameters: { url: receiver.url('/hook'), signing: 'httpMessageSignatures', ...parameters },
		credentials: { [type]: data as never },
	});
}

/** Whether a request's signature is genuine, covers all of these, and its Content-Digest is that of its body. */
async function isGenuine(
	{ method, url, headers, body }: ReceivedRequest,
	fields = ['@method', '@target-uri', 'content-digest', 'content-type'],
	key: KeyObject = createPublicKey(privateKey),
): Promise<boolean | null> {
	const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
	expect(flat['content-digest']).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
	return await httpbis.verifyMessage(
		{
			keyLookup: async () => await Promise.resolve({ verify: createVerifier(key, 'ed25519') }),
			requiredFields: fields,
			requiredParams: ['created', 'keyid'],
			tolerance: 5,
		},
		{ method, url: `http://${flat.host}${url}`, headers: flat },
	);
}

it('a delivery is signed, with the headers as the RFCs write them', async () => {
	const run = await send({ queryParameters: pairs(['a', 'b c'], ['d', 'ü']) });
	expect(deliveryOf(run.output()[0]!.json)).toMatchObject({ status: 'delivered' });
	const [request] = receiver.requests;
	expect(await isGenuine(request!)).toBe(true);
	expect(await isGenuine({ ...request!, url: '/hook?a=b' })).toBe(false);
	expect(request?.rawHeaders.filter((name) => /^(signature|content-digest)/i.test(name))).toEqual([
		'Content-Digest',
		'Signature-Input',
		'Signature',
	]);
});

it.each([
	['GET', {}, ['@method', '@target-uri', 'content-digest']],
	['DELETE', { body: 'none' }, ['@method', '@target-uri', 'content-digest']],
	['PUT', { body: 'form', bodyParameters: pairs(['a', 'ü']) }, undefined],
	['POST', { body: 'text', textBody: 'plain' }, undefined],
])('%s %j is signed', async (method, parameters, fields) => {
	await send({ method, ...parameters } as INodeParameters);
	expect(receiver.requests).toHaveLength(1);
	expect(await isGenuine(receiver.requests[0]!, fields)).toBe(true);
});

it('a file is digested before it is sent', async () => {
	const file = Buffer.alloc(300_000, 'file');
	const binary = { data: { data: file.toString('base64'), mimeType: 'image/png', fileName: 'a.png' } };
	await send({ body: 'file' }, credential, [{ json: {}, binary }]);
	expect(receiver.requests[0]?.body.equals(file)).toBe(true);
	expect(await isGenuine(receiver.requests[0]!)).toBe(true);
});

it('each try is signed for itself', async () => {
	receiver.script('/hook', answer(503), answer(200));
	await dispatch({
		items: [{ a: 1 }],
		settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		parameters: { url: receiver.url('/hook'), signing: 'httpMessageSignatures' },
		credentials: { [type]: { ...credential, includeNonce: true } as never },
	});
	expect(await Promise.all(receiver.requests.map(async (request) => await isGenuine(request)))).toEqual([true, true]);
	expect(new Set(receiver.requests.map(({ headers }) => headers['signature-input'])).size).toBe(2);
});

it('what another signing of the node adds is covered: Authorization, by its name', async () => {
	const data = { ...credential, coveredComponents: '@method @target-uri content-digest authorization' };
	const run = await dispatch({
		items: [{ a: 1 }],
		parameters: { url: receiver.url('/hook'), signing: 'httpMessageSignatures', authentication: 'basic' },
		credentials: { [type]: data as never, webhookDispatchBasicApi: { user: 'u', password: 'p' } },
	});
	expect(run.status).toBe('success');
	expect(await isGenuine(receiver.requests[0]!, ['authorization', 'content-digest'])).toBe(true);
});

describe('redirects', () => {
	const options = { followRedirects: true };

	it('within the origin, the request is signed for its new address', async () => {
		receiver.script('/hook', redirect('/moved?to=here', 307));
		await send({ options });
		expect(receiver.requests.map(({ url }) => url)).toEqual(['/hook', '/moved?to=here']);
		expect(await Promise.all(receiver.requests.map(async (request) => await isGenuine(request)))).toEqual([true, true]);
	});

	it('where it turns into GET, nothing says that a body is signed', async () => {
		receiver.script('/hook', redirect('/result', 303));
		await send({ options });
		expect(Object.keys(receiver.requests[1]?.headers ?? {}).filter((name) => /signature|digest/.test(name))).toEqual(
			[],
		);
	});

	it('to another origin none is followed', async () => {
		receiver.script('/hook', redirect(other.url('/hook'), 307));
		const run = await send({ options });
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'REDIRECT', retryable: false });
		expect(other.requests).toEqual([]);
	});
});

it.each([
	['signature', 'x', /The header Signature is set by the signature itself/],
	['Content-Digest', 'sha-256=:YQ==:', /The header Content-Digest is set by the signature itself/],
])('a header %s of the user is refused', async (name, value, text) => {
	const run = await send({ headerParameters: pairs([name, value]) });
	expect(run.errorOutput[0]?.json).toMatchObject({ message: expect.stringMatching(text) });
	expect(receiver.requests).toEqual([]);
});

it('what cannot be signed is not sent, and the others are', async () => {
	const data = { ...credential, coveredComponents: '@method, content-digest, x-tenant' };
	const items = [{ json: { tenant: 'a' } }, { json: {} }, { json: { tenant: 'ü' } }];
	const headerParameters = pairs(['={{ $json.tenant ? "X-Tenant" : "" }}', '={{ $json.tenant }}']);
	const run = await send({ headerParameters }, data, items);
	expect(run.output(0)).toHaveLength(1);
	expect(run.errorOutput.map(({ json }) => json.message)).toEqual([
		expect.stringContaining('The request has no x-tenant, which is to be signed'),
		expect.stringContaining('The value of x-tenant has characters beyond ASCII'),
	]);
	expect(receiver.requests).toHaveLength(1);
});

describe('key: getPublic', () => {
	const getPublic = async (data: Record<string, unknown>) =>
		await runWorkflow({
			items: [{}],
			node: { parameters: { resource: 'key', operation: 'getPublic', keyCredential: 'signing' } },
			credentials: { [type]: data as never },
		});

	it('gives what the receiver verifies with, under the keyid that is sent', async () => {
		const before = generateKeyPairSync('ed25519').publicKey;
		const publicKeys = JSON.stringify({ ...before.export({ format: 'jwk' }), kid: 'before' });
		const { json } = (await getPublic({ ...credential, publicKeys })).output()[0] ?? {};
		expect(Object.keys(json ?? {})).toEqual(['keyId', 'publicKey', 'jwk', 'jwks', 'algorithm']);
		expect(json).toMatchObject({ algorithm: 'ed25519', jwk: { alg: 'EdDSA', use: 'sig', kty: 'OKP' } });
		const { keys } = json?.jwks as { keys: Array<JsonWebKey & { kid: string }> };
		expect(keys.map(({ kid }) => kid)).toEqual([json?.keyId, 'before']);
		expect(JSON.stringify(json)).not.toContain('"d"');

		await send();
		const [request] = receiver.requests;
		expect(request?.headers['signature-input']).toContain(`;keyid="${String(json?.keyId)}"`);
		expect(await isGenuine(request!, undefined, createPublicKey({ key: keys[0]!, format: 'jwk' }))).toBe(true);
	});

	it.each([
		[{ secret: `whsec_${Buffer.alloc(32).toString('base64')}` }, /Standard Webhooks has no public key/],
		[
			{ ...credential, signatureAlgorithm: 'hmac-sha256', secret: 'x'.repeat(32) },
			/HMAC with SHA-256 has no public key/,
		],
	])('of a secret there is none', async (data, text) => {
		expect((await getPublic(data)).error?.message).toMatch(text);
	});
});
