/**
 * The destination of the measurements, a separate process: HTTP and TLS on loopback, every request responded with 200 with a
 * small JSON object; below `/slow` after 200 ms. It reads of HTTP what these clients send and no more (a start line,
 * headers, a body of `Content-Length`), so that it is quicker than any of them and never what is measured.
 * Its starter asks it to `start`, to `reset` its counts, and for the `state` of them.
 */
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';

import { answerQuestions } from '../../tools/lib/channel';
import type { Identity } from '../support/receiver/certificates';
import type { Received } from './receiver';

const SLOW_MS = 200;
const ANSWER_BODY = '{"ok":true,"received":"as sent"}';
const HEAD = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${ANSWER_BODY.length}\r\n`;
/** As servers do that keep connections: without the second line clients must guess, and undici guesses 4 s. */
const KEPT = Buffer.from(`${HEAD}Connection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\n${ANSWER_BODY}`);
const CLOSING = Buffer.from(`${HEAD}Connection: close\r\n\r\n${ANSWER_BODY}`);
const HEAD_END = Buffer.from('\r\n\r\n');

const state: Received = { requests: 0, bodyBytes: 0, connections: 0, open: 0, mostOpen: 0 };

function reset() {
	Object.assign(state, { requests: 0, bodyBytes: 0, connections: 0, mostOpen: state.open });
}

/** The first request in a buffer; nothing while a part is missing. */
function firstRequest(bytes: Buffer): { size: number; bodySize: number; isSlow: boolean; closes: boolean } | undefined {
	const end = bytes.indexOf(HEAD_END);
	if (end === -1) return undefined;
	const head = bytes.toString('latin1', 0, end);
	const bodySize = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
	const size = end + HEAD_END.length + bodySize;
	if (bytes.length < size) return undefined;
	return { size, bodySize, isSlow: head.includes(' /slow'), closes: /\r\nconnection: *close/i.test(head) };
}

function serve(socket: Socket): void {
	state.connections++;
	state.open++;
	state.mostOpen = Math.max(state.mostOpen, state.open);
	let waiting: Buffer = Buffer.alloc(0);
	socket.setNoDelay(true);
	socket.on('error', () => socket.destroy());
	socket.on('close', () => state.open--);
	socket.on('data', (chunk: Buffer) => {
		waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
		for (let request = firstRequest(waiting); request !== undefined; request = firstRequest(waiting)) {
			waiting = waiting.subarray(request.size);
			state.requests++;
			state.bodyBytes += request.bodySize;
			const answer = request.closes ? () => socket.end(CLOSING) : () => socket.write(KEPT);
			if (request.isSlow) setTimeout(answer, SLOW_MS);
			else answer();
		}
	});
}

const listen = async (server: Server): Promise<number> =>
	await new Promise((resolve) => {
		server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => resolve((server.address() as AddressInfo).port));
	});

answerQuestions({
	async start({ cert, key }: Identity) {
		const httpPort = await listen(net.createServer(serve));
		const httpsPort = await listen(tls.createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, serve));
		return { http: `http://127.0.0.1:${httpPort}`, https: `https://127.0.0.1:${httpsPort}` };
	},
	reset,
	state: () => state,
});
