import fs from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths';
import type { RestClient } from '../n8n/restClient';
import { runByHand } from '../n8n/runByHand';
import type { JsonObject } from '../n8n/rest/json';
import type { Workflow } from '../n8n/rest/workflows';

const TABLE = 'webhook_dispatch_outbox';

/** What may differ from the delivery as it is shipped. */
interface DeliveryChanges {
	batchSize?: number;
	leaseSeconds?: number;
	everySeconds?: number;
	retrySchedule?: string;
	timeout?: number;
	concurrency?: number;
}

/** The outbox in a running n8n. */
export interface Outbox {
	acceptId: string;
	deliverId: string;
	/** The table's name in the database, for SQL. */
	sqlTable: string;
	startAccepting(): Promise<unknown>;
	startDelivering(changes?: DeliveryChanges): Promise<void>;
	stopDelivering(): Promise<unknown>;
}

/** A workflow file, with values for fields of its Settings nodes and parameters for other nodes. */
function workflowOf(
	file: string,
	settings: JsonObject,
	parameters: Record<string, JsonObject & { options?: JsonObject }> = {},
): Workflow {
	const workflow = JSON.parse(fs.readFileSync(path.join(root, 'workflows', file), 'utf8')) as Workflow;
	for (const node of workflow.nodes) {
		// As n8n's Edit Fields node has them.
		const own = node.parameters as JsonObject & {
			assignments?: { assignments?: Array<{ name: string; value: unknown }> };
			options?: JsonObject;
		};
		for (const field of own.assignments?.assignments ?? [])
			if (field.name in settings) field.value = settings[field.name];
		const { options, ...more } = parameters[node.name] ?? {};
		Object.assign(own, more);
		if (options) own.options = { ...own.options, ...options };
	}
	return workflow;
}

/** The parameters of the pair's trigger and delivery. */
const deliverParameters = ({
	everySeconds,
	retrySchedule,
	timeout,
	concurrency,
}: DeliveryChanges): Record<string, JsonObject & { options?: JsonObject }> => ({
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
 * Imports the outbox into a running n8n: both workflows, and the table made by their own trigger; not active yet.
 * @param destination where messages go
 */
export async function importOutbox(client: RestClient, destination: string): Promise<Outbox> {
	const accept = await client.workflows.create(workflowOf('outbox-accept.json', { destination }));
	const made = await runByHand(client, accept.id, 'Create the Table');
	if (made.status !== 'success')
		throw new Error(`The outbox' table was not made: ${made.data.resultData.error?.message}`);
	const deliver = await client.workflows.create(workflowOf('outbox-deliver.json', {}));
	const table = (await client.dataTables.list()).find(({ name }) => name === TABLE);
	if (!table) throw new Error(`There is no table ${TABLE}`);
	return {
		acceptId: accept.id,
		deliverId: deliver.id,
		sqlTable: `"data_table_user_${table.id}"`,
		startAccepting: () => client.workflows.activate(accept.id),
		async startDelivering({ batchSize, leaseSeconds, ...parameters } = {}) {
			const settings = { ...(batchSize && { batchSize }), ...(leaseSeconds && { leaseSeconds }) };
			const { nodes, connections } = workflowOf('outbox-deliver.json', settings, deliverParameters(parameters));
			await client.workflows.update(deliver.id, { nodes, connections });
			await client.workflows.activate(deliver.id);
		},
		stopDelivering: () => client.workflows.deactivate(deliver.id),
	};
}
