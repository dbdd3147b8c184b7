import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

import { HeadReader } from './responseHead';

/** A request that is about to be written on a connection. */
export interface Starting {
	/** Scheme, host and port that the request is for. */
	origin: string;
	/** Called with the final status as soon as its line has arrived. */
	onStatus(statusCode: number): void;
	/** Called with the connection that it is on. */
	onUse(use: ConnectionUse): void;
}

/** One request's use of a connection. */
export interface ConnectionUse {
	/**
	 * The request is over.
	 *
	 * @param end `open`: the connection can take another request; `closing`: the response was its last one; `broken`:
	 * it ended without a whole response
	 */
	release(end: 'open' | 'closing' | 'broken'): void;
}

/** How many requests may be on reused connections at once, until as many got a response there. */
const STEPS = [1, 4, Infinity];

/**
 * No request waits longer than this to see whether reused connections respond. One that is gone says so after
 * the time over the network; a destination that takes longer to respond holds nobody up.
 */
const LONGEST_WAIT_MS = 100;

/**
 * Keeps an eye on the connections of one dispatcher: reads the head of every response (see {@link HeadReader}), and
 * finds out by origin whether connections can be used again. Some servers close an idle connection without notice, or at
 * its next request; a request that is on its way then fails although the destination is well.
 *
 * So the first request of a run that goes out while connections are idle is one of a few: the others wait for its
 * response, for a tenth of a second at most. Where a reused connection broke without a response, that origin gets a
 * fresh connection for each request, as long as the run lasts.
 */
export class Connections {
	/** By origin, not by undici's pools: these come and go with their connections. */
	private readonly origins = new Map<string, Origin>();

	private starting?: Starting;

	/** The one that they were used for last. */
	private run?: string;

	/**
	 * What was found out is forgotten, as each run finds out for itself; the engine's tries are one run.
	 *
	 * @param run what distinguishes it from others; undefined for a separate one
	 */
	startRun(run?: string): void {
		if (run !== undefined && run === this.run) return;
		this.run = run;
		for (const [name, origin] of this.origins) {
			if (origin.idle.size === 0) this.origins.delete(name);
			else origin.startRun();
		}
	}

	/** Whether connections are open that nobody uses. */
	get hasIdle(): boolean {
		for (const { idle } of this.origins.values()) if (idle.size > 0) return true;
		return false;
	}

	/** To be called by the handler of a request right before undici writes it: the next bytes written are its own. */
	starts(starting: Starting): void {
		this.starting = starting;
	}

	/** It was written, or will not be, as its connection is gone. */
	hasStarted(starting: Starting): void {
		if (this.starting === starting) this.starting = undefined;
	}

	/** A connector whose connections are watched. */
	watch(connect: buildConnector.connector): buildConnector.connector {
		return (options, callback) =>
			connect(options, (...[error, socket]) => {
				if (error !== null) {
					callback(error, null);
					return;
				}
				this.observe(socket);
				callback(null, socket);
			});
	}

	/**
	 * When a request may go out.
	 *
	 * @returns undefined for at once; else what resolves when it may, with what must be called when the request is over
	 */
	turn(origin: string): Promise<() => void> | undefined {
		return this.origins.get(origin)?.turn();
	}

	/** Whether the origin gets a fresh connection for each request. */
	wantsFresh(origin: string): boolean {
		return this.origins.get(origin)?.wantsFresh === true;
	}

	/** undici reads a socket by `read` and writes a request in one go, right after it has called the handler. */
	private observe(socket: Socket): void {
		const read = socket.read.bind(socket) as () => Buffer | null;
		const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
		let reader: HeadReader | undefined;
		let origin: Origin | undefined;
		socket.once('close', () => origin?.closed(socket));
		socket.read = () => {
			for (;;) {
				const chunk = read();
				if (chunk === null || reader === undefined) return chunk;
				const bytes = reader.read(chunk);
				if (bytes.length > 0) return bytes;
			}
		};
		socket.write = ((...given: unknown[]) => {
			const { starting } = this;
			if (starting !== undefined) {
				this.starting = undefined;
				reader = new HeadReader(starting);
				const isReused = origin !== undefined;
				origin = this.originOf(starting.origin);
				starting.onUse(origin.use(socket, isReused, reader));
			}
			return write(...given);
		}) as Socket['write'];
	}

	private originOf(name: string): Origin {
		const known = this.origins.get(name);
		if (known !== undefined) return known;
		const origin = new Origin();
		this.origins.set(name, origin);
		return origin;
	}
}

/** The connections to one origin, and what was found out about them. */
class Origin {
	readonly idle = new Set<Socket>();

	wantsFresh = false;

	private step = 0;

	private answered = 0;

	/** Requests that were let through to see what comes of them. */
	private tried = 0;

	private waiting: Array<() => void> = [];

	startRun(): void {
		this.wantsFresh = false;
		this.step = 0;
		this.answered = 0;
	}

	turn(): Promise<() => void> | undefined {
		if (!this.isInDoubt()) return undefined;
		return this.wait(performance.now() + LONGEST_WAIT_MS);
	}

	private isInDoubt(): boolean {
		if (this.wantsFresh || this.step === STEPS.length - 1) return false;
		for (const socket of this.idle) if (socket.destroyed) this.idle.delete(socket);
		return this.idle.size > 0;
	}

	private async wait(until: number): Promise<() => void> {
		for (;;) {
			const left = until - performance.now();
			if (!this.isInDoubt() || left <= 0) return () => undefined;
			if (this.tried < STEPS[this.step]!) {
				this.tried++;
				return () => {
					this.tried--;
					this.wake();
				};
			}
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.waiting.push(() => {
					clearTimeout(timer);
					resolve();
				});
			});
		}
	}

	private wake(): void {
		const { waiting } = this;
		this.waiting = [];
		for (const go of waiting) go();
	}

	/** @param reused whether an earlier request was on the connection */
	use(socket: Socket, reused: boolean, reader: HeadReader): ConnectionUse {
		this.idle.delete(socket);
		return new Use(this, socket, reused, reader);
	}

	/** A request is over, see {@link ConnectionUse.release}. */
	released(socket: Socket, reused: boolean, answered: boolean, end: Parameters<ConnectionUse['release']>[0]): void {
		if (reused && end === 'broken' && !answered) this.avoidReuse();
		else if (reused && answered) this.trust();
		if (end !== 'open' || socket.destroyed) return;
		if (this.wantsFresh) setImmediate(() => socket.destroy());
		else this.idle.add(socket);
	}

	private trust(): void {
		this.answered++;
		if (this.step < STEPS.length - 1 && this.answered >= STEPS[this.step]!) {
			this.step++;
			this.answered = 0;
			this.wake();
		}
	}

	private avoidReuse(): void {
		this.wantsFresh = true;
		for (const socket of this.idle) socket.destroy();
		this.idle.clear();
		this.wake();
	}

	closed(socket: Socket): void {
		this.idle.delete(socket);
		if (this.idle.size === 0) this.wake();
	}
}

/** One request's use of a connection to an origin. */
class Use implements ConnectionUse {
	constructor(
		private readonly origin: Origin,
		private readonly socket: Socket,
		private readonly reused: boolean,
		private readonly reader: HeadReader,
	) {}

	release(end: 'open' | 'closing' | 'broken'): void {
		this.origin.released(this.socket, this.reused, this.reader.began, end);
	}
}
