import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';

import { createSigner, httpbis } from 'http-message-signatures';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

import { contentDigest } from '../../lib/signature/httpMessageSignatures/contentDigest';
import { runWorkflow, type NodeSettings } from '../support/engine';
import { parsedItem, receivedItem, type SignedRequest } from '../support/signature/received';
import { secretForms } from '../unit/keys/canaries';

const type = 'webhookDispatchSigningApi';
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const before = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;
const body = '{"order": 12, "note": "Zoë"}';

type Settings = Pick<NodeSettings, 'onError' | 'retryOnFail' | 'maxTries' | 'waitBetweenTries'>;

async function verify(
	items: INodeExecutionData[],
	data: Record<string, unknown> = { secret },
	parameters: INodeParameters = {},
	settings: Settings = { onError: 'continueErrorOutput' },
) {
	return await runWorkflow({
		items,
		node: { ...settings, parameters: { resource: 'signature', operation: 'verify', ...parameters } },
		credentials: { [type]: data as never },
	});
}

/** What became of one item: its JSON, or why it took the error output. */
async function outcome(...given: Parameters<typeof verify>): Promise<unknown> {
	const run = await verify(...given);
	const [genuine] = run.output(0);
	const [failed] = run.errorOutput;
	if (genuine !== undefined && failed === undefined) return genuine.json;
	const { signature, description } = failed?.json.details as { signature: { reason: string }; description: string };
	return `${signature.reason}: ${String(failed?.json.message)}. ${description}`;
}

/** Signed by a reference library of Standard Webhooks. */
function standard(changes: Partial<SignedRequest> & { key?: string; at?: Date } = {}): SignedRequest {
	const { key = secret, at = new Date(), ...request } = changes;
	return {
		body,
		...request,
		headers: {
			'webhook-id': 'msg_1',
			'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
			'webhook-signature': new StandardWebhook(key).sign('msg_1', at, body),
			...request.headers,
		},
	};
}

describe('a genuine request', () => {
	it('goes on as it is, with its files, each paired with its own', async () => {
		const items = [receivedItem(standard()), receivedItem(standard({ key: 'x'.repeat(32) })), receivedItem(standard())];
		const run = await verify(items);
		expect(run.output(0)).toEqual([0, 2].map((item) => ({ ...items[item], pairedItem: { item } })));
		expect(run.errorOutput.map(({ json, pairedItem }) => [json.error, json.message, pairedItem])).toEqual([
			['Signature Not Verified', 'The signature in webhook-signature does not match [item 1]', { item: 1 }],
		]);
		expect(run.errorOutput[0]).toMatchObject({
			json: {
				details: { signature: { reason: 'NO_MATCH', scheme: 'Standard Webhooks' } },
				// n8n puts the request's own fields beside it, for the response.
				webhookUrl: 'https://hooks.example.com/webhook/in',
			},
			binary: items[1]?.binary,
		});
	});

	it('may be signed by svix, with the secret of before, or after a version that is not known', async () => {
		const at = new Date();
		const bySvix = new SvixWebhook(secret).sign('msg_1', at, body);
		const byBefore = new StandardWebhook(before).sign('msg_1', at, body);
		for (const signature of [bySvix, byBefore, `v9,AAAA ${byBefore}`]) {
			const request = standard({ at, headers: { 'webhook-signature': signature } });
			expect(await outcome([receivedItem(request)], { secret, previousSecret: before })).toMatchObject({ body: {} });
		}
	});

	it('may have its headers in any letter case, and in lists', async () => {
		const { headers } = standard();
		const written = Object.fromEntries(
			Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [String(value)]]),
		);
		expect(await outcome([receivedItem({ headers: written, body })])).toMatchObject({ body: { order: 12 } });
	});

	it('may lie in another file, or be a body without one', async () => {
		const { json, binary } = receivedItem(standard());
		const item = { json, binary: { raw: binary!.data! } };
		expect(await outcome([item], { secret }, { inputDataFieldName: 'raw' })).toMatchObject({ body: {} });
		expect(await outcome([item])).toMatch(/^NO_RAW_BODY: The item has no file "data" .* "raw"\.$/);
		const empty = new StandardWebhook(secret).sign('msg_1', new Date(), '');
		const get = standard({ body: '', headers: { 'webhook-signature': empty, 'content-length': '0' } });
		const withoutFile = parsedItem(get);
		withoutFile.json.body = {};
		expect(await outcome([withoutFile])).toMatchObject({ body: {} });
	});

	it('has its JSON in body, where that is asked for', async () => {
		const item = receivedItem(standard());
		delete item.json.body;
		expect(await outcome([item], { secret }, { options: { parseBody: true } })).toMatchObject({
			body: { order: 12, note: 'Zoë' },
			headers: {},
		});
		const text = 'no JSON';
		const at = new Date();
		const signature = new StandardWebhook(secret).sign('msg_1', at, text);
		const plain = receivedItem(standard({ at, body: text, headers: { 'webhook-signature': signature } }));
		expect(await outcome([plain], { secret }, { options: { parseBody: true } })).toMatch(/^NOT_JSON/);
	});

	it('costs no further try where it is not genuine', async () => {
		const settings = {
			onError: 'continueErrorOutput',
			retryOnFail: true,
			maxTries: 5,
			waitBetweenTries: 5000,
		} as const;
		const startedAt = performance.now();
		const run = await verify([receivedItem(standard({ key: before }))], { secret }, {}, settings);
		expect(run.errorOutput).toHaveLength(1);
		// n8n would wait between the tries.
		expect(performance.now() - startedAt).toBeLessThan(4000);
	});
});

