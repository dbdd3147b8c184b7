'use strict';
/**
 * A request catcher: point Webhook Dispatch at any path of it and see what arrived on its page (`/` in a browser).
 * `/status/503` answers 503, `?delay=2000` waits. `/_requests` is the same as JSON, `DELETE` empties it.
 */
const { setTimeout: pause } = require('node:timers/promises');
const { catcherPage } = require('./catcher-page');
const { listen, readBody, sendJson } = require('./http');
const { sendPage } = require('./page');
const { runWhenMain } = require('./process');

const KEPT = 200;
const LONGEST_DELAY = 120_000;

/** @returns {{ body: string, encoding: 'utf8' | 'base64' }} text as text, anything else in base64 */
function readable(buffer) {
	const text = buffer.toString('utf8');
	return Buffer.from(text, 'utf8').equals(buffer)
		? { body: text, encoding: 'utf8' }
		: { body: buffer.toString('base64'), encoding: 'base64' };
}

/** Header names as they were sent, in order; repeated ones stay apart. */
function headerList(raw) {
	const list = [];
	for (let index = 0; index < raw.length; index += 2) list.push([raw[index], raw[index + 1]]);
	return list;
}

function statusOf(url) {
	const asked = Number(/^\/status\/(\d{3})$/.exec(url.pathname)?.[1] ?? url.searchParams.get('status') ?? 200);
	return asked >= 200 && asked <= 599 ? asked : 200;
}

/**
 * @param {{ port?: number }} [options]
 * @returns {Promise<{ url: string, requestsUrl: string, stop(): Promise<void> }>}
 */
async function start({ port } = {}) {
	const caught = [];
	let count = 0;
	const server = await listen(async (request, response) => {
		const url = new URL(request.url, 'http://catcher');
		if (url.pathname === '/_requests') {
			if (request.method === 'DELETE') caught.length = 0;
			sendJson(response, 200, { requests: caught });
			return;
		}
		if (request.method === 'GET' && url.pathname === '/' && /text\/html/.test(request.headers.accept ?? '')) {
			sendPage(response, catcherPage(caught));
			return;
		}
		const status = statusOf(url);
		const entry = {
			id: ++count,
			at: new Date().toISOString(),
			method: request.method,
			path: request.url,
			headers: headerList(request.rawHeaders),
			...readable(await readBody(request)),
			answered: status,
		};
		caught.push(entry);
		if (caught.length > KEPT) caught.shift();
		const delay = Number(url.searchParams.get('delay'));
		if (delay > 0) await pause(Math.min(delay, LONGEST_DELAY));
		if (status === 204 || status === 304) response.writeHead(status).end();
		else sendJson(response, status, { caught: entry.id, method: entry.method, path: entry.path });
	}, port);
	return { url: server.url, requestsUrl: `${server.url}/_requests`, stop: server.stop };
}

runWhenMain(module, start);

module.exports = { start };
