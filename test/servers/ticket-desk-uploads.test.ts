import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { startServer, type TicketDesk } from '../../demo/servers/process';
import type { DeskState } from '../../demo/servers/ticket-desk';
import type { Attachment } from '../../demo/servers/uploads';

/** The desk takes files as Zendesk documents it, or the workflow that is tested against it proves nothing. */

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ticket-desk-uploads-'));
const agent = { user: 'agent@example.com', password: 'secret of the agent' };
const authorization = `Basic ${Buffer.from(`${agent.user}:${agent.password}`).toString('base64')}`;
let desk: TicketDesk;

beforeAll(async () => {
	desk = await startServer('ticket-desk', { agents: [agent] }, { logFile: path.join(folder, 'desk.log') });
});
afterAll(async () => {
	await desk.stop();
	fs.rmSync(folder, { recursive: true });
});
beforeEach(async () => void (await fetch(desk.controlUrl, { method: 'DELETE' })));

interface Uploaded {
	status: number;
	upload?: { token: string; attachment: Attachment; attachments: Attachment[] };
	error?: string;
}

async function upload(
	bytes: Buffer,
	query = 'filename=a%20b.png',
	headers: Record<string, string> = { authorization },
) {
	const response = await fetch(`${desk.url}/api/v2/uploads.json?${query}`, {
		method: 'POST',
		headers: { 'content-type': 'image/png', ...headers },
		body: new Uint8Array(bytes),
	});
	return { status: response.status, ...((await response.json()) as object) } as Uploaded;
}

async function ticketWith(uploads: unknown) {
	const response = await fetch(desk.ticketsUrl, {
		method: 'POST',
		headers: { authorization, 'content-type': 'application/json' },
		body: JSON.stringify({ ticket: { comment: { body: 'See screenshot.', uploads } } }),
	});
	return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
}

const state = async () => (await (await fetch(desk.controlUrl)).json()) as DeskState;

it('takes a file, gives a token for it, and shows it in the ticket that names the token', async () => {
	const bytes = randomBytes(3_000_000);
	const { status, upload: made } = await upload(bytes);
	expect(status).toBe(201);
	expect(made?.attachment).toMatchObject({ file_name: 'a b.png', content_type: 'image/png', size: bytes.length });
	expect(await ticketWith([made?.token])).toMatchObject({ status: 201 });
	const { tickets, requests } = await state();
	expect(tickets[0]?.attachments).toEqual([made?.attachment]);
	expect(requests[0]).toMatchObject({ path: '/api/v2/uploads.json', status: 201, body: '3000000 bytes' });
	const file = await fetch(made!.attachment.content_url);
	expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
	expect(await (await fetch(desk.url)).text()).toContain('>a b.png</a>');
});

it('takes more files under one token', async () => {
	const first = await upload(Buffer.from('one'));
	const second = await upload(Buffer.from('two'), `filename=b.txt&token=${first.upload?.token}`);
	expect(second.upload).toMatchObject({
		token: first.upload?.token,
		attachments: [{ size: 3 }, { file_name: 'b.txt' }],
	});
	await ticketWith([first.upload?.token]);
	expect((await state()).tickets[0]?.attachments).toHaveLength(2);
});

it('refuses a token that it does not know, that was used, or that is an hour old', async () => {
	expect(await ticketWith(['nonsense'])).toMatchObject({ status: 422, error: 'RecordInvalid' });
	const { upload: used } = await upload(Buffer.from('x'));
	expect(await ticketWith([used?.token])).toMatchObject({ status: 201 });
	expect(await ticketWith([used?.token])).toMatchObject({ status: 422 });
	const { upload: old } = await upload(Buffer.from('x'));
	const age = async (uploadsAge: number) =>
		await fetch(desk.controlUrl, { method: 'POST', body: JSON.stringify({ uploadsAge }) });
	await age(59);
	expect((await upload(Buffer.from('y'), `filename=b&token=${old?.token}`)).status).toBe(201);
	await age(61);
	expect(await ticketWith([old?.token])).toMatchObject({ status: 422 });
	expect((await state()).tickets).toHaveLength(1);
});

it.each<[string, () => Promise<Uploaded>, number]>([
	['without credentials', async () => await upload(Buffer.from('x'), 'filename=a', {}), 401],
	['without a name', async () => await upload(Buffer.from('x'), ''), 400],
	['without a byte', async () => await upload(Buffer.alloc(0)), 422],
	['of more than 50 MB', async () => await upload(Buffer.alloc(50 * 1024 * 1024 + 1)), 413],
])('refuses a file %s', async (_what, send, status) => {
	expect((await send()).status).toBe(status);
});
