import {
	createRunExecutionData,
	type ExecutionError,
	type IDataObject,
	type INodeExecutionData,
	type IRun,
	type IRunExecutionData,
	type ITaskData,
	type NodeExecutionHint,
} from 'n8n-workflow';
import { parse } from 'flatted';
import { startExecution, toWorkflow, type Execution, type Instance, type Stored } from './execution';
import { DISPATCH, toConnections, toNodes, type NodeSettings, type Shape } from './workflow';

/** An item: its JSON alone, or an n8n item with `json` and `binary`/`pairedItem`. */
export type ItemInput = IDataObject | INodeExecutionData;

/** What a run was made of; a retry or a step can change parts of it. */
export interface Setup {
	items: INodeExecutionData[];
	node: NodeSettings;
	shape: Shape;
	credentialTypes: string[];
}

export interface Changes {
	/** Other input items than the failed node had (order, number or content). */
	items?: ItemInput[];
	/** Settings and parameters to replace in the node under test ("retry with currently saved workflow"). */
	node?: NodeSettings;
	/** Another workflow around it, which likewise replaces the stored one. */
	shape?: Shape;
}

/** An execution that is in progress. */
export interface Running {
	executionId: string;
	/** As the Stop button does. */
	cancel: () => void;
	finished: Promise<Run>;
}

const itemKeys = ['json', 'binary', 'pairedItem', 'error', 'metadata', 'index'];

/** Items as n8n has them: an object with `json` (and nothing that an item has not) is one, others are the JSON of one. */
export function toItems(items: ItemInput[]): INodeExecutionData[] {
	return items.map((item) =>
		typeof item.json === 'object' && item.json !== null && Object.keys(item).every((key) => itemKeys.includes(key))
			? structuredClone(item as INodeExecutionData)
			: { json: structuredClone(item as IDataObject) },
	);
}

function changed(setup: Setup, changes: Changes): Setup {
	const node = { ...setup.node, ...changes.node };
	if (changes.node?.parameters) node.parameters = { ...setup.node.parameters, ...changes.node.parameters };
	return {
		...setup,
		node,
		items: changes.items ? toItems(changes.items) : setup.items,
		shape: changes.shape ?? setup.shape,
	};
}

/** The stored form of the workflow of a setup. */
export function storedWorkflow({ shape, node, items, credentialTypes }: Setup) {
	const spec = shape(node);
	return { nodes: toNodes(spec, items, credentialTypes), connections: toConnections(spec) };
}

/** A finished execution: what it output, and how n8n goes on from it. */
export class Run {
	constructor(
		readonly executionId: string,
		private readonly instance: Instance,
		private readonly setup: Setup,
		private readonly run: IRun,
		private readonly stored: Stored,
	) {}

	/** Waits for an execution and wraps it. */
	static watch(instance: Instance, setup: Setup, execution: Execution): Running {
		const { executionId, cancel, finished } = execution;
		const wrapped = finished.then(({ run, stored }) => new Run(executionId, instance, setup, run, stored));
		return { executionId, cancel, finished: wrapped };
	}

	/** `success`, `error`, `canceled` … */
	get status(): IRun['status'] {
		return this.stored.status;
	}

	/** What the execution stopped with. */
	get error(): ExecutionError | undefined {
		return this.data.resultData.error;
	}

	/** All of n8n's data of the execution. */
	get data(): IRunExecutionData {
		return this.run.data;
	}

	/** One entry for each run of a node (a loop has several). */
	tasks(node = DISPATCH): ITaskData[] {
		return this.data.resultData.runData[node] ?? [];
	}

	/** The items of one output of a node, of its last run unless `runIndex` is given. */
	output(index = 0, node = DISPATCH, runIndex = this.tasks(node).length - 1): INodeExecutionData[] {
		return this.tasks(node)[runIndex]?.data?.main?.[index] ?? [];
	}

	/** The items of the error output (second output, with On Error: Continue (using error output)). */
	get errorOutput(): INodeExecutionData[] {
		return this.output(1);
	}

	/** All that a node output on its first output, over all of its runs: `reached('Delivered')`. */
	reached(node: string): INodeExecutionData[] {
		return this.tasks(node).flatMap((task) => task.data?.main?.[0] ?? []);
	}

	/** What the node under test has remembered: `getContext('node')`. */
	get context(): IDataObject | undefined {
		return this.data.executionData?.contextData[`node:${DISPATCH}`] as IDataObject | undefined;
	}

	/** The hints of all runs of the node under test. */
	get hints(): NodeExecutionHint[] {
		return this.tasks().flatMap((task) => task.hints ?? []);
	}

	/** How often credentials of a type were decrypted, over this execution, its retries and steps. */
	decryptions(type: string): number {
		return this.instance.credentials.decryptions.get(type) ?? 0;
	}

	/** Retries an execution whose end could not be written down. */
	async retryAfterCrash(): Promise<Run> {
		return await this.startFrom(parse(this.stored.atStart) as IRunExecutionData, this.setup).finished;
	}

	/** As `retry`, without waiting for its end. */
	startRetry(changes: Changes = {}): Running {
		if (this.run.finished) throw new Error('The execution succeeded, so n8n does not retry it');
		const setup = changed(this.setup, changes);
		const workflow = storedWorkflow(setup);
		const data = parse(this.stored.data) as IRunExecutionData;
		const { resultData, executionData } = data;
		const last = resultData.lastNodeExecuted;
		if (last) {
			delete resultData.error;
			const tasks = resultData.runData[last];
			if (tasks?.at(-1)?.error !== undefined) tasks.pop();
		}
		const current = toWorkflow(this.instance, workflow);
		for (const entry of executionData?.nodeExecutionStack ?? []) {
			if (changes.node || changes.shape) {
				const node = current.getNode(entry.node.name);
				if (!node) throw new Error(`The changed workflow has no node ${entry.node.name}`);
				entry.node = node;
			}
			if (changes.items && entry.node.name === DISPATCH) entry.data = { main: [structuredClone(setup.items)] };
		}
		if (changes.items) {
			const before = resultData.runData.Start?.[0];
			if (before) before.data = { main: [structuredClone(setup.items)] };
		}
		return this.startFrom(data, setup, workflow);
	}

	/** A retry is its own execution that goes on from stored data. */
	private startFrom(data: IRunExecutionData, setup: Setup, workflow = storedWorkflow(setup)): Running {
		const execution = startExecution(
			this.instance,
			workflow,
			'retry',
			(engine, fresh) => engine.processRunExecutionData(fresh),
			data,
		);
		return Run.watch(this.instance, setup, execution);
	}

	/**
	 * Retries the failed execution as the executions list does: a new execution that goes on from what the database
	 * holds of this one, with its last error removed.
	 */
	async retry(changes: Changes = {}): Promise<Run> {
		return await this.startRetry(changes).finished;
	}

	/** *Execute step* in the editor: a manual execution of the node (and what it lacks before it) with this run's data. */
	async executeStep(changes: Changes & { step?: string; dirty?: string[] } = {}): Promise<Run> {
		const setup = changed(this.setup, changes);
		const data = parse(this.stored.data) as IRunExecutionData;
		const execution = startExecution(
			this.instance,
			storedWorkflow(setup),
			'manual',
			(engine, workflow) =>
				engine.runPartialWorkflow2(workflow, data.resultData.runData, {}, changes.dirty ?? [], {
					nodeName: changes.step ?? DISPATCH,
					mode: 'inclusive',
				}),
			createRunExecutionData(),
		);
		return await Run.watch(this.instance, setup, execution).finished;
	}
}
