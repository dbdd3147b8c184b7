import { randomBytes } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

import { waitFor } from '../../tools/lib/wait';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { runByHand } from '../../tools/n8n/runByHand';
import { baseNode, chain, start, using, workflowOf } from '../../tools/n8n/sketch';
import { askWebhook } from '../../tools/n8n/webhook';
import { Instance, parameters, startForTests, workflowFile } from '../support/n8n/instance';
import { answer, Receiver } from '../support/receiver';

/** `events-to-subscribers.json` in a real n8n, with endpoints of which one is dead; seconds in the place of minutes and days. */

const FILE = 'events-to-subscribers.json';
const DAY = 86_400_000;
const instance = new Instance();
/** Has an endpoint at each path. */
let living: Receiver;
/** Where the dead endpoint was, and will be again. */
let deadPort: number;
let id: string;
/** Executions that failed, as they should. */
let expectedFailures = 0;
const tables: Record<string, string> = {};

const secretOf = () => `whsec_${randomBytes(24).toString('base64')}`;
const table = async (name: string) => await instance.client.dataTables.rows(tables[name] ?? '');
const endpoints = async () => await table('webhook_dispatch_endpoints');
const deliveries = async () => await table('webhook_dispatch_event_deliveries');
const endpointOf = async (url: string) => {
	const found = (await endpoints()).find((row) => row.url === url);
	if (found === undefined) throw new Error(`No endpoint ${url}`);
	return found;
};
/** A new endpoint, with its own secret. */
async function subscribe(url: string, eventTypes: string, more: JsonObject = {}) {
	const row = { name: new URL(url).pathname, url, eventTypes, secret: secretOf(), enabled: true, ...more };
	await instance.client.dataTables.insert(tables.webhook_dispatch_endpoints ?? '', [row]);
	return { ...row, id: (await endpointOf(url)).id as number };
}
const change = async (row: number, data: JsonObject) =>
	await instance.client.dataTables.update(tables.webhook_dispatch_endpoints ?? '', row, data);
const send = async (type: unknown, key?: string, data: unknown = { n: 1 }) =>
	await askWebhook(`${instance.n8n.url}/webhook/events`, {
		json: { type, data },
		headers: key === undefined ? {} : { 'idempotency-key': key },
	});
/** What arrived at an endpoint and was acknowledged: IDs and types, verified with a secret. */
const received = (receiver: Receiver, path: string, secret: string) =>
	receiver
		.of(path)
		.filter(({ outcome }) => outcome === 'acknowledged')
		.map(({ headers, body }) => {
			const event = new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string };
			return [headers['webhook-id'], event.type];
		});
const settled = async (what: string, holds: (rows: JsonObject[]) => boolean) =>
	await waitFor(
		async () => {
			const rows = await deliveries();
			return holds(rows) && rows;
		},
		{ what, deadline: 45_000, every: 200 },
	);
const eventually = async (url: string, what: string, holds: (row: JsonObject) => boolean) =>
	await waitFor(
		async () => {
			const row = await endpointOf(url);
			return holds(row) && row;
		},
		{ what: `endpoint ${url}: ${what}`, deadline: 45_000, every: 200 },
	);
const rowsOf = (rows: JsonObject[], endpointId: number) => rows.filter((row) => row.endpointId === endpointId);
const alerts = () => living.of('/alerts').map(({ body }) => (JSON.parse(body.toString()) as { text: string }).text);
const failedExecutions = async () =>
	await instance.client.executions.list({ workflowId: id, status: ['error', 'crashed'] });
/** Nothing waits any more, so nothing more can come. */
const quiet = async () =>
	await settled('nothing waits', (rows) => rows.every(({ state }) => state === 'delivered' || state === 'dead'));

