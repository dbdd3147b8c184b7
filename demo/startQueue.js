'use strict';
/**
 * `npm run start:queue`: n8n in queue mode (main, webhook process, two workers, Redis, PostgreSQL) with the package in all
 * of them, and the rating automation run once through the webhook process. `--once` ends after the run, with 0 or 1.
 */
const path = require('node:path');
const { setUp } = require('../tools/setup');
const { heldBy, withLock } = require('../tools/lib/lock');
const { dataFolder } = require('../tools/lib/paths');
const { say } = require('../tools/lib/progress');
const { readOptions } = require('../tools/queue/options');

const folder = path.join(dataFolder, 'queue');
const lockFile = path.join(folder, 'running.lock');

const OPTIONS = {
	once: { default: false, help: 'end after the samples' },
	workers: { default: 2, help: 'workers' },
	concurrency: { default: 10, help: 'jobs that a worker takes at a time' },
};

/** What is preferred; others are taken where these are not free. */
const PORTS = { main: 5678, webhook: 5679, ticketDesk: 4010, authorizationServer: 4011, requestCatcher: 4012 };

/** What has to be ended, the last started first. */
const running = [];
let isEnding = false;

async function endAll() {
	while (running.length > 0) await Promise.allSettled([running.pop().stop()]);
}

/** A signal ends everything in order; a second one at once (`exit` handlers then kill what is left). */
function endOnSignals() {
	for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
		process.on(signal, async () => {
			if (isEnding) process.exit(128 + number);
			isEnding = true;
			await endAll();
			process.exit(signal === 'SIGINT' ? 0 : 128 + number);
		});
	}
}

async function choosePorts() {
	const { portFrom } = require('../tools/lib/ports');
	const taken = new Set();
	const chosen = {};
	for (const [name, wanted] of Object.entries(PORTS)) {
		chosen[name] = await portFrom(wanted, taken);
		taken.add(chosen[name]);
		if (chosen[name] !== wanted) say(`  ! Port ${wanted} is taken; ${name} uses ${chosen[name]}.`);
	}
	return chosen;
}

async function demonstrate(cluster, servers) {
	const { importCredentials } = require('./automation/credentials');
	const { importWorkflows } = require('./automation/workflows');
	const { runSamples } = require('./automation/ratings');
	const credentials = await importCredentials(cluster.client, servers);
	await importWorkflows(cluster.client, {
		ticketsUrl: servers.ticketDesk.ticketsUrl,
		credentials,
		stateFile: path.join(folder, 'workflows.json'),
	});
	say('\nThe rating automation, over a sample of ratings, through the webhook process:');
	return await runSamples(`${cluster.webhook.url}/webhook/rating-submitted`, say);
}

function tellWhere(cluster, servers) {
	const store = (own, ours) => (ours ? `127.0.0.1:${ours.port}` : `${own} (yours)`);
	say(`
n8n (main)      ${cluster.main.url}
  e-mail        ${cluster.email}
  password      ${cluster.password}
Webhooks        ${cluster.webhook.url}/webhook/rating-submitted
Workers         ${cluster.workers.map((worker) => `${worker.name} (process ${worker.pid()})`).join(', ')}
Redis           ${store(process.env.QUEUE_BULL_REDIS_HOST, cluster.redis)}
PostgreSQL      ${store(process.env.DB_POSTGRESDB_HOST, cluster.postgres)}
Tickets         ${servers.ticketDesk.url}
Request catcher ${servers.requestCatcher.url}

Databases, keys and logs are kept in ${folder}; delete it to begin anew. Ctrl-C ends everything.
How it is run in production: docs/queue-mode.md. The outbox (docs/outbox.md) is imported, and not active.`);
}

async function main({ once, workers, concurrency }) {
	await setUp();
	const { startServers } = require('./automation/servers');
	const { ensureN8n } = require('../tools/n8n/install');
	const { preparePackage } = require('../tools/n8n/package');
	const { startCluster } = require('../tools/queue/cluster');
	const { node } = await ensureN8n();
	const packageFolder = await preparePackage();
	const ports = await choosePorts();
	const servers = await startServers({ folder, ports, node });
	running.push(servers);
	const cluster = await startCluster({
		folder,
		packageFolder,
		workers,
		concurrency,
		ports: { main: ports.main, webhook: ports.webhook },
		say: (news) => say(`  ✓ ${news}`),
	});
	running.push(cluster);
	const { asExpected } = await demonstrate(cluster, servers);
	if (once) {
		await endAll();
		return asExpected ? 0 : 1;
	}
	tellWhere(cluster, servers);
	return await new Promise(() => {});
}

/** One in a clone at a time: they would share databases. */
async function alone(work) {
	const holder = heldBy(lockFile);
	if (holder) throw new Error(`It runs already (process ${holder}). End that one first.`);
	return await withLock(lockFile, work);
}

if (require.main === module) {
	endOnSignals();
	Promise.resolve()
		.then(() => readOptions(OPTIONS))
		.then((options) => alone(() => main(options)))
		.then(
			(code) => process.exit(code),
			async (error) => {
				await endAll();
				console.error(`\n${error.message}`);
				process.exit(1);
			},
		);
}
