import type { INodeParameters } from 'n8n-workflow';
import { answer, Receiver } from '../support/receiver';
import { bodies, dispatch } from './support/dispatch';

/** What flows on for what was delivered. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const UUID = /^[0-9a-f-]{36}$/;
const output = async (options: INodeParameters, items: Parameters<typeof dispatch>[0]['items'] = [{ a: 1 }]) => {
	const run = await dispatch({ items, parameters: { url: receiver.url('/'), options } });
	expect(run.error).toBeUndefined();
	return run.output();
};

describe('the receipt', () => {
	it('reports ID, status, attempts and times, with the parsed response', async () => {
		receiver.script('/', answer(201, { ticket: { id: 5 } }));
		const before = Date.now();
		const [item] = await output({});
		expect(item).toEqual({
			json: {
				delivery: {
					id: expect.stringMatching(UUID) as string,
					status: 'delivered',
					statusCode: 201,
					attempts: 1,
					durationMs: expect.any(Number) as number,
					at: expect.any(String) as string,
				},
				response: { ticket: { id: 5 } },
			},
			pairedItem: { item: 0 },
		});
		const { at, durationMs } = item?.json.delivery as { at: string; durationMs: number };
		expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
		expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
		expect(Number.isInteger(durationMs) && durationMs >= 0).toBe(true);
	});

	it.each([
		['text', answer(200, 'thanks'), 'thanks'],
		['nothing', answer(204), ''],
		['a list', answer(200, [1, 2]), [1, 2]],
		['JSON called something else', answer(200, '{"a":1}'), { a: 1 }],
	])('holds %s', async (_name, behaviour, response) => {
		receiver.script('/', behaviour);
		expect((await output({}))[0]?.json.response).toEqual(response);
	});

	it('holds the headers when they are wanted', async () => {
		receiver.choose(() => answer(200, '', { 'x-request-id': 'r1', 'set-cookie': ['a', 'b'] }));
		expect((await output({ includeHeaders: true }))[0]?.json.headers).toMatchObject({
			'x-request-id': 'r1',
			'set-cookie': ['a', 'b'],
		});
		expect((await output({}))[0]?.json).not.toHaveProperty('headers');
	});
});

describe('the response alone', () => {
	it.each([
		[{ id: 5 }, { id: 5 }],
		[[1], { data: [1] }],
		['thanks', { data: 'thanks' }],
	])('%p flows on as %p', async (body, json) => {
		receiver.script('/', answer(200, body));
		expect(await output({ output: 'response' })).toEqual([{ json, pairedItem: { item: 0 } }]);
	});

	it('with an error key in its first item is not sent again by Retry On Fail', async () => {
		receiver.choose(() => answer(200, { error: 'none', id: 1 }));
		const run = await dispatch({
			items: [{ a: 1 }, { a: 2 }],
			parameters: { url: receiver.url(), options: { output: 'response' } },
			settings: { retryOnFail: true, maxTries: 5 },
		});
		expect(run.status).toBe('success');
		expect(receiver.requests).toHaveLength(2);
		expect(run.output().map(({ json }) => json)).toEqual([
			{ error: 'none', id: 1 },
			{ error: 'none', id: 1 },
		]);
	});
});

describe('the receipt with the input item', () => {
	const receiptAndInput = { output: 'receiptAndInput' };
	const receipt = expect.objectContaining({ status: 'delivered', statusCode: 200 }) as object;

	it('shows whose receipt it is, binary data too', async () => {
		receiver.choose(() => answer(200, { ok: true }));
		const binary = { file: { data: 'aGk=', mimeType: 'text/plain' } };
		expect(await output(receiptAndInput, [{ json: { a: 1, b: { c: 2 } }, binary }, { a: 3 }])).toEqual([
			{
				json: { a: 1, b: { c: 2 }, delivery: receipt, response: { ok: true } },
				binary,
				pairedItem: { item: 0 },
			},
			{ json: { a: 3, delivery: receipt, response: { ok: true } }, pairedItem: { item: 1 } },
		]);
	});

	it('keeps fields that have the names of the receipt', async () => {
		receiver.choose(() => answer(200, { ok: true }));
		const item = { a: 1, delivery: { id: 'mine' }, response: 'yes', headers: 'h' };
		const [first] = await output(receiptAndInput, [item]);
		const json = first?.json ?? {};
		expect(json).toMatchObject({ a: 1, headers: 'h', response: { ok: true } });
		expect(json.delivery).toMatchObject({ status: 'delivered', input: { delivery: { id: 'mine' }, response: 'yes' } });
		const [withHeaders] = await output({ ...receiptAndInput, includeHeaders: true }, [item]);
		expect(withHeaders?.json.delivery).toMatchObject({ input: { headers: 'h' } });
	});

	it('is on Success for an item that has its own error', async () => {
		const [item] = await output(receiptAndInput, [{ error: 'e', message: 'm' }]);
		expect(item?.json).toMatchObject({ error: 'e', message: 'm', delivery: receipt });
	});

	it('of a broadcast: each of its items', async () => {
		const run = await dispatch({
			items: [{ a: 1 }, { a: 2 }],
			parameters: { url: receiver.url(), body: 'profiles', recipients: 'broadcast', options: receiptAndInput },
		});
		expect(receiver.requests).toHaveLength(1);
		expect(run.output()).toEqual(
			[1, 2].map((a, item) => ({ json: { a, delivery: receipt, response: { ok: true } }, pairedItem: { item } })),
		);
	});

	it('is the same for what was delivered in an earlier try', async () => {
		receiver.choose((key, nth) => (key === '/2' && nth === 0 ? answer(503) : undefined));
		const run = await dispatch({
			items: [{ n: 1 }, { n: 2 }],
			parameters: { url: `=${receiver.origin}/{{ $json.n }}`, options: receiptAndInput },
			settings: { retryOnFail: true, maxTries: 2 },
		});
		expect(run.output().map(({ json }) => [json.n, json.delivery])).toEqual([
			[1, receipt],
			[2, receipt],
		]);
		expect(receiver.requests).toHaveLength(3);
	});
});

describe('the input item', () => {
	it('flows on as it came in, binary data too', async () => {
		const binary = { file: { data: 'aGk=', mimeType: 'text/plain' } };
		expect(await output({ output: 'input' }, [{ json: { a: 1 }, binary }, { b: 2 }])).toEqual([
			{ json: { a: 1 }, binary, pairedItem: { item: 0 } },
			{ json: { b: 2 }, pairedItem: { item: 1 } },
		]);
	});

	it('of a broadcast: each of its items', async () => {
		const run = await dispatch({
			items: [{ a: 1 }, { a: 2 }, { a: 3 }],
			parameters: { url: receiver.url(), body: 'profiles', recipients: 'broadcast', options: { output: 'input' } },
		});
		expect(receiver.requests).toHaveLength(1);
		expect(run.output()).toEqual([1, 2, 3].map((a, item) => ({ json: { a }, pairedItem: { item } })));
	});

	it('without the failed delivery that it carried', async () => {
		const details = {
			delivery: {
				id: 'id-1',
				status: 'failed',
				code: 'STATUS',
				attempts: 2,
				retryable: true,
				mark: 'webhookDispatch:workflow/node-1',
			},
		};
		const [item] = await output({ output: 'input' }, [{ a: 1, error: 'e', message: 'm', details }]);
		expect(item?.json).toEqual({ a: 1 });
		expect(bodies(receiver.requests)).toEqual(['{"a":1}']);
	});

	it('keeps its own error, message and details when it carried none', async () => {
		const item = { a: 1, error: 'e', message: 'm', details: { delivery: 'by courier' } };
		expect((await output({ output: 'input' }, [item]))[0]?.json).toEqual(item);
		expect(bodies(receiver.requests)).toEqual([JSON.stringify(item)]);
	});
});

describe('which statuses count', () => {
	it.each([200, 201, 202, 204, 206, 299])('2xx: %i is delivered', async (status) => {
		receiver.script('/', answer(status));
		expect((await output({}))[0]?.json.delivery).toMatchObject({ statusCode: status });
	});

	it('200 alone: 201 is not', async () => {
		receiver.choose(() => answer(201));
		const run = await dispatch({ items: [{}], parameters: { url: receiver.url(), options: { successStatus: '200' } } });
		expect(run.error).toMatchObject({ message: 'Webhook Dispatch Failed', httpCode: '201' });
		expect(run.error?.description).toMatch(/responded with 201 Created.*Success Status/);
	});
});

it('the output has the order of the input, whichever response came first', async () => {
	receiver.choose((key) => ({
		name: 'slow or quick',
		act: (response) => setTimeout(() => response.end(key), key === '/0' ? 60 : 0),
	}));
	const url = `=${receiver.origin}/{{ $itemIndex }}`;
	const run = await dispatch({ items: [{}, {}, {}], parameters: { url, body: 'none' } });
	expect(run.output().map(({ json }) => json.response)).toEqual(['/0', '/1', '/2']);
});
