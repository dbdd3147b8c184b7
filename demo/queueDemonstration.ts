/** What `npm run start:queue` shows once everything is installed. */
const path = require('node:path');
const { portFrom } = require('../tools/lib/ports');
const { say } = require('../tools/lib/progress');
const { ensureN8n } = require('../tools/n8n/install');
const { preparePackage } = require('../tools/n8n/package');
const { startCluster } = require('../tools/queue/cluster');
const { readOptions } = require('../tools/queue/options');
const { importCredentials } = require('./automation/credentials');
const { runSamples } = require('./automation/ratings');
const { startServers } = require('./automation/servers');
const { importWorkflows } = require('./automation/workflows');

const OPTIONS = {
	once: { default: false, help: 'end after the samples' },
	workers: { default: 2, help: 'workers' },
	concurrency: { default: 10, help: 'jobs that a worker takes at a time' },
};

/** What is preferred; others are taken where these are not free. */
const PORTS = { main: 5678, webhook: 5679, ticketDesk: 4010, authorizationServer: 4011, requestCatcher: 4012 };

async function choosePorts() {
	const taken = new Set();
	const chosen = {};
	for (const [name, wanted] of Object.entries(PORTS)) {
		chosen[name] = await portFrom(wanted, taken);
		taken.add(chosen[name]);
		if (chosen[name] !== wanted) say(`  ! Port ${wanted} is taken; ${name} uses ${chosen[name]}.`);
	}
	return chosen;
}

async function runAutomation(cluster, servers) {
	const credentials = await importCredentials(cluster.client, servers);
	await importWorkflows(cluster.client, {
		ticketsUrl: servers.ticketDesk.ticketsUrl,
		credentials,
		stateFile: path.join(cluster.folder, 'workflows.json'),
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

Databases, keys and logs are kept in ${cluster.folder}; delete it to begin anew. Ctrl-C ends everything.
How it is run in production: docs/queue-mode.md. The outbox (docs/outbox.md) is imported, and not active.`);
}

/** @returns {{ once: boolean, workers: number, concurrency: number }} what the command line asks for */
const readCommandLine = () => readOptions(OPTIONS);

/**
 * An n8n in queue mode with an address and a login, and the rating automation run once.
 * @param {import('../tools/lib/foreground').Foreground} foreground
 * @param {{ folder: string, once: boolean, workers: number, concurrency: number }} options `once`: ends after the run
 * @returns {Promise<number>} the exit code
 */
async function demonstrate(foreground, { folder, once, workers, concurrency }) {
	const { node } = await ensureN8n();
	const packageFolder = await preparePackage();
	const ports = await choosePorts();
	const servers = foreground.add(await startServers({ folder, ports, node }));
	const cluster = foreground.add(
		await startCluster({
			folder,
			packageFolder,
			workers,
			concurrency,
			ports: { main: ports.main, webhook: ports.webhook },
			say: (news) => say(`  ✓ ${news}`),
		}),
	);
	foreground.tellAddress(cluster.main.url);
	const { asExpected } = await runAutomation(cluster, servers);
	if (once) return asExpected ? 0 : 1;
	tellWhere(cluster, servers);
	return await new Promise(() => {});
}

module.exports = { demonstrate, readCommandLine };
