import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
} from 'n8n-workflow';
import { agentWith, failingBehind, loopOf, runWorkflow, startWorkflow, protectEgress } from '../support/engine';

/** What the package's design rests on, held against the n8n-core that is installed, with nodes made for the purpose. */

interface Call {
	/** Which call of execute this is, counted over executions. */
	call: number;
	runIndex: number;
	items: number;
	context: Record<string, unknown>;
	tool: boolean | undefined;
	rewired: string | undefined;
	executionId: string;
}

/** A node that notes how it is called and then does what the test says. */
function probe(act: (this: IExecuteFunctions, call: Call) => INodeExecutionData[][] | Promise<INodeExecutionData[][]>) {
	const calls: Call[] = [];
	const nodeType: INodeType = {
		description: {
			displayName: 'Probe',
			name: 'probe',
			group: ['output'],
			version: 1,
			description: 'Probe',
			defaults: { name: 'Probe' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			usableAsTool: true,
			properties: [{ displayName: 'Text', name: 'text', type: 'string', default: '' }],
		},
		async execute(this: IExecuteFunctions) {
			const call: Call = {
				call: calls.length,
				runIndex: this.getWorkflowDataProxy(0).$runIndex as number,
				items: this.getInputData().length,
				context: structuredClone(this.getContext('node')),
				// Not there on n8n 2.0.
				tool: this.isToolExecution?.(),
				rewired: this.getNode().rewireOutputLogTo,
				executionId: this.getExecutionId(),
			};
			calls.push(call);
			this.getContext('node').seen = [...((this.getContext('node').seen as number[]) ?? []), call.call];
			return await act.call(this, call);
		},
	};
	return { nodeType, calls };
}

const failed = (item: number): INodeExecutionData => ({
	json: { error: 'Webhook Dispatch Failed', message: 'why', details: { code: 'STATUS', item } },
	pairedItem: { item },
});
const delivered = (item: number): INodeExecutionData => ({ json: { delivered: item }, pairedItem: { item } });
const items = [{ a: 1 }, { a: 2 }, { a: 3 }];

describe('Retry On Fail', () => {
	it('runs the whole node again when it throws, up to maxTries, with the same context and run index', async () => {
		const { nodeType, calls } = probe(function () {
			throw new NodeOperationError(this.getNode(), 'no');
		});
		const run = await runWorkflow({ items, nodeType, node: { retryOnFail: true, maxTries: 3 } });
		expect(run.status).toBe('error');
		expect(calls).toHaveLength(3);
		expect(calls.map(({ items }) => items)).toEqual([3, 3, 3]);
		expect(calls.map(({ runIndex }) => runIndex)).toEqual([0, 0, 0]);
		expect(calls.map(({ context }) => context.seen)).toEqual([undefined, [0], [0, 1]]);
	});

	it.each([
		[undefined, 3],
		[1, 2],
		[9, 5],
	])('takes maxTries %p as %p', async (maxTries, tries) => {
		const { nodeType, calls } = probe(() => {
			throw new Error('no');
		});
		await runWorkflow({ items, nodeType, node: { retryOnFail: true, maxTries } });
		expect(calls).toHaveLength(tries);
	});

	it('runs the node once when it is off', async () => {
		const { nodeType, calls } = probe(() => {
			throw new Error('no');
		});
		await runWorkflow({ items, nodeType, node: { maxTries: 5 } });
		expect(calls).toHaveLength(1);
	});

	it('waits 1,000 ms between tries when the wait is set to 0', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 0) throw new Error('no');
			return [[delivered(0)]];
		});
		const started = Date.now();
		await runWorkflow({ items, nodeType, node: { retryOnFail: true, waitBetweenTries: 0 } });
		expect(calls).toHaveLength(2);
		expect(Date.now() - started).toBeGreaterThanOrEqual(990);
	});

	it('runs the node again when the first item of the first output has an error in its json', async () => {
		const { nodeType, calls } = probe(() => [[failed(0), delivered(1)]]);
		const run = await runWorkflow({
			items,
			nodeType,
			node: { retryOnFail: true, maxTries: 3, onError: 'continueErrorOutput' },
		});
		expect(calls).toHaveLength(3);
		expect(run.status).toBe('success');
		expect(run.output(0)).toHaveLength(1);
		expect(run.errorOutput).toHaveLength(1);
	});

	it('does not look at any other item', async () => {
		const { nodeType, calls } = probe(() => [[delivered(0), failed(1)]]);
		await runWorkflow({ items, nodeType, node: { retryOnFail: true, maxTries: 3, onError: 'continueErrorOutput' } });
		expect(calls).toHaveLength(1);
	});

	it('gives one call more than maxTries when a returned failure is followed by a throw', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 0) return [[failed(0)]];
			throw new Error('no');
		});
		await runWorkflow({ items, nodeType, node: { retryOnFail: true, maxTries: 3 } });
		expect(calls).toHaveLength(4);
	});

	it('keeps counting rightly when a throw is followed by returned failures', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 0) throw new Error('no');
			return [[failed(0)]];
		});
		await runWorkflow({ items, nodeType, node: { retryOnFail: true, maxTries: 3, onError: 'continueErrorOutput' } });
		expect(calls).toHaveLength(3);
	});
});

