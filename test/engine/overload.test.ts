import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INodeParameters } from 'n8n-workflow';

import type { NodeSettings, Run } from '../support/engine';
import { answer, busy, receiversForTest, type Behaviour, type Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';

/** It listens: a destination that asks for fewer requests at once gets fewer, and in the end all of them. */

const newReceiver = receiversForTest();
let receiver: Receiver;
beforeEach(async () => (receiver = await newReceiver()));

const toErrorOutput = { onError: 'continueErrorOutput' } as const;
const itemsOf = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const run = async (
	count: number,
	settings: NodeSettings = {},
	options: INodeParameters = {},
	url = `=${receiver.origin}/{{ $json.n }}`,
): Promise<Run> =>
	await dispatch({
		items: itemsOf(count),
		settings: { ...toErrorOutput, ...settings },
		parameters: { url, options: { timeout: 30_000, ...options } },
	});

/** Takes so many requests at once, each for a few turns of the event loop, and refuses what is beyond. */
function atMost(most: number, refusal: () => Behaviour): { refusals(): number; most(): number } {
	let underWay = 0;
	let refusals = 0;
	let mostSeen = 0;
	receiver.choose(() => ({
		name: `${most} at once`,
		act: (response, request) => {
			if (underWay >= most) {
				refusals += 1;
				refusal().act(response, request);
				return;
			}
			underWay += 1;
			mostSeen = Math.max(mostSeen, underWay);
			setTimeout(() => {
				underWay -= 1;
				answer().act(response, request);
			}, 5);
		},
	}));
	return { refusals: () => refusals, most: () => mostSeen };
}

describe.each<[string, () => Behaviour]>([
	['429 without a time', () => busy(429)],
	['503 without a time', () => busy(503)],
	['429 with a time that cannot be read', () => busy(429, 'when it suits you')],
])('a destination that responds with %s to what is beyond 5 at once', (name, refusal) => {
	it.each<[string, NodeSettings]>([
		['without Retry On Fail', {}],
		['with Retry On Fail', { retryOnFail: true, maxTries: 3 }],
	])('200 items, concurrency 50, %s: all arrive, each once', async (how, settings) => {
		const destination = atMost(5, refusal);
		const result = await run(200, settings, { concurrency: 50 });
		console.log(`${name}, ${how}: ${destination.refusals()} refusals for 200 items`);
		expect([result.output().length, result.errorOutput.length]).toEqual([200, 0]);
		expect([receiver.acknowledged().size, receiver.repeated(), destination.most()]).toEqual([200, 0, 5]);
		expect(destination.refusals()).toBeLessThanOrEqual(80);
	});
});

describe.each([
	[1, 200],
	[15, 400],
])('a destination that takes %i at once', (most, count) => {
	it.each([false, true])('gets all of many items (Retry On Fail: %p)', async (retryOnFail) => {
		const destination = atMost(most, () => busy(429));
		const result = await run(count, { retryOnFail, maxTries: 3 });
		console.log(`${most} at once, Retry On Fail ${retryOnFail}: ${destination.refusals()} refusals for ${count} items`);
		// One or two that are refused are not sent again without Retry On Fail: others may be refused for other reasons.
		const left = !retryOnFail && destination.refusals() < 3 ? destination.refusals() : 0;
		expect(result.output()).toHaveLength(count - left);
		expect([receiver.acknowledged().size, receiver.repeated()]).toEqual([count - left, 0]);
		expect(destination.refusals()).toBeLessThanOrEqual(100);
	});
});

describe('items that a destination always refuses with 429, among many that it takes', () => {
	it.each([1, 2, 10, 50])('%i of 300: at most one more request in all, everything else arrives', async (refused) => {
		const isRefused = (key: string) => Number(key.slice(1)) % Math.floor(300 / refused) === 0;
		receiver.choose((key) => (isRefused(key) ? busy(429) : undefined));
		const count = itemsOf(300).filter(({ n }) => isRefused(`/${n}`)).length;
		const result = await run(300);
		expect([result.output().length, result.errorOutput.length]).toEqual([300 - count, count]);
		expect(receiver.requests.length - 300).toBeGreaterThanOrEqual(0);
		expect(receiver.requests.length - 300).toBeLessThanOrEqual(1);
		for (const { json } of result.errorOutput)
			expect(deliveryOf(json)).toMatchObject({ code: 'STATUS', statusCode: 429, retryable: true });
	});
});

describe('a time to wait', () => {
	it.each<[string, boolean, object, Record<string, string>]>([
		['in the body', true, { retry_after: 0.4 }, {}],
		['in the body', false, { retry_after: 0.4 }, {}],
		['in X-RateLimit-Reset-After', true, {}, { 'x-ratelimit-reset-after': '0.4' }],
		['in X-RateLimit-Reset-After', false, {}, { 'x-ratelimit-reset-after': '0.4' }],
	])(
		'%s (Retry On Fail: %p) holds for the destination that named it, and for no other',
		async (_where, retryOnFail, body, headers) => {
			const other = await newReceiver();
			receiver.choose((key, nth) => (key === '/0' && nth === 0 ? answer(429, body, headers) : undefined));
			const url = `={{ $json.n % 2 === 0 ? '${receiver.origin}' : '${other.origin}' }}/{{ $json.n }}`;
			const result = await run(40, { retryOnFail, waitBetweenTries: 1 }, { concurrency: 2 }, url);
			expect([result.output().length, result.errorOutput.length]).toEqual(retryOnFail ? [40, 0] : [39, 1]);
			const [asked] = receiver.of('/0');
			// What was in progress beside it may still arrive; everything else comes after its time.
			const early = receiver.requests.filter(({ at }) => at > asked!.at && at - asked!.at < 380);
			expect(early.length).toBeLessThanOrEqual(2);
			const firstAfter = Math.min(...receiver.requests.filter(({ at }) => at - asked!.at >= 380).map(({ at }) => at));
			expect(other.requests.filter(({ at }) => at < firstAfter)).toHaveLength(20);
		},
	);
});

describe('a destination that takes 5 connections and drops what is beyond', () => {
	let server: Server;
	const taken = new Map<string, number>();
	let dropped: number;
	beforeEach(async () => {
		taken.clear();
		dropped = 0;
		server = createServer((request, response) => {
			request.resume();
			request.on('end', () => {
				taken.set(request.url ?? '', (taken.get(request.url ?? '') ?? 0) + 1);
				setTimeout(() => response.end(), 5);
			});
		});
		server.maxConnections = 5;
		server.on('drop', () => (dropped += 1));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	});
	afterEach(async () => {
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		server.closeAllConnections();
		await closed;
	});

	it.each([
		[50, 3],
		[1000, 3],
	])('200 items, concurrency %i, %i tries: all arrive, each once', async (concurrency, maxTries) => {
		const url = `=http://127.0.0.1:${(server.address() as AddressInfo).port}/{{ $json.n }}`;
		const result = await run(200, { retryOnFail: true, maxTries }, { concurrency }, url);
		console.log(`5 connections, concurrency ${concurrency}, ${maxTries} tries: ${dropped} dropped for 200 items`);
		expect([result.output().length, result.errorOutput.length]).toEqual([200, 0]);
		expect([taken.size, [...taken.values()].every((times) => times === 1)]).toEqual([200, true]);
		expect(dropped).toBeLessThanOrEqual(100);
	});
});
