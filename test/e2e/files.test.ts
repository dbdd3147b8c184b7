import { createHash, randomBytes } from 'node:crypto';

import { startServers, type DemoServers } from '../../demo/automation/servers';
import type { DeskState } from '../../demo/servers/ticket-desk';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { chain, dispatchNode, using, webhook, workflowOf, type NodeSketch } from '../../tools/n8n/sketch';
import { askWebhook } from '../../tools/n8n/webhook';
import { Instance, parameters, workflowFile } from '../support/n8n/instance';
import { answer, Receiver } from '../support/receiver';

/** Files in a real n8n: as they arrive at a webhook, wherever n8n keeps them, and on to a destination. */

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver?.close());
beforeEach(() => receiver.clear());

/** A form with a file, as an app sends it. */
function formOf(fields: Record<string, string>, bytes?: Buffer, name = 'shot.png'): FormData {
	const form = new FormData();
	for (const [field, value] of Object.entries(fields)) form.append(field, value);
	if (bytes) form.append('screenshot', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), name);
	return form;
}

describe.each([
	['memory', 'default'],
	['the file system', 'filesystem'],
	['the database', 'database'],
])('n8n keeps files in %s', (_where, mode) => {
	const instance = new Instance({ N8N_DEFAULT_BINARY_DATA_MODE: mode });
	beforeAll(async () => await instance.start(), 600_000);
	afterAll(async () => await instance.end(), 60_000);

	/** A workflow that sends on what its webhook gets, and responds when that is done. */
	const sendOn = async (path: string, given: JsonObject): Promise<string> => {
		const dispatch: NodeSketch = dispatchNode('Dispatch', {
			parameters: { url: receiver.url(`/${path}`), ...given },
			retryOnFail: true,
			waitBetweenTries: 10,
		});
		const first = webhook(path, { responseMode: 'lastNode' });
		const workflow = workflowOf(path, [first, dispatch], chain('Webhook', 'Dispatch'));
		const { id } = await instance.client.workflows.create(workflow);
		await instance.client.workflows.activate(id);
		return `${instance.n8n.url}/webhook/${path}`;
	};

	it('a file arrives byte for byte, in each of its tries', async () => {
		const bytes = randomBytes(3_000_000);
		const url = await sendOn('file', { body: 'file', inputDataFieldName: 'screenshot' });
		receiver.script('/file', answer(503), answer(200));
		const response = await askWebhook(url, { method: 'POST', body: formOf({ rating: '2' }, bytes) });
		expect(await response.json()).toMatchObject({ delivery: { status: 'delivered', attempts: 2 } });
		const requests = receiver.of('/file');
		expect(requests.map(({ body }) => sha(body))).toEqual([sha(bytes), sha(bytes)]);
		expect(requests[0]?.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '3000000' });
	});

	it('a form arrives with its text and its file', async () => {
		const bytes = randomBytes(200_000);
		const rows = [
			{ parameterType: 'formData', name: 'rating', value: '={{ $json.body.rating }}' },
			{ parameterType: 'formBinaryData', name: 'photo', inputDataFieldName: 'screenshot' },
		];
		const url = await sendOn('form', { body: 'multipart', multipartParameters: { parameters: rows } });
		receiver.script('/form', answer(503), answer(200));
		await askWebhook(url, { method: 'POST', body: formOf({ rating: 'zwei ★' }, bytes, 'Bild ü.png') });
		const requests = receiver.of('/form');
		expect(requests).toHaveLength(2);
		expect(sha(requests[0]!.body)).toBe(sha(requests[1]!.body));
		const read = await new Response(new Uint8Array(requests[1]!.body), {
			headers: { 'content-type': String(requests[1]!.headers['content-type']) },
		}).formData();
		const photo = read.get('photo') as File;
		expect([read.get('rating'), photo.name, photo.type]).toEqual(['zwei ★', 'Bild ü.png', 'image/png']);
		expect(sha(Buffer.from(await photo.arrayBuffer()))).toBe(sha(bytes));
	});

	it('the retry of a failed execution sends the same bytes under the same ID', async () => {
		const bytes = randomBytes(100_000);
		const options = { idempotencyHeader: 'Idempotency-Key' };
		const url = await sendOn('retry', { body: 'file', inputDataFieldName: 'screenshot', options });
		receiver.script('/retry', answer(400), answer(200));
		await askWebhook(url, { method: 'POST', body: formOf({}, bytes) });
		const [{ id = '' } = {}] = await instance.client.executions.list({ status: ['error'] });
		await instance.client.executions.waitFor(String(id));
		await instance.client.executions.retry(String(id));
		const requests = receiver.of('/retry');
		expect(requests.map(({ body }) => sha(body))).toEqual([sha(bytes), sha(bytes)]);
		expect(new Set(requests.map(({ headers }) => headers['idempotency-key']))).toHaveProperty('size', 1);
	});

	it('what has no file says so', async () => {
		const url = await sendOn('none', { body: 'file', inputDataFieldName: 'screenshot' });
		const response = await askWebhook(url, { method: 'POST', body: formOf({ rating: '2' }) });
		expect([response.status, receiver.requests.length]).toEqual([500, 0]);
		const [{ id = '' } = {}] = await instance.client.executions.list({ status: ['error'] });
		const { data } = await instance.client.executions.waitFor(String(id));
		expect(JSON.stringify(data.resultData.error)).toContain('The item has no file in \\"screenshot\\"');
	});
});

