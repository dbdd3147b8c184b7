import {
	NodeConnectionTypes,
	type EngineRequest,
	type EngineResponse,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';

function describe(name: string, more: Partial<INodeTypeDescription> = {}): INodeTypeDescription {
	return {
		displayName: name,
		name,
		group: ['transform'],
		version: 1,
		description: name,
		defaults: { name },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
		...more,
	};
}

const anyValue = (name: string, value: unknown) =>
	({ displayName: name, name, type: 'json', default: value }) as INodeTypeDescription['properties'][number];

/** A trigger that starts a manual execution with the items in its parameter `items`. */
class Start implements INodeType {
	description = describe('start', { group: ['trigger'], inputs: [], properties: [anyValue('items', [])] });

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const { items } = this.getNode().parameters as unknown as { items: INodeExecutionData[] };
		return { manualTriggerFunction: async () => this.emit([items]) };
	}
}

/** Passes on what it gets. */
class PassThrough implements INodeType {
	description = describe('passThrough');

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}
}

/** Gives out its input items in turns: output 1 has the turn's items, output 0 has what came back, when all are through. */
class Loop implements INodeType {
	description = describe('loop', {
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['done', 'loop'],
		properties: [{ displayName: 'Batch Size', name: 'batchSize', type: 'number', default: 1 }],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const state = this.getContext('node') as { left?: INodeExecutionData[]; back?: INodeExecutionData[] };
		if (state.left) state.back = [...(state.back ?? []), ...this.getInputData()];
		else state.left = [...this.getInputData()];
		const turn = state.left.splice(0, this.getNodeParameter('batchSize', 0) as number);
		return turn.length > 0 ? [[], turn] : [state.back ?? [], []];
	}
}

/** Fails as often as its parameter `times` says, counted over an execution and its retries, then passes on. */
function failTimes(): INodeType {
	let failed = 0;
	return {
		description: describe('failTimes', {
			properties: [{ displayName: 'Times', name: 'times', type: 'number', default: 1 }],
		}),
		async execute(this: IExecuteFunctions) {
			if (failed < (this.getNodeParameter('times', 0) as number)) {
				failed += 1;
				throw new Error('failTimes');
			}
			return [this.getInputData()];
		},
	};
}

const toolInputs = [NodeConnectionTypes.Main, { type: NodeConnectionTypes.AiTool, displayName: 'Tool' }];

/** An agent as n8n's present ones work: it asks the engine to run the tool `calls` times, then goes on with the responses. */
class EngineAgent implements INodeType {
	description = describe('engineAgent', {
		inputs: toolInputs as INodeTypeDescription['inputs'],
		properties: [anyValue('calls', 1), anyValue('input', {})],
	});

	async execute(this: IExecuteFunctions, response?: EngineResponse): Promise<INodeExecutionData[][] | EngineRequest> {
		if (response?.actionResponses.length) {
			return [[{ json: { answers: response.actionResponses.map(({ data }) => data.data?.ai_tool?.[0]) } as never }]];
		}
		const { calls, input } = this.getNode().parameters as unknown as { calls: number; input: object };
		const [tool] = this.getParentNodes(this.getNode().name, { connectionType: NodeConnectionTypes.AiTool, depth: 1 });
		return {
			actions: Array.from({ length: calls }, (_, index) => ({
				actionType: 'ExecutionNodeAction' as const,
				nodeName: tool?.name ?? '',
				input: { ...input },
				type: NodeConnectionTypes.AiTool,
				id: `call-${index}`,
				metadata: { itemIndex: 0 },
			})),
			metadata: {},
		};
	}
}

/** An agent that calls its tools itself (LangChain), as n8n's did before and its sub-agents still do. */
class CallingAgent implements INodeType {
	description = describe('callingAgent', {
		inputs: toolInputs as INodeTypeDescription['inputs'],
		properties: [anyValue('calls', 1), anyValue('input', {})],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { calls, input } = this.getNode().parameters as unknown as { calls: number; input: object };
		const [tool] = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Array<{
			invoke: (input: object) => Promise<string>;
		}>;
		const answers: string[] = [];
		for (let call = 0; call < calls; call += 1) answers.push((await tool?.invoke({ ...input })) ?? '');
		return [[{ json: { answers } }]];
	}
}

/** Fresh instances of all helper nodes by type name, `test.start`, `test.passThrough`, `test.loop` … */
export function helperNodes(): Record<string, INodeType> {
	const nodes = [new Start(), new PassThrough(), new Loop(), failTimes(), new EngineAgent(), new CallingAgent()];
	return Object.fromEntries(nodes.map((node) => [`test.${node.description.name}`, node]));
}
