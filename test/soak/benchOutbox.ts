/**
 * How many messages a second the outbox accepts and delivers, in queue mode on this machine: `npm run bench:outbox`.
 */
import http from 'node:http';
import os from 'node:os';

import { runCommand } from '../../tools/lib/command';
import { portOf } from '../../tools/lib/ports';
import { say } from '../../tools/lib/progress';
import { waitFor } from '../../tools/lib/wait';
import { preparePackage } from '../../tools/n8n/package';
import { N8N_VERSION } from '../../tools/n8n/versions';
import { startCluster, type Cluster } from '../../tools/queue/cluster';
import { readOptions, type Options } from '../../tools/queue/options';
import { importOutbox } from '../../tools/queue/outbox';
import { temporaryFolder } from '../../tools/queue/temporary';
import { inParallel } from './load';

const OPTIONS = {
	messages: { default: 1_000, help: 'messages' },
	senders: { default: 10, help: 'senders at a time' },
	workers: { default: 2, help: 'workers' },
} as const;

/** A receiver that takes everything at once and knows keys. */
async function startReceiver() {
	const keys = new Map<string, number>();
	const server = http.createServer((request, response) => {
		request.resume().on('end', () => {
			const key = String(request.headers['idempotency-key']);
			keys.set(key, (keys.get(key) ?? 0) + 1);
			response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${portOf(server)}/hook`,
		keys,
		stop: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}

const percentile = (sorted: number[], part: number) =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;

async function measure(cluster: Cluster, { messages, senders }: Options<typeof OPTIONS>) {
	const receiver = await startReceiver();
	const box = await importOutbox(cluster.client, receiver.url);
	await box.startAccepting();
	const send = async (key: string): Promise<number> => {
		const response = await fetch(`${cluster.webhook.url}/webhook/outbox`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'idempotency-key': key },
			body: JSON.stringify({ event: 'Rating Submitted', key, comment: 'x'.repeat(300) }),
			signal: AbortSignal.timeout(30_000),
		});
		await response.text();
		return response.status;
	};
	await waitFor(async () => (await send('first')) === 202, { what: 'the outbox' });
	await inParallel(50, senders, async (number) => await send(`warm-${number}`));

	const times: number[] = [];
	const start = Date.now();
	const statuses = await inParallel(messages, senders, async (number) => {
		const from = Date.now();
		const status = await send(`message-${number}`).catch(() => 0);
		times.push(Date.now() - from);
		return status;
	});
	const acceptedIn = (Date.now() - start) / 1000;
	const accepted = statuses.filter((status) => status === 202).length;

	let first: number | undefined;
	await box.startDelivering({ everySeconds: 1, batchSize: 500 });
	await waitFor(
		() => {
			first ??= receiver.keys.size > 0 ? Date.now() : undefined;
			return receiver.keys.size >= accepted + 51;
		},
		{ what: 'all deliveries', deadline: 600_000, every: 5 },
	);
	// To the last row that is marked, not to the last request.
	const unmarked = `select count(*)::int as count from ${box.sqlTable} where state = 'waiting'`;
	const waiting = async () => Number((await cluster.ask<{ count: number }>(unmarked))[0]?.count);
	await waitFor(async () => (await waiting()) === 0, { what: 'all rows to be marked', every: 20 });
	const deliveredIn = (Date.now() - (first ?? NaN)) / 1000;
	const twice = [...receiver.keys.values()].filter((count) => count > 1).length;
	receiver.stop();
	times.sort((a, b) => a - b);
	return {
		accepted,
		acceptedIn,
		median: percentile(times, 0.5),
		p95: percentile(times, 0.95),
		delivered: receiver.keys.size,
		deliveredIn,
		twice,
	};
}

runCommand(async () => {
	const options = readOptions(OPTIONS);
	const { workers, senders, messages } = options;
	const { folder, forget } = temporaryFolder('bench');
	let cluster: Cluster | undefined;
	try {
		cluster = await startCluster({ folder, packageFolder: await preparePackage(), workers, say });
		const { accepted, acceptedIn, median, p95, delivered, deliveredIn, twice } = await measure(cluster, options);
		say(`
Outbox in queue mode, ${workers} workers, ${senders} senders, ${os.cpus().length} cores, n8n ${N8N_VERSION}
  accepted   ${accepted} of ${messages} in ${acceptedIn.toFixed(1)} s: ${(accepted / acceptedIn).toFixed(0)} a second, answered after ${median} ms (median), ${p95} ms (95 %)
  delivered  ${delivered} in ${deliveredIn.toFixed(1)} s: ${(delivered / deliveredIn).toFixed(0)} a second, batches of 500; ${twice} twice`);
	} finally {
		await cluster?.stop();
		forget();
	}
});
