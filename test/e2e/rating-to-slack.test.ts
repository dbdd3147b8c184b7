import { importCredentials } from '../../demo/automation/credentials';
import { submitRating } from '../../demo/automation/ratings';
import { startServers, type DemoServers } from '../../demo/automation/servers';
import { filledIn } from '../../demo/automation/workflows';
import type { DeskState } from '../../demo/servers/ticket-desk';
import { waitFor } from '../../tools/lib/wait';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { Instance, parameters, workflowFile } from '../support/n8n/instance';
import { answer, Receiver } from '../support/receiver';

/** `rating-to-slack.json` in a real n8n: what the node outputs feeds the next one, its error output another. */

const type = 'webhookDispatchClientCredentialsOAuth2Api';
const instance = new Instance();
let servers: DemoServers;
let slack: Receiver;
let id: string;
const ada = { name: 'Ada <& Co>', email: 'ada@example.com' };

const desk = async () => (await (await fetch(servers.ticketDesk.controlUrl)).json()) as DeskState;
const rate = async (rating: unknown) =>
	await submitRating(`${instance.n8n.url}/webhook/rating-to-slack`, { rating, comment: 'slow', profile: ada });
const told = () =>
	slack.requests
		.filter(({ outcome }) => outcome === 'acknowledged')
		.map(({ body }) => (JSON.parse(body.toString()) as JsonObject).text);
const ended = async () =>
	await waitFor(
		async () => (await instance.client.executions.list({ workflowId: id })).find(({ stoppedAt }) => stoppedAt),
		{ what: 'the execution', every: 150 },
	);

beforeAll(async () => {
	slack = await Receiver.start({ otherwise: answer(200, 'ok') });
	servers = await startServers({ folder: instance.folder });
	await instance.start();
}, 600_000);
afterAll(async () => {
	await Promise.all([servers?.stop(), slack?.close()]);
	await instance.end();
}, 60_000);

beforeEach(async () => {
	slack.clear();
	await fetch(servers.ticketDesk.controlUrl, { method: 'DELETE' });
	const { [type]: credential } = await importCredentials(instance.client, servers);
	const settings = workflowFile('rating-to-slack.json').nodes.find(({ name }) => name === 'Settings');
	const assignments = (settings?.parameters.assignments as { assignments: JsonObject[] }).assignments;
	const urls: JsonObject = { ticketsUrl: servers.ticketDesk.ticketsUrl, slackUrl: slack.url('/services/T/B/X') };
	const workflow = workflowFile('rating-to-slack.json', {
		Settings: parameters({
			assignments: {
				assignments: assignments.map((field) => ({ ...field, value: urls[String(field.name)] ?? field.value })),
			},
		}),
		'Open Ticket': () => ({ credentials: { [type]: credential ?? { id: '', name: '' } }, waitBetweenTries: 50 }),
		'Tell Slack': () => ({ waitBetweenTries: 50 }),
	});
	({ id } = await instance.client.workflows.create(workflow));
	await instance.client.workflows.activate(id);
});
afterEach(async () => {
	await instance.client.workflows.deactivate(id);
});

jest.setTimeout(60_000);

it('posts to the channel the number of the ticket', async () => {
	await rate(2);
	expect((await ended()).status).toBe('success');
	expect(told()).toEqual(['Ticket 1: a rating of 2 by Ada &lt;&amp; Co&gt;']);
	expect((await desk()).tickets).toMatchObject([{ subject: 'Rating 2', requester: ada }]);
});

it.each([5, 'great', '', null])('is silent about a rating of %p', async (rating) => {
	await rate(rating);
	expect((await ended()).status).toBe('success');
	expect([told(), (await desk()).requests]).toEqual([[], []]);
});

it('posts to the channel why there is no ticket', async () => {
	await fetch(servers.ticketDesk.controlUrl, {
		method: 'POST',
		body: JSON.stringify({ faults: [{ status: 503, times: 3 }] }),
	});
	await rate(1);
	expect((await ended()).status).toBe('success');
	expect(told()).toEqual([
		expect.stringMatching(/^No ticket for a rating of 1: .* responded with 503 .*\(delivery [0-9a-f-]{36}\)$/),
	]);
	expect((await desk()).tickets).toEqual([]);
});

it('a Slack that is down gets its message by the retry of the execution, and no second ticket is opened', async () => {
	slack.choose(() => answer(500));
	await rate(1);
	const execution = await ended();
	expect(execution.status).toBe('error');
	slack.choose(() => undefined);
	await instance.client.executions.retry(execution.id);
	expect(told()).toHaveLength(1);
	expect((await desk()).tickets).toHaveLength(1);
	expect(slack.requests).toHaveLength(4);
});

it('is shipped inactive in its Slack node only, and points at the desk of npm start', () => {
	const { nodes } = filledIn('rating-to-slack.json', { ticketsUrl: 'http://127.0.0.1:1/tickets', credentials: {} });
	expect(nodes.filter(({ disabled }) => disabled).map(({ type: node }) => node)).toEqual(['n8n-nodes-base.slack']);
	expect(JSON.stringify(nodes.find(({ name }) => name === 'Settings'))).toContain('http://127.0.0.1:1/tickets');
});
