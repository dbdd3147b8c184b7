import { waitFor } from '../../tools/lib/wait';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { runByHand } from '../../tools/n8n/runByHand';
import { askWebhook } from '../../tools/n8n/webhook';
import { importOutbox, type Outbox } from '../../tools/queue/outbox';
import { Instance, startForTests } from '../support/n8n/instance';
import { answer, busy, type Receiver } from '../support/receiver';

/** `outbox-accept.json` and `outbox-deliver.json` on one n8n with SQLite; `test/queue` shows what they survive. */

const instance = new Instance();
let receiver: Receiver;
let box: Outbox;

const rows = async (): Promise<JsonObject[]> => {
	const table = (await instance.client.dataTables.list()).find(({ name }) => name === 'webhook_dispatch_outbox');
	return await instance.client.dataTables.rows(table?.id ?? '');
};
const statesOf = async () => Object.fromEntries((await rows()).map(({ deliveryId, state }) => [deliveryId, state]));
const hand = async (key: string, json: JsonObject) =>
	(await askWebhook(`${instance.n8n.url}/webhook/outbox`, { json, headers: { 'idempotency-key': key } })).status;
const settled = async (wanted: JsonObject) =>
	await waitFor(
		async () => {
			const states = await statesOf();
			return Object.entries(wanted).every(([key, state]) => states[key] === state) && states;
		},
		{ what: `rows ${JSON.stringify(wanted)}`, deadline: 45_000, every: 200 },
	);

startForTests(instance, (started) => (receiver = started), {
	keyOf: ({ headers }) => String(headers['idempotency-key']),
});
beforeAll(async () => {
	box = await importOutbox(instance.client, receiver.url('/hook'));
	await box.startAccepting();
}, 60_000);

it('keeps what it accepted, delivers it once, retries what failed, and lets the dead be revived', async () => {
	receiver.script('late', busy(503, 1));
	receiver.choose((key, nth) => (key === 'refused' && nth === 0 ? answer(422) : undefined));
	expect([await hand('good', { n: 1 }), await hand('late', { n: 2 }), await hand('refused', { n: 3 })]).toEqual([
		202, 202, 202,
	]);
	expect(await hand('good', { n: 'once more' })).toBe(202);
	expect(await statesOf()).toEqual({ good: 'waiting', late: 'waiting', refused: 'waiting' });
	expect(receiver.requests).toEqual([]);

	await box.startDelivering({ everySeconds: 1, retrySchedule: '1s, 1s' });
	await settled({ good: 'delivered', late: 'delivered', refused: 'dead' });
	await runByHand(instance.client, box.deliverId, 'Revive the Dead');
	await settled({ good: 'delivered', late: 'delivered', refused: 'delivered' });
	expect(['good', 'late', 'refused'].map((key) => receiver.of(key).length)).toEqual([1, 2, 2]);
	expect(receiver.of('good').map(({ body }) => body.toString())).toEqual(['{"n":1}']);
	await box.stopDelivering();
}, 120_000);
