import { startServer, type TicketDesk } from '../../demo/servers/process';
import type { DeskState } from '../../demo/servers/ticket-desk';
import { waitFor } from '../../tools/lib/wait';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { using } from '../../tools/n8n/sketch';
import type { NodeSettings } from '../support/engine';
import { account, dispatchTo, isFaulty, itemsOf, kept, keysOf, SHORT_TIMEOUT } from '../support/faults/scenario';
import { DispatchWorkflow, type DispatchSetup, type RealRun } from '../support/n8n/dispatch';
import { Instance, startForTests } from '../support/n8n/instance';
import {
	answer,
	busy,
	hang,
	Receiver,
	resetAfterBody,
	resetBeforeBody,
	truncated,
	type Behaviour,
} from '../support/receiver';

/**
 * The main cases of the fault suite in a real n8n: production executions by webhook, retries from the executions list,
 * the Stop button. In every case acknowledged deliveries repeated = 0 and items without outcome = 0.
 */

const COUNT = 12;
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const faulty = keys.filter(isFaulty);
const instance = new Instance();
let receiver: Receiver;

startForTests(instance, (started) => (receiver = started));
beforeEach(() => receiver.clear());

jest.setTimeout(60_000);

const create = async (node: NodeSettings, more: Partial<DispatchSetup> = {}) =>
	await DispatchWorkflow.create(instance, { node, ...more });
const counts = (run: RealRun, receivers = [receiver], order = keys) => account(run, receivers, order);
const perKey = () => keys.map((key) => receiver.of(key).length);
const each = (count: (key: string) => number) => keys.map(count);

it('a failing third item, Retry On Fail: the first two are not sent again', async () => {
	receiver.choose((key, nth) => (key === '/2' && nth === 0 ? answer(503) : undefined));
	const workflow = await create(dispatchTo(receiver.origin));
	const run = await workflow.run(itemsOf(3));
	expect(run.status).toBe('success');
	expect(counts(run, [receiver], keysOf(3))).toMatchObject({ ...kept, delivered: 3, requests: 4 });
	expect(['/0', '/1', '/2'].map((key) => receiver.of(key).length)).toEqual([1, 1, 2]);
	expect(run.reached('Delivered').map(({ json }) => (json.delivery as JsonObject).attempts)).toEqual([1, 1, 2]);
});

describe('a failed execution is retried from the executions list', () => {
	it.each([false, true])('once more down, then up (with the workflow as saved now: %p)', async (loadWorkflow) => {
		receiver.choose((key) => (isFaulty(key) ? answer(503) : undefined));
		const workflow = await create(dispatchTo(receiver.origin));
		const first = await workflow.run(items);
		expect(first.status).toBe('error');
		expect(first.execution.data.resultData.error?.description).toContain(
			`${faulty.length} of ${COUNT} deliveries failed`,
		);
		const second = await first.retry({ loadWorkflow });
		expect(second.status).toBe('error');
		receiver.choose(() => undefined);
		const last = await second.retry({ loadWorkflow });
		expect(last.status).toBe('success');
		expect(counts(last)).toMatchObject({ ...kept, delivered: COUNT });
		expect(perKey()).toEqual(each((key) => (isFaulty(key) ? 5 : 1)));
		expect(last.reached('Delivered')).toHaveLength(COUNT);
	});

	it('that failed behind the node delivers nothing again', async () => {
		const workflow = await create(dispatchTo(receiver.origin), { failsBehind: true });
		const first = await workflow.run(items);
		expect(first.execution.data.resultData.error?.message).toBe('Behind the node');
		const run = await first.retry();
		expect(run.status).toBe('error');
		expect(counts(run)).toMatchObject({ repeated: 0, requests: COUNT });
	});
});

describe('On Error', () => {
	/** Three in a row: given up, down for good, down once; the rest is fine. */
	const fault = (key: string, nth: number): Behaviour | undefined => {
		if (key === '/0') return answer(400);
		if (key === '/1') return answer(503);
		return key === '/2' && nth === 0 ? resetAfterBody() : undefined;
	};
	const requests = each((key) => ({ '/1': 3, '/2': 2 })[key] ?? 1);

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'%s: all tries are made, each item has its outcome',
		async (onError) => {
			receiver.choose(fault);
			const workflow = await create(dispatchTo(receiver.origin, { onError, maxTries: 3 }));
			const run = await workflow.run(items);
			expect(run.status).toBe('success');
			expect(counts(run)).toMatchObject({ ...kept, delivered: COUNT - 2, failed: 2 });
			expect(perKey()).toEqual(requests);
			const failed =
				onError === 'continueErrorOutput'
					? run.reached('Failed')
					: run.reached('Delivered').filter(({ json }) => json.error);
			expect(failed.map(({ json }) => (json.details as { delivery: JsonObject }).delivery)).toMatchObject([
				{ statusCode: 400, attempts: 1, retryable: false },
				{ statusCode: 503, attempts: 3, retryable: true },
			]);
			// On the error output n8n adds the input item.
			if (onError === 'continueErrorOutput') expect(failed.map(({ json }) => json.item)).toEqual([0, 1]);
		},
	);

	it('stopWorkflow: the execution fails, its retry sends what is missing', async () => {
		receiver.choose(fault);
		const workflow = await create(dispatchTo(receiver.origin, { onError: 'stopWorkflow', maxTries: 3 }));
		const first = await workflow.run(items);
		expect(first.status).toBe('error');
		expect(perKey()).toEqual(requests);
		receiver.choose(() => undefined);
		const run = await first.retry();
		expect(run.status).toBe('success');
		expect(counts(run)).toMatchObject({ ...kept, delivered: COUNT });
		expect(perKey()).toEqual(requests.map((count, index) => (index < 2 ? count + 1 : count)));
	});
});