it('lets the event loop turn between slices of items', async () => {
	// Each look at the clock finds a slice to be over.
	let time = 0;
	const clock = jest.spyOn(performance, 'now').mockImplementation(() => (time += 30));
	const turns = jest.spyOn(globalThis, 'setImmediate');
	try {
		const items = Array.from({ length: 40 }, () => receivedItem(standard()));
		expect((await verify(items)).output(0)).toHaveLength(40);
		expect(turns.mock.calls.length).toBeGreaterThanOrEqual(40);
	} finally {
		clock.mockRestore();
		turns.mockRestore();
	}
});

describe('what is not genuine says why', () => {
	const old = new Date(Date.now() - 301_000);
	// An hour: the tests before it take their time on a busy machine.
	const future = new Date(Date.now() + 3_600_000);
	const missing = (name: string) => {
		const request = standard();
		delete request.headers[name];
		return receivedItem(request);
	};
	it.each<[string, () => INodeExecutionData, RegExp]>([
		['no ID', () => missing('webhook-id'), /^MISSING_HEADER: The request has no webhook-id header \[item 0\]/],
		['no time', () => missing('webhook-timestamp'), /^MISSING_HEADER: .* webhook-timestamp/],
		['no signature', () => missing('webhook-signature'), /^MISSING_HEADER: .* webhook-signature/],
		['too old', () => receivedItem(standard({ at: old })), /^TOO_OLD: The request was signed 3\d\d seconds ago/],
		['too new', () => receivedItem(standard({ at: future })), /^TOO_OLD: .* ahead of now/],
		['another key', () => receivedItem(standard({ key: before })), /^NO_MATCH/],
		['another body', () => receivedItem(standard({ body: `${body} ` })), /^NO_MATCH: .* turn on Raw Body/],
		['a signature twice', () => receivedItem(standard({ headers: { 'webhook-id': ['msg_1', 'msg_1'] } })), /^NO_MATCH/],
		[
			'a parsed body',
			() => parsedItem(standard()),
			/^NO_RAW_BODY: n8n has parsed the body.* add the option Raw Body and turn it on/,
		],
		[
			'a multipart body',
			() => parsedItem(standard({ headers: { 'content-type': 'multipart/form-data; boundary=x' } })),
			/^NO_RAW_BODY: n8n has parsed the multipart body/,
		],
		[
			'no headers',
			() => ({ json: { body: {} } }),
			/^NO_RAW_BODY: The item has no headers .* Connect this node to the Webhook node/,
		],
	])('%s', async (_what, make, text) => {
		expect(await outcome([make()])).toMatch(text);
	});

	it.each([
		[{ secret: '' }, /^CREDENTIAL: The signing credential has no secret/],
		[{ secret: 'whsec_' }, /^CREDENTIAL/],
		[{ secret, scheme: 'none' }, /^CREDENTIAL: Scheme of the signing credential/],
		[{ secret, scheme: 'httpMessageSignatures' }, /^CREDENTIAL: The signing credential has no key/],
	])('a credential %j', async (data, text) => {
		expect(await outcome([receivedItem(standard())], data)).toMatch(text);
	});

	it.each([0, -1, 3601, 'soon', '={{ null }}'])('a tolerance of %j', async (tolerance) => {
		const parameters = { options: { tolerance } };
		expect(await outcome([receivedItem(standard())], { secret }, parameters)).toMatch(/^PARAMETER: Time Tolerance/);
	});

	it('with Stop Workflow, the execution stops with it', async () => {
		const run = await verify([receivedItem(standard({ key: before }))], { secret }, {}, {});
		expect([run.status, run.error?.message, run.error?.description]).toEqual([
			'error',
			'Signature Not Verified',
			expect.stringContaining('does not match'),
		]);
	});

	it('and shows neither a secret nor a right signature', async () => {
		const run = await verify([receivedItem(standard({ key: before }))], { secret, previousSecret: '' });
		const right = String(standard().headers['webhook-signature']).slice('v1,'.length);
		const forms = secretForms([secret, secret.slice('whsec_'.length), right]);
		const shown = inspect(run.data, { depth: Infinity, showHidden: true, maxStringLength: Infinity });
		expect(forms.filter((form) => shown.includes(form))).toEqual([]);
	});
});

