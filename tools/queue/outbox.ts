'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { root } = require('../lib/paths');

const TABLE = 'webhook_dispatch_outbox';

/** A workflow file, with values for fields of its Settings nodes and parameters for other nodes. */
function workflowOf(file, settings, parameters = {}) {
	const workflow = JSON.parse(fs.readFileSync(path.join(root, 'workflows', file), 'utf8'));
	for (const node of workflow.nodes) {
		for (const field of node.parameters.assignments?.assignments ?? [])
			if (field.name in settings) field.value = settings[field.name];
		const { options, ...more } = parameters[node.name] ?? {};
		Object.assign(node.parameters, more);
		if (options) Object.assign(node.parameters.options, options);
	}
	return workflow;
}

/** The parameters of the pair's trigger and delivery. */
const deliverParameters = ({ everySeconds, retrySchedule, timeout, concurrency }) => ({
	...(everySeconds && {
		'Every 5 Seconds': { rule: { interval: [{ field: 'seconds', secondsInterval: everySeconds }] } },
	}),
	Deliver: {
		options: {
			...(retrySchedule && { retrySchedule }),
			...(timeout && { timeout }),
			...(concurrency && { concurrency }),
		},
	},
});

/**
 * The outbox in a running n8n: both workflows imported, the table made by their own trigger; not active yet.
 * @param {ReturnType<import('../n8n/restClient').createRestClient>} client
 * @param {string} destination where messages go
 */
async function importOutbox(client, destination) {
	const accept = await client.workflows.create(workflowOf('outbox-accept.json', { destination }));
	const { executionId } = await client.workflows.run(accept.id, { triggerToStartFrom: { name: 'Create the Table' } });
	const made = await client.executions.waitFor(executionId);
	if (made.status !== 'success')
		throw new Error(`The outbox' table was not made: ${made.data.resultData.error?.message}`);
	const deliver = await client.workflows.create(workflowOf('outbox-deliver.json', {}));
	const table = (await client.dataTables.list()).find(({ name }) => name === TABLE);
	return {
		acceptId: accept.id,
		deliverId: deliver.id,
		/** The table's name in the database, for SQL. */
		sqlTable: `"data_table_user_${table.id}"`,
		startAccepting: () => client.workflows.activate(accept.id),
		/**
		 * Activates the delivery, as shipped but for what is given.
		 * @param {{ batchSize?: number, leaseSeconds?: number, everySeconds?: number, retrySchedule?: string, timeout?: number, concurrency?: number }} [changes]
		 */
		async startDelivering({ batchSize, leaseSeconds, ...parameters } = {}) {
			const settings = { ...(batchSize && { batchSize }), ...(leaseSeconds && { leaseSeconds }) };
			const { nodes, connections } = workflowOf('outbox-deliver.json', settings, deliverParameters(parameters));
			await client.workflows.update(deliver.id, { nodes, connections });
			await client.workflows.activate(deliver.id);
		},
		stopDelivering: () => client.workflows.deactivate(deliver.id),
	};
}

module.exports = { importOutbox };
