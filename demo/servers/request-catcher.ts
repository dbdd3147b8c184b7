/**
 * A request catcher: point Webhook Dispatch at any path of it and see what arrived on its page (`/` in a browser).
 * `/status/503` responds with 503, `?delay=2000` waits. `/_requests` is the same as JSON; `DELETE`, or the page's button, empties it.
 */
import { catcherPage, type CaughtRequest } from './catcher-page';
import { listen, readBody, sendJson } from './http';
import { sendBack, sendPage } from './page';
import { pause } from '../../tools/lib/wait';
import { runWhenMain } from './process';

const KEPT = 200;
const LONGEST_DELAY = 120_000;

function readable(buffer: Buffer): Pick<CaughtRequest, 'body' | 'encoding'> {
	const text = buffer.toString('utf8');
	return Buffer.from(text, 'utf8').equals(buffer)
		? { body: text, encoding: 'utf8' }
		: { body: buffer.toString('base64'), encoding: 'base64' };
}

/** @param raw names and values in turns, as Node gives them */
function headerList(raw: string[]): CaughtRequest['headers'] {
	const list: CaughtRequest['headers'] = [];
	for (let index = 0; index < raw.length; index += 2) list.push([raw[index] ?? '', raw[index + 1] ?? '']);
	return list;
}

/** The status that the caller wants. */
function statusOf(url: URL): number {
	const asked = Number(/^\/status\/(\d{3})$/.exec(url.pathname)?.[1] ?? url.searchParams.get('status') ?? 200);
	return asked >= 200 && asked <= 599 ? asked : 200;
}

export async function start({ port }: { port?: number } = {}) {
	const caught: CaughtRequest[] = [];
	let count = 0;
	const server = await listen(async (request, response) => {
		const { method = '', url: path = '' } = request;
		const url = new URL(path, 'http://catcher');
		if (url.pathname === '/_requests') {
			if (method === 'DELETE') caught.length = 0;
			sendJson(response, 200, { requests: caught });
			return;
		}
		if (method === 'POST' && url.pathname === '/_requests/clear') {
			caught.length = 0;
			sendBack(response);
			return;
		}
		if (method === 'GET' && url.pathname === '/' && /text\/html/.test(request.headers.accept ?? '')) {
			sendPage(response, catcherPage(caught, server.url));
			return;
		}
		const status = statusOf(url);
		const entry: CaughtRequest = {
			id: ++count,
			at: new Date().toISOString(),
			method,
			path,
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