it('each item is verified with its own secret, where the credential reads the item', async () => {
	const of = (tenant: string) => `whsec_${Buffer.alloc(32, tenant).toString('base64')}`;
	const items = ['a', 'b', 'a'].map((tenant, index) => {
		const item = receivedItem(standard({ key: of(index === 2 ? 'b' : tenant) }));
		return { ...item, json: { ...item.json, query: { tenant } } };
	});
	const secrets = '={{ "whsec_" + $json.query.tenant.repeat(32).base64Encode() }}';
	const run = await verify(items, { secret: secrets });
	expect(run.output(0).map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	expect(run.errorOutput.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 2 }]);
});

describe('HTTP Message Signatures', () => {
	const { privateKey } = generateKeyPairSync('ed25519');
	const publicKeys = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
	const data = { scheme: 'httpMessageSignatures', signatureAlgorithm: 'ed25519', publicKeys };
	const address = 'https://hooks.example.com/webhook/in';

	/** Signed by `http-message-signatures`. */
	async function signed(
		url: string,
		method = 'POST',
		fields = ['@method', '@target-uri', 'content-digest', 'content-type'],
	) {
		const message = {
			method,
			url,
			headers: {
				'content-type': 'application/json',
				'content-digest': String(contentDigest(body, 'sha-256')),
			},
		};
		const { headers } = await httpbis.signMessage(
			{ key: createSigner(privateKey, 'ed25519', 'k'), fields, params: ['created', 'keyid'] },
			message,
		);
		return { headers: headers as Record<string, string>, body };
	}

	it('of a sender that no one here wrote are taken, with a public key alone', async () => {
		expect(await outcome([receivedItem(await signed(address))], data)).toMatchObject({ body: { order: 12 } });
		expect(await outcome([receivedItem(await signed(address, 'PUT'))], data, { method: 'PUT' })).toMatchObject({
			body: {},
		});
		expect(await outcome([receivedItem(await signed(address, 'PUT'))], data)).toMatch(
			/^NO_MATCH: .* Check URL and Method/,
		);
	});

	it('are over the address that the sender calls, with query and path parameters', async () => {
		const publicUrl = 'https://public.example.com/in';
		const proxied = receivedItem(await signed(publicUrl));
		expect(await outcome([proxied], data)).toMatch(/^NO_MATCH/);
		expect(await outcome([proxied], data, { url: publicUrl })).toMatchObject({ body: {} });
		for (const query of ['a=b%20c&x=1&x=2', 'a=b+c&x=1&x=2']) {
			const item = receivedItem({ ...(await signed(`${address}?${query}`)), query: { a: 'b c', x: ['1', '2'] } });
			expect(await outcome([item], data)).toMatchObject({ body: {} });
		}
		const withParameters = receivedItem({
			...(await signed('https://hooks.example.com/webhook/id/orders/12')),
			params: { order: '12' },
			webhookUrl: 'https://hooks.example.com/webhook/id/orders/:order',
		});
		expect(await outcome([withParameters], data)).toMatchObject({ body: {} });
		expect(await outcome([receivedItem(await signed(address))], data, { url: 'x' })).toMatch(
			/^MALFORMED: .* Fill in URL/,
		);
	});

	it('that cover less than the credential asks for are not taken', async () => {
		const item = receivedItem(await signed(address, 'POST', ['@method', '@target-uri']));
		expect(await outcome([item], data)).toMatch(/^NOT_COVERED: The signature does not cover content-digest/);
	});
});
