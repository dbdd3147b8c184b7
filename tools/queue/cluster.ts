'use strict';
const crypto = require('node:crypto');
const path = require('node:path');
const { readJson, writeJson } = require('../lib/json');
const { ensureN8n } = require('../n8n/install');
const { signIn } = require('../n8n/owner');
const { createRestClient } = require('../n8n/restClient');
const { ask } = require('./database');
const { createQueueProcess } = require('./n8nProcess');
const { quietPort } = require('./ports');
const { startPostgres } = require('./postgres');
const { ensurePrograms } = require('./programs');
const { startRedis } = require('./redis');

/** How long to wait before a process that ended by itself is started again, as a container's restart policy would. */
const RESTART_PAUSE = 1_000;

/** The variables of n8n that name a Redis or a PostgreSQL of the user's own. */
const OWN = { redis: /^QUEUE_BULL_/, postgres: /^DB_/ };
const ownVariables = (pattern) =>
	Object.fromEntries(Object.entries(process.env).filter(([name]) => pattern.test(name)));

/**
 * Redis and PostgreSQL: the user's own where `QUEUE_BULL_REDIS_HOST` or `DB_POSTGRESDB_HOST` is set, else ours.
 * @param {{ folder: string, ports: { redis?: number, postgres?: number } }} options
 */
async function startStores({ folder, ports }) {
	const isOwn = {
		redis: Boolean(process.env.QUEUE_BULL_REDIS_HOST || process.env.QUEUE_BULL_REDIS_CLUSTER_NODES),
		postgres: Boolean(process.env.DB_POSTGRESDB_HOST),
	};
	const programs = ensurePrograms(['redis', 'postgres'].filter((name) => !isOwn[name]));
	const redis = isOwn.redis ? undefined : await startRedis({ ...programs.redis, folder, port: ports.redis });
	try {
		const postgres = isOwn.postgres
			? undefined
			: await startPostgres({ ...programs.postgres, folder, port: ports.postgres });
		return {
			redis,
			postgres,
			environment: {
				...ownVariables(OWN.redis),
				...ownVariables(OWN.postgres),
				...redis?.environment,
				...postgres?.environment,
			},
			stop: async () => {
				await Promise.allSettled([redis?.stop(), postgres?.stop()]);
			},
		};
	} catch (error) {
		await redis?.stop();
		throw error;
	}
}

/**
 * What all processes of n8n share. The webhook process takes the production webhooks, workers everything else that runs.
 * @param {string} webhookUrl
 */
const sharedEnvironment = (webhookUrl) => ({
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
	// webhook without an answer (n8n 2.40.7 keeps none by default).
	N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED: '1000',
	N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED: '1000',
});

/** n8n's encryption key must be the same in all processes; its instance ID follows from it, and delivery IDs from that. */
function encryptionKeyOf(folder) {
	const file = path.join(folder, 'encryption-key.json');
	const known = readJson(file)?.encryptionKey;
	if (known) return known;
	const encryptionKey = crypto.randomBytes(24).toString('base64url');
	writeJson(file, { encryptionKey }, { mode: 0o600 });
	return encryptionKey;
}

/**
 * @typedef {object} ClusterOptions
 * @property {string} folder keeps everything: databases, user folders, logs, keys
 * @property {string} packageFolder from `preparePackage`
 * @property {number} [workers] 2 by default
 * @property {number} [concurrency] jobs a worker takes at a time, 10 by default (n8n's own default)
 * @property {Record<string, string | undefined>} [env] n8n's variables, over ours
 * @property {{ main?: number, webhook?: number, redis?: number, postgres?: number }} [ports] free ones when not given
 * @property {(news: string) => void} [say] what happens, a line each
 */

/**
 * n8n in queue mode: main, a webhook process and workers, over Redis and PostgreSQL, all on loopback, all ending with this
 * process. A process of n8n's that ends by itself is started again.
 * @param {ClusterOptions} options
 */
async function startCluster({
	folder,
	packageFolder,
	workers = 2,
	concurrency = 10,
	env = {},
	ports = {},
	say = () => {},
}) {
	const n8n = await ensureN8n();
	const stores = await startStores({ folder, ports });
	say('Redis and PostgreSQL are ready');
	const processes = [];
	const wanted = new Set();
	let isStopping = false;
	const stop = async () => {
		isStopping = true;
		// Workers hand back what they do while main and Redis still listen.
		await Promise.allSettled(processes.filter(({ kind }) => kind !== 'main').map((each) => each.stop()));
		await Promise.allSettled(processes.filter(({ kind }) => kind === 'main').map((each) => each.stop()));
		await stores.stop();
	};

	/** Starts it, and again whenever it ends without having been told to. */
	function keep(each) {
		wanted.add(each);
		const { child } = each.start();
		child.once('exit', () => {
			if (isStopping || !wanted.has(each)) return;
			say(`${each.name} ended (${each.ended()}); it is started again`);
			setTimeout(() => {
				if (!isStopping && wanted.has(each)) keep(each);
			}, RESTART_PAUSE);
		});
	}

	const add = async (kind, name, more = {}) => {
		const each = await createQueueProcess({ n8n, folder, packageFolder, kind, name, env: shared, ...more });
		processes.push(each);
		return each;
	};

	const webhookPort = ports.webhook ?? (await quietPort());
	const shared = {
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
		const team = [];
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
			/** Rows of n8n's database. @param {string} sql  @param {unknown[]} [parameters] */
			ask: (sql, parameters) => ask({ n8nFolder: n8n.folder, environment: shared }, sql, parameters),
			/**
			 * Kills one of n8n's processes at once. It stays away until `keep` is called, or comes back by itself.
			 * @param {Awaited<ReturnType<typeof createQueueProcess>>} each  @param {{ comesBack?: boolean }} [options]
			 */
			async kill(each, { comesBack = false } = {}) {
				if (!comesBack) wanted.delete(each);
				await each.kill();
			},
			/** Starts one that was ended. */
			keep,
			/** Ends one in order, as a deployment does; it stays away until `keep` is called. */
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

module.exports = { startCluster };
