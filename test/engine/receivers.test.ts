import type { INodeParameters } from 'n8n-workflow';
import type { NodeSettings } from '../support/engine';
import { answer, Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';
import { Tokens } from './support/tokens';

/** Receivers as they are: what public reports say of their responses. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const items = [{ n: 0 }, { n: 1 }];
const run = async (options: INodeParameters = {}, settings: NodeSettings = {}, more = {}) =>
	await dispatch({ items, settings, parameters: { url: `=${receiver.origin}/{{ $json.n }}`, options }, ...more });
const toErrorOutput: NodeSettings = { onError: 'continueErrorOutput' };
/** Timers may fire a little early. */
const TOLERANCE = 20;

describe('the reason of a refusal', () => {
	it('of Zendesk, nested in details, is in the error that stops the workflow', async () => {
		const details = {
			requester: [{ description: 'Requester Name: is too short (minimum is 1 characters)', error: 'TooShort' }],
		};
		receiver.choose(() => answer(422, { error: 'RecordInvalid', description: 'Record validation errors', details }));
		const { error } = await run();
		expect(error?.description).toContain(
			'Record validation errors: Requester Name: is too short (minimum is 1 characters)',
		);
	});
});

describe('Retry Statuses', () => {
	it.each([409, 520, 524, 529])('%i is retried beside the standing list', async (status) => {
		receiver.script('/0', answer(status), answer(200));
		receiver.script('/1', answer(503), answer(200));
		const result = await run({ retryStatuses: '409, 520-524, 529' }, { retryOnFail: true });
		expect([result.status, receiver.of('/0').length, receiver.of('/1').length]).toEqual(['success', 2, 2]);
	});

	it.each([409, 522])('without it %i is given up, and the option is named', async (status) => {
		receiver.script('/0', answer(status, ''));
		const result = await run({}, { ...toErrorOutput, retryOnFail: true });
		expect(receiver.of('/0')).toHaveLength(1);
		expect(result.errorOutput[0]?.json.details).toMatchObject({
			delivery: { statusCode: status, retryable: false },
			description: expect.stringContaining(`add ${status} to Retry Statuses in the options`) as string,
		});
	});

	it('that cannot be read are the fault of their item alone, which is not sent', async () => {
		const result = await run({ retryStatuses: "={{ $json.n === 0 ? '409, 204' : '409' }}" }, toErrorOutput);
		expect(receiver.requests.map(({ key }) => key)).toEqual(['/1']);
		expect(result.errorOutput).toHaveLength(1);
		expect(result.errorOutput[0]?.json.message).toBe(
			'Retry Statuses in the options cannot contain "204", which is a success [item 0]',
		);
		expect(deliveryOf(result.errorOutput[0]!.json)).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
	});
});

describe('the time to wait', () => {
	it.each<[string, object, Record<string, string>]>([
		['the body alone', { message: 'You are being rate limited.', retry_after: 0.4 }, {}],
		['the body of Telegram', { ok: false, parameters: { retry_after: '0.4' } }, {}],
		['X-RateLimit-Reset-After', {}, { 'x-ratelimit-reset-after': '0.4' }],
		['retry-after-ms', {}, { 'retry-after-ms': '400' }],
		['RateLimit', {}, { ratelimit: '"default";r=0;t=0.4' }],
	])('is honoured when it is in %s', async (_where, body, headers) => {
		receiver.script('/0', answer(429, body, headers));
		expect((await run({}, { retryOnFail: true, waitBetweenTries: 1 })).status).toBe('success');
		const [first, second] = receiver.of('/0');
		expect(second!.at - first!.at).toBeGreaterThanOrEqual(400 - TOLERANCE);
	});

	it.each(['Sat, 13 Sep 275760 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', '999999999', '9999999999999'])(
		'%s is a year at most: the item has an outcome, and the others theirs',
		async (retryAfter) => {
			receiver.choose((key) => (key === '/0' ? answer(429, '', { 'retry-after': retryAfter }) : undefined));
			const before = Date.now();
			const result = await run({}, { ...toErrorOutput, retryOnFail: true });
			expect([result.status, result.output().length, result.errorOutput.length]).toEqual(['success', 1, 1]);
			const retryAt = Date.parse(String(deliveryOf(result.errorOutput[0]!.json).retryAt));
			expect(retryAt).toBeGreaterThan(before);
			expect(retryAt).toBeLessThanOrEqual(Date.now() + 365 * 86_400_000);
			expect(receiver.of('/1')).toHaveLength(1);
		},
	);
});

describe('what is responded', () => {
	const gbk = Buffer.from([0xc4, 0xe3, 0xba, 0xc3]);
	it.each([
		["text/plain; charset='gbk'", gbk, '你好'],
		['application/json; charset=UTF-16BE', Buffer.from('{"a":"ü"}', 'utf16le').swap16(), { a: 'ü' }],
		['application/json', Buffer.from('\ufeff{"a":"ü"}', 'utf16le'), { a: 'ü' }],
	])('is read as %s', async (type, bytes, response) => {
		receiver.choose(() => ({
			name: 'bytes',
			act: (out) => {
				out.writeHead(200, { 'content-type': type });
				out.end(bytes);
			},
		}));
		expect((await run()).output()[0]?.json).toMatchObject({ response });
	});

	it('holds no password of five characters, where it is a value', async () => {
		const password = 'k9-zx';
		receiver.choose(() =>
			answer(200, { password, echo: `user=a&password=${password}`, word: `x${password}y` }, { 'x-echo': password }),
		);
		const parameters = { url: receiver.url(), authentication: 'basic', options: { includeHeaders: true } };
		const credentials = { webhookDispatchBasicApi: { user: 'a', password } };
		const [item] = (await dispatch({ items: [{}], parameters, credentials })).output();
		expect(item?.json).toMatchObject({
			response: { password: '***', echo: 'user=a&password=***', word: `x${password}y` },
			headers: { 'x-echo': '***' },
		});
		receiver.choose(() => answer(400, { message: `Wrong password: ${password}` }));
		const refused = await dispatch({ items: [{}], parameters, credentials });
		expect(refused.error?.description).toContain('Wrong password: ***');
		expect(JSON.stringify(refused.error)).not.toContain(password);
	});
});

it('a token endpoint may name a time out of any calendar: each item has an outcome', async () => {
	const tokens = await Tokens.start();
	const busy = answer(429, { error: 'slow_down' }, { 'retry-after': 'Sat, 13 Sep 275760 00:00:00 GMT' });
	tokens.instead = [busy, busy, busy, busy];
	const parameters = { url: receiver.url(), authentication: 'oAuth2', grantType: 'clientCredentials' };
	const credential = { accessTokenUrl: tokens.url, clientId: 'c', clientSecret: 'secret-of-the-client' };
	const credentials = { webhookDispatchClientCredentialsOAuth2Api: credential };
	const result = await dispatch({ items, settings: { ...toErrorOutput, retryOnFail: true }, parameters, credentials });
	await tokens.endpoint.close();
	expect(result.errorOutput.map(({ json }) => deliveryOf(json).code)).toEqual(['TOKEN', 'TOKEN']);
	const retryAt = Date.parse(String(deliveryOf(result.errorOutput[0]!.json).retryAt));
	expect(retryAt).toBeLessThanOrEqual(Date.now() + 365 * 86_400_000);
	expect(receiver.requests).toEqual([]);
});

it('a 403 with OAuth 2.0 names the setting for expired tokens', async () => {
	const tokens = await Tokens.start();
	receiver.choose(() => answer(403, ''));
	const parameters = { url: receiver.url(), authentication: 'oAuth2', grantType: 'clientCredentials' };
	const credential = { accessTokenUrl: tokens.url, clientId: 'c', clientSecret: 'secret-of-the-client' };
	const refused = await dispatch({
		items: [{}],
		parameters,
		credentials: { webhookDispatchClientCredentialsOAuth2Api: credential },
	});
	await tokens.endpoint.close();
	expect(refused.error?.description).toContain('add it to Expired Token Status Codes in the credential');
});
