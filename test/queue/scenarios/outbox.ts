import { inParallel } from '../../soak/load';
import { waitFor } from '../../../tools/lib/wait';
import { runByHand } from '../../../tools/n8n/runByHand';
import { askWebhook } from '../../../tools/n8n/webhook';
import { importOutbox, type Outbox } from '../../../tools/queue/outbox';
import { answer, busy, commitThenHang, Receiver, resetAfterBody, type Behaviour } from '../../support/receiver';
import type { GetContext } from '../support/context';
import {
	actedOn,
	repeatedRequests,
	rowsOf,
	sendUntilAccepted,
	withOtherBody,
	workerThatDelivers,
} from '../support/outbox';
import { slowAnswer } from '../support/receiving';
import { post } from '../support/sender';
import { listed } from '../support/table';
import { callingWorkflow } from '../support/workflows';

const keyed = { keyOf: ({ headers }: { headers: Record<string, unknown> }) => String(headers['idempotency-key']) };

const BATCH = 20;
const AT_ONCE = 100;

const MESSAGES = 300;
const SENDERS = 8;
/** Seconds after which another run takes the rows of one that was killed; five minutes as shipped. */
const LEASE = 12;

/** Of twenty messages one meets a 503 first, one is taken without a response, one finds its connection cut. */
const faults: Behaviour[] = [busy(503), commitThenHang(), resetAfterBody()];
const faultOf = (key: string): Behaviour | undefined => faults[Number(key.split('-').at(-1)) % 20];

