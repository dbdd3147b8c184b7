/** What `npm run start:queue` shows once everything is installed. */
import path from 'node:path';
import type { Foreground } from '../tools/lib/foreground';
import { say } from '../tools/lib/progress';
import { ensureN8n } from '../tools/n8n/install';
import { preparePackage } from '../tools/n8n/package';
import { startCluster, type Cluster } from '../tools/queue/cluster';
import { readOptions } from '../tools/queue/options';
import type { Store } from '../tools/queue/store';
import { importCredentials } from './automation/credentials';
import { choosePorts, SERVERS } from './automation/ports';
import { runSamples } from './automation/ratings';
import { startServers, type DemoServers } from './automation/servers';
import { importWorkflows } from './automation/workflows';

const OPTIONS = {
	once: { default: false, help: 'end after the samples' },
	workers: { default: 2, help: 'workers' },
	concurrency: { default: 10, help: 'jobs that a worker takes at a time' },
};

const N8N = {
	main: { port: 5678, called: 'editor' },
	webhook: { port: 5679, called: 'webhook process' },
};

/** @returns whether the samples ended as they should */
async function runAutomation(cluster: Cluster, servers: DemoServers): Promise<boolean> {
	const credentials = await importCredentials(cluster.client, servers);
	await importWorkflows(cluster.client, {
		ticketsUrl: servers.ticketDesk.ticketsUrl,
		credentials,
		stateFile: path.join(cluster.folder, 'workflows.json'),
	});
	say('\nThe rating automation, over a sample of ratings, through the webhook process:');
	const { asExpected } = await runSamples(`${cluster.webhook.url}/webhook/rating-submitted`, say);
	return asExpected;
}

function tellWhere(cluster: Cluster, servers: DemoServers): void {
	const store = (own: string | undefined, ours: Store | undefined): string =>
		ours ? `127.0.0.1:${ours.port}` : `${own} (yours)`;
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

Databases, keys and logs are kept in ${cluster.folder}; delete it to start over. Ctrl-C ends everything.
How it is run in production: docs/queue-mode.md. The outbox (docs/outbox.md) is imported, and not active.`);
}

/** What the command line asks for. */
export const readCommandLine = () => readOptions(OPTIONS);

/**
 * An n8n in queue mode with an address and a login, and the rating automation run once.
 * @param options `once`: ends after the run
 * @returns the exit code
 */
export async function demonstrate(
	foreground: Foreground,
	{ folder, once, workers, concurrency }: { folder: string } & ReturnType<typeof readCommandLine>,
): Promise<number> {
	const { node } = await ensureN8n();
	const packageFolder = await preparePackage();
	const ports = await choosePorts({ ...N8N, ...SERVERS }, say);
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
	const asExpected = await runAutomation(cluster, servers);
	if (once) return asExpected ? 0 : 1;
	tellWhere(cluster, servers);
	// Until a signal comes.
	return await new Promise<never>(() => {});
}
