import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { portOf } from '../../tools/lib/ports';

/** More than any webhook of the demonstration; a bigger one gets a 413 instead of filling the memory. */
const BODY_LIMIT = 2 * 2 ** 20;

class BodyTooLarge extends Error {}

/** A server that listens on loopback. */
export interface Listening {
	/** Without a slash at its end. */
	url: string;
	stop(): Promise<void>;
}

/** The response to a request. */
export interface Answer {
	status: number;
	body: object;
	headers?: Record<string, string>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/**
 * @param limit bytes
 * @throws {BodyTooLarge}
 */
export async function readBody(request: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > limit) throw new BodyTooLarge();
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

export function sendJson(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): void {
	const text = body === undefined ? '' : JSON.stringify(body);
	response.writeHead(status, { ...(text ? { 'content-type': 'application/json; charset=utf-8' } : {}), ...headers });
	response.end(text);
}

/** The response to a request whose handler has thrown. */
function sendFault(request: IncomingMessage, response: ServerResponse, fault: unknown): void {
	const isGone = request.destroyed && fault instanceof Error && 'code' in fault && fault.code === 'ECONNRESET';
	if (response.headersSent || response.destroyed || isGone) response.destroy();
	else if (fault instanceof BodyTooLarge)
		sendJson(response, 413, { error: 'Payload Too Large' }, { connection: 'close' });
	else {
		console.error(fault);
		sendJson(response, 500, { error: 'Internal Server Error' });
	}
}

/**
 * A server on loopback.
 * @param port a free one when not given
 * @throws when the port is taken
 */
export async function listen(handler: Handler, port = 0): Promise<Listening> {
	const server = http.createServer((request, response) => {
		void (async () => await handler(request, response))().catch((fault) => sendFault(request, response, fault));
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen({ port, host: '127.0.0.1' }, resolve);
	});
	return {
		url: `http://127.0.0.1:${portOf(server)}`,
		stop: async () =>
			await new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
