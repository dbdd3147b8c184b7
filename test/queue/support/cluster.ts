import { preparePackage } from '../../../tools/n8n/package';
import { startCluster, type Cluster } from '../../../tools/queue/cluster';
import { temporaryFolder } from '../../../tools/queue/temporary';
export type { Cluster } from '../../../tools/queue/cluster';
export type { QueueProcess } from '../../../tools/queue/n8nProcess';

/**
 * How soon the queue sees that a worker is gone: after its lock has run out, at the next look. n8n's defaults are 60 s and
 * 30 s, which would only make the tests longer.
 */
const PATIENCE = {
	QUEUE_WORKER_LOCK_DURATION: '15000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '5000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
	// Minutes between two looks for executions that no queue knows of; 180 by default.
	N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '1',
};

/** A user's own Redis and PostgreSQL cannot be killed: tests run on ours. */
const OWN_SERVERS = /^(QUEUE_BULL_|DB_)/;

/** The cluster of a test run, in a folder that goes with it. */
export async function startTestCluster(): Promise<Cluster> {
	for (const name of Object.keys(process.env)) if (OWN_SERVERS.test(name)) delete process.env[name];
	const { folder, forget } = temporaryFolder('queue');
	try {
		const cluster = await startCluster({
			folder,
			packageFolder: await preparePackage(),
			env: PATIENCE,
			say: (news) => process.stdout.write(`  ${new Date().toISOString().slice(11, 19)} ${news}\n`),
		});
		return {
			...cluster,
			stop: async () => {
				await cluster.stop();
				forget();
			},
		};
	} catch (cause) {
		forget();
		throw cause;
	}
}
