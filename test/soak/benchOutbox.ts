'use strict';
/**
 * How many messages a second the outbox accepts and delivers, in queue mode on this machine: `npm run bench:outbox`.
 */
const http = require('node:http');
const { setUp } = require('../../tools/setup');
const { say } = require('../../tools/lib/progress');
const { exitOnSignals } = require('../../tools/lib/signals');
const { readOptions } = require('../../tools/queue/options');

const OPTIONS = {
	messages: { default: 1_000, help: 'messages' },
	senders: { default: 10, help: 'senders at a time' },
	workers: { default: 2, help: 'workers' },
};

/** A receiver that takes everything at once and knows keys. */
async function startReceiver() {
	const keys = new Map();
	const server = http.createServer((request, response) => {
		request.resume().on('end', () => {
			const key = request.headers['idempotency-key'];
			keys.set(key, (keys.get(key) ?? 0) + 1);
			response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}/hook`,
		keys,
		stop: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

async function measure(cluster, { messages, senders }) {
	const { importOutbox } = require('../../tools/queue/outbox');
	const { inParallel } = require('./load');
	const { waitFor } = require('../../tools/lib/wait');
	const receiver = await startReceiver();
	const box = await importOutbox(cluster.client, receiver.url);
	await box.startAccepting();
	const url = `${cluster.webhook.url}/webhook/outbox`;
	const send = async (key) => {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'idempotency-key': key },
			body: JSON.stringify({ event: 'Rating Submitted', key, comment: 'x'.repeat(300) }),
			signal: AbortSignal.timeout(30_000),
		});
		await response.text();
		return response.status;
	};
	await waitFor(async () => (await send('first')) === 202, { what: 'the outbox' });
	await inParallel(50, senders, (number) => send(`warm-${number}`));

	const times = [];
	const start = Date.now();
	const statuses = await inParallel(messages, senders, async (number) => {
		const from = Date.now();
		const status = await send(`message-${number}`).catch(() => 0);
		times.push(Date.now() - from);
		return status;
	});
	const acceptedIn = (Date.now() - start) / 1000;
	const accepted = statuses.filter((status) => status === 202).length;

	let first;
	await box.startDelivering({ everySeconds: 1, batchSize: 500 });
	await waitFor(
		() => {
			first ??= receiver.keys.size > 0 ? Date.now() : undefined;
			return receiver.keys.size >= accepted + 51;
		},
		{ what: 'all deliveries', deadline: 600_000, every: 5 },
	);
	// To the last row that is marked, not to the last request.
	const waiting = async () =>
		Number((await cluster.ask(`select count(*)::int as count from ${box.sqlTable} where state = 'waiting'`))[0].count);
	await waitFor(async () => (await waiting()) === 0, { what: 'all rows to be marked', every: 20 });
	const deliveredIn = (Date.now() - first) / 1000;
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

async function main() {
	const options = readOptions(OPTIONS);
	await setUp();
	const { preparePackage } = require('../../tools/n8n/package');
	const { startCluster } = require('../../tools/queue/cluster');
	const { temporaryFolder } = require('../../tools/queue/temporary');
	const { folder, forget } = temporaryFolder('bench');
	let cluster;
	try {
		cluster = await startCluster({ folder, packageFolder: await preparePackage(), workers: options.workers, say });
		const { accepted, acceptedIn, median, p95, delivered, deliveredIn, twice } = await measure(cluster, options);
		say(`
Outbox in queue mode, ${options.workers} workers, ${options.senders} senders, ${require('node:os').cpus().length} cores, n8n ${require('../../tools/n8n/versions').N8N_VERSION}
  accepted   ${accepted} of ${options.messages} in ${acceptedIn.toFixed(1)} s: ${(accepted / acceptedIn).toFixed(0)} a second, answered after ${median} ms (median), ${p95} ms (95 %)
  delivered  ${delivered} in ${deliveredIn.toFixed(1)} s: ${(delivered / deliveredIn).toFixed(0)} a second, batches of 500; ${twice} twice`);
	} finally {
		await cluster?.stop();
		forget();
	}
}

exitOnSignals();
main().then(
	() => process.exit(0),
	(error) => {
		console.error(`\n${error.message}`);
		process.exit(1);
	},
);
