'use strict';
/**
 * The delivery path alone, without n8n: from an item to its output item, over the package as built, beside a bare pool of
 * the same undici. Prints one line of JSON: milliseconds of each round of both.
 * `node deliveryPath.child.js '{"origin":"http://127.0.0.1:1234","items":1000,"runs":5,"concurrency":50}'`
 */
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { root } = require('../../tools/lib/paths');
const { item } = require('./reference-node/BenchReference.node');

const dist = (file) => require(path.join(root, 'dist', file));
const { noAuthorization } = dist('lib/delivery/authorization');
const { readPayloads } = dist('lib/delivery/carriedDelivery');
const { DeliveryRun } = dist('lib/delivery/deliveryRun');
const { newDelivery } = dist('lib/delivery/transitions');
const { leaseDispatcher } = dist('lib/http/dispatchers');
const { cancellableWait, pacer } = dist('lib/delivery/pace');
const { Transport } = dist('lib/http/transport');
const { urlGuard } = dist('lib/http/urlGuard');
const { deliveredOutput, outputItems } = dist('nodes/WebhookDispatch/n8n/outputItem');
const { requestBuilder } = dist('lib/request/requestBuilder');
const { itemSettings, runSettings } = dist('nodes/WebhookDispatch/operations/webhook/settings');
const { Pool } = require('undici');

/** Rounds before any counts: the compiler has seen both by then. */
const WARM_UPS = 5;

async function main({ origin, items: count, runs, concurrency }) {
	const items = Array.from({ length: count }, (_, index) => ({ json: item(index) }));
	const settings = runSettings({ concurrency }).value;
	const lease = leaseDispatcher(
		{ connections: concurrency, connectTimeoutMs: 5000, allowUnauthorizedCerts: false },
		undefined,
	);
	const wait = cancellableWait(undefined);
	const url = `${origin}/hook`;

	async function deliveryPath() {
		const deliveries = items.map((_, index) => newDelivery([index]));
		const origin = { instanceId: 'bench', execution: '1', nodeId: 'bench', runIndex: 0 };
		const mark = 'webhookDispatch:bench/bench';
		const payloads = readPayloads(items, mark);
		const run = new DeliveryRun({
			deliveries,
			payloads,
			rules: settings,
			origin,
			isBroadcast: false,
			lastTry: true,
			stops: true,
			outputOf: deliveredOutput,
		});
		const reader = { read: (name, _index, fallback) => (name === 'url' ? url : fallback) };
		const build = requestBuilder({
			reader,
			payloadsOf: payloads.of,
			isBroadcast: false,
			readSettings: (options) => itemSettings(options),
		});
		const prepared = run.prepare(build);
		const tools = {
			transport: new Transport(lease.dispatcher, lease.connections),
			authorization: noAuthorization,
			guard: urlGuard(undefined, () => undefined),
			pace: pacer(0, wait),
		};
		await run.send(prepared, { tools, wait });
		return outputItems({ items, deliveries, payloads, mark, isBroadcast: false });
	}

	const pool = new Pool(origin, { connections: concurrency });
	async function barePool() {
		const answers = [];
		let next = 0;
		const worker = async () => {
			while (next < items.length) {
				const index = next++;
				const { statusCode, body } = await pool.request({
					path: '/hook',
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify(items[index].json),
				});
				answers[index] = { statusCode, response: await body.json() };
			}
		};
		await Promise.all(Array.from({ length: concurrency }, worker));
		return answers;
	}

	const times = { ours: [], beside: [] };
	const works = { ours: deliveryPath, beside: barePool };
	for (let round = -WARM_UPS; round < runs; round++) {
		for (const side of round % 2 === 0 ? ['ours', 'beside'] : ['beside', 'ours']) {
			const start = performance.now();
			const answers = await works[side]();
			const time = performance.now() - start;
			if (answers.length !== count) throw new Error(`${side}: ${answers.length} answers to ${count} items`);
			if (round >= 0) times[side].push(time);
		}
	}
	lease.release();
	await pool.close();
	console.log(JSON.stringify(times));
}

main(JSON.parse(process.argv[2])).then(
	() => process.exit(0),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
