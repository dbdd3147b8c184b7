import crypto from 'node:crypto';
import path from 'node:path';
import { readJson, writeJson } from '../lib/json';
import type { Variables } from '../n8n/environment';
import { ensureN8n } from '../n8n/install';
import { signIn } from '../n8n/owner';
import { createRestClient, type Login, type RestClient } from '../n8n/restClient';
import { ask } from './database';
import { createQueueProcess, type QueueProcess, type QueueProcessOptions } from './n8nProcess';
import { quietPort } from './ports';
import { startPostgres } from './postgres';
import { ensurePrograms } from './programs';
import { startRedis } from './redis';
import type { Store } from './store';

/** How long to wait before a process that ended by itself is started again, as a container's restart policy would. */
const RESTART_PAUSE = 1_000;

/** The variables of n8n that name a Redis or a PostgreSQL of the user's own. */
const OWN = { redis: /^QUEUE_BULL_/, postgres: /^DB_/ };
const ownVariables = (pattern: RegExp): Variables =>
	Object.fromEntries(Object.entries(process.env).filter(([name]) => pattern.test(name)));

/** Redis and PostgreSQL, where they are ours, and what n8n needs to reach them. */
interface Stores {
	redis?: Store;
	postgres?: Store;
	environment: Variables;
	stop(): Promise<void>;
}