export function outbox(context: GetContext): void {
	let receiver: Receiver;
	let box: Outbox;
	const url = () => `${context().cluster.webhook.url}/webhook/outbox`;
	const noneWaits = async () => (await rowsOf(context().cluster, box)).every(({ state }) => state !== 'waiting');

	beforeAll(async () => {
		receiver = await Receiver.start(keyed);
		box = await importOutbox(context().cluster.client, receiver.url('/hook'));
		await box.startAccepting();
		const first = await askWebhook(url(), { json: { message: 'first' }, headers: { 'idempotency-key': 'first' } });
		expect(first.status).toBe(202);
	}, 120_000);

	afterAll(async () => await receiver?.close());

	beforeEach(async () => {
		const { cluster } = context();
		receiver.clear();
		await cluster.ask(`delete from ${box.sqlTable}`);
	});

	afterEach(async () => void (await box.stopDelivering()));

	it('keeps a message once, however often its sender sends it, and delivers it as it came', async () => {
		const { cluster } = context();
		const message = { text: 'Grüße, "quoted"\n', number: 12345678901, nested: [{ a: null }] };
		for (let times = 0; times < 3; times++) {
			const { status, text } = await post(url(), message, { 'idempotency-key': 'once' });
			expect([status, JSON.parse(text)]).toEqual([202, { accepted: true, deliveryId: 'once' }]);
		}
		const other = await post(url(), { another: 1 });
		await box.startDelivering({ everySeconds: 1 });
		await waitFor(noneWaits, { what: 'the delivery' });
		const rows = await rowsOf(cluster, box);
		expect(rows.map(({ deliveryId, state }) => [deliveryId, state])).toEqual([
			['once', 'delivered'],
			[(JSON.parse(other.text) as { deliveryId: string }).deliveryId, 'delivered'],
		]);
		expect(receiver.requests).toHaveLength(2);
		expect(JSON.parse(receiver.of('once')[0]!.body.toString('utf8'))).toEqual(message);
	}, 90_000);

	it('takes the items of another workflow, and gives each back when it is kept', async () => {
		const { cluster } = context();
		const { id } = await cluster.client.workflows.create(callingWorkflow(box.acceptId));
		const execution = await runByHand(cluster.client, id);
		const kept = cluster.client.executions.itemsOf(execution, 'Outbox').map(({ json }) => json);
		await box.startDelivering({ everySeconds: 1 });
		await waitFor(noneWaits, { what: 'the delivery' });
		const rows = await rowsOf(cluster, box);
		expect(rows.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
		expect(kept).toEqual(rows.map(({ deliveryId }) => ({ accepted: true, deliveryId })));
		expect(receiver.requests.map(({ body }) => body.toString('utf8')).sort()).toEqual([
			'{"item":0}',
			'{"item":1}',
			'{"item":2}',
		]);
	}, 90_000);

	it('two runs at once never take the same row, and take them in order', async () => {
		const { cluster, table } = context();
		await inParallel(AT_ONCE, 10, (number) => sendUntilAccepted(url(), `order-${number}`, () => false));
		// Slower than the schedule: a second run begins while the first still sends.
		receiver.choose(() => slowAnswer(2_500));
		await box.startDelivering({ everySeconds: 1, batchSize: BATCH, leaseSeconds: 120 });
		await waitFor(noneWaits, { what: 'all deliveries', deadline: 90_000 });
		const rows = await rowsOf(cluster, box);
		const place = new Map(rows.map(({ deliveryId }, index) => [deliveryId, index]));
		const batches = receiver.requests.map(({ key }) => Math.floor((place.get(key) ?? -1) / BATCH));
		const runs = new Set(rows.map(({ claimedBy }) => claimedBy)).size;
		const atOnce = Math.max(
			...receiver.requests.map(
				({ at }) => receiver.requests.filter((other) => other.at <= at && other.at > at - 2_500).length,
			),
		);
		expect(receiver.requests.length).toBe(AT_ONCE);
		expect(actedOn(receiver).size).toBe(AT_ONCE);
		expect(runs).toBe(AT_ONCE / BATCH);
		expect(atOnce).toBeGreaterThan(BATCH);
		expect(batches).toEqual([...batches].sort((a, b) => a - b));
		table.say(
			`Outbox, runs that overlap: ${AT_ONCE} rows by ${runs} runs, up to ${atOnce} requests at once; no row sent twice, batches in order.`,
		);
	}, 180_000);

	it('gives up after the last attempt of the schedule, and at once what cannot be retried; the dead can be revived', async () => {
		const { cluster } = context();
		const { client } = cluster;
		receiver.choose((key) => (key === 'refused' ? answer(422) : key === 'down' ? busy(503) : undefined));
		for (const key of ['refused', 'down', 'fine']) await sendUntilAccepted(url(), key, () => false);
		await box.startDelivering({ everySeconds: 1, retrySchedule: '1s, 1s' });
		await waitFor(noneWaits, { what: 'all outcomes' });
		expect(
			(await rowsOf(cluster, box)).map(({ deliveryId, state, attempts }) => [deliveryId, state, Number(attempts)]),
		).toEqual([
			['refused', 'dead', 1],
			['down', 'dead', 3],
			['fine', 'delivered', 0],
		]);
		expect(receiver.of('down')).toHaveLength(3);
		receiver.choose(() => undefined);
		await runByHand(client, box.deliverId, 'Revive the Dead');
		await waitFor(noneWaits, { what: 'the revived ones' });
		expect((await rowsOf(cluster, box)).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
		expect([...actedOn(receiver)].sort()).toEqual(['down', 'fine', 'refused']);
	}, 120_000);

	it('loses nothing when a worker, Redis, PostgreSQL, main and the webhook process are killed', async () => {
		const { cluster, table } = context();
		const { webhook, main } = cluster;
		receiver.choose((key, nth) => (nth === 0 ? faultOf(key) : undefined) ?? slowAnswer(400));
		await box.startDelivering({
			everySeconds: 2,
			batchSize: 50,
			leaseSeconds: LEASE,
			timeout: 2_000,
			retrySchedule: Array(10).fill('1s').join(', '),
		});
		let accepted = 0;
		let sent = 0;
		const end = Date.now() + 240_000;
		const sending = inParallel(MESSAGES, SENDERS, async (number) => {
			const times = await sendUntilAccepted(url(), `outbox-${number}`, () => Date.now() > end);
			sent += times;
			accepted += 1;
		});
		const kills: Array<[number, () => Promise<void>]> = [
			[30, async () => cluster.kill(await workerThatDelivers(cluster, box, receiver), { comesBack: true })],
			[90, () => cluster.redis!.restart('SIGKILL')],
			[150, () => cluster.postgres!.restart('SIGQUIT')],
			[210, () => cluster.kill(main, { comesBack: true })],
			[260, () => cluster.kill(webhook, { comesBack: true })],
		];
		for (const [count, kill] of kills) {
			await waitFor(() => accepted >= count, {
				what: `${count} messages to be accepted`,
				deadline: 240_000,
				every: 50,
			});
			await kill();
		}
		await sending;
		await waitFor(noneWaits, { what: 'every row to be settled', deadline: 180_000, every: 500 });
		await Promise.all(cluster.processes.map((each) => each.ready()));
		const rows = await rowsOf(cluster, box);
		const keys = Array.from({ length: MESSAGES }, (_, number) => `outbox-${number}`);
		const done = actedOn(receiver);
		const states: Record<string, number> = {};
		for (const { state } of rows) states[state] = (states[state] ?? 0) + 1;
		table.add({
			happened: `**Outbox**: ${MESSAGES} messages, while a worker, Redis, PostgreSQL, main and the webhook process are killed one after the other; 15 % of the messages meet a fault at the receiver`,
			senders: `202 for all ${MESSAGES}; ${sent - MESSAGES} times they had to send again`,
			n8n: `rows: ${listed(states)}. Rows of a killed run are taken by another when their lease ends.`,
			retry: '(not needed)',
			receiver: `accepted and not delivered: ${keys.filter((key) => !done.has(key)).length}; acted on ${done.size} keys, each once; repeated ${repeatedRequests(receiver)} times, under the same key and with the same body`,
		});
		expect(keys.filter((key) => !done.has(key))).toEqual([]);
		expect([...done].filter((key) => !keys.includes(key))).toEqual([]);
		expect(withOtherBody(receiver)).toEqual([]);
		expect(rows.filter(({ state }) => state !== 'delivered')).toEqual([]);
		expect(new Set(rows.map(({ deliveryId }) => deliveryId)).size).toBe(MESSAGES);
	}, 600_000);
}
