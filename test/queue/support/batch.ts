import type { Workflow } from '../../../tools/n8n/rest/workflows';
import { askWebhook } from '../../../tools/n8n/webhook';
import type { Behaviour, Receiver } from '../../support/receiver';
import type { Cluster, QueueProcess } from './cluster';
import { executionsOf, newestId, workerOf } from './executions';
import { startItemReceiver } from './receiving';

/** A workflow that delivers what is sent to it, with its receiver. */
export interface Batch {
	workflowId: string;
	receiver: Receiver;
	items: string[];
	/** Sends these items to the workflow, in one request. */
	send(items: string[]): Promise<void>;
	close(): Promise<void>;
}

/** @param make the workflow that delivers to a URL, with a webhook of this path */
export async function startBatch(
	{ client, webhook }: Cluster,
	path: string,
	count: number,
	make: (path: string, url: string) => Workflow,
	otherwise?: Behaviour,
): Promise<Batch> {
	const receiver = await startItemReceiver(otherwise);
	const { id: workflowId } = await client.workflows.create(make(path, receiver.url('/')));
	await client.workflows.activate(workflowId);
	const url = `${webhook.url}/webhook/${path}`;
	return {
		workflowId,
		receiver,
		items: Array.from({ length: count }, (_, number) => `${path}-${number}`),
		send: async (items) => void (await askWebhook(url, { json: { items: items.map((item) => ({ item })) } })),
		close: async () => {
			await client.workflows.deactivate(workflowId);
			await receiver.close();
		},
	};
}

/** Sends a whole batch and waits until so many of it have arrived. @returns the worker that is at it */
export async function inTheMiddle(
	cluster: Cluster,
	batch: Batch,
	arrived: number,
): Promise<{ worker: QueueProcess; executionId: string }> {
	const before = await newestId(cluster);
	await batch.send(batch.items);
	await batch.receiver.arrived(arrived);
	const [execution] = await executionsOf(cluster, batch.workflowId, before);
	if (!execution) throw new Error('n8n has no execution of the batch');
	return { worker: await workerOf(cluster, execution.id), executionId: execution.id };
}
