import path from 'node:path';
import { importCredentials } from '../../demo/automation/credentials';
import { submitRating, type Rating } from '../../demo/automation/ratings';
import { startServers, type DemoServers } from '../../demo/automation/servers';
import { filledIn, importWorkflows } from '../../demo/automation/workflows';
import type { DeskState } from '../../demo/servers/ticket-desk';
import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import { runByHand } from '../../tools/n8n/runByHand';
import { using } from '../../tools/n8n/sketch';
import { Instance } from '../support/n8n/instance';

/** The workflows of `workflows/` in a real n8n, as `npm start` sets it up; what happened is counted at the other end. */
const ada = { name: 'Ada Lovelace', email: 'ada@example.com' };
const instance = new Instance();
let servers: DemoServers;
let imported: Awaited<ReturnType<typeof importWorkflows>>;

const idOf = (file: string) => imported[file]?.id ?? '';
const importAll = async () =>
	await importWorkflows(instance.client, {
		ticketsUrl: servers.ticketDesk.ticketsUrl,
		credentials: await importCredentials(instance.client, servers),
		stateFile: path.join(instance.folder, 'workflows.json'),
	});
const desk = async () => (await (await fetch(servers.ticketDesk.controlUrl)).json()) as DeskState;
const inject = async (orders: object) =>
	await fetch(servers.ticketDesk.controlUrl, { method: 'POST', body: JSON.stringify(orders) });
/** The response names its execution, which ends a moment later. */
const executionOf = async (answer: Record<string, unknown>) =>
	await instance.client.executions.waitFor(String(answer.execution));

beforeAll(async () => {
	servers = await startServers({ folder: instance.folder });
	await instance.start();
	imported = await importAll();
}, 600_000);

afterAll(async () => {
	await servers?.stop();
	await instance.end();
}, 60_000);

beforeEach(async () => {
	await fetch(servers.ticketDesk.controlUrl, { method: 'DELETE' });
});

describe('the rating automation', () => {
	let webhookUrl: string;
	beforeAll(() => {
		webhookUrl = `${instance.n8n.url}/webhook/rating-submitted`;
	});

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
		expect(await submitRating(webhookUrl, { rating: 5, profile: ada })).toMatchObject({
			status: 200,
			outcome: 'no ticket needed',
			ticket: null,
		});
		expect((await desk()).requests).toHaveLength(0);
	});

	it.each([
		['3', 1],
		[3, 1],
		['4', 0],
		[3.5, 0],
		[0, 1],
	])('counts %p as a number', async (rating, tickets) => {
		await submitRating(webhookUrl, { rating, profile: ada });
		expect((await desk()).tickets).toHaveLength(tickets);
	});

	it.each([[null], ['great'], [''], [-1], [true], [undefined]])(
		'opens no ticket for %p and keeps what arrived',
		async (rating) => {
			const answer = await submitRating(webhookUrl, { rating, profile: ada });
			expect(answer).toMatchObject({ status: 422, outcome: 'no usable rating', ticket: null });
			expect((await desk()).requests).toHaveLength(0);
			const execution = await executionOf(answer);
			expect(execution.status).toBe('error');
			expect(JSON.stringify(instance.client.executions.itemsOf(execution, 'Rating Submitted'))).toContain(
				'ada@example.com',
			);
		},
	);

	it('retries after a 503, and opens one ticket', async () => {
		await inject({ faults: [{ status: 503 }] });
		expect(await submitRating(webhookUrl, { rating: 1, profile: ada })).toMatchObject({ status: 201, ticket: 1 });
		const { tickets, requests } = await desk();
		expect(tickets).toHaveLength(1);
		expect(requests.map(({ status }) => status)).toEqual([503, 201]);
	}, 30_000);

	it('opens one ticket when it was made but the response got lost', async () => {
		await inject({ faults: [{ commit: true, drop: true }] });
		expect(await submitRating(webhookUrl, { rating: 1, profile: ada })).toMatchObject({ status: 201, ticket: 1 });
		const { tickets, requests } = await desk();
		expect(tickets).toHaveLength(1);
		expect(requests.map(({ lookup }) => lookup)).toEqual(['miss', 'hit']);
		expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
	}, 30_000);

	it('notifies the sender and keeps the execution as failed when the last try fails', async () => {
		await inject({ faults: [{ status: 500, times: 3 }] });
		const answer = await submitRating(webhookUrl, { rating: 1, profile: ada });
		expect(answer).toMatchObject({ status: 502, outcome: 'ticket not opened', ticket: null, retryable: true });
		expect((await desk()).tickets).toHaveLength(0);
		const execution = await executionOf(answer);
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.lastNodeExecuted).toBe('Keep as Failed: Not Opened');
	}, 30_000);

	it('fetches another token when the desk no longer takes the old one', async () => {
		await submitRating(webhookUrl, { rating: 2, profile: ada });
		await fetch(`${servers.authorizationServer.url}/control/forget-tokens`, { method: 'POST' });
		expect(await submitRating(webhookUrl, { rating: 2, comment: 'again', profile: ada })).toMatchObject({
			status: 201,
			ticket: 2,
		});
		expect((await desk()).requests.map(({ status }) => status)).toEqual([201, 401, 201]);
	});

	it('runs from the canvas on the pinned sample', async () => {
		const execution = await runByHand(instance.client, idOf('rating-to-ticket.json'), 'Rating Submitted');
		expect(execution.status).toBe('success');
		expect((await desk()).tickets).toHaveLength(1);
	});
});

