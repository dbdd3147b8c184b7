import { Webhook } from 'standardwebhooks';

import type { NodeSettings } from '../support/engine';
import { answer, Receiver, redirect } from '../support/receiver';
import { dispatch, pairs, type Dispatch } from './support/dispatch';
import { Tokens } from './support/tokens';

/** n8n's trace: `traceparent` goes out with each attempt, as from its HTTP Request node, and nowhere else. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const items = [{ n: 0 }, { n: 1 }, { n: 2 }];
const asked: unknown[][] = [];
beforeEach(() => (asked.length = 0));

/** As n8n's own: it writes into the headers that it is given. */
const otel = {
	injectTraceHeaders: (executionId: string | undefined, nodeName: string, headers: Record<string, string>) => {
		asked.push([executionId, nodeName]);
		Object.assign(headers, { traceparent: TRACE, tracestate: 'n8n=1' });
	},
};
const run = async (more: Partial<Dispatch> = {}) =>
	await dispatch({
		items,
		otel,
		...more,
		parameters: { url: `=${receiver.origin}/{{ $json.n }}`, ...more.parameters },
	});
const traces = (from = receiver) => from.requests.map(({ headers }) => headers.traceparent);

it('goes out with each item', async () => {
	const result = await run();
	expect(traces()).toEqual([TRACE, TRACE, TRACE]);
	expect(receiver.requests.map(({ headers }) => headers.tracestate)).toEqual(Array(3).fill('n8n=1'));
	expect(asked).toEqual([[result.executionId, 'Dispatch']]);
});

it('goes out with each attempt, in further tries and in the retry of the execution', async () => {
	receiver.choose((_key, nth) => (nth < 2 ? answer(503) : undefined));
	const settings: NodeSettings = { retryOnFail: true, maxTries: 2 };
	const first = await run({ settings });
	const again = await first.retry();
	expect([first.status, again.status]).toEqual(['error', 'success']);
	expect(traces()).toEqual(Array(9).fill(TRACE));
	expect(asked.map(([executionId]) => executionId)).toEqual([first.executionId, first.executionId, again.executionId]);
});

it('goes out with what is sent once more under a new token', async () => {
	const tokens = await Tokens.start();
	tokens.protect(receiver);
	const credential = { accessTokenUrl: tokens.url, clientId: 'traced', clientSecret: 'secret-of-the-client' };
	const parameters = { authentication: 'oAuth2', grantType: 'clientCredentials' };
	const credentials = { webhookDispatchClientCredentialsOAuth2Api: credential };
	await run({ parameters, credentials });
	tokens.expire();
	receiver.requests.length = 0;
	await run({ items: [{ n: 0 }], parameters, credentials });
	await tokens.endpoint.close();
	expect(receiver.requests.map(({ headers }) => [headers.traceparent, headers.authorization !== undefined])).toEqual([
		[TRACE, true],
		[TRACE, true],
	]);
});

it('goes out with a test', async () => {
	await run({ items: [{ n: 0 }], parameters: { operation: 'sendTest' } });
	expect(traces()).toEqual([TRACE]);
});

it('is no part of what is signed', async () => {
	const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
	const signed = {
		parameters: { signing: 'standardWebhooks' },
		credentials: { webhookDispatchSigningApi: { secret } },
	};
	jest.spyOn(Date, 'now').mockReturnValue(Date.now());
	await run({ ...signed, items: [{ n: 0 }] });
	const [{ headers, body }] = receiver.requests as [Receiver['requests'][number]];
	expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
	// The same ID, time and body are signed alike with another trace.
	const other = {
		injectTraceHeaders: (_id: unknown, _name: unknown, to: Record<string, string>) => void (to.traceparent = 'x'),
	};
	const deliveryId = { options: { deliveryId: 'one-id' } };
	await run({ ...signed, items: [{ n: 0 }], parameters: { ...signed.parameters, ...deliveryId } });
	await run({ ...signed, items: [{ n: 0 }], parameters: { ...signed.parameters, ...deliveryId }, otel: other });
	const [, first, second] = receiver.requests;
	expect([first?.headers.traceparent, second?.headers.traceparent]).toEqual([TRACE, 'x']);
	expect(second?.headers['webhook-signature']).toBe(first?.headers['webhook-signature']);
	jest.restoreAllMocks();
});

it('takes the place of one that was set by hand', async () => {
	await run({ items: [{ n: 0 }], parameters: { headerParameters: pairs(['Traceparent', 'mine']) } });
	expect(receiver.requests[0]?.rawHeaders.filter((text) => text.toLowerCase() === 'traceparent')).toHaveLength(1);
	expect(traces()).toEqual([TRACE]);
});

describe('with a redirect that is followed', () => {
	const parameters = { options: { followRedirects: true } };

	it.each([307, 302, 303])('(%i) it stays within the origin', async (status) => {
		receiver.script('/0', redirect('/end', status));
		await run({ items: [{ n: 0 }], parameters });
		expect(receiver.requests.map(({ key }) => key)).toEqual(['/0', '/end']);
		expect(traces()).toEqual([TRACE, TRACE]);
	});

	it.each([307, 302, 303])('(%i) it is not sent to another origin', async (status) => {
		const other = await Receiver.start();
		receiver.choose((key) => redirect(other.url(key), status));
		await run({ parameters });
		await other.close();
		expect([other.requests.length, receiver.requests.length]).toEqual([3, 3]);
		expect([traces(), traces(other)]).toEqual([Array(3).fill(TRACE), Array(3).fill(undefined)]);
		expect(other.requests.map(({ headers }) => headers.tracestate)).toEqual(Array(3).fill(undefined));
	});
});

it('is in no output', async () => {
	receiver.choose((key) => (key === '/1' ? answer(400) : undefined));
	const result = await run({
		settings: { onError: 'continueErrorOutput' },
		parameters: { options: { includeHeaders: true } },
	});
	expect([result.output().length, result.errorOutput.length]).toEqual([2, 1]);
	expect(JSON.stringify(result.data.resultData)).not.toContain(TRACE);
	expect(JSON.stringify(result.context ?? {})).not.toContain(TRACE);
});

it.each([
	[
		'throws',
		{
			injectTraceHeaders: () => {
				throw new Error('No span');
			},
		},
	],
	['writes nothing', { injectTraceHeaders: () => {} }],
	['has no such function', {}],
	['is not there', undefined],
])('an n8n whose tracing %s delivers without one', async (_how, tracing) => {
	const result = await run({ otel: tracing as never });
	expect([result.status, result.output().length]).toEqual(['success', 3]);
	expect(traces()).toEqual([undefined, undefined, undefined]);
});
