import './container';
import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	Workflow,
	type IConnections,
	type INode,
	type IRun,
	type IRunExecutionData,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { stringify } from 'flatted';
import type { TestCredentialsHelper } from './credentialsHelper';
import { egressBridge } from './egress';
import type { TestNodeTypes } from './nodeTypes';

/** What stays the same over an execution, its retries and its steps: node types (with their state) and credentials. */
export interface Instance {
	nodeTypes: TestNodeTypes;
	credentials: TestCredentialsHelper;
	/** What writes the instance's traces, where there is such a thing. */
	otel?: Tracing | undefined;
}

/** As n8n hands it to the nodes of an execution (`N8N_OTEL_ENABLED`). */
export interface Tracing {
	injectTraceHeaders: (executionId: string | undefined, nodeName: string, headers: Record<string, string>) => void;
}

/** A workflow as it is stored. */
export interface StoredWorkflow {
	nodes: INode[];
	connections: IConnections;
}

/** An execution as the database holds it. */
export interface Stored {
	status: IRun['status'];
	data: string;
	/** What n8n wrote down before it started: all that is left after a crash. */
	atStart: string;
}

/** An execution in progress. */
export interface Execution {
	executionId: string;
	/** Stops it as the editor's Stop button does. `finished` comes when the running node has returned. */
	cancel: () => void;
	/**
	 * Its end, and what n8n has written to the database: status and data (`flatted`, so object identity is lost),
	 * when it ended or, if it was cancelled, at that moment.
	 */
	finished: Promise<{ run: IRun; stored: Stored }>;
}

let lastExecutionId = 0;

const refuse = (what: string) => async () => {
	throw new Error(`The harness has no ${what}`);
};

/** What the engine gives every node of an execution. */
export function additionalDataFor(
	instance: Instance,
	executionId: string,
	hooks: ExecutionLifecycleHooks,
): IWorkflowExecuteAdditionalData {
	const url = 'http://localhost:5678/';
	const data: Partial<IWorkflowExecuteAdditionalData> = {
		executionId,
		hooks,
		credentialsHelper: instance.credentials,
		currentNodeExecutionIndex: 0,
		variables: {},
		restApiUrl: `${url}rest`,
		instanceBaseUrl: url,
		formWaitingBaseUrl: `${url}form-waiting`,
		webhookWaitingBaseUrl: `${url}webhook-waiting`,
		executeWorkflow: refuse('sub-workflows'),
		getRunExecutionData: async () => undefined,
		logAiEvent: () => {},
	};
	const newer = { ssrfBridge: egressBridge(), ...(instance.otel === undefined ? {} : { otel: instance.otel }) };
	return { ...data, ...newer } as IWorkflowExecuteAdditionalData;
}

const base = { id: 'workflow', name: 'Harness', active: false, settings: { executionOrder: 'v1' as const } };

/** A workflow as life-cycle hooks get it. */
export const workflowBase = (stored: StoredWorkflow) => ({ ...base, ...stored }) as unknown as IWorkflowBase;

/** A workflow as the engine has it: nodes with the default of every parameter that is not set. */
export function toWorkflow(instance: Instance, stored: StoredWorkflow): Workflow {
	return new Workflow({ ...base, ...structuredClone(stored), nodeTypes: instance.nodeTypes });
}

/**
 * Runs a workflow in n8n's engine, as n8n's workflow runner does: a new execution ID, a new Workflow object and
 * life-cycle hooks.
 * @param begin how it starts: `run`, `runPartialWorkflow2` or `processRunExecutionData`
 * @param data what to start from (items at the trigger, or a stored execution)
 */
export function startExecution(
	instance: Instance,
	stored: StoredWorkflow,
	mode: WorkflowExecuteMode,
	begin: (engine: WorkflowExecute, workflow: Workflow) => ReturnType<WorkflowExecute['run']>,
	data?: IRunExecutionData,
): Execution {
	const executionId = String((lastExecutionId += 1));
	const workflow = toWorkflow(instance, stored);
	const hooks = new ExecutionLifecycleHooks(mode, executionId, workflowBase(stored));
	let saved: Stored | undefined;
	const atStart = data === undefined ? '' : stringify(data);
	const store = ({ status, data: runData }: IRun): Stored => ({ status, data: stringify(runData), atStart });
	hooks.addHandler('workflowExecuteAfter', async (run) => {
		saved ??= store(run);
	});
	const engine = new WorkflowExecute(additionalDataFor(instance, executionId, hooks), mode, data);
	const running = begin(engine, workflow);
	return {
		executionId,
		cancel: () => running.cancel(),
		finished: running.then((run) => ({ run, stored: saved ?? store(run) })),
	};
}

/** *Execute workflow* in the editor; before n8n took an object here, it took the same one by one. */
export function runFrom(
	engine: WorkflowExecute,
	workflow: Workflow,
	trigger: string,
): ReturnType<WorkflowExecute['run']> {
	const startNode = workflow.getNode(trigger) ?? undefined;
	if (engine.run.length === 1) return engine.run({ workflow, startNode });
	return (engine.run as unknown as (...given: unknown[]) => ReturnType<WorkflowExecute['run']>).call(
		engine,
		workflow,
		startNode,
	);
}
