import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';
import {
	baseNode,
	chain,
	dispatchNode,
	splitOut,
	start,
	webhook,
	workflowOf,
	type NodeSketch,
} from '../../../tools/n8n/sketch';

const batchNodes = (path: string, url: string, more: Partial<WorkflowNode>, options: JsonObject): NodeSketch[] => [
	webhook(path),
	splitOut('body.items'),
	dispatchNode('Dispatch', {
		...more,
		parameters: {
			method: 'POST',
			url,
			options: { idempotencyHeader: 'Idempotency-Key', ...options },
			...more.parameters,
		},
	}),
];

/** Webhook → items → Webhook Dispatch: what is sent to `/webhook/<path>` as `{ items: [...] }` is delivered, item by item. */
export const batchWorkflow = (
	path: string,
	url: string,
	more: Partial<WorkflowNode> = {},
	options: JsonObject = {},
): Workflow => workflowOf(`Batch ${path}`, batchNodes(path, url, more, options), chain('Webhook', 'Items', 'Dispatch'));

/** As `batchWorkflow`, with the error output through a Wait node until `retryAt`, and back. */
export function scheduledWorkflow(path: string, url: string, retrySchedule: string): Workflow {
	const until = '={{ $input.all().map((item) => item.json.details.delivery.retryAt).sort().at(-1) }}';
	const wait = baseNode('Wait', 'wait', { resume: 'specificTime', dateTime: until }, { typeVersion: 1.1 });
	const nodes = batchNodes(path, url, { onError: 'continueErrorOutput' }, { retrySchedule });
	return workflowOf(
		`Batch ${path}`,
		[...nodes, wait],
		[...chain('Webhook', 'Items', 'Dispatch'), ['Dispatch', 'Wait', 1], ['Wait', 'Dispatch']],
	);
}

/** Three items, handed over to another workflow. */
export function callingWorkflow(workflowId: string): Workflow {
	const three = { mode: 'raw', jsonOutput: '{"items":[{"item":0},{"item":1},{"item":2}]}', options: {} };
	const called = { workflowId: { __rl: true, mode: 'id', value: workflowId }, options: {} };
	return workflowOf(
		'Calls the outbox',
		[
			start,
			baseNode('Three', 'set', three, { typeVersion: 3.4 }),
			splitOut('items'),
			baseNode('Outbox', 'executeWorkflow', called, { typeVersion: 1.2 }),
		],
		chain('Start', 'Three', 'Items', 'Outbox'),
	);
}