startForTests(instance, (started) => (living = started));
beforeAll(async () => {
	const spare = await Receiver.start();
	deadPort = Number(new URL(spare.origin).port);
	await spare.close();

	const credential = await instance.client.credentials.create({
		name: 'Secret of the Endpoint',
		type: 'webhookDispatchSigningApi',
		data: { secret: '={{ $json.secret }}' },
	});
	const everySecond = parameters({ rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } });
	const workflow = workflowFile(FILE, {
		'Every 5 Seconds': everySecond,
		'Every Minute': everySecond,
		Deliver: (node) => ({
			credentials: using(credential),
			parameters: {
				...node.parameters,
				options: {
					...(node.parameters.options as JsonObject),
					retrySchedule: Array.from({ length: 40 }, () => '1s').join(', '),
				},
			},
		}),
		'Tell Somebody': (node) => ({
			parameters: { ...node.parameters, url: living.url('/alerts') },
			waitBetweenTries: 50,
		}),
	});
	({ id } = await instance.client.workflows.create(workflow));
	expect((await runByHand(instance.client, id, 'Create the Tables')).status).toBe('success');
	for (const { id: tableId, name } of await instance.client.dataTables.list()) tables[name] = tableId;
	await instance.client.workflows.activate(id);
}, 120_000);
beforeEach(async () => {
	living.clear();
	for (const { id: row } of await endpoints()) await change(row as number, { enabled: false });
});
afterEach(async () => {
	expect((await failedExecutions()).map((execution) => execution.id)).toHaveLength(expectedFailures);
});
jest.setTimeout(120_000);

it('two living endpoints get each event once, signed with their own secrets; a dead one is tried, switched off and reported', async () => {
	const one = await subscribe(living.url('/one'), '*');
	const two = await subscribe(living.url('/two'), 'order.created, order.paid');
	const dead = await subscribe(`http://127.0.0.1:${deadPort}/dead`, '*');
	const events = ['e-1', 'e-2', 'e-3'].map((key) => [key, 'order.paid'] as const);
	for (const [key, type] of events) expect((await send(type, key)).status).toBe(202);
	// The sender did not hear the 202.
	expect((await send('order.paid', 'e-2', { n: 'other' })).status).toBe(202);

	await settled('two attempts of the dead endpoint', (rows) =>
		rowsOf(rows, dead.id).every(({ attempts }) => Number(attempts) >= 2),
	);
	for (const [path, { id: endpoint, secret }] of [
		['/one', one],
		['/two', two],
	] as const) {
		expect(received(living, path, secret).sort()).toEqual(events.map(([key, type]) => [`${key}-${endpoint}`, type]));
	}
	expect(() => received(living, '/one', two.secret)).toThrow('No matching signature');
	const [sample] = living.of('/one');
	expect(JSON.parse(sample?.body.toString() ?? '')).toEqual({ type: 'order.paid', data: { n: 1 } });

	// Its failures are recorded, each delivery under one ID.
	const waiting = rowsOf(await deliveries(), dead.id);
	expect(waiting).toHaveLength(3);
	for (const row of waiting)
		expect(row).toMatchObject({ state: 'waiting', reason: expect.stringMatching(/127\.0\.0\.1/) as string });
	const failing = await eventually(dead.url, 'is failing', ({ failingSince }) => failingSince !== null);
	expect(failing).toMatchObject({ enabled: true, lastFailure: expect.stringContaining('Delivery to 127') as string });
	expect(Date.now() - Date.parse(String(failing.failingSince))).toBeLessThan(60_000);

	// An hour less than five days is not five days: four more attempts, and it is still on.
	await change(dead.id, { failingSince: new Date(Date.now() - 5 * DAY + 3_600_000).toISOString() });
	const attemptsOf = (rows: JsonObject[]) => Math.min(...rowsOf(rows, dead.id).map(({ attempts }) => Number(attempts)));
	const before = attemptsOf(await deliveries());
	await settled('more attempts', (rows) => attemptsOf(rows) >= before + 2);
	expect(await endpointOf(dead.url)).toMatchObject({ enabled: true, switchedOffAt: null });
	expect(alerts()).toEqual([]);

	await change(dead.id, { failingSince: new Date(Date.now() - 5 * DAY).toISOString() });
	await eventually(dead.url, 'is off and told', ({ enabled, toldAt }) => enabled === false && toldAt !== null);
	expect(alerts()).toEqual([
		expect.stringMatching(new RegExp(`^Endpoint ${dead.id} \\(/dead\\) was switched off: Delivery to 127`)),
	]);
	for (const row of rowsOf(await quiet(), dead.id))
		expect(row).toMatchObject({ state: 'dead', reason: 'The endpoint is switched off.' });

	// It gets nothing more, the others go on.
	await send('order.paid', 'e-4');
	await settled('the next event', (rows) => rowsOf(rows, one.id).length === 4);
	await quiet();
	expect(rowsOf(await deliveries(), dead.id)).toHaveLength(3);
	expect(received(living, '/two', two.secret).at(-1)).toEqual([`e-4-${two.id}`, 'order.paid']);
	expect(alerts()).toHaveLength(1);
});