describe('A failed item', () => {
	it('goes to the error output with all its data and the fields of its input item', async () => {
		const { nodeType } = probe(() => [[delivered(0), failed(2), delivered(1)]]);
		const run = await runWorkflow({ items, nodeType, node: { onError: 'continueErrorOutput' } });
		expect(run.output(0).map(({ json }) => json)).toEqual([{ delivered: 0 }, { delivered: 1 }]);
		expect(run.errorOutput.map(({ json }) => json)).toEqual([
			{ a: 3, error: 'Webhook Dispatch Failed', message: 'why', details: { code: 'STATUS', item: 2 } },
		]);
		expect(run.reached('Failed')).toHaveLength(1);
	});

	it('stays as it is in the regular output', async () => {
		const { nodeType } = probe(() => [[delivered(0), failed(2)]]);
		const run = await runWorkflow({ items, nodeType, node: { onError: 'continueRegularOutput' } });
		expect(run.output(0).map(({ json }) => json)).toEqual([delivered(0).json, failed(2).json]);
	});

	it('is taken for a delivered one when it has any other key', async () => {
		const { nodeType } = probe(() => [[{ json: { ...failed(0).json, delivery: {} }, pairedItem: { item: 0 } }]]);
		const run = await runWorkflow({ items, nodeType, node: { onError: 'continueErrorOutput' } });
		expect(run.output(0)).toHaveLength(1);
		expect(run.errorOutput).toHaveLength(0);
	});

	it('loses its data in every mode when `error` is set on the item', async () => {
		const act = function (this: IExecuteFunctions) {
			return [
				[{ json: { kept: false }, error: new NodeOperationError(this.getNode(), 'why'), pairedItem: { item: 0 } }],
			];
		};
		const regular = await runWorkflow({ items, ...probe(act), node: { onError: 'continueRegularOutput' } });
		expect(regular.output(0).map(({ json }) => json)).toEqual([{ error: 'why' }]);
	});

	it('does not output its own fields, but the input items, when the node throws and goes on', async () => {
		const act = () => {
			throw new Error('why');
		};
		const regular = await runWorkflow({ items, ...probe(act), node: { onError: 'continueRegularOutput' } });
		expect(regular.output(0).map(({ json }) => json)).toEqual(items);
		const error = await runWorkflow({ items, ...probe(act), node: { onError: 'continueErrorOutput' } });
		expect(error.output(0).map(({ json }) => json)).toEqual(items);
		expect(error.errorOutput).toEqual([]);
	});
});

