import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { acknowledges, StatusLineReader } from './statusLine';

/** What a server writes to a request, byte by byte. */
export interface RawAnswer {
	bytes: Buffer;
	/** Where the bytes are parted, in rising order: each part is written in a separate turn of the event loop. */
	cuts: number[];
	/** `keep`: the connection stays, whether or not the response is whole. `fin`: it ends. `rst`: it breaks. */
	then: 'keep' | 'fin' | 'rst';
	/** Whether a sender may read it either way: what it makes of it is then not held against it. */
	ambiguous?: boolean;
}

/** A request, and what was really written to it. */
export interface RawRequest {
	/** The path without query. */
	key: string;
	method: string;
	/** Names in lowercase. */
	headers: Record<string, string>;
	body: string;
	/** Bytes that were given to a connection that was still open. */
	written: Buffer;
	/** Whether a whole 2xx status line is among them. */
	acknowledged: boolean;
	ambiguous: boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** A server that writes what it is told, HTTP or not, and knows exactly what it has written to whom. */
export class RawServer {
	readonly requests: RawRequest[] = [];

	private readonly sockets = new Set<Socket>();

	private constructor(
		private readonly server: Server,
		readonly origin: string,
	) {}

	/** @param answer what the nth request (0 is the first) of a key gets */
	static async start(answer: (key: string, nth: number) => RawAnswer, tls?: TlsOptions): Promise<RawServer> {
		const server = tls ? createTlsServer(tls) : createNetServer();
		await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, resolve));
		const { port } = server.address() as AddressInfo;
		const raw = new RawServer(server, `${tls ? 'https' : 'http'}://127.0.0.1:${port}`);
		server.on('tlsClientError', () => {});
		server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => raw.serve(socket, answer));
		return raw;
	}

	/** All requests of one key, in the order in which they came. */
	of(key: string): RawRequest[] {
		return this.byKey.get(key) ?? [];
	}

	private readonly byKey = new Map<string, RawRequest[]>();

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
		for (const socket of this.sockets) socket.destroy();
		await closed;
	}

	private serve(socket: Socket, answer: (key: string, nth: number) => RawAnswer): void {
		let waiting = Buffer.alloc(0);
		/** Set while a response is written, and for good behind one that ends the connection. */
		let busy = false;
		this.sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.sockets.delete(socket));
		const next = () => {
			for (let read = readRequest(waiting); read !== undefined; read = readRequest(waiting)) {
				waiting = waiting.subarray(read.size);
				const { request } = read;
				const earlier = this.of(request.key);
				this.byKey.set(request.key, [...earlier, request]);
				this.requests.push(request);
				// Sent while the response before was still being written: no response is its own.
				if (busy) continue;
				busy = true;
				const { then, ...given } = answer(request.key, earlier.length);
				write(socket, request, given, () => {
					if (then === 'keep') busy = false;
					else if (then === 'fin') socket.end();
					// Node resets no TLS connection: it ends without the goodbye of TLS.
					else if (socket instanceof TLSSocket) socket.destroy();
					else socket.resetAndDestroy();
				});
			}
		};
		socket.on('data', (chunk: Buffer) => {
			waiting = Buffer.concat([waiting, chunk]);
			next();
		});
	}
}

function write(
	socket: Socket,
	request: RawRequest,
	{ bytes, cuts, ambiguous }: Omit<RawAnswer, 'then'>,
	done: () => void,
): void {
	const reader = new StatusLineReader();
	const ends = [...cuts, bytes.length];
	let from = 0;
	request.ambiguous = ambiguous === true;
	const writePart = () => {
		const to = ends.shift();
		if (to === undefined || !socket.writable) {
			done();
			return;
		}
		const part = bytes.subarray(from, to);
		from = to;
		if (part.length > 0) socket.write(part);
		reader.push(part);
		request.written = bytes.subarray(0, to);
		request.acknowledged = acknowledges(reader.status);
		if (ends.length === 0) done();
		else setImmediate(writePart);
	};
	writePart();
}

/** The first request in a buffer; nothing while a part is missing. Senders here give a length, or have no body. */
function readRequest(bytes: Buffer): { request: RawRequest; size: number } | undefined {
	const end = bytes.indexOf(HEAD_END);
	if (end === -1) return undefined;
	const [start = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
	const headers = Object.fromEntries(
		fields.map((field) => {
			const colon = field.indexOf(':');
			return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
		}),
	) as Record<string, string>;
	const bodyStart = end + HEAD_END.length;
	const size = bodyStart + Number(headers['content-length'] ?? 0);
	if (bytes.length < size) return undefined;
	const [method = '', url = ''] = start.split(' ');
	const request: RawRequest = {
		key: url.split('?', 1)[0] ?? url,
		method,
		headers,
		body: bytes.toString('utf8', bodyStart, size),
		written: Buffer.alloc(0),
		acknowledged: false,
		ambiguous: false,
	};
	return { request, size };
}
