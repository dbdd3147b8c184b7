'use strict';
const path = require('node:path');
const { freePort } = require('../../tools/lib/ports');
const { pause, waitFor } = require('../../tools/lib/wait');
const { startN8n } = require('../../tools/n8n/process');

const MEASURED = 'Measured';
/** So long n8n is not asked whether a run has ended: answering would take time from it. */
const UNASKED_MS = 60_000;

/**
 * @typedef {object} Measurement one execution
 * @property {number} ms the measured node's execution time, as n8n records it in the execution's data
 * @property {number} items that the node put out
 * @property {number} credentialReads
 * @property {import('./receiver').Received} received
 */

/**
 * A real n8n with the package, the reference node, and the probe inside.
 * @param {{ folder: string, packageFolder: string, receiver: Awaited<ReturnType<import('./receiver').startReceiver>>,
 *   pauseSeconds?: number }} options `pauseSeconds`: to wait before each run; without it garbage is collected instead
 */
async function startInstance({ folder, packageFolder, receiver, pauseSeconds }) {
	const probePort = await freePort();
	const n8n = await startN8n({
		userFolder: folder,
		packageFolder,
		env: {
			NODE_OPTIONS: `--require ${path.join(__dirname, 'probe.js')}`,
			BENCH_PROBE_PORT: String(probePort),
			BENCH_PACKAGE: path.join(folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-webhook-dispatch'),
			N8N_CUSTOM_EXTENSIONS: path.join(__dirname, 'reference-node'),
			NODE_EXTRA_CA_CERTS: receiver.certificateFile,
		},
	});
	const { client } = n8n;
	const probe = async (route) => await (await fetch(`http://127.0.0.1:${probePort}${route}`)).json();
	const known = new Map();

	/** Published once: a webhook starts it, as automations are started, and not the editor. */
	async function workflowOf(node) {
		const key = JSON.stringify(node);
		if (!known.has(key)) {
			const hook = `bench-${known.size}`;
			const { id } = await client.workflows.create(workflow(hook, node));
			await client.workflows.activate(id);
			known.set(key, { id, hook });
		}
		return known.get(key);
	}

	return {
		client,
		probe,
		stop: async () => await n8n.stop(),
		log: n8n.log,
		/**
		 * Runs a node once over so many items.
		 * @param {object} node type, typeVersion, parameters, credentials
		 * @param {number} items
		 * @returns {Promise<Measurement>}
		 * @throws {Error} when the execution did not succeed
		 */
		async measure(node, items) {
			const { id, hook } = await workflowOf(node);
			const before = new Set((await client.executions.list({ workflowId: id })).map((execution) => execution.id));
			await Promise.all([receiver.reset(), probe('/reset')]);
			// As V8 does by itself in the pause between two executions of an automation.
			await (pauseSeconds === undefined ? probe('/collect') : pause(pauseSeconds * 1000));
			// n8n takes up a published webhook a moment later; until then it answers 404 and runs nothing.
			await waitFor(async () => (await fetch(`${n8n.url}/webhook/${hook}?items=${items}`)).ok, {
				what: `the webhook ${hook}`,
			});
			// It does not end when the node fails: then n8n is asked.
			await Promise.race([probe('/ended'), pause(UNASKED_MS, undefined, { ref: false })]);
			const { id: executionId } = await waitFor(
				async () =>
					(await client.executions.list({ workflowId: id })).find(
						(execution) => !before.has(execution.id) && !['new', 'running', 'waiting'].includes(execution.status),
					),
				{ what: `an execution of ${hook}`, deadline: 900_000, every: 100 },
			);
			const [received, { credentialReads }] = await Promise.all([receiver.state(), probe('/state')]);
			// n8n may close a kept connection in the moment it is used again: a question may be asked twice.
			const execution = await waitFor(() => client.executions.get(executionId), { what: `execution ${executionId}` });
			const run = execution.data.resultData.runData[MEASURED]?.[0];
			if (execution.status !== 'success' || !run) {
				throw new Error(`The execution ended as ${execution.status}: ${execution.data.resultData.error?.message}`);
			}
			return { ms: run.executionTime, items: run.data?.main[0]?.length ?? 0, credentialReads, received };
		},
	};
}

function workflow(hook, node) {
	const to = (name) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return {
		name: hook,
		settings: {},
		nodes: [
			{
				id: '1',
				name: 'Start',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: hook,
				parameters: { path: hook, httpMethod: 'GET', responseMode: 'onReceived', options: {} },
			},
			{
				id: '2',
				name: 'Items',
				type: 'CUSTOM.benchReference',
				typeVersion: 1,
				position: [200, 0],
				parameters: { work: 'items' },
			},
			{ id: '3', name: MEASURED, position: [400, 0], ...node },
			{
				id: '4',
				name: 'End',
				type: 'CUSTOM.benchReference',
				typeVersion: 1,
				position: [600, 0],
				parameters: { work: 'end' },
			},
		],
		connections: { Start: to('Items'), Items: to(MEASURED), [MEASURED]: to('End') },
	};
}

module.exports = { startInstance };
