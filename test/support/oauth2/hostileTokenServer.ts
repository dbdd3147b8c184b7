import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import { issueCertificate } from '../receiver/certificates';

/** One request as it came. */
export interface HostileRequest {
	url: string;
	headers: IncomingMessage['headers'];
	body: string;
}

/** What the server does with a request. */
export type Behaviour = (response: ServerResponse, request: HostileRequest, socket: Socket) => void;

/** A token endpoint that does what it is told, on 127.0.0.1. */
export class HostileTokenServer {
	readonly requests: HostileRequest[] = [];

	/** Bytes that went out since the last `behave`, over all connections. */
	get bytesSent(): number {
		return [...this.#sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
	}

	#behaviour: Behaviour = (response) => response.end();

	readonly #sockets = new Set<Socket>();

	private constructor(
		private readonly server: Server,
		private readonly scheme: string,
	) {
		server.on('connection', (socket: Socket) => {
			this.#sockets.add(socket);
			socket.on('error', () => {});
		});
		server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response));
	}

	static async start({ tls = false } = {}): Promise<HostileTokenServer> {
		const server = tls ? createTlsServer(issueCertificate()) : createServer();
		server.on('tlsClientError', () => {});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return new HostileTokenServer(server, tls ? 'https' : 'http');
	}

	get url(): string {
		return `${this.scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}/token`;
	}

	/** From now on every request gets this response. */
	behave(behaviour: Behaviour): void {
		this.#behaviour = behaviour;
		this.requests.length = 0;
		for (const socket of this.#sockets) if (socket.destroyed) this.#sockets.delete(socket);
	}

	/** Responds with a status, headers and a body: text as it is, anything else as JSON. */
	answer(status: number, body: unknown, headers: Record<string, string | string[]> = {}): void {
		this.behave((response) => {
			response.writeHead(status, { 'content-type': 'application/json', ...headers });
			response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
		});
	}

	/** Responds with exactly these bytes, then closes the connection. */
	answerRaw(bytes: string | Buffer): void {
		this.behave((_response, _request, socket) => socket.end(bytes));
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		response.on('error', () => {});
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const received = { url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
		this.requests.push(received);
		this.#behaviour(response, received, request.socket);
	}
}

/** Writes the same chunk until the client hangs up or so many bytes are out. */
export function flood(response: ServerResponse, chunk: Buffer, bytes: number): void {
	let left = bytes;
	const more = () => {
		while (left > 0 && !response.destroyed) {
			left -= chunk.length;
			if (!response.write(chunk)) {
				response.once('drain', more);
				return;
			}
		}
		response.end();
	};
	more();
}
