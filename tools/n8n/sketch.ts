import type { Workflow, WorkflowNode } from './rest/workflows';

/** A node with what matters of it; type version 1, no parameters, and a place to the right of the last unless said. */
export type NodeSketch = Pick<WorkflowNode, 'name' | 'type'> & Partial<WorkflowNode>;

/** From a node's output to a node; output 0 and a `main` connection unless said. */
export type Connection = [from: string, to: string, output?: number, type?: string];

/** n8n's name for the type of this package's node. */
export const DISPATCH_TYPE = 'n8n-nodes-webhook-dispatch.webhookDispatch';

/** A node of one of n8n's own types. */
export const baseNode = (
	name: string,
	type: string,
	parameters: WorkflowNode['parameters'] = {},
	more: Partial<WorkflowNode> = {},
): NodeSketch => ({ name, type: `n8n-nodes-base.${type}`, parameters, ...more });

/** *Start*, by which a workflow is run by hand. */
export const start: NodeSketch = baseNode('Start', 'manualTrigger');

/** *Webhook*: responds at once, unless the parameters say something else. */
export const webhook = (path: string, parameters: WorkflowNode['parameters'] = {}): NodeSketch =>
	baseNode(
		'Webhook',
		'webhook',
		{ httpMethod: 'POST', path, responseMode: 'onReceived', options: {}, ...parameters },
		{ typeVersion: 2, webhookId: path },
	);

/** *Items*: one for each element of a field that is an array. */
export const splitOut = (field: string): NodeSketch =>
	baseNode('Items', 'splitOut', { fieldToSplitOut: field, options: {} });

/** *Items*: these. */
export const itemsNode = (items: Array<WorkflowNode['parameters']>): NodeSketch =>
	baseNode(
		'Items',
		'code',
		{ jsCode: `return ${JSON.stringify(items)}.map((json) => ({ json }));` },
		{ typeVersion: 2 },
	);

/** The node of this package. */
export const dispatchNode = (name: string, more: Partial<WorkflowNode> = {}): NodeSketch => ({
	name,
	type: DISPATCH_TYPE,
	...more,
});

/** Each of these nodes to the next. */
export const chain = (...names: string[]): Connection[] =>
	names.slice(1).map((name, index) => [names[index] ?? '', name]);

/** The connections as n8n stores them. */
export function connectionsOf(connections: Connection[]): Workflow['connections'] {
	const stored: Workflow['connections'] = {};
	for (const [from, to, output = 0, type = 'main'] of connections) {
		const outputs = ((stored[from] ??= {})[type] ??= []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output]?.push({ node: to, type, index: 0 });
	}
	return stored;
}

/** The workflow as n8n imports it. */
export const workflowOf = (name: string, nodes: NodeSketch[], connections: Connection[]): Workflow => ({
	name,
	nodes: nodes.map((node, index) => ({
		id: `node-${index}`,
		typeVersion: 1,
		position: [index * 220, 0],
		parameters: {},
		...node,
	})),
	connections: connectionsOf(connections),
	settings: { executionOrder: 'v1' },
});

/** What a node's `credentials` holds. */
export const using = ({
	id,
	name,
	type,
}: {
	id: string;
	name: string;
	type: string;
}): NonNullable<WorkflowNode['credentials']> => ({ [type]: { id, name } });
