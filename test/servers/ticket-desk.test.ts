import { startServers, type DemoServers } from '../../demo/automation/servers';
import type { Fault } from '../../demo/servers/faults';
import { startServer } from '../../demo/servers/process';
import type { DeskState } from '../../demo/servers/ticket-desk';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The ticket desk must refuse and accept as Zendesk documents, or what is tested against it proves nothing. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ticket-desk-'));
let servers: DemoServers;
let token: string;

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const form = (fields: Record<string, string>) => new URLSearchParams(fields);

async function fetchToken(scope = 'tickets:write') {
	const { clientId, clientSecret } = servers.secrets.automation;
	const response = await fetch(servers.authorizationServer.tokenUrl, {
		method: 'POST',
		headers: { authorization: basic(clientId, clientSecret) },
		body: form({ grant_type: 'client_credentials', scope }),
	});
	return ((await response.json()) as { access_token: string }).access_token;
}

const good = {
	ticket: {
		subject: 'It is slow',
		comment: { body: 'Very' },
		requester: { name: 'Ada', email: 'ada@example.com' },
		priority: 'high',
		type: 'problem',
	},
};

async function create(body: unknown, headers: Record<string, string> = {}, suffix = '.json') {
	const response = await fetch(`${servers.ticketDesk.url}/api/v2/tickets${suffix}`, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	return {
		status: response.status,
		headers: response.headers,
		body: (await response.json()) as { ticket: { id: number } } & Record<string, unknown>,
	};
}

const desk = async () => (await (await fetch(servers.ticketDesk.controlUrl)).json()) as DeskState;
const order = async (orders: { faults?: Fault[]; rateLimit?: object; forgetTokens?: boolean }) =>
	await fetch(servers.ticketDesk.controlUrl, { method: 'POST', body: JSON.stringify(orders) });

beforeAll(async () => {
	servers = await startServers({ folder });
	token = await fetchToken();
}, 60_000);

afterAll(async () => {
	await servers?.stop();
	fs.rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
	await fetch(servers.ticketDesk.controlUrl, { method: 'DELETE' });
});

describe('creating a ticket', () => {
	const from = async (requester: object) =>
		await create({ ticket: { subject: 'x', comment: { body: 'y' }, ...requester } });

	it('for a user that is there, by requester_id, with or without a requester beside it', async () => {
		const { body } = await create(good);
		const id = (body.ticket as { requester_id?: number }).requester_id;
		for (const requester of [{}, { requester: { name: 'Bob', email: 'bob@example.com', phone: '+4930' } }]) {
			const made = await from({ requester_id: id, ...requester });
			expect([made.status, made.body.ticket]).toEqual([201, expect.objectContaining({ requester_id: id })]);
		}
		expect((await from({ requester: { name: 'Bob', email: 'bob@example.com' } })).body.ticket).not.toMatchObject({
			requester_id: id,
		});
	});

	it.each([1, 5002, 'ada-1', '', {}, true])(
		'not for the requester_id %p, which is that of nobody',
		async (requesterId) => {
			await create(good);
			expect(
				await from({ requester_id: requesterId, requester: { name: 'Bob', email: 'bob@example.com' } }),
			).toMatchObject({
				status: 422,
				body: { error: 'RecordInvalid', details: { requester: [{ description: 'Requester: is invalid' }] } },
			});
			expect((await desk()).tickets).toHaveLength(1);
		},
	);

	it.each(['', '.json'])('responds with 201 with Location at /api/v2/tickets%s', async (suffix) => {
		const { status, headers, body } = await create(good, {}, suffix);
		expect(status).toBe(201);
		expect(headers.get('location')).toBe(`${servers.ticketDesk.url}/api/v2/tickets/1.json`);
		expect(body.ticket).toMatchObject({
			id: 1,
			subject: 'It is slow',
			description: 'Very',
			priority: 'high',
			status: 'open',
			requester_id: expect.any(Number),
		});
	});

	it.each([
		['no comment', { subject: 'x' }, { base: [{ description: 'Description: cannot be blank', error: 'BlankValue' }] }],
		['a blank comment', { comment: { body: ' ' } }, { base: [{ error: 'BlankValue' }] }],
		['an unknown priority', { comment: { body: 'x' }, priority: 'huge' }, { priority: [{ error: 'InvalidValue' }] }],
		['an unknown status', { comment: { body: 'x' }, status: 'late' }, { status: [{ error: 'InvalidValue' }] }],
		['an unknown type', { comment: { body: 'x' }, type: 'bug' }, { type: [{ error: 'InvalidValue' }] }],
		[
			'a requester without a name',
			{ comment: { body: 'x' }, requester: { email: 'a@b.example' } },
			{ requester: [{ error: 'ValueTooShort' }] },
		],
		[
			'a malformed address',
			{ comment: { body: 'x' }, requester: { name: 'A', email: 'nowhere' } },
			{ requester: [{ error: 'InvalidFormat' }] },
		],
	])('responds with 422 with details for %s', async (_what, ticket, details) => {
		const { status, body } = await create({ ticket });
		expect(status).toBe(422);
		expect(body).toMatchObject({ error: 'RecordInvalid', description: 'Record validation errors', details });
		expect((await desk()).tickets).toHaveLength(0);
	});

	it('refuses what is no JSON and what has no ticket', async () => {
		expect((await create('{')).status).toBe(422);
		expect((await create({})).status).toBe(400);
	});
});

describe('who may come in', () => {
	it('asks for credentials', async () => {
		expect(await create(good, { authorization: '' })).toMatchObject({
			status: 401,
			body: { error: "Couldn't authenticate you" },
		});
		expect(await create(good, { authorization: basic('agent@example.com', 'wrong') })).toMatchObject({ status: 401 });
		expect(await create(good, { authorization: 'Bearer made-up' })).toMatchObject({
			status: 401,
			body: { error: 'invalid_token' },
		});
		expect((await desk()).tickets).toHaveLength(0);
	});

	it('takes an agent with Basic', async () => {
		const { user, password } = servers.secrets.agent;
		expect((await create(good, { authorization: basic(user, password) })).status).toBe(201);
	});

	it('refuses a token without the scope', async () => {
		expect((await create(good, { authorization: `Bearer ${await fetchToken('tickets:read')}` })).status).toBe(403);
	});

	it('asks the authorization server about every token again', async () => {
		const another = await fetchToken();
		expect((await create(good, { authorization: `Bearer ${another}` })).status).toBe(201);
		await fetch(`${servers.authorizationServer.url}/control/forget-tokens`, { method: 'POST' });
		expect((await create(good, { authorization: `Bearer ${another}` })).status).toBe(401);
		token = await fetchToken();
	});

	it('hands out its own tokens for a JSON request only', async () => {
		const { clientId, clientSecret } = servers.secrets.zendeskClient;
		const fields = {
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: clientSecret,
			scope: 'tickets:write',
		};
		const ask = async (init: RequestInit) =>
			await fetch(`${servers.ticketDesk.url}/oauth/tokens`, { method: 'POST', ...init });
		expect((await ask({ body: form(fields) })).status).toBe(400);
		const json = { headers: { 'content-type': 'application/json' } };
		expect((await ask({ ...json, body: JSON.stringify({ ...fields, client_secret: 'wrong' }) })).status).toBe(401);
		const response = await ask({ ...json, body: JSON.stringify(fields) });
		const answer = (await response.json()) as { access_token: string };
		expect(answer).toMatchObject({ token_type: 'bearer', scope: 'tickets:write', expires_in: 1800 });
		expect((await create(good, { authorization: `Bearer ${answer.access_token}` })).status).toBe(201);
		await order({ forgetTokens: true });
		expect((await create(good, { authorization: `Bearer ${answer.access_token}` })).status).toBe(401);
	});
});

describe('Idempotency-Key', () => {
	it('gives the first response again for the same request', async () => {
		const first = await create(good, { 'idempotency-key': 'k' });
		const second = await create(good, { 'idempotency-key': 'k' });
		expect(first.headers.get('x-idempotency-lookup')).toBe('miss');
		expect(second.headers.get('x-idempotency-lookup')).toBe('hit');
		expect(second).toMatchObject({ status: 201, body: first.body });
		expect((await desk()).tickets).toHaveLength(1);
	});

	it('refuses another request under the same key, and too long a key', async () => {
		await create(good, { 'idempotency-key': 'k' });
		expect(await create({ ticket: { ...good.ticket, subject: 'Other' } }, { 'idempotency-key': 'k' })).toMatchObject({
			status: 400,
			body: {
				error: 'IdempotentRequestError',
				description: "Request parameters don't match the given idempotency key",
			},
		});
		expect((await create(good, { 'idempotency-key': 'k'.repeat(255) })).status).toBe(201);
		expect((await create(good, { 'idempotency-key': 'k'.repeat(256) })).status).toBe(400);
	});

	it('does not keep a refusal', async () => {
		expect((await create({ ticket: {} }, { 'idempotency-key': 'k' })).status).toBe(422);
		expect((await create(good, { 'idempotency-key': 'k' })).status).toBe(201);
	});
});

describe('limits and faults', () => {
	it('responds with 429 with Retry-After past the limit', async () => {
		await order({ rateLimit: { requests: 2, seconds: 60 } });
		expect((await create(good)).headers.get('x-rate-limit-remaining')).toBe('1');
		expect((await create(good)).status).toBe(201);
		const third = await create(good);
		expect(third).toMatchObject({ status: 429, body: { error: 'TooManyRequests' } });
		expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(50);
		expect((await desk()).tickets).toHaveLength(2);
	});

	it('fails as told, as often as told', async () => {
		await order({ faults: [{ status: 503, times: 2, headers: { 'retry-after': '1' } }] });
		expect((await create(good)).headers.get('retry-after')).toBe('1');
		expect((await create(good)).status).toBe(503);
		expect((await create(good)).body.ticket.id).toBe(1);
	});

	it('makes the ticket and loses the response', async () => {
		await order({
			faults: [
				{ commit: true, drop: true },
				{ commit: true, silent: true },
			],
		});
		await expect(create(good, { 'idempotency-key': 'a' })).rejects.toThrow();
		await expect(
			fetch(servers.ticketDesk.ticketsUrl, {
				method: 'POST',
				signal: AbortSignal.timeout(300),
				headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'b' },
				body: JSON.stringify(good),
			}),
		).rejects.toThrow();
		const { tickets, requests } = await desk();
		expect(tickets).toHaveLength(2);
		expect(requests.map(({ committed, status }) => [committed, status])).toEqual([
			[true, 0],
			[true, 0],
		]);
		expect((await create(good, { 'idempotency-key': 'b' })).headers.get('x-idempotency-lookup')).toBe('hit');
	});
});