/** Redis and PostgreSQL: the user's own where `QUEUE_BULL_REDIS_HOST` or `DB_POSTGRESDB_HOST` is set, else ours. */
async function startStores(folder: string, ports: Ports): Promise<Stores> {
	const hasRedis = Boolean(process.env.QUEUE_BULL_REDIS_HOST || process.env.QUEUE_BULL_REDIS_CLUSTER_NODES);
	const hasPostgres = Boolean(process.env.DB_POSTGRESDB_HOST);
	const started: Store[] = [];
	const stop = async (): Promise<void> => {
		await Promise.allSettled(started.map((store) => store.stop()));
	};
	const keep = (store: Store): Store => {
		started.push(store);
		return store;
	};
	// Together, so that what is missing of both is said at once.
	const wanted = [...(hasRedis ? [] : ['redis' as const]), ...(hasPostgres ? [] : ['postgres' as const])];
	const programs = ensurePrograms(wanted);
	try {
		const redis = hasRedis ? undefined : keep(await startRedis({ ...programs.redis, folder, port: ports.redis }));
		const postgres = hasPostgres
			? undefined
			: keep(await startPostgres({ ...programs.postgres, folder, port: ports.postgres }));
		const environment = {
			...ownVariables(OWN.redis),
			...ownVariables(OWN.postgres),
			...redis?.environment,
			...postgres?.environment,
		};
		return { redis, postgres, environment, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/** What all processes of n8n share. The webhook process takes the production webhooks, workers everything else that runs. */
const sharedEnvironment = (webhookUrl: string): Variables => ({
	EXECUTIONS_MODE: 'queue',
	DB_TYPE: 'postgresdb',
	// One connection for each job a worker may have; n8n's default of 2 is for one process alone.
	DB_POSTGRESDB_POOL_SIZE: '10',
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
	N8N_WEBHOOK_URL: `${webhookUrl}/`,
	WEBHOOK_URL: `${webhookUrl}/`,
	N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '30',
	// A job that is finished, and forgotten, before the process that queued it listens for its end leaves the sender of the
	// webhook without a response (n8n 2.40.7 keeps none by default).
	N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED: '1000',
	N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED: '1000',
});

/** n8n's encryption key must be the same in all processes; its instance ID follows from it, and delivery IDs from that. */
function encryptionKeyOf(folder: string): string {
	const file = path.join(folder, 'encryption-key.json');
	const known = readJson<{ encryptionKey: string }>(file)?.encryptionKey;
	if (known) return known;
	const encryptionKey = crypto.randomBytes(24).toString('base64url');
	writeJson(file, { encryptionKey }, { mode: 0o600 });
	return encryptionKey;
}

/** Free ones when not given. */
interface Ports {
	main?: number;
	webhook?: number;
	redis?: number;
	postgres?: number;
}

export interface ClusterOptions {
	/** Keeps everything: databases, user folders, logs, keys. */
	folder: string;
	/** From `preparePackage`. */
	packageFolder: string;
	/** 2 by default. */
	workers?: number;
	/** Jobs a worker takes at a time, 10 by default (n8n's own default). */
	concurrency?: number;
	/** n8n's variables, over ours. */
	env?: Variables;
	ports?: Ports;
	/** What happens, a line each. */
	say?: (news: string) => void;
}

export interface Cluster extends Login {
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
	/** SIGKILL. It stays away until `keep`, unless it `comesBack` by itself. */
	kill(each: QueueProcess, options?: { comesBack?: boolean }): Promise<void>;
	/** SIGTERM, as a deployment does, and waits for its end. It stays away until `keep`. */
	end(each: QueueProcess): Promise<void>;
	/** Starts one that was ended, and again whenever it ends. */
	keep(each: QueueProcess): void;
	stop(): Promise<void>;
}

/**
 * n8n in queue mode: main, a webhook process and workers, over Redis and PostgreSQL, all on loopback, all ending with this
 * process. A process of n8n's that ends by itself is started again.
 */
export async function startCluster({
	folder,
	packageFolder,
	workers = 2,
	concurrency = 10,
	env = {},
	ports = {},
	say = () => {},
}: ClusterOptions): Promise<Cluster> {
	const n8n = await ensureN8n();
	const stores = await startStores(folder, ports);
	say('Redis and PostgreSQL are ready');
	const processes: QueueProcess[] = [];
	const wanted = new Set<QueueProcess>();
	let isStopping = false;
	const stop = async (): Promise<void> => {
		isStopping = true;
		// Workers hand back what they do while main and Redis still listen.
		await Promise.allSettled(processes.filter(({ kind }) => kind !== 'main').map((each) => each.stop()));
		await Promise.allSettled(processes.filter(({ kind }) => kind === 'main').map((each) => each.stop()));
		await stores.stop();
	};

	/** Starts it, and again whenever it ends without having been stopped. */
	function keep(each: QueueProcess): void {
		wanted.add(each);
		void each.start().closed.then(() => {
			if (isStopping || !wanted.has(each)) return;
			say(`${each.name} ended (${each.ended()}); it is started again`);
			setTimeout(() => {
				if (!isStopping && wanted.has(each)) keep(each);
			}, RESTART_PAUSE);
		});
	}

	const add = async (
		kind: QueueProcess['kind'],
		name: string,
		more: Pick<QueueProcessOptions, 'port' | 'concurrency'> = {},
	): Promise<QueueProcess> => {
		const each = await createQueueProcess({ n8n, folder, packageFolder, kind, name, env: shared, ...more });
		processes.push(each);
		return each;
	};

	const webhookPort = ports.webhook ?? (await quietPort());
	const shared: Variables = {
		...sharedEnvironment(`http://127.0.0.1:${webhookPort}`),
		N8N_ENCRYPTION_KEY: encryptionKeyOf(folder),
		...stores.environment,
		...env,
	};
	try {
		const main = await add('main', 'main', { port: ports.main });
		keep(main);
		// The one that migrates the database; the others would only wait for it.
		await main.ready();
		say('main is ready');
		const client = createRestClient(main.url);
		const login = await signIn(client, folder);
		const webhook = await add('webhook', 'webhook', { port: webhookPort });
		const team: QueueProcess[] = [];
		for (let number = 1; number <= workers; number++)
			team.push(await add('worker', `worker-${number}`, { concurrency }));
		for (const each of [webhook, ...team]) keep(each);
		await Promise.all([webhook, ...team].map((each) => each.ready()));
		say(`webhook process and ${workers} workers are ready`);
		return {
			folder,
			main,
			webhook,
			workers: team,
			processes,
			redis: stores.redis,
			postgres: stores.postgres,
			client,
			...login,
			stop,
			ask: (sql, parameters) => ask({ n8nFolder: n8n.folder, environment: shared }, sql, parameters),
			async kill(each, { comesBack = false } = {}) {
				if (!comesBack) wanted.delete(each);
				await each.kill();
			},
			keep,
			async end(each) {
				wanted.delete(each);
				await each.stop();
			},
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