describe('importing once more', () => {
	it('changes nothing, and keeps what was edited', async () => {
		const file = 'rating-to-ticket.json';
		const before = await instance.client.workflows.get(idOf(file));
		await importAll();
		expect((await instance.client.workflows.get(idOf(file))).versionId).toBe(before.versionId);

		const { nodes, connections } = before;
		const settings = nodes.find(({ name }) => name === 'Settings');
		expect(JSON.stringify(settings)).toContain('"value":3');
		const edited = nodes.map((node) =>
			node === settings ? (JSON.parse(JSON.stringify(node).replace('"value":3', '"value":4')) as typeof node) : node,
		);
		await instance.client.workflows.update(idOf(file), { nodes: edited, connections });
		await instance.client.workflows.activate(idOf(file));
		expect((await importAll())[file]).toMatchObject({ kept: true });
		const answer = await submitRating(`${instance.n8n.url}/webhook/rating-submitted`, { rating: 4, profile: ada });
		expect(answer).toMatchObject({ outcome: 'ticket opened' });

		await instance.client.workflows.update(idOf(file), { nodes, connections });
		await instance.client.workflows.activate(idOf(file));
	});
});

describe('the rating automation for Zendesk', () => {
	/** As a user fills it in, but with the desk in the place of Zendesk, whose host is in the workflow. */
	const start = async (credential: CredentialReference, parameters: object = {}) => {
		const { ticketsUrl } = servers.ticketDesk;
		const workflow = filledIn('rating-to-zendesk.json', { ticketsUrl, credentials: {} });
		const open = workflow.nodes.find((node) => node.name === 'Open Ticket');
		expect(open?.parameters.url).toBe(
			"=https://{{ $('Settings').item.json.zendeskSubdomain }}.zendesk.com/api/v2/tickets.json",
		);
		const nodes = workflow.nodes.map((node) =>
			node === open
				? {
						...node,
						parameters: { ...node.parameters, url: ticketsUrl, ...parameters },
						credentials: using(credential),
					}
				: node,
		);
		await instance.client.workflows.deactivate(workflow.id);
		await instance.client.workflows.update(workflow.id, { nodes, connections: workflow.connections });
		await instance.client.workflows.activate(workflow.id);
	};
	const submit = async (rating: Rating) => await submitRating(`${instance.n8n.url}/webhook/rating-to-zendesk`, rating);
	const bodies = async () => (await desk()).requests.map(({ body }) => body);

	it('gets its token with a JSON request and sends what the reference’s sample sends', async () => {
		const credential = await instance.client.credentials.create({
			name: 'Zendesk',
			type: 'webhookDispatchClientCredentialsOAuth2Api',
			data: {
				accessTokenUrl: `${servers.ticketDesk.url}/oauth/tokens`,
				...servers.secrets.zendeskClient,
				scope: 'tickets:write',
				clientAuthentication: 'body',
				tokenRequestFormat: 'json',
			},
		});
		await start(credential);
		const comment = 'It is "slow",\nand {{ braces }}';
		expect(await submit({ rating: '2', comment, profile: { ...ada, phone: '+44 20' } })).toMatchObject({ status: 201 });
		const [request] = (await desk()).requests;
		expect(request).toMatchObject({ scheme: 'Bearer', path: '/api/v2/tickets.json', status: 201 });
		expect(request?.idempotencyKey).toBeTruthy();
		expect(request?.body).toEqual({
			ticket: {
				requester: { ...ada, phone: '+44 20' },
				type: 'task',
				subject: 'Rating Submitted - 2',
				comment: { body: comment },
				priority: 'urgent',
				status: 'new',
			},
		});
	});

	it('with requester_id where the identity is that of a Zendesk user, and a default for each field', async () => {
		await submit({ rating: 3, profile: { ...ada, identity: 'ada-1' } });
		const [{ requester_id: id } = { requester_id: 0 }] = (await desk()).tickets;
		expect(await submit({ rating: 1, profile: { ...ada, identity: String(id) } })).toMatchObject({ ticket: 2 });
		expect(await submit({ rating: 1, profile: {} })).toMatchObject({ ticket: 3 });
		expect(await bodies()).toMatchObject([
			{ ticket: { requester: ada } },
			{ ticket: { requester_id: id, requester: ada } },
			{
				ticket: {
					requester: { name: 'Unknown person', email: 'ratings@example.com' },
					comment: { body: 'Rating submitted' },
				},
			},
		]);
		expect(JSON.stringify((await bodies())[0])).not.toContain('requester_id');
		expect((await desk()).tickets[1]).toMatchObject({ requester_id: id });
	});

	it('an ID that Zendesk does not have is reported, and the rating is kept', async () => {
		const answer = await submit({ rating: 1, profile: { ...ada, identity: 12345 } });
		expect(answer).toMatchObject({ status: 502, retryable: false });
		expect(answer.message).toContain('Record validation errors: Requester: is invalid');
		expect((await executionOf(answer)).status).toBe('error');
	});

	it('with Basic, as email/token', async () => {
		const { user, password } = servers.secrets.agent;
		const data = { user: `${user}/token`, password };
		await start(
			await instance.client.credentials.create({ name: 'API token', type: 'webhookDispatchBasicApi', data }),
			{ authentication: 'basic' },
		);
		expect(await submit({ rating: 2, profile: ada })).toMatchObject({ status: 201, ticket: 1 });
		expect((await desk()).requests).toMatchObject([{ scheme: 'Basic', status: 201 }]);
	});
});

describe('the request catcher', () => {
	it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
		'shows a %s to its sender and in its executions, without the secret',
		async (method) => {
			const response = await fetch(`${instance.n8n.url}/webhook/request-catcher?a=b`, {
				method,
				headers: { authorization: 'Bearer very-secret', 'content-type': 'application/json', 'x-mine': 'yes' },
				body: method === 'GET' ? undefined : '{"hello":"there"}',
			});
			expect(response.status).toBe(200);
			const text = await response.text();
			expect(JSON.parse(text)).toMatchObject({
				caught: {
					method,
					query: { a: 'b' },
					headers: { authorization: 'Bearer ••••', 'x-mine': 'yes' },
					body: method === 'GET' ? {} : { hello: 'there' },
				},
			});
			const execution = await executionOf(JSON.parse(text) as Record<string, unknown>);
			expect(instance.client.executions.itemsOf(execution, 'What Arrived')[0]?.json).toMatchObject({ method });
			expect(text).not.toContain('very-secret');
		},
	);
});
