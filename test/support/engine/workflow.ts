import {
	NodeConnectionTypes,
	type IConnections,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
} from 'n8n-workflow';

import { connectionsOf, DISPATCH_TYPE, type Connection } from '../../../tools/n8n/sketch';

export { DISPATCH_TYPE };

/** The name of the node under test in every workflow of the harness. */
export const DISPATCH = 'Dispatch';

/** A node's parameters and what is in its Settings tab. */
export interface NodeSettings extends Partial<
	Pick<
		INode,
		'retryOnFail' | 'maxTries' | 'waitBetweenTries' | 'onError' | 'alwaysOutputData' | 'executeOnce' | 'disabled'
	>
> {
	parameters?: INodeParameters;
}

export interface NodeSpec extends NodeSettings {
	name: string;
	type: string;
}

export interface WorkflowSpec {
	nodes: NodeSpec[];
	connections: Connection[];
}

/** Makes a workflow around the node under test; every one begins with a node named Start. */
export type Shape = (node: NodeSettings) => WorkflowSpec;

const start: NodeSpec = { name: 'Start', type: 'test.start' };
const pass = (name: string): NodeSpec => ({ name, type: 'test.passThrough' });

/** Start → Dispatch → Delivered, and Failed on its second (error) output. */
export const line: Shape = (node) => ({
	nodes: [start, { ...node, name: DISPATCH, type: DISPATCH_TYPE }, pass('Delivered'), pass('Failed')],
	connections: [
		['Start', DISPATCH],
		[DISPATCH, 'Delivered', 0],
		[DISPATCH, 'Failed', 1],
	],
});

/** Start → Dispatch → Break, which fails `times` times: the execution fails behind the node under test. */
export const failingBehind =
	(times = 1): Shape =>
	(node) => ({
		nodes: [
			start,
			{ ...node, name: DISPATCH, type: DISPATCH_TYPE },
			{ name: 'Break', type: 'test.failTimes', parameters: { times } },
		],
		connections: [
			['Start', DISPATCH],
			[DISPATCH, 'Break'],
		],
	});

/** Start → Loop ⇄ Dispatch (both outputs go back), Loop → Done with all that came back. */
export const loopOf =
	(batchSize = 1): Shape =>
	(node) => ({
		nodes: [
			start,
			{ name: 'Loop', type: 'test.loop', parameters: { batchSize } },
			{ ...node, name: DISPATCH, type: DISPATCH_TYPE },
			pass('Done'),
		],
		connections: [
			['Start', 'Loop'],
			['Loop', 'Done', 0],
			['Loop', DISPATCH, 1],
			[DISPATCH, 'Loop', 0],
			[DISPATCH, 'Loop', 1],
		],
	});

/**
 * Start → Agent, with Dispatch as its tool, called `calls` times with `input`.
 * @param by `engine`: the engine runs the tool at the agent's request (present agents); `agent`: the agent
 * calls it itself (LangChain)
 */
export const agentWith =
	(by: 'engine' | 'agent', calls = 1, input: IDataObject = {}): Shape =>
	(node) => ({
		nodes: [
			start,
			{
				name: 'Agent',
				type: `test.${by === 'engine' ? 'engineAgent' : 'callingAgent'}`,
				parameters: { calls, input } as INodeParameters,
			},
			{ ...node, name: DISPATCH, type: `${DISPATCH_TYPE}Tool` },
		],
		connections: [
			['Start', 'Agent'],
			[DISPATCH, 'Agent', 0, NodeConnectionTypes.AiTool],
		],
	});

/** The nodes as n8n stores them; the node under test gets a reference to each credential type given. */
export function toNodes(spec: WorkflowSpec, items: INodeExecutionData[], credentialTypes: string[]): INode[] {
	const references = Object.fromEntries(credentialTypes.map((type) => [type, { id: type, name: type }]));
	return spec.nodes.map((node, index) => ({
		id: `node-${index}`,
		typeVersion: 1,
		position: [index * 200, 0],
		...node,
		parameters: node.name === 'Start' ? ({ items } as unknown as INodeParameters) : (node.parameters ?? {}),
		...(node.name === DISPATCH && credentialTypes.length > 0 && { credentials: references }),
	}));
}

/** The connections as n8n stores them. */
export const toConnections = (spec: WorkflowSpec): IConnections => connectionsOf(spec.connections) as IConnections;
