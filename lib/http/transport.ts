import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

import { bodyStream } from './bodyStream';
import type { Connections, ConnectionUse, Starting } from './connections';
import { isContent, UnreadableContent, type BodyBytes, type Content, type ContentFault } from './content';
import { decodeBody } from './contentEncoding';
import { writtenHeaders, type HeaderFields } from './headers';
import { CANCELLED, networkFault, TIMED_OUT, TOO_LARGE, type NetworkFault } from './networkFault';

/** One HTTP request as it goes over the wire. */
export interface HttpRequest extends HeaderFields {
	method: string;
	url: URL;
	/** Exactly the bytes to send. */
	body?: BodyBytes;
	/** The header that carries the delivery's ID: it is also sent to another origin. */
	identityHeader?: string;
}

/** The caps on one exchange. */
export interface HttpLimits {
	/**
	 * Milliseconds of `performance.now`'s clock at which the last byte must have arrived. Moved on by the time that a
	 * request has to wait before it is sent, and with each part of a content that is taken: how long a file takes on its way is
	 * no matter of the destination.
	 */
	deadline: number;
	/** Milliseconds that the destination has for each part of a content, and for its response from the last one on. */
	timeout?: number;
	/** Bytes of the decoded response. */
	maxResponseSize: number;
}

export type HttpHeaders = Record<string, string | string[] | undefined>;

/**
 * A whole response, or why there is none; `statusCode` and `headers` are there once they had arrived. Not a `Result`: what
 * has arrived is read first, however the exchange ended.
 */
export type HttpAnswer =
	| { readonly ok: true; readonly statusCode: number; readonly headers: HttpHeaders; readonly body: Buffer }
	| ({ readonly ok: false; readonly statusCode?: number; readonly headers?: HttpHeaders } & NetworkFault & {
				/** Why the request was aborted from this side: its content could not be read to its end. */
				readonly unreadable?: ContentFault;
			});

/**
 * Sends requests over a dispatcher. One for each run: its `cancel` ends all requests in flight.
 */
export class Transport {
	private readonly inFlight = new Set<Exchange>();

	private cancelled = false;

	/** @param connections watches the dispatcher's connections; left out where a broken one is no one's concern */
	constructor(
		private readonly dispatcher: Dispatcher,
		private readonly connections?: Connections,
	) {}

	/** Sends one request. Follows no redirect, never rejects. */
	send(request: HttpRequest, limits: HttpLimits): Promise<HttpAnswer> {
		// Read once: a URL puts its origin together each time.
		const { origin } = request.url;
		const turn = this.connections?.turn(origin);
		return turn === undefined ? this.exchange(origin, request, limits) : this.sendInTurn(turn, origin, request, limits);
	}

	private async sendInTurn(
		turn: Promise<() => void>,
		origin: string,
		request: HttpRequest,
		limits: HttpLimits,
	): Promise<HttpAnswer> {
		const before = performance.now();
		const over = await turn;
		limits.deadline += performance.now() - before;
		const answer = await this.exchange(origin, request, limits);
		over();
		return answer;
	}

	private exchange(origin: string, request: HttpRequest, limits: HttpLimits): Promise<HttpAnswer> {
		return new Promise<HttpAnswer>((resolve) => {
			if (this.cancelled) {
				resolve({ ok: false, ...CANCELLED });
				return;
			}
			const exchange = new Exchange(origin, limits, this.connections, (answer) => {
				this.inFlight.delete(exchange);
				resolve(answer);
			});
			this.inFlight.add(exchange);
			exchange.start(this.dispatcher, request);
		});
	}

	/** Ends all requests in flight and lets no further one begin. */
	cancel(): void {
		this.cancelled = true;
		for (const exchange of [...this.inFlight]) exchange.cancel();
	}
}

/** One request and its response; undici calls it as the bytes arrive. */
class Exchange implements Dispatcher.DispatchHandler, Starting {
	private controller?: Dispatcher.DispatchController;

	private timer?: NodeJS.Timeout;

	private statusCode?: number;

	private headers: HttpHeaders = {};

	private chunks: Buffer[] = [];

	private size = 0;

	private ended = false;

	private use?: ConnectionUse;

	/** A content on its way out. */
	private stream?: Readable;

	/** @param origin scheme, host and port that the request is for */
	constructor(
		readonly origin: string,
		private readonly limits: HttpLimits,
		private readonly connections: Connections | undefined,
		private readonly settle: (answer: HttpAnswer) => void,
	) {}

	start(dispatcher: Dispatcher, { method, url, headers, headerNames, body }: HttpRequest): void {
		// undici's own deadlines never fire on a response that drips; this one covers start to last byte.
		this.timer = setTimeout(() => this.timeOut(), Math.max(0, this.limits.deadline - performance.now()));
		const reset = this.connections?.wantsFresh(this.origin) === true;
		try {
			const written = writtenHeaders({ headers, headerNames });
			dispatcher.dispatch(
				{
					origin: this.origin,
					path: url.pathname + url.search,
					method: method as Dispatcher.HttpMethod,
					headers: isContent(body) ? [...written, 'Content-Length', String(body.length)] : written,
					body: isContent(body) ? this.open(body) : body,
					...(reset && RESET),
				},
				this,
			);
		} catch (error) {
			this.fault(networkFault(error));
		}
	}

