import type { NodeSettings } from '../support/engine';
import { answer, Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';

/** Body *Selected Fields*, and option *Fails When*: each item by itself. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const toErrorOutput: NodeSettings = { onError: 'continueErrorOutput' };

describe('Selected Fields', () => {
	const items = [
		{ id: 0, email: 'a@example.com', profile: { name: 'Ada', age: 36 } },
		{ id: 1, email: 'b@example.com' },
	];
	const run = async (fields: string, settings: NodeSettings = {}) =>
		await dispatch({
			items,
			settings,
			parameters: { url: `=${receiver.origin}/{{ $json.id }}`, body: 'selectedFields', fields },
		});
	const bodies = () => Object.fromEntries(receiver.requests.map(({ key, body }) => [key, body.toString()]));

	it('are the body of each item, renamed; what an item does not have is left out', async () => {
		const result = await run('email, profile.name as name');
		expect(result.status).toBe('success');
		expect(bodies()).toEqual({
			'/0': '{"email":"a@example.com","name":"Ada"}',
			'/1': '{"email":"b@example.com"}',
		});
		expect(receiver.of('/0')[0]?.headers['content-type']).toBe('application/json');
	});

	it('may come from an expression, for each item', async () => {
		await run("={{ $json.id === 0 ? 'email' : 'id, *' }}");
		expect(bodies()).toEqual({ '/0': '{"email":"a@example.com"}', '/1': '{"id":1,"email":"b@example.com"}' });
	});

	it('that cannot be read are the fault of their item alone', async () => {
		const result = await run("={{ $json.id === 0 ? 'email as' : '*' }}", toErrorOutput);
		expect(Object.keys(bodies())).toEqual(['/1']);
		expect(result.errorOutput.map(({ json }) => json.message)).toEqual([
			'Fields cannot be read at "email as" [item 0]',
		]);
		expect(deliveryOf(result.errorOutput[0]!.json)).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
	});

	it('of an item that comes back from the error output are the same bytes under the same ID', async () => {
		receiver.script('/0', answer(404));
		const first = await run('id, profile.name as name, error', toErrorOutput);
		const [failed] = first.errorOutput;
		receiver.clear();
		await dispatch({
			items: [{ ...items[0], ...failed?.json }],
			parameters: { url: `${receiver.origin}/0`, body: 'selectedFields', fields: 'id, profile.name as name, error' },
		});
		expect(receiver.requests.map(({ body }) => body.toString())).toEqual(['{"id":0,"name":"Ada"}']);
	});
});

describe('Fails When', () => {
	const items = [{ n: 0 }, { n: 1 }, { n: 2 }];
	const rule = (tryAgain: boolean) => ({ rules: [{ path: 'ok', condition: 'equals', value: 'false', tryAgain }] });
	const run = async (tryAgain: boolean, settings: NodeSettings) =>
		await dispatch({
			items,
			settings,
			parameters: { url: `=${receiver.origin}/{{ $json.n }}`, options: { failsWhen: rule(tryAgain) } },
		});

	it('makes a 200 that says no a failure, with the destination’s words; the others are delivered', async () => {
		receiver.choose((key) => answer(200, key === '/1' ? { ok: false, error: 'channel_not_found' } : { ok: true }));
		const result = await run(false, { ...toErrorOutput, retryOnFail: true, waitBetweenTries: 1 });
		expect(result.output(0)).toHaveLength(2);
		expect(result.errorOutput).toHaveLength(1);
		const [failed] = result.errorOutput;
		expect(failed?.json.message).toMatch(
			/responded with 200 and rejected the delivery \(ok is false\): channel_not_found \[item 1\]$/,
		);
		expect(failed?.json.details).toMatchObject({
			delivery: { code: 'REJECTED', statusCode: 200, retryable: false, attempts: 1 },
			response: { ok: false, error: 'channel_not_found' },
		});
		// Given up: Retry On Fail sends it no second time.
		expect(receiver.of('/1')).toHaveLength(1);
	});

	it('retries where the condition says so, under the same ID', async () => {
		receiver.script('/1', answer(200, { ok: false, error: 'ratelimited' }), answer(200, { ok: true }));
		receiver.choose(() => answer(200, { ok: true }));
		const result = await run(true, { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 });
		expect([result.status, receiver.of('/0').length, receiver.of('/1').length]).toEqual(['success', 1, 2]);
		expect(result.output(0).map(({ json }) => deliveryOf(json).attempts)).toEqual([1, 2, 1]);
	});

	it('without it the run stops with the reason', async () => {
		receiver.choose(() => answer(200, { ok: false, error: 'invalid_auth' }));
		const { error } = await run(false, {});
		expect(error?.description).toContain('rejected the delivery (ok is false): invalid_auth');
	});
});
