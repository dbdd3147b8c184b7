'use strict';
/**
 * One execution of the node over so many small items in n8n's engine (n8n-core), in this process alone, and then what n8n does
 * to store the execution. Prints a line of JSON for each step that came through.
 * `node million.child.js '{"origin":"http://127.0.0.1:1234","items":1000000}'`
 */
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const v8 = require('node:v8');
const { root } = require('../../tools/lib/paths');
require('./typescript').register();

const support = (file) => require(path.join(root, 'test', 'support', 'engine', file));
support('environment.ts');
support('container.ts');
const { ExecutionLifecycleHooks, WorkflowExecute } = require('n8n-core');
const { createRunExecutionData, Workflow } = require('n8n-workflow');
const { stringify } = require('flatted');
const { TestCredentialsHelper } = support('credentialsHelper.ts');
const { TestNodeTypes } = support('nodeTypes.ts');
const { webhookDispatch } = support('packageTypes.ts');

const TYPE = 'n8n-nodes-webhook-dispatch.webhookDispatch';
const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main({ origin, items: count }) {
	const nodeTypes = new TestNodeTypes({ [TYPE]: await webhookDispatch() });
	const node = {
		id: '9a3f1c52-6d0b-4e7a-8c11-2f4be0a7d001',
		name: 'Dispatch',
		type: TYPE,
		typeVersion: 1,
		position: [0, 0],
		parameters: { method: 'POST', url: `${origin}/hook`, options: { timeout: 60_000 } },
	};
	const base = {
		id: 'workflow',
		name: 'Million',
		active: false,
		settings: { executionOrder: 'v1' },
		nodes: [node],
		connections: {},
	};
	const workflow = new Workflow({ ...base, nodeTypes });
	const items = Array.from({ length: count }, (_, index) => ({
		json: { id: index, email: `user-${index}@example.com` },
		pairedItem: { item: index },
	}));
	const hooks = new ExecutionLifecycleHooks('trigger', '1', base);
	const url = 'http://localhost:5678/';
	const additionalData = {
		restApiUrl: `${url}rest`,
		instanceBaseUrl: url,
		formWaitingBaseUrl: `${url}form-waiting`,
		webhookWaitingBaseUrl: `${url}webhook-waiting`,
		executionId: '1',
		hooks,
		credentialsHelper: new TestCredentialsHelper({}, []),
		currentNodeExecutionIndex: 0,
		variables: {},
		getRunExecutionData: async () => undefined,
		logAiEvent: () => {},
	};
	const data = createRunExecutionData({
		executionData: { nodeExecutionStack: [{ node, data: { main: [items] }, source: null }] },
	});

	let peakHeap = 0;
	const look = () => (peakHeap = Math.max(peakHeap, v8.getHeapStatistics().used_heap_size));
	const looking = setInterval(look, 50);
	tell({ step: 'items made', heap: megabytes(v8.getHeapStatistics().used_heap_size) });
	const start = performance.now();
	const run = await new WorkflowExecute(additionalData, 'trigger', data).processRunExecutionData(workflow);
	const milliseconds = performance.now() - start;
	look();
	clearInterval(looking);
	const { error, runData } = run.data.resultData;
	const output = runData.Dispatch?.[0]?.data?.main?.[0] ?? [];
	tell({
		step: 'run',
		status: run.status,
		...(error && { error: `${error.message} ${error.description ?? ''}`.trim() }),
		delivered: output.filter(({ json }) => json.delivery?.status === 'delivered').length,
		milliseconds,
		peakHeap: megabytes(peakHeap),
		peakMemory: megabytes(process.resourceUsage().maxRSS * 1024),
	});

	// As n8n writes an execution into its database: one text.
	const storing = performance.now();
	const text = stringify(run.data);
	tell({
		step: 'stored',
		megabytes: megabytes(text.length),
		milliseconds: performance.now() - storing,
		peakMemory: megabytes(process.resourceUsage().maxRSS * 1024),
	});
}

main(JSON.parse(process.argv[2])).then(
	() => process.exit(0),
	(error) => {
		tell({ step: 'gave way', error: error.message });
		process.exit(1);
	},
);