describe('429', () => {
	it('with Retry-After: the next attempt comes not before it, other items go on', async () => {
		receiver.choose((key, nth) => (key === '/3' && nth === 0 ? busy(429, 2) : undefined));
		const workflow = await create(dispatchTo(receiver.origin));
		const run = await workflow.run(items);
		expect(counts(run)).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT + 1 });
		const [first, second] = receiver.of('/3').map(({ at }) => at);
		expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1980);
		const elsewhere = receiver.requests.filter(({ key }) => key !== '/3').map(({ at }) => at);
		expect(Math.max(...elsewhere)).toBeLessThan(second ?? 0);
	});

	it('with a demand beyond Max Retry Wait: the error output, with the time', async () => {
		receiver.choose((key) => (isFaulty(key) ? busy(429, 3600) : undefined));
		const workflow = await create(dispatchTo(receiver.origin, { onError: 'continueErrorOutput' }));
		const began = Date.now();
		const run = await workflow.run(items);
		expect(counts(run)).toMatchObject({
			...kept,
			delivered: COUNT - faulty.length,
			failed: faulty.length,
			requests: COUNT,
		});
		for (const { json } of run.reached('Failed')) {
			const { retryAt } = (json.details as { delivery: JsonObject }).delivery ?? {};
			expect(Date.parse(String(retryAt)) - began).toBeGreaterThan(3_590_000);
		}
	});
});

describe('a ticket desk that commits and then says nothing', () => {
	let desk: TicketDesk;
	const agent = { user: 'agent@example.com', password: 'a pass:wörd' };
	const type = 'webhookDispatchBasicApi';
	const state = async () => (await (await fetch(desk.controlUrl)).json()) as DeskState;
	beforeAll(async () => (desk = await startServer('ticket-desk', { agents: [agent] })));
	afterAll(async () => await desk?.stop());

	it('ends up with exactly one ticket an item', async () => {
		const credential = await instance.client.credentials.create({ name: 'Desk', type, data: agent });
		const workflow = await create(
			{
				retryOnFail: true,
				maxTries: 3,
				parameters: {
					method: 'POST',
					url: desk.ticketsUrl,
					authentication: 'basic',
					body: 'json',
					jsonBody:
						"={{ JSON.stringify({ ticket: { subject: 'Item ' + $json.item, comment: { body: $json.note } } }) }}",
					// As the queue of faults is the desk's, not an item's: one after the other.
					options: { timeout: SHORT_TIMEOUT, idempotencyHeader: 'Idempotency-Key', concurrency: 1 },
				},
			},
			{ credentials: using(credential) },
		);
		await fetch(desk.controlUrl, {
			method: 'POST',
			body: JSON.stringify({
				faults: [
					{ commit: true, silent: true },
					{ commit: true, drop: true },
				],
			}),
		});
		const run = await workflow.run(itemsOf(3));
		expect(run.status).toBe('success');
		const { tickets, requests } = await state();
		expect(tickets.map(({ subject }) => subject)).toEqual(['Item 0', 'Item 1', 'Item 2']);
		// The first ticket's response got lost twice: it never came, then the connection was cut.
		expect(requests.map(({ lookup }) => lookup)).toEqual(['miss', 'hit', 'hit', 'miss', 'miss']);
		expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
		const made = run.reached('Delivered').map(({ json }) => ((json.response as JsonObject).ticket as JsonObject).id);
		expect(made).toEqual(tickets.map(({ id: ticket }) => ticket));
	});
});

