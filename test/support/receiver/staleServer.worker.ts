/**
 * A destination on a separate thread, so that its connections end while the sender's thread is held up, as they do in reality.
 * It responds to every request with 200 and keeps the connection, without a `Keep-Alive` header; then does as `workerData` says:
 * `idle` ends a connection that was quiet for `idleMs`, `second` ends it at its second request without a response,
 * `after` ends it right behind each response. Sends its port, and on every message an account of what it read.
 */
import { createServer, type AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

import type { Stale, StaleAccount } from './staleServer';

const stale = workerData as Stale;

const BODY = '{"ok":true}';
const RESPONSE = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
const HEAD_END = Buffer.from('\r\n\r\n');

const account: StaleAccount = { connections: 0, requests: [] };

const server = createServer((socket) => {
	account.connections += 1;
	let taken = 0;
	let waiting: Buffer = Buffer.alloc(0);
	socket.setNoDelay(true);
	socket.on('error', () => socket.destroy());
	if (stale.kind === 'idle') socket.setTimeout(stale.idleMs, () => socket.end());
	socket.on('data', (chunk: Buffer) => {
		waiting = Buffer.concat([waiting, chunk]);
		for (;;) {
			const end = waiting.indexOf(HEAD_END);
			if (end === -1) return;
			const head = waiting.toString('latin1', 0, end);
			const size = end + HEAD_END.length + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
			if (waiting.length < size) return;
			waiting = waiting.subarray(size);
			taken += 1;
			const acknowledged = (stale.kind !== 'second' || taken === 1) && socket.writable;
			account.requests.push({ key: head.split(' ', 2)[1] ?? '', acknowledged });
			if (acknowledged) socket.write(RESPONSE);
			if (!acknowledged || stale.kind === 'after') socket.end();
		}
	});
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
	parentPort?.postMessage((server.address() as AddressInfo).port),
);
parentPort?.on('message', () => parentPort?.postMessage(account));