it('shows tickets on its page without letting them write it', async () => {
	await create({ ticket: { ...good.ticket, subject: '<script>alert(1)</script>' } });
	const html = await (await fetch(servers.ticketDesk.url)).text();
	expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
	expect(html).not.toContain('<script>alert');
});

describe('the request catcher', () => {
	it('shows what arrived, with secrets masked on the page', async () => {
		const catcher = await startServer('request-catcher');
		try {
			const response = await fetch(`${catcher.url}/status/202?x=1`, {
				method: 'PUT',
				headers: { authorization: 'Bearer 0123456789-secret-wxyz', 'X-Api-Key': 'tiny' },
				body: '{"a":"<b>"}',
			});
			expect(response.status).toBe(202);
			const { requests } = (await (await fetch(catcher.requestsUrl)).json()) as { requests: object[] };
			expect(requests).toEqual([
				expect.objectContaining({
					method: 'PUT',
					path: '/status/202?x=1',
					body: '{"a":"<b>"}',
					encoding: 'utf8',
					answered: 202,
				}),
			]);
			const html = await (await fetch(catcher.url, { headers: { accept: 'text/html' } })).text();
			expect(html).toContain('Bearer ••••wxyz');
			expect(html).toContain('&quot;&lt;b&gt;&quot;');
			expect(html).not.toMatch(/0123456789|tiny|<b>/);
		} finally {
			await catcher.stop();
		}
	});
});
