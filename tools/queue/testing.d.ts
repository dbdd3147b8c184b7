import type { RestClient } from '../../demo/testing';

/** One of n8n's processes. */
export interface QueueProcess {
	kind: 'main' | 'webhook' | 'worker';
	name: string;
	url: string;
	port: number;
	/** Of the process that runs now. */
	pid(): number;
	/** How often it was started. */
	starts(): number;
	/** Resolves when it reaches database and Redis. */
	ready(): Promise<void>;
	/** Everything it has printed, earlier runs first. */
	log(): string;
	ended(): string | undefined;
}

/** A Redis or PostgreSQL of ours. */
export interface Store {
	port: number;
	pid(): number;
	/** Ends it by the signal (Redis: SIGKILL, PostgreSQL: SIGQUIT when not given) and starts it on the same port and data; `meanwhile` runs while it is away. */
	restart(signal?: NodeJS.Signals, meanwhile?: () => Promise<void>): Promise<void>;
	ended(): string | undefined;
}

export interface Cluster {
	folder: string;
	main: QueueProcess;
	webhook: QueueProcess;
	workers: QueueProcess[];
	processes: QueueProcess[];
	/** Absent when the user's own is used. */
	redis?: Store;
	postgres?: Store;
	client: RestClient;
	/** Rows of n8n's database. */
	ask<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
	email: string;
	password: string;
	/** SIGKILL. It stays away until `keep`, unless it `comesBack` by itself. */
	kill(process: QueueProcess, options?: { comesBack?: boolean }): Promise<void>;
	/** SIGTERM, and waits for its end. It stays away until `keep`. */
	end(process: QueueProcess): Promise<void>;
	/** Starts one that was ended, and again whenever it ends. */
	keep(process: QueueProcess): void;
	stop(): Promise<void>;
}

export interface ClusterOptions {
	folder: string;
	packageFolder: string;
	workers?: number;
	concurrency?: number;
	env?: Record<string, string | undefined>;
	ports?: { main?: number; webhook?: number; redis?: number; postgres?: number };
	say?: (news: string) => void;
}

/** Main, a webhook process and workers over Redis and PostgreSQL, on loopback; all end with this process. */
export function startCluster(options: ClusterOptions): Promise<Cluster>;
/** Calls `work` for 0 to `count` - 1, so many at a time. */
export function inParallel<T>(count: number, atATime: number, work: (index: number) => Promise<T>): Promise<T[]>;

/** The outbox in a running n8n. */
export interface Outbox {
	acceptId: string;
	deliverId: string;
	/** The table's name in the database, for SQL. */
	sqlTable: string;
	startAccepting(): Promise<unknown>;
	/** Activates the delivery, as shipped but for what is given. */
	startDelivering(changes?: {
		batchSize?: number;
		leaseSeconds?: number;
		everySeconds?: number;
		retrySchedule?: string;
		timeout?: number;
		concurrency?: number;
	}): Promise<void>;
	stopDelivering(): Promise<unknown>;
}
/** Imports both workflows and lets them make their table; nothing is active yet. */
export function importOutbox(client: RestClient, destination: string): Promise<Outbox>;

/** A folder below the system's temporary one, which PostgreSQL's own user can get into. */
export function temporaryFolder(name: string): { folder: string; forget(): void };
/** How much y grows for one x (least squares). */
export function slope(points: Array<[number, number]>): number;
/** What a series of seconds and values says after its first third. */
export function trend(series: Array<[number, number]>): { mean: number; least: number; most: number; perHour: number };
