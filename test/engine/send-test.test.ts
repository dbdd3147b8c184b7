import type { INodeParameters } from 'n8n-workflow';
import type { NodeSettings } from '../support/engine';
import { answer, hang, Receiver, redirect, refusingUrl } from '../support/receiver';
import { bodies, dispatch, pairs, type Dispatch } from './support/dispatch';

/** `webhook: sendTest` (mission row W4). */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const profile = '{"Identity":"UserId","Email":"User@user.com","push_token":"Token"}';
const payload = `{"is_test":true,"targetId":1234,"key_values":{"key":"value"},"profiles":[${Array(5).fill(profile).join(',')}]}`;
const sendTest = async (parameters: INodeParameters = {}, settings: NodeSettings = {}, more: Partial<Dispatch> = {}) =>
	await dispatch({
		items: [{ a: 1 }, { a: 2 }],
		...more,
		settings,
		parameters: { operation: 'sendTest', url: receiver.url('/t'), ...parameters },
	});

it('sends the test payload once, whatever comes in, and passes on 200 OK', async () => {
	receiver.script('/t', answer(200, { ok: true }));
	const run = await sendTest();
	expect(bodies(receiver.requests)).toEqual([payload]);
	expect(receiver.requests[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
	expect(run.output()).toEqual([
		{
			json: { passed: true, statusCode: 200, durationMs: expect.any(Number) as number, response: { ok: true } },
			pairedItem: [{ item: 0 }, { item: 1 }],
		},
	]);
});

it('sends header names as written', async () => {
	await sendTest({ headerParameters: pairs(['apiKey', 'k'], ['SOAPAction', 'a']) });
	expect(receiver.requests[0]?.rawHeaders).toEqual(expect.arrayContaining(['apiKey', 'SOAPAction']));
	expect(receiver.requests[0]?.rawHeaders).not.toContain('apikey');
});

it('an empty response is no response', async () => {
	receiver.script('/t', answer(200, ''));
	expect((await sendTest()).output()[0]?.json).not.toHaveProperty('response');
});

it.each([
	[201, /^The test did not pass: 127\.0\.0\.1:\d+ responded with 201 Created/],
	[204, /responded with 204 No Content/],
	[302, /responded with 302 Found/],
	[401, /responded with 401 Unauthorized: no\. Check the credential/],
	[404, /responded with 404 Not Found: no\. Check the path of the Destination URL/],
	[500, /responded with 500 Internal Server Error/],
])('does not pass on %i, and says so', async (status, description) => {
	receiver.choose(() => answer(status, { message: 'no' }));
	const { error } = await sendTest();
	expect(error).toMatchObject({ message: 'Webhook Dispatch Failed', httpCode: String(status) });
	expect(error?.description).toMatch(description);
	expect(receiver.requests).toHaveLength(1);
});

it('success status cannot be widened', async () => {
	receiver.choose(() => answer(201));
	expect((await sendTest({ options: { successStatus: '2xx' } })).error?.message).toBe('Webhook Dispatch Failed');
});

describe('what keeps it from arriving', () => {
	it('no response in time', async () => {
		receiver.choose(() => hang());
		const { error } = await sendTest({ options: { timeout: 100 } });
		expect(error?.description).toMatch(
			/^The test did not pass: Delivery to 127\.0\.0\.1:\d+ failed: no complete response within the timeout\. Raise Timeout/,
		);
	});

	it('the timeout is 3 s unless it is set', async () => {
		receiver.choose(() => hang());
		const before = performance.now();
		await sendTest();
		expect(performance.now() - before).toBeGreaterThanOrEqual(2990);
	}, 30_000);

	it('no one there', async () => {
		expect((await sendTest({ url: await refusingUrl() })).error?.description).toMatch(
			/the connection was refused\. Check that the destination is up/,
		);
	});

	it.each([
		['={{ $json.nowhere }}', 'The Destination URL is empty. Fill in'],
		['nonsense', 'The Destination URL is not a URL. Write it'],
	])('the URL %p', async (url, description) => {
		const { error } = await sendTest({ url });
		expect(error?.message).toBe('Invalid Webhook URL');
		expect(error?.description?.startsWith(description)).toBe(true);
	});

	it.each<[string, INodeParameters]>([
		['a header', { headerParameters: pairs(['X A', 'v']) }],
		['an option', { options: { timeout: -1 } }],
		['a method', { method: 'TRACE' }],
	])('%s that cannot be', async (_name, parameters) => {
		const { error } = await sendTest(parameters);
		expect([error?.message, receiver.requests.length]).toEqual(['Webhook Dispatch Failed', 0]);
	});
});

it('takes method, query and headers; with GET there is no body', async () => {
	await sendTest({ method: 'GET', queryParameters: pairs(['q', '1']), headerParameters: pairs(['X-A', 'b']) });
	expect(receiver.requests[0]).toMatchObject({
		method: 'GET',
		url: '/t?q=1',
		headers: { 'x-a': 'b' },
		body: Buffer.alloc(0),
	});
});

it('follows redirects when told to, and passes on the 200 at the end', async () => {
	receiver.script('/t', redirect('/end', 307));
	expect((await sendTest({ options: { followRedirects: true } })).output()[0]?.json).toMatchObject({ passed: true });
	expect(receiver.of('/end')[0]?.body.toString()).toBe(payload);
});

it('authenticates', async () => {
	const credentials = { webhookDispatchBasicApi: { user: 'u', password: 'hunter2secret' } };
	receiver.choose(() => answer(403, { message: 'not hunter2secret' }));
	const run = await sendTest({ authentication: 'basic' }, {}, { credentials });
	expect(receiver.requests[0]?.headers.authorization).toBe(
		`Basic ${Buffer.from('u:hunter2secret').toString('base64')}`,
	);
	expect(JSON.stringify(run.data)).not.toContain('hunter2secret');
});

it('that did not pass takes the error output where there is one', async () => {
	receiver.choose(() => answer(500));
	const run = await sendTest({}, { onError: 'continueErrorOutput' });
	expect(run.status).toBe('success');
	expect(run.output()).toEqual([]);
	expect(run.errorOutput[0]?.json).toMatchObject({
		error: 'Webhook Dispatch Failed',
		message: expect.stringMatching(/responded with 500/) as string,
	});
});
