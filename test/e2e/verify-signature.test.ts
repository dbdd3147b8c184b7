import { createPrivateKey, createPublicKey } from 'node:crypto';

import { createSigner, httpbis } from 'http-message-signatures';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';

import { waitFor } from '../../tools/lib/wait';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { chain, DISPATCH_TYPE, dispatchNode, itemsNode, using, webhook, workflowOf } from '../../tools/n8n/sketch';
import { askWebhook } from '../../tools/n8n/webhook';
import { contentDigest } from '../../lib/signature/httpMessageSignatures/contentDigest';
import { Instance, parameters, workflowFile } from '../support/n8n/instance';
import { Receiver } from '../support/receiver';
import { receivedItem } from '../support/signature/received';
import { vendors } from '../support/signature/vendors';
import { keys } from '../unit/signature/httpMessageSignatures/rfc9421';

/** `workflows/verify-signature.json` in a real n8n, asked by signers that no one here wrote. */
const type = 'webhookDispatchSigningApi';
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = '{"order": 12, "note": "Zoë"}';
const instance = new Instance();
const urls: Record<string, string> = {};
const ids: Record<string, string> = {};

/** Imports the workflow for a sender, as a user would: with a credential, and its own path. */
async function receive(name: string, data: JsonObject, options: JsonObject = { rawBody: true }) {
	const path = `verify-${name}`;
	const workflow = workflowFile('verify-signature.json', {
		'Webhook Received': (node) => ({ ...parameters({ path, options })(node), webhookId: path }),
	});
	const credential = await instance.client.credentials.create({ name, type, data });
	for (const node of workflow.nodes) {
		if (node.type === DISPATCH_TYPE) node.credentials = using(credential);
	}
	const { id } = await instance.client.workflows.create({ ...workflow, name });
	await instance.client.workflows.activate(id);
	ids[name] = id;
	urls[name] = `${instance.n8n.url}/webhook/${path}`;
	await askWebhook(urls[name]!, { method: 'POST' });
}