it('an endpoint that comes back gets what waits, once and under the same IDs, and its count starts over', async () => {
	const back = await subscribe(`http://127.0.0.1:${deadPort}/back`, '*');
	await send('order.paid', 'b-1');
	await send('order.paid', 'b-2');
	await eventually(back.url, 'is failing', ({ failingSince }) => failingSince !== null);
	await settled('two attempts', (rows) => rowsOf(rows, back.id).every(({ attempts }) => Number(attempts) >= 2));
	await change(back.id, { failingSince: new Date(Date.now() - 4 * DAY).toISOString() });

	const revived = await Receiver.start({ port: deadPort });
	try {
		await eventually(back.url, 'has recovered', ({ failingSince }) => failingSince === null);
		await quiet();
		expect(received(revived, '/back', back.secret).sort()).toEqual(
			['b-1', 'b-2'].map((key) => [`${key}-${back.id}`, 'order.paid']),
		);
		expect(await endpointOf(back.url)).toMatchObject({ enabled: true, lastFailure: null, lastStatus: null });
	} finally {
		await revived.close();
	}
	// A new failure counts from now.
	await send('order.paid', 'b-3');
	const failing = await eventually(back.url, 'fails again', ({ failingSince }) => failingSince !== null);
	expect(Date.now() - Date.parse(String(failing.failingSince))).toBeLessThan(60_000);
	expect(failing.enabled).toBe(true);
});

it('event types select: lists, prefixes, all and none; new endpoints get what comes after them, disabled ones nothing', async () => {
	const wanted: Record<string, string> = {
		all: '*',
		list: 'order.created,order.paid\ninvoice.sent',
		prefix: 'order.*',
		exact: 'order',
		none: '',
		case: 'ORDER.PAID',
	};
	for (const [path, types] of Object.entries(wanted)) await subscribe(living.url(`/${path}`), types);
	await subscribe(living.url('/off'), '*', { enabled: false });
	const sent = ['order.created', 'order.paid', 'order', 'order.item.added', 'invoice.sent', 'orders.x'];
	for (const type of sent) await send(type);
	const isComplete = (rows: JsonObject[]) => rows.filter(({ eventType }) => eventType === 'orders.x').length === 1;
	await settled('the last event', isComplete);
	await quiet();
	const late = await subscribe(living.url('/late'), '*');
	await send('order.late', 'late');
	await settled('the late event', (rows) => rowsOf(rows, late.id).length === 1);
	await quiet();

	const typesAt = (path: string) =>
		living.of(`/${path}`).map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type);
	expect(
		Object.fromEntries([...Object.keys(wanted), 'off', 'late'].map((path) => [path, typesAt(path).sort()])),
	).toEqual({
		all: [...sent, 'order.late'].sort(),
		list: ['invoice.sent', 'order.created', 'order.paid'],
		prefix: ['order.created', 'order.item.added', 'order.late', 'order.paid'],
		exact: ['order'],
		none: [],
		case: [],
		off: [],
		late: ['order.late'],
	});
	const keys = living.requests.map(({ key, headers }) => `${key} ${String(headers['webhook-id'])}`);
	expect(new Set(keys).size).toBe(keys.length);
});

