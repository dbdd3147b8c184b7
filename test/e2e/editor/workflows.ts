import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';
import { baseNode, chain, dispatchNode, itemsNode, start, workflowOf } from '../../../tools/n8n/sketch';

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

/** *Start* → *Items* → *Convert to File* → *Webhook Dispatch* with these parameters: the item has a file, *data*. */
export const fromFile = (name: string, parameters: JsonObject): Workflow =>
	workflowOf(
		name,
		[
			start,
			itemsNode([{ text: 'a file of ümlauts' }]),
			baseNode(
				'Convert to File',
				'convertToFile',
				{ operation: 'toText', sourceProperty: 'text', options: { fileName: 'nöte.txt' } },
				{ typeVersion: 1.1 },
			),
			dispatchNode('Webhook Dispatch', { parameters }),
		],
		chain('Start', 'Items', 'Convert to File', 'Webhook Dispatch'),
	);
