import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
	importCredentials,
	importWorkflows,
	packageOfThisClone,
	startN8n,
	startServers,
	submitRating,
	type DemoServers,
	type DeskState,
	type RunningN8n,
} from '../../demo/testing';

/** The rating automation in a real n8n, as `npm start` sets it up; what happened is counted at the ticket desk. */
describe('the rating automation', () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rating-automation-'));
	let n8n: RunningN8n;
	let servers: DemoServers;
	let webhookUrl: string;
	let workflowId: string;

	beforeAll(async () => {
		servers = await startServers({ folder });
		n8n = await startN8n({ userFolder: path.join(folder, 'n8n'), packageFolder: await packageOfThisClone() });
		const workflows = await importWorkflows(n8n.client, {
			ticketsUrl: servers.ticketDesk.ticketsUrl,
			credentials: await importCredentials(n8n.client, servers),
			stateFile: path.join(folder, 'workflows.json'),
		});
		workflowId = workflows['rating-to-ticket.json']?.id ?? '';
		webhookUrl = `${n8n.url}/webhook/rating-submitted`;
	}, 600_000);

	afterAll(async () => {
		await n8n?.stop();
		await servers?.stop();
		fs.rmSync(folder, { recursive: true, force: true });
	}, 60_000);

	beforeEach(async () => {
		await fetch(servers.ticketDesk.controlUrl, { method: 'DELETE' });
	});

	const desk = async () => (await (await fetch(servers.ticketDesk.controlUrl)).json()) as DeskState;
	const inject = async (orders: object) =>
		await fetch(servers.ticketDesk.controlUrl, { method: 'POST', body: JSON.stringify(orders) });
	/** The sender gets its answer before the execution has ended. */
	const latestExecution = async () => {
		const [latest] = await n8n.client.executions.list({ workflowId }, 1);
		return await n8n.client.executions.waitFor(latest?.id ?? '');
	};
	const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };

	it('opens one ticket for a rating of 2, with the words of the person', async () => {
		const comment = 'It is "slow",\nand {{ braces }} \\ break \u{1F600}';
		const answer = await submitRating(webhookUrl, { rating: 2, comment, profile: ada });
		expect(answer).toMatchObject({ status: 201, outcome: 'ticket opened', rating: 2, ticket: 1 });
		const { tickets, requests } = await desk();
		expect(tickets).toHaveLength(1);
		expect(tickets[0]).toMatchObject({
			subject: 'Rating 2 in campaign 1700000000',
			description: comment,
			priority: 'normal',
			status: 'new',
			type: 'problem',
			requester: ada,
		});
		expect(requests[0]).toMatchObject({ scheme: 'Bearer', status: 201, lookup: 'miss' });
	});

	it('opens none for a rating of 5', async () => {
		expect(await submitRating(webhookUrl, { rating: 5, profile: ada })).toMatchObject({ status: 200, outcome: 'no ticket needed', ticket: null });
		expect((await desk()).requests).toHaveLength(0);
	});

	it.each([['3', 1], [3, 1], ['4', 0], [3.5, 0], [0, 1]])('counts %p as a number', async (rating, tickets) => {
		await submitRating(webhookUrl, { rating, profile: ada });
		expect((await desk()).tickets).toHaveLength(tickets);
	});

	it.each([[null], ['great'], [''], [-1], [true], [undefined]])('opens no ticket for %p and keeps what arrived', async (rating) => {
		const answer = await submitRating(webhookUrl, { rating, profile: ada });
		expect(answer).toMatchObject({ status: 422, outcome: 'no usable rating', ticket: null });
		expect((await desk()).requests).toHaveLength(0);
		const execution = await latestExecution();
		expect(execution.status).toBe('error');
		expect(JSON.stringify(n8n.client.executions.itemsOf(execution, 'Rating Submitted'))).toContain('ada@example.com');
	});

	it('tries again after a 503, and opens one ticket', async () => {
		await inject({ faults: [{ status: 503 }] });
		expect(await submitRating(webhookUrl, { rating: 1, profile: ada })).toMatchObject({ status: 201, ticket: 1 });
		const { tickets, requests } = await desk();
		expect(tickets).toHaveLength(1);
		expect(requests.map(({ status }) => status)).toEqual([503, 201]);
	}, 30_000);

	it('opens one ticket when it was made but the answer got lost', async () => {
		await inject({ faults: [{ commit: true, drop: true }] });
		expect(await submitRating(webhookUrl, { rating: 1, profile: ada })).toMatchObject({ status: 201, ticket: 1 });
		const { tickets, requests } = await desk();
		expect(tickets).toHaveLength(1);
		expect(requests.map(({ lookup }) => lookup)).toEqual(['miss', 'hit']);
		expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
	}, 30_000);

	it('tells the sender and keeps the execution as failed when the last try fails', async () => {
		await inject({ faults: [{ status: 500, times: 3 }] });
		const answer = await submitRating(webhookUrl, { rating: 1, profile: ada });
		expect(answer).toMatchObject({ status: 502, outcome: 'ticket not opened', ticket: null, retryable: true });
		expect((await desk()).tickets).toHaveLength(0);
		const execution = await latestExecution();
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.lastNodeExecuted).toBe('Keep as Failed: Not Opened');
	}, 30_000);

	it('fetches another token when the desk no longer takes the old one', async () => {
		await submitRating(webhookUrl, { rating: 2, profile: ada });
		await fetch(`${servers.authorizationServer.url}/control/forget-tokens`, { method: 'POST' });
		expect(await submitRating(webhookUrl, { rating: 2, comment: 'again', profile: ada })).toMatchObject({ status: 201, ticket: 2 });
		expect((await desk()).requests.map(({ status }) => status)).toEqual([201, 401, 201]);
	});
});
