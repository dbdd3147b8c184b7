import type { ITaskData } from 'n8n-workflow';

import { waitFor } from '../../../tools/lib/wait';
import type { Execution, NodeItem } from '../../../tools/n8n/rest/executions';
import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';
import type { RestClient } from '../../../tools/n8n/restClient';
import type { NodeSettings } from '../engine';
import type { Outcome } from '../faults/scenario';
import type { Instance } from './instance';

const NODE = 'Webhook Dispatch';
const connection = (node: string) => ({ node, type: 'main', index: 0 });

export interface DispatchSetup {
	/** Parameters and settings of the node. */
	node: NodeSettings;
	/** IDs and names of the credentials it refers to, by type. */
	credentials?: Record<string, { id: string; name: string }>;
	/** Puts the node into a loop, with so many items a run. */
	loopOf?: number;
	/** Stops the execution behind the node. */
	failsBehind?: boolean;
}

/** A finished execution in a real n8n. */
export class RealRun implements Outcome {
	constructor(
		private readonly client: RestClient,
		readonly execution: Execution,
	) {}

	get status() {
		return this.execution.status as Outcome['status'];
	}

	tasks(node = NODE): ITaskData[] {
		return (this.execution.data.resultData.runData[node] ?? []) as unknown as ITaskData[];
	}

	/** All that a node put out on one output, over all of its runs. */
	reached(node: string, output = 0): NodeItem[] {
		return (this.execution.data.resultData.runData[node] ?? []).flatMap((run) => run.data?.main[output] ?? []);
	}

	/** As from the executions list; n8n answers when it has ended. */
	async retry(options?: { loadWorkflow?: boolean }): Promise<RealRun> {
		const { id = '' } = await this.client.executions.retry(this.execution.id, options);
		return new RealRun(this.client, await this.client.executions.waitFor(id));
	}
}

/** An active workflow around the node: a webhook, items, the node, and what it puts out. */
export class DispatchWorkflow {
	private constructor(
		private readonly instance: Instance,
		readonly id: string,
		private readonly path: string,
	) {}

	static async create(instance: Instance, setup: DispatchSetup): Promise<DispatchWorkflow> {
		const path = `dispatch-${process.hrtime.bigint()}`;
		const { id } = await instance.client.workflows.create(workflowOf(path, setup));
		await instance.client.workflows.activate(id);
		return new DispatchWorkflow(instance, id, path);
	}

	/** Starts a production execution with these items. @returns its ID */
	async start(items: JsonObject[]): Promise<string> {
		const send = async () =>
			await fetch(`${this.instance.n8n.url}/webhook/${this.path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ items }),
			});
		const known = new Set((await this.instance.client.executions.list({ workflowId: this.id })).map(({ id }) => id));
		// n8n registers a webhook a moment after it has answered the activation.
		await waitFor(async () => (await send()).status !== 404, { what: 'the webhook' });
		return await waitFor(
			async () =>
				(await this.instance.client.executions.list({ workflowId: this.id })).find(({ id }) => !known.has(id))?.id,
			{ what: 'the execution' },
		);
	}

	/** What has become of an execution. */
	async ended(id: string): Promise<RealRun> {
		return new RealRun(this.instance.client, await this.instance.client.executions.waitFor(id));
	}

	async run(items: JsonObject[]): Promise<RealRun> {
		return await this.ended(await this.start(items));
	}
}

function workflowOf(path: string, { node, credentials, loopOf, failsBehind = false }: DispatchSetup): Workflow {
	const { parameters, ...settings } = node;
	const nodes: WorkflowNode[] = [
		{
			id: '1',
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			position: [0, 0],
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
			webhookId: path,
		},
		{
			id: '2',
			name: 'Items',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			position: [200, 0],
			parameters: { fieldToSplitOut: 'body.items', options: {} },
		},
		{
			id: '3',
			name: NODE,
			type: 'n8n-nodes-webhook-dispatch.webhookDispatch',
			typeVersion: 1,
			position: [600, 0],
			parameters: parameters as JsonObject,
			waitBetweenTries: 50,
			credentials,
			...settings,
		},
		{
			id: '4',
			name: 'Delivered',
			type: `n8n-nodes-base.${failsBehind ? 'stopAndError' : 'noOp'}`,
			typeVersion: 1,
			position: [800, -100],
			parameters: failsBehind ? { errorMessage: 'Behind the node' } : {},
		},
		{ id: '5', name: 'Failed', type: 'n8n-nodes-base.noOp', typeVersion: 1, position: [800, 100], parameters: {} },
	];
	const after = {
		main: [[connection('Delivered')], ...(node.onError === 'continueErrorOutput' ? [[connection('Failed')]] : [])],
	};
	const connections = {
		Webhook: { main: [[connection('Items')]] },
		Items: { main: [[connection(NODE)]] },
		[NODE]: after,
	};
	if (loopOf === undefined) return { name: path, nodes, connections, settings: { executionOrder: 'v1' } };
	const loop: WorkflowNode = {
		id: '6',
		name: 'Loop',
		type: 'n8n-nodes-base.splitInBatches',
		typeVersion: 3,
		position: [400, 0],
		parameters: { batchSize: loopOf, options: {} },
	};
	return {
		name: path,
		nodes: [...nodes, loop],
		connections: {
			...connections,
			Items: { main: [[connection('Loop')]] },
			Loop: { main: [[connection('Delivered')], [connection(NODE)]] },
			[NODE]: { main: [[connection('Loop')]] },
		},
		settings: { executionOrder: 'v1' },
	};
}
