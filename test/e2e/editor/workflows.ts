import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';
import { chain, dispatchNode, itemsNode, start, workflowOf } from '../../../tools/n8n/sketch';

/** *Start* → *Items* (these) → *Webhook Dispatch*. */
export const dispatching = (name: string, items: JsonObject[], dispatch: Partial<WorkflowNode>): Workflow =>
	workflowOf(
		name,
		[start, itemsNode(items), dispatchNode('Webhook Dispatch', dispatch)],
		chain('Start', 'Items', 'Webhook Dispatch'),
	);

/** *Start* → *Webhook Dispatch* with these parameters. */
export const fromStart = (name: string, parameters: JsonObject): Workflow =>
	workflowOf(name, [start, dispatchNode('Webhook Dispatch', { parameters })], chain('Start', 'Webhook Dispatch'));