describe('OAuth 2.0', () => {
	let tokens: Receiver;
	let valid = '';
	beforeAll(async () => (tokens = await Receiver.start()));
	afterAll(async () => await tokens?.close());

	/** Takes the newest token only, and the first one for so many deliveries. */
	const protectedFor = (deliveries: number): Behaviour => {
		let left = deliveries;
		return {
			name: 'needs a token',
			act: (response, request) => {
				const good = request.headers.authorization === valid;
				if (good && --left === 0) valid = '';
				(good ? answer() : answer(401, { error: 'invalid_token' })).act(response, request);
			},
		};
	};

	it.each([1, 50])(
		'a token that expires in the middle of a batch is replaced once (concurrency %i)',
		async (concurrency) => {
			tokens.clear();
			tokens.choose((_key, nth) => {
				valid = `Bearer token-${concurrency}-${nth}`;
				return answer(200, { access_token: valid.slice(7), token_type: 'Bearer', expires_in: 3600 });
			});
			const destination = protectedFor(5);
			receiver.choose(() => destination);
			const type = 'webhookDispatchClientCredentialsOAuth2Api';
			const data = {
				accessTokenUrl: tokens.url('/token'),
				clientId: `client-${concurrency}`,
				clientSecret: 'a secret of this test',
			};
			const credential = await instance.client.credentials.create({ name: `OAuth ${concurrency}`, type, data });
			const workflow = await create(
				dispatchTo(receiver.origin, {
					retryOnFail: false,
					parameters: { authentication: 'oAuth2', grantType: 'clientCredentials', options: { concurrency } },
				}),
				{ credentials: using(credential) },
			);
			const run = await workflow.run(items);
			expect(run.status).toBe('success');
			expect(counts(run)).toMatchObject({ ...kept, delivered: COUNT });
			expect(tokens.requests).toHaveLength(2);
		},
	);
});

it('a loop of several runs: fails in one, is retried there, and delivers each item once', async () => {
	receiver.choose((key) => (key === '/7' ? answer(503) : undefined));
	const workflow = await create(dispatchTo(receiver.origin), { loopOf: 5 });
	const first = await workflow.run(items);
	expect(first.status).toBe('error');
	expect(receiver.requests.filter(({ outcome }) => outcome === 'acknowledged')).toHaveLength(9);
	receiver.choose(() => undefined);
	const run = await first.retry();
	expect(run.status).toBe('success');
	expect(run.tasks()).toHaveLength(3);
	// All items came out of the loop; `repeated` and the IDs are counted at the receiver.
	expect(run.reached('Delivered').map(({ json }) => (json.delivery as JsonObject).status)).toEqual(
		Array(COUNT).fill('delivered'),
	);
	const { repeated, untrue, idsChanged } = counts(run);
	expect({ repeated, untrue, idsChanged }).toEqual({ repeated: 0, untrue: 0, idsChanged: 0 });
	expect(perKey()).toEqual(each((key) => (key === '/7' ? 3 : 1)));
});

describe('the Stop button', () => {
	const stopped = async (workflow: DispatchWorkflow, arrived: number) => {
		const id = await workflow.start(items);
		await receiver.arrived(arrived);
		const began = performance.now();
		await instance.client.executions.stop(id);
		return { run: await workflow.ended(id), took: performance.now() - began };
	};

	it('ends the request in flight and sends no more', async () => {
		receiver.choose((key) => (key === '/1' ? hang() : undefined));
		const workflow = await create(
			dispatchTo(receiver.origin, { parameters: { options: { concurrency: 1, timeout: 50_000 } } }),
		);
		const { run, took } = await stopped(workflow, 2);
		expect(run.status).toBe('canceled');
		expect(took).toBeLessThan(5000);
		await waitFor(() => receiver.requests[1]?.outcome === 'cut', { what: 'the end of the request', deadline: 5000 });
		expect(receiver.requests.map(({ outcome }) => outcome)).toEqual(['acknowledged', 'cut']);
	});

	it('ends the wait for a destination', async () => {
		receiver.choose((_key, nth) => (nth === 0 ? busy(429, 50) : undefined));
		const workflow = await create(dispatchTo(receiver.origin));
		const { run, took } = await stopped(workflow, COUNT);
		expect(run.status).toBe('canceled');
		expect(took).toBeLessThan(5000);
		expect(receiver.requests).toHaveLength(COUNT);
	});
});

it('200 items, a third of them with a fault of some kind', async () => {
	const many = itemsOf(200);
	const order = keysOf(200);
	const kinds = [
		() => answer(500),
		() => answer(425),
		() => busy(429),
		resetBeforeBody,
		resetAfterBody,
		() => truncated(),
		() => answer(408),
	];
	receiver.choose((key, nth) => {
		const number = Number(key.slice(1));
		// One to four faults, which go by the number of the item.
		return isFaulty(key) && nth <= number % 4 ? kinds[(number + nth) % kinds.length]?.() : undefined;
	});
	const workflow = await create(dispatchTo(receiver.origin, { maxTries: 5, onError: 'continueErrorOutput' }));
	const run = await workflow.run(many);
	expect(run.status).toBe('success');
	expect(counts(run, [receiver], order)).toMatchObject({ ...kept, items: 200, delivered: 200, failed: 0 });
});