describe('The context', () => {
	it('survives into the retry of the failed execution, with a new execution ID and the same run index', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call < 5) throw new Error('no');
			return [[delivered(0)]];
		});
		const run = await runWorkflow({ items, nodeType, node: { retryOnFail: true, maxTries: 3 } });
		expect(run.context).toEqual({ seen: [0, 1, 2] });
		const retried = await run.retry();
		expect(retried.status).toBe('success');
		expect(calls.map(({ context }) => context.seen)).toEqual([
			undefined,
			[0],
			[0, 1],
			[0, 1, 2],
			[0, 1, 2, 3],
			[0, 1, 2, 3, 4],
		]);
		expect(calls.map(({ runIndex }) => runIndex)).toEqual([0, 0, 0, 0, 0, 0]);
		expect(new Set(calls.map(({ executionId }) => executionId)).size).toBe(2);
		await expect(retried.retry()).rejects.toThrow('succeeded');
	});

	it('survives into a retry with the currently saved workflow, whose settings then count', async () => {
		const { nodeType, calls } = probe(function ({ call }) {
			if (call < 2) throw new Error(this.getNodeParameter('text', 0) as string);
			return [[{ json: { text: this.getNodeParameter('text', 0) as string } }]];
		});
		const run = await runWorkflow({ items, nodeType, node: { parameters: { text: 'old' } } });
		const same = await run.retry();
		expect([run.error?.message, same.error?.message]).toEqual(['old', 'old']);
		const changed = await same.retry({ node: { parameters: { text: '={{ "new" + $json.a }}' } } });
		expect(changed.output(0).map(({ json }) => json)).toEqual([{ text: 'new1' }]);
		expect(calls.at(-1)?.context.seen).toEqual([0, 1]);
	});

	it('belongs to the name of the node, so a node behind that fails leaves it alone and is retried alone', async () => {
		const { nodeType, calls } = probe(() => [[delivered(0)]]);
		const run = await runWorkflow({ items, nodeType, shape: failingBehind() });
		expect(run.error?.message).toBe('failTimes');
		const retried = await run.retry();
		expect(retried.status).toBe('success');
		expect(calls).toHaveLength(1);
	});

	it('is fresh in a new execution, a manual one and Execute step', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 0) throw new Error('no');
			return [[delivered(0)]];
		});
		const run = await runWorkflow({ items, nodeType });
		await runWorkflow({ items, nodeType });
		await run.executeStep();
		const manual = await runWorkflow({ items, nodeType, mode: 'manual' });
		const step = await manual.executeStep();
		expect(step.status).toBe('success');
		expect(calls.map(({ context }) => context)).toEqual([{}, {}, {}, {}, {}]);
		expect(calls.map(({ runIndex }) => runIndex)).toEqual([0, 0, 0, 0, 0]);
	});
});

describe('A loop', () => {
	it('runs the node with a run index that counts up, in one context', async () => {
		const { nodeType, calls } = probe(({ call }) => [[delivered(call)]]);
		const run = await runWorkflow({ items, nodeType, shape: loopOf(1) });
		expect(run.status).toBe('success');
		expect(calls.map(({ runIndex }) => runIndex)).toEqual([0, 1, 2]);
		expect(calls.map(({ context }) => context.seen)).toEqual([undefined, [0], [0, 1]]);
		expect(run.reached('Done')).toHaveLength(3);
	});

	it('is retried in the run that failed, under that run index', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 1) throw new Error('no');
			return [[delivered(call)]];
		});
		const run = await runWorkflow({ items, nodeType, shape: loopOf(1) });
		const retried = await run.retry();
		expect(calls.map(({ runIndex }) => runIndex)).toEqual([0, 1, 1, 2]);
		expect(retried.reached('Done')).toHaveLength(3);
	});
});

describe('Cancelling', () => {
	it('reaches the node through its signal, and what the node had is not stored for a retry', async () => {
		let began = () => {};
		const underWay = new Promise<void>((resolve) => (began = resolve));
		const { nodeType, calls } = probe(async function () {
			const signal = this.getExecutionCancelSignal();
			began();
			await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
			throw new NodeOperationError(this.getNode(), 'stopped');
		});
		const running = await startWorkflow({ items, nodeType });
		await underWay;
		running.cancel();
		const run = await running.finished;
		expect(run.status).toBe('canceled');
		// n8n stores the execution at once, while the running node is neither waiting nor done: a retry skips it.
		await run.retry();
		expect(calls).toHaveLength(1);
	});
});