	/** undici writes the head of such a request with the first bytes of its body, and not when the request starts. */
	private open(content: Content): Readable {
		this.stream = bodyStream(content, {
			begins: () => this.connections?.starts(this),
			hasBegun: () => this.connections?.hasStarted(this),
			goesOn: () => {
				const { deadline, timeout = 0 } = this.limits;
				this.limits.deadline = Math.max(deadline, performance.now() + timeout);
			},
		});
		return this.stream;
	}

	/**
	 * Anything in n8n may hold up the process past the deadline. A response that came in meanwhile is read first,
	 * in the next turns of the event loop: taken for a timeout, what was delivered would be sent again.
	 */
	private timeOut(turns = TURNS_AFTER_DEADLINE): void {
		if (this.ended) return;
		// A content moves the deadline on while it goes out.
		const left = this.stream !== undefined ? this.limits.deadline - performance.now() : 0;
		if (left > 0) this.timer = setTimeout(() => this.timeOut(), left);
		else if (turns > 0) setImmediate(() => this.timeOut(turns - 1));
		else if (this.waitsForContent()) this.fault(BROKEN_OFF, NOT_READ_IN_TIME);
		else this.fault(TIMED_OUT);
	}

	/** Whether the destination would take more of a content, and nothing comes: undici pauses it where the destination does not. */
	private waitsForContent(): boolean {
		const { stream, controller } = this;
		return stream !== undefined && controller !== undefined && !stream.readableEnded && !stream.isPaused();
	}

	/** Settles once; whatever is still in progress is torn down. */
	private end(answer: HttpAnswer): void {
		if (this.ended) return;
		this.ended = true;
		clearTimeout(this.timer);
		this.chunks = [];
		// Not one that this side ended: a slow destination says nothing about its connections.
		const broke = !answer.ok && answer.code === 'CONNECTION' && answer.unreadable === undefined;
		this.use?.release(broke ? 'broken' : answer.ok && !saysClose(answer.headers) ? 'open' : 'closing');
		if (!answer.ok) this.controller?.abort(new Error('The exchange has ended'));
		this.settle(answer);
	}

	/** Ends it for the execution was cancelled. */
	cancel(): void {
		this.fault(CANCELLED);
	}

	private fault({ code, cause }: NetworkFault, unreadable?: ContentFault): void {
		const { statusCode, headers } = this;
		const answered = statusCode === undefined ? {} : { statusCode, headers };
		this.end({ ok: false, ...answered, code, cause, ...(unreadable && { unreadable }) });
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		// Ended while it was still waiting for a connection: it must not be sent any more.
		if (this.ended) {
			controller.abort(new Error('The exchange has ended'));
			return;
		}
		this.controller = controller;
		if (this.stream === undefined) this.connections?.starts(this);
	}

	onStatus(statusCode: number): void {
		this.statusCode = statusCode;
	}

	onUse(use: ConnectionUse): void {
		this.use = use;
	}

	onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: HttpHeaders): void {
		if (statusCode < 200) return;
		this.statusCode = statusCode;
		this.headers = headers;
		if (Number(headers['content-length']) > this.limits.maxResponseSize) this.fault(TOO_LARGE);
	}

	onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
		if (this.ended) return;
		this.size += chunk.length;
		if (this.size > this.limits.maxResponseSize) this.fault(TOO_LARGE);
		else this.chunks.push(chunk);
	}

	onResponseEnd(): void {
		if (this.ended) return;
		const { statusCode = 0, headers } = this;
		const raw = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks, this.size);
		const body = decodeBody(raw, headers['content-encoding'], this.limits.maxResponseSize);
		if (body === 'too large') this.fault(TOO_LARGE);
		else this.end({ ok: true, statusCode, headers, body });
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		if (this.ended) return;
		if (error instanceof UnreadableContent) this.fault(BROKEN_OFF, error.fault);
		else this.fault(networkFault(error));
	}
}

/** One to read the socket, and one for each layer that may pass data on in a separate turn (TLS, a proxy's tunnel). */
const TURNS_AFTER_DEADLINE = 4;

const BROKEN_OFF: NetworkFault = { code: 'CONNECTION', cause: 'the request was aborted' };

const NOT_READ_IN_TIME: ContentFault = {
	message: 'The file could not be read within the timeout',
	description: 'Check the storage in which n8n keeps binary data, or raise Timeout in the options.',
	retryable: true,
};

const RESET = { reset: true } as const;

/** Whether a response is the last one on its connection (RFC 9112 §9.6). */
const saysClose = ({ connection }: HttpHeaders) =>
	connection !== undefined && connection !== 'keep-alive' && String(connection).toLowerCase().includes('close');
