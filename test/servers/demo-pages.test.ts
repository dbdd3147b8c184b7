import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { SignJWT } from 'jose';

import { startServers, type DemoServers } from '../../demo/automation/servers';

/** The pages of the demonstration: what somebody does there with a mouse. */

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'demo-pages-'));
let servers: DemoServers;
beforeAll(async () => (servers = await startServers({ folder })), 60_000);
afterAll(async () => {
	await servers?.stop();
	fs.rmSync(folder, { recursive: true, force: true });
});

const headers = { accept: 'text/html' };
const show = async (url: string) => await (await fetch(url, { headers })).text();
const press = async (url: string, fields: Record<string, string> = {}) => {
	const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
	expect(response.status).toBe(200);
	return await response.text();
};

describe('the authorization server takes a public key', () => {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'mine', alg: 'RS256', use: 'sig' };

	async function fetchToken() {
		const { tokenUrl } = servers.authorizationServer;
		const now = Math.floor(Date.now() / 1000);
		const assertion = await new SignJWT({ jti: String(Math.random()) })
			.setProtectedHeader({ alg: 'RS256', kid: 'mine' })
			.setIssuer('your-client')
			.setSubject('your-client')
			.setAudience(tokenUrl)
			.setIssuedAt(now)
			.setExpirationTime(now + 60)
			.sign(privateKey);
		const response = await fetch(tokenUrl, {
			method: 'POST',
			body: new URLSearchParams({
				grant_type: 'client_credentials',
				scope: 'tickets:write',
				client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
				client_assertion: assertion,
			}),
		});
		return { status: response.status, body: (await response.json()) as { access_token?: string } };
	}

	it.each([
		['text', 'hello', 'This is not JSON'],
		['something else', '{"a":1}', 'This is not a public key'],
		['a private key', JSON.stringify({ ...privateKey.export({ format: 'jwk' }) }), 'This is a private key'],
	])('refuses %s', async (_what, key, news) => {
		expect(await press(`${servers.authorizationServer.url}/client-key`, { key })).toContain(news);
		expect((await fetchToken()).status).toBe(401);
	});

	it.each([
		['jwk', jwk],
		['jwks', { keys: [jwk] }],
		['the whole item', [{ keyId: 'mine', jwk, jwks: { keys: [jwk] } }]],
	])('takes %s, and the client gets tokens', async (_what, key) => {
		const page = await press(`${servers.authorizationServer.url}/client-key`, { key: JSON.stringify(key) });
		expect(page).toContain('The key is registered.');
		expect(page).toContain(servers.authorizationServer.tokenUrl);
		expect(await fetchToken()).toMatchObject({ status: 200, body: { access_token: expect.any(String) as string } });
	});

	it('keeps it when all tokens are forgotten', async () => {
		await fetch(`${servers.authorizationServer.url}/control/forget-tokens`, { method: 'POST' });
		expect((await fetchToken()).status).toBe(200);
	});
});

it('the request catcher shows its address, folds long requests, and is cleared', async () => {
	const { url } = servers.requestCatcher;
	await fetch(`${url}/short`, { method: 'POST', body: '{"a":"<b>"}' });
	expect(await show(url)).not.toContain('<details>');
	await fetch(`${url}/long`, { method: 'POST', body: 'x'.repeat(5_000) });
	const page = await show(url);
	expect(page).toContain(`<code>${url}/</code>`);
	expect(page).toContain('5,000 characters');
	expect(page).toContain('&lt;b&gt;');
	expect(page).not.toContain('"<b>"');
	expect(await press(`${url}/_requests/clear`)).toContain('No requests yet.');
});

it('the ticket desk shows where tickets are created, and is cleared', async () => {
	const { url, ticketsUrl, controlUrl } = servers.ticketDesk;
	const { user, password } = servers.secrets.agent;
	const created = await fetch(ticketsUrl, {
		method: 'POST',
		headers: {
			authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
			'content-type': 'application/json',
		},
		body: JSON.stringify({ ticket: { subject: 'It is slow', comment: { body: 'Very' } } }),
	});
	expect(created.status).toBe(201);
	const page = await show(url);
	expect(page).toContain(ticketsUrl);
	expect(page).toContain('It is slow');
	expect(await press(`${url}/clear`)).toContain('No ticket yet.');
	expect(await (await fetch(controlUrl)).json()).toMatchObject({ tickets: [], requests: [] });
});