describe('A node used as a tool', () => {
	it('run by the engine, is an ordinary execution that only `rewireOutputLogTo` distinguishes', async () => {
		const { nodeType, calls } = probe(() => [[delivered(0)]]);
		const run = await runWorkflow({ items: [{ a: 1 }], nodeType, shape: agentWith('engine', 2, { b: 2 }) });
		expect(run.status).toBe('success');
		expect(calls.map(({ tool, rewired }) => ({ tool, rewired }))).toEqual([
			{ tool: false, rewired: 'ai_tool' },
			{ tool: false, rewired: 'ai_tool' },
		]);
		// One context for all calls of an execution, but a separate run index for each call.
		expect(calls.map(({ context }) => context.seen)).toEqual([undefined, [0]]);
		expect(calls.map(({ runIndex }) => runIndex).sort()).toEqual([0, 1]);
	});

	it('run by the engine, keeps its run index over the tries of one call', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call % 2 === 0) throw new Error('no');
			return [[delivered(0)]];
		});
		await runWorkflow({ items: [{ a: 1 }], nodeType, node: { retryOnFail: true }, shape: agentWith('engine', 2) });
		const indexes = calls.map(({ runIndex }) => runIndex);
		expect(indexes[0]).toBe(indexes[1]);
		expect(indexes[2]).toBe(indexes[3]);
		expect(indexes[0]).not.toBe(indexes[2]);
	});

	it('run by the engine, does not stop the execution when it fails, unless On Error says so', async () => {
		const act = () => {
			throw new Error('no');
		};
		const goesOn = await runWorkflow({ items: [{ a: 1 }], ...probe(act), shape: agentWith('engine') });
		expect(goesOn.status).toBe('success');
		const stops = await runWorkflow({
			items: [{ a: 1 }],
			...probe(act),
			node: { onError: 'stopWorkflow' },
			shape: agentWith('engine'),
		});
		expect(stops.status).toBe('error');
	});

	it('run by the engine, is retried with the failed execution under the run index of its call', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 0) throw new Error('no');
			return [[delivered(0)]];
		});
		const run = await runWorkflow({
			items: [{ a: 1 }],
			nodeType,
			node: { onError: 'stopWorkflow' },
			shape: agentWith('engine'),
		});
		const retried = await run.retry();
		expect(retried.status).toBe('success');
		expect(calls.map(({ runIndex, rewired, context }) => ({ runIndex, rewired, seen: context.seen }))).toEqual([
			{ runIndex: 0, rewired: 'ai_tool', seen: undefined },
			{ runIndex: 0, rewired: 'ai_tool', seen: [0] },
		]);
	});

	it('called by the agent itself, says isToolExecution and has a new run index for every try', async () => {
		const { nodeType, calls } = probe(({ call }) => {
			if (call === 0) throw new Error('no');
			return [[delivered(0)]];
		});
		const run = await runWorkflow({
			items: [{ a: 1 }],
			nodeType,
			node: { retryOnFail: true },
			shape: agentWith('agent', 2),
		});
		expect(run.status).toBe('success');
		expect(calls.map(({ tool, rewired }) => ({ tool, rewired }))).toEqual(
			Array(3).fill({ tool: true, rewired: undefined }),
		);
		expect(calls.map(({ runIndex }) => runIndex)).toEqual([0, 1, 2]);
		expect(calls.map(({ context }) => context.seen)).toEqual([undefined, [0], [0, 1]]);
	});
});

describe('Egress protection', () => {
	afterEach(() => protectEgress());

	const filterOf = async () => {
		let filter: ReturnType<NonNullable<IExecuteFunctions['helpers']['getSecureEgressFilter']>> | undefined;
		const { nodeType } = probe(function () {
			filter = this.helpers.getSecureEgressFilter?.();
			return [[]];
		});
		await runWorkflow({ items, nodeType });
		return filter;
	};

	it('lets everything through when it is off', async () => {
		const filter = await filterOf();
		expect((await filter?.validateUrl('http://127.0.0.1/'))?.ok).toBe(true);
	});

	it('blocks private addresses that are not allowed when it is on', async () => {
		protectEgress({ allowedIpRanges: ['127.0.0.1/32'] });
		const filter = await filterOf();
		expect((await filter?.validateUrl('http://127.0.0.1/'))?.ok).toBe(true);
		expect((await filter?.validateUrl('http://127.0.0.2/'))?.ok).toBe(false);
		expect((await filter?.validateUrl('http://10.0.0.1/'))?.ok).toBe(false);
		expect(filter?.validateConnectionHost?.('127.0.0.2').ok).toBe(false);
	});
});