const send = async (name: string, headers: Record<string, string>, content = body, query = '') => {
	const answer = await fetch(`${urls[name]}${query}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: content,
	});
	return [answer.status, await answer.json()];
};

/** The execution that a request makes: n8n may list it a moment after its response. */
async function executionOf(workflowId: string, request: () => Promise<void>) {
	const { executions } = instance.client;
	const { length: before } = await executions.list({ workflowId });
	await request();
	const [execution] = await waitFor(
		async () => {
			const all = await executions.list({ workflowId });
			return all.length > before && all;
		},
		{ what: `an execution of ${workflowId}` },
	);
	return await executions.waitFor(String(execution?.id));
}

const genuine = [200, { received: true }];
const rejected = [401, { error: 'Signature Not Verified' }];

function standard(at = new Date()): Record<string, string> {
	return {
		'webhook-id': 'msg_1',
		'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
		'webhook-signature': new StandardWebhook(secret).sign('msg_1', at, body),
	};
}

beforeAll(async () => {
	await instance.start();
	await receive('standard', { secret });
	await receive('stripe', { scheme: 'hmac', preset: 'stripe', secret: 'whsec_of_stripe' });
	await receive('messages', { scheme: 'httpMessageSignatures', publicKeys: keys.ed25519.publicKey });
	await receive('parsed', { secret }, {});
	await receive('unready', { secret: 'too short' });
}, 600_000);

afterAll(async () => {
	await instance.end();
});

it('goes on with a genuine request, and responds to any other with 401', async () => {
	expect(await send('standard', standard())).toEqual(genuine);
	expect(await send('standard', standard(), `${body} `)).toEqual(rejected);
	expect(await send('standard', standard(new Date(Date.now() - 400_000)))).toEqual(rejected);
	expect(await send('standard', {})).toEqual(rejected);

	const header = new Stripe('sk_test_x').webhooks.generateTestHeaderString({
		payload: body,
		secret: 'whsec_of_stripe',
	});
	expect(await send('stripe', { 'stripe-signature': header })).toEqual(genuine);
	expect(await send('stripe', { 'stripe-signature': header }, '{}')).toEqual(rejected);
});

it('takes HTTP Message Signatures by the public key, with the query as it was sent', async () => {
	const signed = async (query: string) => {
		const { headers } = await httpbis.signMessage(
			{
				key: createSigner(createPrivateKey(keys.ed25519.privateKey), 'ed25519', 'test-key-ed25519'),
				fields: ['@method', '@target-uri', 'content-digest', 'content-type'],
				params: ['created', 'keyid'],
			},
			{
				method: 'POST',
				url: `${urls.messages}${query}`,
				headers: { 'content-type': 'application/json', 'content-digest': String(contentDigest(body, 'sha-512')) },
			},
		);
		return headers as Record<string, string>;
	};
	expect(createPublicKey(keys.ed25519.publicKey).asymmetricKeyType).toBe('ed25519');
	for (const query of ['', '?a=b%20c&d=1', '?a=b+c&d=1&d=2']) {
		expect(await send('messages', await signed(query), body, query)).toEqual(genuine);
	}
	expect(await send('messages', await signed('?a=1'), body, '?a=2')).toEqual(rejected);
});

it('responds with 500 while Raw Body is off, or the credential cannot be used, and says which', async () => {
	const said = async (name: string) => {
		const full = await executionOf(String(ids[name]), async () => {
			expect(await send(name, standard())).toEqual([500, { error: 'Signature Not Verified' }]);
		});
		const [item] = instance.client.executions.itemsOf(full, 'Verify Signature', 1);
		const { description } = item?.json.details as { description: string };
		return `${String(item?.json.message)}. ${description}`;
	};
	expect(await said('parsed')).toMatch(/^n8n has parsed the body.* add the option Raw Body/);
	expect(await said('unready')).toMatch(/^The signing secret/);
});

it('delivers each item signed with its own secret, and fails the one whose secret does not fit', async () => {
	const receiver = await Receiver.start();
	try {
		const data = { scheme: 'hmac', preset: 'github', secret: '={{ $json.secret }}' };
		const credential = await instance.client.credentials.create({ name: 'signing', type, data });
		const parameters = {
			url: receiver.url('/hook'),
			signing: 'hmac',
			body: 'text',
			textBody: '={{ $json.customer }}: ☃',
			options: {},
		};
		const nodes = [
			webhook('signed', { responseMode: 'lastNode', responseData: 'noData' }),
			itemsNode([
				{ customer: 'ada', secret: 'secret of ada' },
				{ customer: 'bob', secret: ' copied badly' },
				{ customer: 'cy', secret: 'secret of cy' },
			]),
			dispatchNode('Send', { parameters, credentials: using(credential), onError: 'continueErrorOutput' }),
		];
		const workflow = workflowOf('signed', nodes, chain('Webhook', 'Items', 'Send'));
		const { id } = await instance.client.workflows.create(workflow);
		await instance.client.workflows.activate(id);
		const full = await executionOf(id, async () => {
			await askWebhook(`${instance.n8n.url}/webhook/signed`, { method: 'POST' });
		});
		expect(instance.client.executions.itemsOf(full, 'Send', 1).map(({ json }) => json.message)).toEqual([
			expect.stringContaining('Secret of the signing credential begins or ends with white space'),
		]);
		const requests = receiver.requests.map(({ headers, body: bytes }) => ({
			url: '',
			headers: headers as Record<string, string>,
			body: bytes.toString(),
		}));
		expect(requests.map((request) => request.body).sort()).toEqual(['ada: ☃', 'cy: ☃']);
		for (const request of requests) {
			const customer = request.body.split(':')[0] ?? '';
			expect(await vendors.github?.(`secret of ${customer}`, request)).toBe(true);
			expect(await vendors.github?.('secret of bob', request)).toBe(false);
		}
	} finally {
		await receiver.close();
	}
});

it('gets from the Webhook node what the other tests take it to give', async () => {
	const full = await executionOf(String(ids.standard), async () => {
		await send('standard', standard(), body, '?a=b%20c');
	});
	const [received] = instance.client.executions.itemsOf(full, 'Webhook Received');
	const expected = receivedItem({ headers: standard(), body, query: { a: 'b c' }, webhookUrl: urls.standard! });
	expect(received?.json).toMatchObject({
		params: {},
		query: { a: 'b c' },
		body: expected.json.body,
		webhookUrl: urls.standard,
	});
	expect(Object.keys(received?.json ?? {}).sort()).toEqual(Object.keys(expected.json).sort());
	expect((received as { binary?: object } | undefined)?.binary).toMatchObject(expected.binary ?? {});
});