it('410 switches off at once, a wrong secret is the fault of its endpoint alone, and one that is off can be switched on', async () => {
	living.choose((key) => (key === '/gone' ? answer(410) : undefined));
	// Nobody hears the first alert, with its three tries.
	living.script('/alerts', answer(500), answer(500), answer(500));
	expectedFailures += 1;
	const gone = await subscribe(living.url('/gone'), '*');
	const wrong = await subscribe(living.url('/wrong'), '*', { secret: 'no secret' });
	const good = await subscribe(living.url('/good'), '*');
	await send('x', 'g.1%');
	await eventually(gone.url, 'is off and told', ({ enabled, toldAt }) => enabled === false && toldAt !== null);
	const rows = await quiet();
	expect(received(living, '/good', good.secret)).toEqual([[`g%2E1%25-${good.id}`, 'x']]);
	expect(living.of('/wrong')).toEqual([]);
	expect(rowsOf(rows, wrong.id)).toMatchObject([
		{ state: 'dead', reason: expect.stringContaining('secret') as string },
	]);
	expect(JSON.stringify(rowsOf(rows, wrong.id))).not.toContain('no secret');
	expect(alerts()).toEqual(
		Array.from({ length: 4 }, () => expect.stringContaining('responded with 410 Gone') as string),
	);

	living.choose(() => undefined);
	await change(gone.id, { enabled: true });
	await send('x', 'g2');
	await settled('the delivery after', (after) =>
		rowsOf(after, gone.id).some(({ deliveryId, state }) => deliveryId === `g2-${gone.id}` && state === 'delivered'),
	);
	expect(received(living, '/gone', gone.secret)).toEqual([[`g2-${gone.id}`, 'x']]);
	await quiet();
});

it('events come from workflows, too; one without a type is refused', async () => {
	const all = await subscribe(living.url('/workflow'), '*');
	for (const json of [{ data: 1 }, { type: ' ' }, { type: 5 }, []]) {
		const refused = await askWebhook(`${instance.n8n.url}/webhook/events`, { json });
		expect([refused.status, await refused.json()]).toMatchObject([400, { accepted: false }]);
	}
	// Kept as failed, with what was sent.
	expectedFailures += 4;
	await waitFor(async () => (await failedExecutions()).length === expectedFailures, {
		what: 'failed ones',
		every: 100,
	});

	const events = [{ type: 'a', data: 1, eventId: 'own' }, { type: 'b' }];
	const parent = workflowOf(
		'Parent',
		[
			start,
			baseNode(
				'Events',
				'set',
				{ mode: 'raw', jsonOutput: JSON.stringify({ events }), options: {} },
				{ typeVersion: 3.4 },
			),
			baseNode('Items', 'splitOut', { fieldToSplitOut: 'events', options: {} }),
			baseNode(
				'Hand Over',
				'executeWorkflow',
				{ workflowId: { __rl: true, mode: 'id', value: id }, options: {} },
				{ typeVersion: 1.2 },
			),
		],
		chain('Start', 'Events', 'Items', 'Hand Over'),
	);
	const { id: parentId } = await instance.client.workflows.create(parent);
	const run = await runByHand(instance.client, parentId);
	expect(run.status).toBe('success');
	expect(instance.client.executions.itemsOf(run, 'Hand Over').map(({ json }) => json.eventId)).toEqual([
		'own',
		expect.stringMatching(/^\w+-\d+-1$/),
	]);
	await settled('both', (rows) => rowsOf(rows, all.id).filter(({ state }) => state === 'delivered').length === 2);
	expect(received(living, '/workflow', all.secret)).toContainEqual([`own-${all.id}`, 'a']);
	expect(living.of('/workflow').map(({ body }) => body.toString())).toContain('{"type":"a","data":1}');
});
