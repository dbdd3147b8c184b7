'use strict';
const path = require('node:path');

/** @typedef {import('n8n-workflow').IExecuteFunctions} IExecuteFunctions */

/**
 * An event as shops and campaigns send them, about 330 bytes of JSON.
 * @param {number} index
 */
const item = (index) => ({
	event: 'Order Completed',
	id: `order-${index}`,
	identity: `customer-${index % 977}`,
	email: `customer.${index % 977}@example.com`,
	amount: (index % 500) + 0.99,
	currency: 'EUR',
	placedAt: '2026-03-01T12:00:00.000Z',
	tags: ['spring', 'newsletter', 'returning'],
	address: { street: 'Hauptstraße 1', city: 'Zürich', postcode: '8001', country: 'CH' },
});

/**
 * Kept over executions, as the connections of the node under test are.
 * @type {import('undici').Pool | undefined}
 */
let pool;

/**
 * Sends bodies over a bare pool of the undici that the package under test brings along.
 * @param {string} url  @param {string[]} bodies  @param {number} connections
 */
async function sendOverBarePool(url, bodies, connections) {
	/** @type {typeof import('undici')} */
	const { Pool } = require(path.join(process.env.BENCH_PACKAGE ?? '', 'node_modules', 'undici'));
	const { origin, pathname } = new URL(url);
	const open = (pool ??= new Pool(origin, { connections }));
	/** @type {import('n8n-workflow').IDataObject[]} */
	const answers = [];
	let next = 0;
	const worker = async () => {
		while (next < bodies.length) {
			const index = next++;
			const { body } = await open.request({
				path: pathname,
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: bodies[index],
			});
			answers[index] = /** @type {import('n8n-workflow').IDataObject} */ (await body.json());
		}
	};
	await Promise.all(Array.from({ length: connections }, worker));
	return answers;
}

/**
 * What the measured nodes are put beside: items to begin with, expressions alone, a bare pool alone; and what comes
 * after them, which notifies the probe.
 */
class BenchReference {
	description = {
		displayName: 'Bench Reference',
		name: 'benchReference',
		group: ['transform'],
		version: 1,
		description: 'Reference work for the benchmark',
		defaults: { name: 'Bench Reference' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [
			{ displayName: 'Work', name: 'work', type: 'string', default: 'items' },
			{ displayName: 'Text', name: 'text', type: 'string', default: '' },
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Concurrency', name: 'concurrency', type: 'number', default: 50 },
		],
	};

	/** @this {IExecuteFunctions} */
	async execute() {
		const input = this.getInputData();
		const work = this.getNodeParameter('work', 0);
		if (work === 'items') {
			const { items } = /** @type {{ items?: string }} */ (input[0]?.json.query ?? {});
			const count = Number(items);
			/** @type {{ benchStarted?(): void }} */ (globalThis).benchStarted?.();
			return [Array.from({ length: count }, (_, index) => ({ json: item(index), pairedItem: { item: 0 } }))];
		}
		if (work === 'end') {
			/** @type {{ benchEnded(): void }} */ (/** @type {unknown} */ (globalThis)).benchEnded();
			return [input];
		}
		if (work === 'expressions') {
			return [
				input.map((_, index) => ({
					json: { size: String(this.getNodeParameter('text', index)).length },
					pairedItem: index,
				})),
			];
		}
		const bodies = input.map(({ json }) => JSON.stringify(json));
		const answers = await sendOverBarePool(
			String(this.getNodeParameter('url', 0)),
			bodies,
			Number(this.getNodeParameter('concurrency', 0)),
		);
		return [answers.map((json, index) => ({ json, pairedItem: index }))];
	}
}

module.exports = { BenchReference, item };
