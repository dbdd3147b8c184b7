import type { ITaskData } from 'n8n-workflow';

import { waitFor } from '../../../tools/lib/wait';
import type { Execution, NodeItem } from '../../../tools/n8n/rest/executions';
import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow } from '../../../tools/n8n/rest/workflows';
import type { RestClient } from '../../../tools/n8n/restClient';
import {
	baseNode,
	chain,
	dispatchNode,
	splitOut,
	webhook,
	workflowOf,
	type Connection,
} from '../../../tools/n8n/sketch';
import { askWebhook } from '../../../tools/n8n/webhook';
import type { NodeSettings } from '../engine';
import type { Outcome } from '../faults/scenario';
import type { Instance } from './instance';

const NODE = 'Webhook Dispatch';

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

	/** All that a node output on one output, over all of its runs. */
	reached(node: string, output = 0): NodeItem[] {
		return (this.execution.data.resultData.runData[node] ?? []).flatMap((run) => run.data?.main[output] ?? []);
	}

	/** As from the executions list; n8n responds when it has ended. */
	async retry(options?: { loadWorkflow?: boolean }): Promise<RealRun> {
		const { id = '' } = await this.client.executions.retry(this.execution.id, options);
		return new RealRun(this.client, await this.client.executions.waitFor(id));
	}
}

/** An active workflow around the node: a webhook, items, the node, and what it outputs. */
export class DispatchWorkflow {
	private constructor(
		private readonly instance: Instance,
		readonly id: string,
		private readonly path: string,
	) {}

	static async create(instance: Instance, setup: DispatchSetup): Promise<DispatchWorkflow> {
		const path = `dispatch-${process.hrtime.bigint()}`;
		const { id } = await instance.client.workflows.create(workflowAround(path, setup));
		await instance.client.workflows.activate(id);
		return new DispatchWorkflow(instance, id, path);
	}

	/** Starts a production execution with these items. @returns its ID */
	async start(items: JsonObject[]): Promise<string> {
		const known = new Set((await this.instance.client.executions.list({ workflowId: this.id })).map(({ id }) => id));
		await askWebhook(`${this.instance.n8n.url}/webhook/${this.path}`, { json: { items } });
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

function workflowAround(path: string, { node, credentials, loopOf, failsBehind = false }: DispatchSetup): Workflow {
	const { parameters = {}, ...settings } = node;
	const hasErrorOutput = node.onError === 'continueErrorOutput';
	const behind = failsBehind
		? baseNode('Delivered', 'stopAndError', { errorMessage: 'Behind the node' })
		: baseNode('Delivered', 'noOp');
	const nodes = [
		webhook(path),
		splitOut('body.items'),
		dispatchNode(NODE, { parameters: parameters as JsonObject, waitBetweenTries: 50, credentials, ...settings }),
		behind,
		baseNode('Failed', 'noOp', {}, { position: [660, 160] }),
	];
	if (loopOf === undefined) {
		const failed: Connection[] = hasErrorOutput ? [[NODE, 'Failed', 1]] : [];
		return workflowOf(path, nodes, [...chain('Webhook', 'Items', NODE, 'Delivered'), ...failed]);
	}
	const loop = baseNode('Loop', 'splitInBatches', { batchSize: loopOf, options: {} }, { typeVersion: 3 });
	return workflowOf(
		path,
		[...nodes, loop],
		[...chain('Webhook', 'Items', 'Loop', 'Delivered'), ['Loop', NODE, 1], [NODE, 'Loop']],
	);
}
