/**
 * One execution of the node over so many small items in n8n's engine (n8n-core), in this process alone, and then what n8n does
 * to store the execution. Prints a line of JSON for each step that came through.
 * Argument: `{ "origin": "http://127.0.0.1:1234", "items": 1000000 }`
 */
import '../support/engine/container';
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';

import { stringify } from 'flatted';
import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import { createRunExecutionData, type IDataObject } from 'n8n-workflow';

import { TestCredentialsHelper } from '../support/engine/credentialsHelper';
import { additionalDataFor, toWorkflow, workflowBase, type StoredWorkflow } from '../support/engine/execution';
import { TestNodeTypes } from '../support/engine/nodeTypes';
import { webhookDispatch } from '../support/engine/packageTypes';
import { DISPATCH, DISPATCH_TYPE } from '../support/engine/workflow';

export interface Work {
	origin: string;
	items: number;
}

/** What is reported of each step; memory in MB. */
export interface Steps {
	'items made': { heap: number };
	run: {
		status: string;
		error?: string;
		delivered: number;
		milliseconds: number;
		peakHeap: number;
		peakMemory: number;
	};
	stored: { megabytes: number; milliseconds: number; peakMemory: number };
	'gave way': { error: string };
}

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
const usedHeap = () => v8.getHeapStatistics().used_heap_size;
const peakMemory = () => megabytes(process.resourceUsage().maxRSS * 1024);
const tell = <Step extends keyof Steps>(step: Step, told: Steps[Step]) =>
	process.stdout.write(`${JSON.stringify({ step, ...told })}\n`);

async function main({ origin, items: count }: Work): Promise<void> {
	const instance = {
		nodeTypes: new TestNodeTypes({ [DISPATCH_TYPE]: await webhookDispatch() }),
		credentials: new TestCredentialsHelper({}, []),
	};
	const stored: StoredWorkflow = {
		nodes: [
			{
				id: '9a3f1c52-6d0b-4e7a-8c11-2f4be0a7d001',
				name: DISPATCH,
				type: DISPATCH_TYPE,
				typeVersion: 1,
				position: [0, 0],
				parameters: { method: 'POST', url: `${origin}/hook`, options: { timeout: 60_000 } },
			},
		],
		connections: {},
	};
	const workflow = toWorkflow(instance, stored);
	// With the defaults of all parameters, which the workflow has filled in.
	const node = workflow.getNode(DISPATCH);
	if (!node) throw new Error('The workflow has lost its node');
	const items = Array.from({ length: count }, (_, index) => ({
		json: { id: index, email: `user-${index}@example.com` },
		pairedItem: { item: index },
	}));
	const hooks = new ExecutionLifecycleHooks('trigger', '1', workflowBase(stored));
	const data = createRunExecutionData({
		executionData: { nodeExecutionStack: [{ node, data: { main: [items] }, source: null }] },
	});
	const engine = new WorkflowExecute(additionalDataFor(instance, '1', hooks), 'trigger', data);

	let peakHeap = 0;
	const look = () => (peakHeap = Math.max(peakHeap, usedHeap()));
	const looking = setInterval(look, 50);
	tell('items made', { heap: megabytes(usedHeap()) });
	const start = performance.now();
	const run = await engine.processRunExecutionData(workflow);
	const milliseconds = performance.now() - start;
	look();
	clearInterval(looking);
	const { error, runData } = run.data.resultData;
	const output = runData[DISPATCH]?.[0]?.data?.main?.[0] ?? [];
	tell('run', {
		status: run.status,
		...(error && { error: `${error.message} ${error.description ?? ''}`.trim() }),
		delivered: output.filter(({ json }) => (json.delivery as IDataObject | undefined)?.status === 'delivered').length,
		milliseconds,
		peakHeap: megabytes(peakHeap),
		peakMemory: peakMemory(),
	});

	// As n8n writes an execution into its database: one text.
	const storing = performance.now();
	const text = stringify(run.data);
	tell('stored', {
		megabytes: megabytes(text.length),
		milliseconds: performance.now() - storing,
		peakMemory: peakMemory(),
	});
}

main(JSON.parse(process.argv[2] ?? '') as Work).then(
	() => process.exit(0),
	(cause: unknown) => {
		tell('gave way', { error: cause instanceof Error ? cause.message : String(cause) });
		process.exit(1);
	},
);
