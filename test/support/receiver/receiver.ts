import {
	createServer as createHttpServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { answer, type Behaviour } from './behaviours';
import { acknowledges, StatusLineReader } from './statusLine';

/** A request as it arrived. */
export interface ReceivedRequest {
	/** 0 for the first to arrive. */
	index: number;
	/** What it is about: the path, unless `keyOf` says otherwise. */
	key: string;
	method: string;
	/** Path and query as sent. */
	url: string;
	headers: IncomingHttpHeaders;
	rawHeaders: string[];
	/** The exact bytes. */
	body: Buffer;
	/** Milliseconds on the process' monotonic clock, when the headers were there. */
	at: number;
	/** Which connection it came on; 0 for the first. */
	connection: number;
	/** The name of what the receiver did with it. */
	behaviour: string;
	/**
	 * `acknowledged`: a 2xx status line was written, whatever followed it, unless the behaviour refuses by it. `answered`:
	 * another response was sent in full.
	 * `cut`: the connection ended before either.
	 */
	outcome: 'open' | 'acknowledged' | 'answered' | 'cut';
	/** Whether the receiver did what it was asked to: acknowledged, or committed without a response. */
	committed: boolean;
}

/** What a key is read from; `body` is absent while only the headers are there. */
export type KeySource = Pick<ReceivedRequest, 'method' | 'url' | 'headers'> & { body?: Buffer };

export interface ReceiverOptions {
	/** 127.0.0.1 unless given; all of 127.0.0.0/8 is there on Linux. */
	host?: string;
	/** A free one unless given. */
	port?: number;
	/** Serves TLS with these (a certificate of `issueCertificate`; `requestCert`, `ca` for client certificates). */
	tls?: ServerOptions;
	/** What a request is about. Gives undefined when the body is needed and not there yet. */
	keyOf?: (source: KeySource) => string | undefined;
	/** What it does with requests that no script speaks of; a 200 unless given. */
	otherwise?: Behaviour;
}

/** The path without query: `/17`. */
export const pathKey = ({ url }: KeySource): string => url.split('?', 1)[0] ?? url;

/** A field of a JSON body, as text: `bodyKey('item')`. */
export const bodyKey =
	(field: string) =>
	({ body }: KeySource): string | undefined =>
		body && String((JSON.parse(body.toString('utf8')) as Record<string, unknown>)[field]);

/** A receiver of requests, which does as it is told and keeps account of all it saw. */
export class Receiver {
	readonly requests: ReceivedRequest[] = [];

	/** How many connections were opened. */
	connections = 0;

	/** The address it listens on, without a path. */
	readonly origin: string;

	private scripts = new Map<string, Behaviour[]>();

	private chooser: ((key: string, nth: number) => Behaviour | undefined) | undefined;

	private readonly waiting: Array<{ count: number; resolve: () => void }> = [];

	private constructor(
		private readonly options: ReceiverOptions,
		private readonly server: ReturnType<typeof createHttpServer>,
	) {
		const { address, port } = server.address() as AddressInfo;
		this.origin = `${options.tls ? 'https' : 'http'}://${address}:${port}`;
	}

	/** Starts one on a free port. */
	static async start(options: ReceiverOptions = {}): Promise<Receiver> {
		const server = options.tls ? createHttpsServer(options.tls) : createHttpServer();
		// What hangs here is meant to hang until the sender gives up.
		Object.assign(server, { requestTimeout: 0, headersTimeout: 0 });
		await new Promise<void>((resolve) => server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve));
		const receiver = new Receiver(options, server);
		const numbers = new WeakMap<Socket, number>();
		server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
			numbers.set(socket, receiver.connections);
			receiver.connections += 1;
		});
		server.on('tlsClientError', () => {});
		server.on('request', (message: IncomingMessage, response: ServerResponse) => {
			receiver.take(message, response, numbers.get(message.socket) ?? -1);
		});
		return receiver;
	}

	/** The address of a path: `url('/a')`. */
	url(path = '/'): string {
		return `${this.origin}${path}`;
	}

	/** What to do with the first, second … request of a key; afterwards it does as `otherwise` says. */
	script(key: string, ...behaviours: Behaviour[]): this {
		this.scripts.set(key, behaviours);
		return this;
	}

	/** What to do with the nth request (0 is the first) of a key that has no script; undefined for `otherwise`. */
	choose(chooser: (key: string, nth: number) => Behaviour | undefined): this {
		this.chooser = chooser;
		return this;
	}

	/** All requests of one key, in the order in which they came. */
	of(key: string): ReceivedRequest[] {
		return this.requests.filter((request) => request.key === key);
	}

	/** How often each key was acknowledged. */
	acknowledged(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const { key, outcome } of this.requests) {
			if (outcome === 'acknowledged') counts.set(key, (counts.get(key) ?? 0) + 1);
		}
		return counts;
	}

	/** How many acknowledgements came on top of a key's first: deliveries that were made twice. */
	repeated(): number {
		return [...this.acknowledged().values()].reduce((sum, count) => sum + count - 1, 0);
	}

	/** Resolves when `count` requests have been read. */
	async arrived(count: number): Promise<void> {
		if (this.read >= count) return;
		await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
	}

	/** Forgets requests and scripts, for the next case. */
	clear(): void {
		this.requests.length = 0;
		this.read = 0;
		this.scripts = new Map();
		this.chooser = undefined;
	}

	/** Ends it and all connections. */
	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
		this.server.closeAllConnections();
		await closed;
	}

	private read = 0;

	private behaviourFor(key: string): Behaviour {
		const nth = this.requests.filter((request) => request.key === key).length;
		return this.scripts.get(key)?.[nth] ?? this.chooser?.(key, nth) ?? this.options.otherwise ?? answer();
	}

	private take(message: IncomingMessage, response: ServerResponse, connection: number): void {
		const { method = '', url = '', headers, rawHeaders } = message;
		const source: KeySource = { method, url, headers };
		const keyOf = this.options.keyOf ?? pathKey;
		const base = { method, url, headers, rawHeaders, connection, at: performance.now() };
		const record = (key: string, body: Buffer, behaviour: Behaviour) => {
			const request: ReceivedRequest = {
				...base,
				index: this.requests.length,
				key,
				body,
				behaviour: behaviour.name,
				outcome: 'open',
				committed: false,
			};
			this.requests.push(request);
			this.watch(request, response, behaviour);
			behaviour.act(response, request);
			this.read += 1;
			for (const waiter of this.waiting) if (this.read >= waiter.count) waiter.resolve();
		};
		message.on('error', () => {});
		response.on('error', () => {});

		const early = keyOf(source);
		const atOnce = early === undefined ? undefined : this.behaviourFor(early);
		if (early !== undefined && atOnce?.beforeBody) {
			record(early, Buffer.alloc(0), atOnce);
			return;
		}
		const chunks: Buffer[] = [];
		message.on('data', (chunk: Buffer) => chunks.push(chunk));
		message.on('end', () => {
			const body = Buffer.concat(chunks);
			const key = keyOf({ ...source, body }) ?? '';
			record(key, body, this.behaviourFor(key));
		});
	}

	/** An acknowledgment counts from its status line on: a sender that read it must not send again. */
	private watch(request: ReceivedRequest, response: ServerResponse, { refuses }: Behaviour): void {
		const stop = onWritten(response.socket, (bytes, reader) => {
			reader.push(bytes);
			if (request.outcome !== 'open' || refuses || !acknowledges(reader.status)) return;
			request.outcome = 'acknowledged';
			request.committed = true;
		});
		response.on('finish', () => {
			stop();
			if (request.outcome === 'open') request.outcome = 'answered';
		});
		response.on('close', () => {
			stop();
			if (request.outcome === 'open') request.outcome = 'cut';
		});
	}
}

/** Tells of all bytes that are written to a socket that is still open, by the server or by a behaviour itself. */
function onWritten(socket: Socket | null, tell: (bytes: Uint8Array, reader: StatusLineReader) => void): () => void {
	if (socket === null) return () => {};
	const reader = new StatusLineReader();
	const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
	socket.write = ((chunk: string | Uint8Array, encoding?: unknown, ...more: unknown[]) => {
		const open = socket.writable;
		const written = write(chunk, encoding, ...more);
		if (open)
			tell(
				typeof chunk === 'string'
					? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
					: chunk,
				reader,
			);
		return written;
	}) as Socket['write'];
	return () => {
		socket.write = write as Socket['write'];
	};
}
