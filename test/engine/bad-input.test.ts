import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { answer, Receiver } from '../support/receiver';
import { bodies, deliveryOf, dispatch, pairs, type Dispatch } from './support/dispatch';

/** What cannot be sent: what is said of it, and that it leaves the other items alone. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const AVOIDED = /\b(error|problem|failure|mistake)s?\b/i;
const errorOutput = { onError: 'continueErrorOutput' } as const;
const items = [{ n: 0 }, { n: 1, bad: true }, { n: 2 }];
const run = async (parameters: INodeParameters, more: Partial<Dispatch> = {}) =>
	await dispatch({ items, settings: errorOutput, ...more, parameters: { url: receiver.url('/'), ...parameters } });
const whenBad = (bad: string, good: string) => `={{ $json.bad ? ${bad} : ${good} }}`;

/** Item 1 failed with this; items 0 and 2 were delivered. */
async function onlyTheBadOne(
	parameters: INodeParameters,
	code: string,
	message: string | RegExp,
	more: Partial<Dispatch> = {},
) {
	const result = await run(parameters, more);
	expect(result.status).toBe('success');
	expect(receiver.requests).toHaveLength(2);
	expect(result.output().map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
	const [failed, ...others] = result.errorOutput;
	expect(others).toEqual([]);
	expect(failed?.json).toMatchObject({
		n: 1,
		bad: true,
		error: code === 'INVALID_URL' ? 'Invalid Webhook URL' : 'Webhook Dispatch Failed',
	});
	expect(deliveryOf(failed!.json)).toMatchObject({ id: null, status: 'failed', code, attempts: 0, retryable: false });
	expect(failed?.json.message).toEqual(expect.stringMatching(message));
	expect(failed?.json.message).toMatch(/ \[item 1\]$/);
	const { description } = failed?.json.details as { description: string };
	expect(description).toMatch(/^[A-Z]/);
	expect(description).not.toMatch(AVOIDED);
	return failed!.json;
}

describe('a malformed URL', () => {
	it.each([
		["'nonsense'", 'The Destination URL is not a URL'],
		["''", 'The Destination URL is empty'],
		["'ftp://example.com'", 'The Destination URL has the scheme "ftp:"'],
		["'https://user:pass@example.com'", 'The Destination URL contains a user name or password'],
		['undefined', 'The Destination URL is empty'],
	])('%s', async (bad, message) => {
		await onlyTheBadOne({ url: whenBad(bad, `'${receiver.url('/')}'`) }, 'INVALID_URL', message);
	});

	it('stops the node under the name that the reference has for it, when all others are delivered', async () => {
		const result = await run({ url: whenBad("'nonsense'", `'${receiver.url('/')}'`) }, { settings: {} });
		expect(result.status).toBe('error');
		expect(result.error?.message).toBe('Invalid Webhook URL');
		expect(result.error?.description).toBe(
			'The Destination URL is not a URL [item 1]. Write it with its scheme and host, e.g. https://api.example.com/events. ' +
				'1 of 3 deliveries failed. The 2 delivered are not sent again on retry, nor when this execution is retried.',
		);
		expect(result.error?.context).toMatchObject({ itemIndex: 1 });
		expect(receiver.requests).toHaveLength(2);
	});

	it('put right, is delivered by the retry of the execution, and nothing else is', async () => {
		const result = await run({ url: whenBad("'nonsense'", `'${receiver.url('/')}'`) }, { settings: {} });
		const again = await result.retry({ node: { parameters: { url: receiver.url('/') } } });
		expect(again.status).toBe('success');
		expect(again.output()).toHaveLength(3);
		expect(bodies(receiver.requests).sort()).toEqual(items.map((item) => JSON.stringify(item)).sort());
	});

	it('put right on its way back from the error output, has the body it would have had', async () => {
		const result = await run({ url: whenBad("'nonsense'", `'${receiver.url('/')}'`) });
		receiver.clear();
		await run({}, { items: result.errorOutput.map(({ json }) => json) });
		expect(bodies(receiver.requests)).toEqual(['{"n":1,"bad":true}']);
	});
});

describe('JSON that does not parse', () => {
	it('names the field and the place', async () => {
		const jsonBody = whenBad(String.raw`'{"a": 1,\n "b" 2}'`, `'{}'`);
		await onlyTheBadOne({ body: 'json', jsonBody }, 'INVALID_REQUEST', /^JSON is not valid JSON: at line 2, column 6 /);
	});

	it.each([
		["'[object Object]'", 'JSON is not valid JSON: at line 1, column 2'],
		['\'{"a": \'', 'JSON is not valid JSON: it ends too early, at line 1, column 7'],
		['undefined', /^JSON is (empty|not valid JSON: it is empty) /],
		["'secret-looking'", 'JSON is not valid JSON: at line 1, column 1'],
	])('%s', async (bad, message) => {
		const json = await onlyTheBadOne({ body: 'json', jsonBody: whenBad(bad, `'{}'`) }, 'INVALID_REQUEST', message);
		expect(JSON.stringify(json)).not.toContain('secret-looking');
	});
});

const CIRCLE = '(() => { const circle = {}; circle.self = circle; return circle; })()';

it.each([
	[
		'a header name',
		{ headerParameters: pairs([whenBad("'X A'", "'X-A'"), 'v']) },
		/^The header name "X A" has characters/,
	],
	[
		'a line break in a header',
		{ headerParameters: pairs(['X-A', whenBad(String.raw`'a\r\nX-B: c'`, "'v'")]) },
		/^The value of the header X-A has line breaks/,
	],
	[
		'a header of the connection',
		{ headerParameters: pairs([whenBad("'Content-Length'", "'X-A'"), '1']) },
		'is set by the connection itself',
	],
	['a delivery ID', { options: { deliveryId: whenBad("'a b'", "'ab'") } }, /^The Delivery ID must be at most 255/],
	[
		'an idempotency header',
		{ options: { idempotencyHeader: whenBad("'a b'", "'ab'") } },
		/^The Idempotency Header is not/,
	],
	['a timeout', { options: { timeout: whenBad("'soon'", '1000') } }, /^Timeout in the options is not a number/],
	['a method', { method: whenBad("'GET / HTTP/1.1'", "'PUT'") }, /Method/],
	['a method that opens a tunnel', { method: whenBad("'CONNECT'", "'PUT'") }, /Method/],
	[
		'an expression that throws',
		{ body: 'text', textBody: whenBad("$('No such node').first().json.x", "'fine'") },
		/^An expression gave no value: /,
	],
	[
		'JSON that contains itself',
		{ body: 'json', jsonBody: whenBad(CIRCLE, '{ n: 1 }') },
		/^An expression gave no value: /,
	],
] as Array<[string, INodeParameters, string | RegExp]>)(
	'%s that cannot be sent',
	async (_name, parameters, message) => {
		await onlyTheBadOne(parameters, 'INVALID_REQUEST', message);
	},
);

describe('a condition of Fails When that cannot be used', () => {
	const rule = (change: INodeParameters) => ({
		options: { failsWhen: { rules: [{ path: 'ok', condition: 'equals', value: 'false', tryAgain: true, ...change }] } },
	});

	it.each<[string, INodeParameters, string]>([
		['an empty name in its path', { path: whenBad("'error..code'", "'error.code'") }, 'has a path with an empty name'],
		['no path', { path: whenBad("''", "'error'"), condition: 'exists' }, 'has no path'],
		[
			'a path without a value',
			{ path: whenBad('undefined', "'error'") },
			'has an expression for a path that gives no value',
		],
		['another condition', { condition: whenBad("'matches'", "'equals'") }, 'has a condition that does not exist'],
		[
			'nothing to compare with',
			{ value: whenBad('undefined', "'false'") },
			'has an expression for a value that gives none',
		],
	])('%s', async (_name, change, words) => {
		await onlyTheBadOne(rule(change), 'INVALID_REQUEST', `^Fails When in the options ${words} `);
	});
});

it.each<[string, string, RegExp]>([
	['nothing', "''", /^Fields is empty/],
	['an expression without a value', 'undefined', /^Fields is empty/],
	['a name that is missing after "as"', "'id, n as'", /^Fields cannot be read at "n as"/],
	['an empty name in a path', "'a..b'", /^Fields cannot be read at "a\.\.b"/],
	['two fields of one name', "'n, bad as n'", /^Fields gives two fields the name "n"/],
	['all others twice', "'*, n, *'", /^Fields has \* more than once/],
	['an object', '({ n: 1 })', /^Fields is not a list of field names/],
	['a list of other things', '[{}]', /^Fields is not a list of field names/],
])('Selected Fields: %s', async (_name, bad, message) => {
	await onlyTheBadOne({ body: 'selectedFields', fields: whenBad(bad, "'n'") }, 'INVALID_REQUEST', message);
});

describe('a credential of n8n that has nothing for an item', () => {
	/** With the others' own values. */
	const good = (value: string) => whenBad("''", `'${value}'`);

	it.each<[string, IDataObject, RegExp]>([
		['httpHeaderAuth', { name: 'X-Key', value: good('a') }, /^The Header Auth credential has no Value/],
		['httpHeaderAuth', { name: whenBad("'X Key'", "'X-Key'"), value: 'a' }, /^Name in the Header Auth credential/],
		['httpBearerAuth', { token: good('a') }, /^The Bearer Auth credential has no Bearer Token/],
		['httpQueryAuth', { name: good('key'), value: 'a' }, /^The Query Auth credential has no Name/],
		['httpBasicAuth', { user: good('ada'), password: good('a') }, /^The Basic Auth credential has no User/],
		['zendeskApi', { email: good('ada@example.com'), apiToken: 'a' }, /^The Zendesk API credential has no Email/],
		[
			'httpCustomAuth',
			{ json: whenBad(`'{"headers": '`, "JSON.stringify({ headers: { 'X-Key': 'a' } })") },
			/^JSON in the Custom Auth credential is not a JSON object/,
		],
	])('%s (row %#)', async (type, data, message) => {
		await onlyTheBadOne({ authentication: 'n8nCredential', n8nCredentialType: type }, 'INVALID_REQUEST', message, {
			credentials: { [type]: data as never },
		});
	});
});

it.each<[string, INodeParameters]>([
	['Bearer Auth', { authentication: 'n8nCredential', n8nCredentialType: 'httpBearerAuth' }],
	['Basic', { authentication: 'basic' }],
	['OAuth 2.0', { authentication: 'oAuth2', grantType: 'password' }],
	['Signing', { signing: 'standardWebhooks' }],
	['Use Client Certificate', { options: { useClientCertificate: true } }],
])('no credential for %s: nothing is sent, and each item says so', async (label, parameters) => {
	const result = await run(parameters);
	expect([receiver.requests.length, result.output().length]).toEqual([0, 0]);
	expect(result.errorOutput.map(({ json }) => json.message)).toEqual(
		items.map(({ n }) => `No credential is selected for ${label} [item ${n}]`),
	);
});

it.each(['inputItem', 'profiles'])('an item that contains itself, as %s', async (body) => {
	const circle: IDataObject = { n: 1, bad: true };
	circle.self = circle;
	const result = await run({ body }, { items: [items[0]!, { json: circle }, items[2]!] });
	expect(result.status).toBe('success');
	expect([result.output().length, result.errorOutput.length, receiver.requests.length]).toEqual([2, 1, 2]);
	expect(result.errorOutput[0]?.json.message).toMatch(
		/^The body cannot be written( as JSON|: Maximum call stack size exceeded) \[item 1\]$/,
	);
});

it('a delivery ID with a full stop cannot be signed', async () => {
	const result = await dispatch({
		items,
		parameters: {
			url: receiver.url('/'),
			signing: 'standardWebhooks',
			options: { deliveryId: whenBad("'a.b'", '$json.n') },
		},
		settings: errorOutput,
		credentials: { webhookDispatchSigningApi: { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` } },
	});
	expect(result.errorOutput).toHaveLength(1);
	expect(result.errorOutput[0]?.json.message).toMatch(/^The Delivery ID has a full stop/);
	expect(receiver.requests).toHaveLength(2);
});

describe('an expression that throws for the first item', () => {
	const thrown = '={{ $itemIndex === 0 ? $("No such node").first().json.x : "fine" }}';

	it.each<[string, INodeParameters]>([
		['in the body', { body: 'text', textBody: thrown }],
		['in a header', { headerParameters: pairs(['X-A', thrown]) }],
		['in an option of the item', { options: { deliveryId: thrown } }],
	])('%s leaves the others alone', async (_name, parameters) => {
		const result = await run(parameters);
		expect(result.status).toBe('success');
		expect([result.output().length, result.errorOutput.length, receiver.requests.length]).toEqual([2, 1, 2]);
		expect(deliveryOf(result.errorOutput[0]!.json)).toMatchObject({ code: 'INVALID_REQUEST' });
	});
});

describe('options that hold for the whole run', () => {
	const options = { concurrency: 0 };
	const message = 'Concurrency in the options is not a whole number from 1 to 1000';

	it('stop the node before anything is sent', async () => {
		const result = await run({ options }, { settings: {} });
		expect([result.error?.message, receiver.requests.length]).toEqual([message, 0]);
		expect(result.error?.description).toMatch(/^Change it/);
	});

	it('or take the error output, with all items', async () => {
		const result = await run({ options });
		expect(result.output()).toEqual([]);
		expect(result.errorOutput.map(({ json }) => [json.n, json.error, json.message])).toEqual(
			[0, 1, 2].map((n) => [n, 'Webhook Dispatch Failed', `${message} [item ${n}]`]),
		);
		expect(receiver.requests).toHaveLength(0);
	});
});

describe('items that others made', () => {
	const own = JSON.parse(
		'{"__proto__":{"admin":true},"constructor":"c","toString":1,"\\u0000":"\\u0000","e":"🎉\\ud800"}',
	) as Record<string, string>;

	it('are sent as they are, names of a prototype included', async () => {
		const result = await run({}, { items: [{ json: own as never }] });
		expect(result.output()).toHaveLength(1);
		expect(bodies(receiver.requests)[0]).toContain(
			'"constructor":"c","toString":1,"\\u0000":"\\u0000","e":"🎉\\ud800"',
		);
		expect(({} as { admin?: boolean }).admin).toBeUndefined();
	});

	it('that carry an ID with line breaks do not put it into a header', async () => {
		const details = {
			delivery: {
				id: 'a\r\nX-Injected: 1',
				status: 'failed',
				code: 'STATUS',
				attempts: 1,
				retryable: true,
				mark: 'webhookDispatch:workflow/node-1',
			},
		};
		const result = await run(
			{ options: { idempotencyHeader: 'Idempotency-Key' } },
			{ items: [{ n: 0, error: 'e', message: 'm', details }] },
		);
		expect(result.output()).toHaveLength(1);
		expect(receiver.requests[0]?.headers).not.toHaveProperty('x-injected');
		expect(receiver.requests[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
		expect(bodies(receiver.requests)).toEqual(['{"n":0}']);
	});
});

describe('responses that others made', () => {
	it.each([200, 500])(
		'%i, nested deeper than a stack: all items have an outcome, none is sent twice',
		async (status) => {
			receiver.choose(() => answer(status, `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`));
			const result = await run({});
			expect(result.status).toBe('success');
			expect(result.output().length + result.errorOutput.length).toBe(3);
			expect(receiver.requests).toHaveLength(3);
		},
	);

	it('a status without words, and words without end', async () => {
		receiver.choose(() => answer(599, `${'x'.repeat(100_000)}`));
		const result = await run({});
		expect(result.errorOutput.map(({ json }) => String(json.message).length < 300)).toEqual([true, true, true]);
	});
});
