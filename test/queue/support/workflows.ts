import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';

/** A node at the next place to the right. */
type Sketch = Pick<WorkflowNode, 'name' | 'type' | 'parameters'> & Partial<WorkflowNode>;

const node = (sketch: Sketch, index: number): WorkflowNode => ({
	id: `node-${index}`,
	typeVersion: 1,
	position: [index * 220, 0],
	...sketch,
});

const webhook = (path: string): Sketch => ({
	name: 'Webhook',
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	webhookId: `webhook-${path}`,
	parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
});

/** One item for each element of the body's `items`. */
const splitOut: Sketch = {
	name: 'Items',
	type: 'n8n-nodes-base.splitOut',
	parameters: { fieldToSplitOut: 'body.items', options: {} },
};

const dispatch = (url: string, more: Partial<WorkflowNode> = {}, options: JsonObject = {}): Sketch => ({
	name: 'Dispatch',
	type: 'n8n-nodes-webhook-dispatch.webhookDispatch',
	...more,
	parameters: {
		method: 'POST',
		url,
		options: { idempotencyHeader: 'Idempotency-Key', ...options },
		...more.parameters,
	},
});

const edge = (name: string) => [{ node: name, type: 'main', index: 0 }];

/** Webhook → items → Webhook Dispatch: what is sent to `/webhook/<path>` as `{ items: [...] }` is delivered, item by item. */
export function batchWorkflow(
	path: string,
	url: string,
	more: Partial<WorkflowNode> = {},
	options: JsonObject = {},
): Workflow {
	return {
		name: `Batch ${path}`,
		nodes: [webhook(path), splitOut, dispatch(url, more, options)].map(node),
		connections: { Webhook: { main: [edge('Items')] }, Items: { main: [edge('Dispatch')] } },
		settings: { executionOrder: 'v1' },
	};
}

/** As `batchWorkflow`, with the error output through a Wait node until `retryAt`, and back. */
export function scheduledWorkflow(path: string, url: string, retrySchedule: string): Workflow {
	const plain = batchWorkflow(path, url, { onError: 'continueErrorOutput' }, { retrySchedule });
	const wait = node(
		{
			name: 'Wait',
			type: 'n8n-nodes-base.wait',
			typeVersion: 1.1,
			parameters: {
				resume: 'specificTime',
				dateTime: '={{ $input.all().map((item) => item.json.details.delivery.retryAt).sort().at(-1) }}',
			},
		},
		3,
	);
	return {
		...plain,
		nodes: [...plain.nodes, wait],
		connections: { ...plain.connections, Dispatch: { main: [[], edge('Wait')] }, Wait: { main: [edge('Dispatch')] } },
	};
}

/** Three items, handed over to another workflow. */
export function callingWorkflow(workflowId: string): Workflow {
	const nodes: Sketch[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
		{
			name: 'Three',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: {
				mode: 'raw',
				jsonOutput: '{"items":[{"item":0},{"item":1},{"item":2}]}',
				options: {},
			},
		},
		{ name: 'Items', type: 'n8n-nodes-base.splitOut', parameters: { fieldToSplitOut: 'items', options: {} } },
		{
			name: 'Outbox',
			type: 'n8n-nodes-base.executeWorkflow',
			typeVersion: 1.2,
			parameters: { workflowId: { __rl: true, mode: 'id', value: workflowId }, options: {} },
		},
	];
	return {
		name: 'Calls the outbox',
		nodes: nodes.map(node),
		connections: {
			Start: { main: [edge('Three')] },
			Three: { main: [edge('Items')] },
			Items: { main: [edge('Outbox')] },
		},
		settings: { executionOrder: 'v1' },
	};
}