describe('the rating with a screenshot', () => {
	const instance = new Instance();
	let servers: DemoServers;
	let url: string;
	const desk = async () => (await (await fetch(servers.ticketDesk.controlUrl)).json()) as DeskState;
	const inject = async (orders: object) =>
		await fetch(servers.ticketDesk.controlUrl, { method: 'POST', body: JSON.stringify(orders) });
	const submit = async (fields: Record<string, string>, bytes?: Buffer) => {
		const response = await askWebhook(url, {
			method: 'POST',
			body: formOf({ ...ada, ...fields }, bytes, 'It’s "slow".png'),
		});
		return { status: response.status, ...((await response.json()) as JsonObject) };
	};
	const ada = { name: 'Ada', email: 'ada@example.com' };

	beforeAll(async () => {
		servers = await startServers({ folder: instance.folder });
		await instance.start();
		const { clientId, clientSecret } = servers.secrets.zendeskClient;
		const credential = await instance.client.credentials.create({
			name: 'Zendesk',
			type: 'webhookDispatchClientCredentialsOAuth2Api',
			data: {
				accessTokenUrl: `${servers.ticketDesk.url}/oauth/tokens`,
				clientId,
				clientSecret,
				scope: 'tickets:write',
				clientAuthentication: 'body',
				tokenRequestFormat: 'json',
			},
		});
		const at = (path: string) => (node: Parameters<ReturnType<typeof parameters>>[0]) => ({
			...parameters({ url: `${servers.ticketDesk.url}/api/v2/${path}` })(node),
			credentials: using(credential),
		});
		const workflow = workflowFile('rating-with-screenshot.json', {
			'Upload Screenshot': at('uploads.json'),
			'Open Ticket': at('tickets.json'),
		});
		const { id } = await instance.client.workflows.create(workflow);
		await instance.client.workflows.activate(id);
		url = `${instance.n8n.url}/webhook/rating-with-screenshot`;
	}, 600_000);
	afterAll(async () => {
		await servers?.stop();
		await instance.end();
	}, 60_000);
	beforeEach(async () => void (await fetch(servers.ticketDesk.controlUrl, { method: 'DELETE' })));

	it('opens a ticket with the screenshot attached', async () => {
		const bytes = randomBytes(1_500_000);
		expect(await submit({ rating: '2', comment: 'It is slow' }, bytes)).toMatchObject({ status: 201, ticket: 1 });
		const { tickets, requests } = await desk();
		expect(requests.map(({ path, status, scheme }) => [path, status, scheme])).toEqual([
			['/api/v2/uploads.json', 201, 'Bearer'],
			['/api/v2/tickets.json', 201, 'Bearer'],
		]);
		expect(tickets[0]).toMatchObject({ description: 'It is slow', subject: 'Rating Submitted - 2', requester: ada });
		const [attachment] = tickets[0]?.attachments ?? [];
		expect(attachment).toMatchObject({ content_type: 'image/png', size: bytes.length });
		const file = await fetch(attachment!.content_url);
		expect(sha(Buffer.from(await file.arrayBuffer()))).toBe(sha(bytes));
	});

	it('uploads again after a 503 and a response that got lost, and opens one ticket with one file', async () => {
		await inject({ faults: [{ status: 503 }, { commit: true, drop: true }] });
		expect(await submit({ rating: '1' }, randomBytes(100_000))).toMatchObject({ status: 201, ticket: 1 });
		const { tickets } = await desk();
		expect(tickets).toHaveLength(1);
		expect(tickets[0]?.attachments).toHaveLength(1);
	}, 60_000);

	it('opens the ticket without a screenshot that cannot be uploaded, and says so in it', async () => {
		await inject({ faults: [{ status: 500, times: 3 }] });
		expect(await submit({ rating: '1', comment: 'Broken' }, randomBytes(1000))).toMatchObject({
			status: 201,
			ticket: 1,
		});
		const { tickets } = await desk();
		expect(tickets[0]?.attachments).toEqual([]);
		expect(tickets[0]?.description).toContain('Broken\n\n(A screenshot was sent, but could not be attached');
	}, 60_000);

	it.each([
		['2', 1],
		['3', 1],
		['4', 0],
		['great', 0],
	])('without a screenshot, a rating of %s opens %i tickets', async (rating, count) => {
		await submit({ rating });
		const { tickets, requests } = await desk();
		expect([tickets.length, requests.length]).toEqual([count, count]);
	});
});
