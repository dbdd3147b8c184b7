import type { Bench, Measure } from './bench';
import { withInstance } from './instance';
import { httpRequestInBatches, sendsItem, type MeasuredNode } from './nodes';
import { number } from './statistics';

const MANY = 50;

/** What stays when the node does nothing at all. */
const NO_OPERATION: MeasuredNode = { type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };

/** The peak of n8n's memory over a run of many items, each node in a separate n8n that has done nothing else. */
async function peakOf(bench: Bench, name: string, node: MeasuredNode, items: number): Promise<number> {
	bench.note(`peak memory, ${name}`);
	return await withInstance(bench, name, async (instance) => {
		await instance.measure(node, items);
		return (await instance.state()).peakMemory / 2 ** 20;
	});
}

/** Beside HTTP Request. */
export const measureMemory: Measure = async (bench) => {
	const many = bench.items * MANY;
	const url = `${bench.receiver.http}/hook`;
	const ours = await peakOf(bench, 'webhook-dispatch', sendsItem(url), many);
	const theirs = await peakOf(bench, 'http-request', httpRequestInBatches(url), many);
	return {
		work: `Peak memory of n8n, ${number(many)} items; beside: HTTP Request in batches`,
		unit: 'MB',
		ours: [ours],
		beside: [theirs],
		result: `${number((ours / theirs) * 100)} % of it`,
		target: 'no more',
		reached: ours <= theirs,
	};
};

/** Beside what n8n needs for the same items without the node. */
export const measureMemoryFloor: Measure = async (bench) => {
	const many = bench.items * MANY;
	const ours = await peakOf(bench, 'webhook-dispatch', sendsItem(`${bench.receiver.http}/hook`), many);
	const floor = await peakOf(bench, 'no-operation', NO_OPERATION, many);
	const ratio = ours / floor;
	return {
		work: `Peak memory of n8n, ${number(many)} items; beside: No Operation in its place`,
		unit: 'MB',
		ours: [ours],
		beside: [floor],
		result: `${number(ratio)} ×`,
		target: 'at most 1.5 ×',
		reached: ratio <= 1.5,
	};
};
