/**
 * Runs workflows with the real node in n8n's real engine (n8n-core), without an n8n.
 *
 *   const run = await runWorkflow({ items: [{ a: 1 }], node: { parameters: { url }, retryOnFail: true } });
 *   run.status; run.error; run.output(0); run.errorOutput; run.reached('Delivered'); run.context; run.hints
 *   const again = await run.retry();          // the retry of a failed execution, from what the database holds
 *   const step = await run.executeStep();     // Execute step in the editor
 *   const going = await startWorkflow({ … }); going.cancel(); await going.finished;
 *
 * `waitBetweenTries: 0` means 1,000 ms to the engine; `runWorkflow` sets 1 ms unless told otherwise.
 */
import './container';
import { createRunExecutionData, type ICredentialType, type INodeType, type WorkflowExecuteMode } from 'n8n-workflow';
import { TestCredentialsHelper, type CredentialData } from './credentialsHelper';
import { runFrom, startExecution, type Tracing } from './execution';
import { helperNodes } from './helperNodes';
import { asTool, TestNodeTypes } from './nodeTypes';
import { credentialTypes, webhookDispatch } from './packageTypes';
import { Run, storedWorkflow, toItems, type ItemInput, type Running, type Setup } from './run';
import { DISPATCH_TYPE, line, type NodeSettings, type Shape } from './workflow';

export { protectEgress } from './egress';
export { Run, type Running } from './run';
export { agentWith, DISPATCH, failingBehind, loopOf, type NodeSettings, type Shape } from './workflow';

export interface WorkflowRequest {
	/** What the trigger gives out. */
	items: ItemInput[];
	/** Parameters and settings of the node under test. */
	node?: NodeSettings;
	/** The decrypted data of the credentials it refers to, by credential type. */
	credentials?: CredentialData;
	/** In place of one with these credentials: a helper that does more of what n8n's does. */
	credentialsHelper?: TestCredentialsHelper;
	/** The workflow around it: `line` (default), `loopOf(2)`, `agentWith('engine')`, `failingBehind()` or one's own. */
	shape?: Shape;
	/** Another node in place of Webhook Dispatch. */
	nodeType?: INodeType;
	/** What writes the instance's traces; nothing unless given. */
	otel?: Tracing;
	/** `trigger` (default), `webhook`, or `manual` for *Execute workflow* in the editor. */
	mode?: WorkflowExecuteMode;
}

/** Starts a workflow and gives the execution in progress. */
export async function startWorkflow(request: WorkflowRequest): Promise<Running> {
	const node = request.nodeType ?? (await webhookDispatch());
	const types: ICredentialType[] = request.nodeType ? [] : await credentialTypes();
	const instance = {
		nodeTypes: new TestNodeTypes({ ...helperNodes(), [DISPATCH_TYPE]: node, [`${DISPATCH_TYPE}Tool`]: asTool(node) }),
		credentials: request.credentialsHelper ?? new TestCredentialsHelper(request.credentials ?? {}, types),
		otel: request.otel,
	};
	const setup: Setup = {
		items: toItems(request.items),
		node: { waitBetweenTries: 1, ...request.node },
		shape: request.shape ?? line,
		credentialTypes: Object.keys(request.credentials ?? {}),
	};
	const workflow = storedWorkflow(setup);
	const [trigger] = workflow.nodes;
	if (!trigger) throw new Error('A workflow begins with a node named Start');
	const mode = request.mode ?? 'trigger';
	const execution =
		mode === 'manual'
			? startExecution(instance, workflow, mode, (engine, fresh) => runFrom(engine, fresh, trigger.name))
			: startExecution(
					instance,
					workflow,
					mode,
					(engine, fresh) => engine.processRunExecutionData(fresh),
					createRunExecutionData({
						executionData: {
							nodeExecutionStack: [{ node: trigger, data: { main: [structuredClone(setup.items)] }, source: null }],
						},
					}),
				);
	return Run.watch(instance, setup, execution);
}

/** Runs a workflow to its end. */
export async function runWorkflow(request: WorkflowRequest): Promise<Run> {
	return await (
		await startWorkflow(request)
	).finished;
}
