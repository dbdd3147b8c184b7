import type { Bench, Measure } from './bench';
import { withInstance } from './instance';
import { httpRequestInBatches, sendsExpression, sendsItem, type MeasuredNode } from './nodes';
import { number } from './statistics';

const MANY = 50;
const MANY_EXPRESSIONS = 20;
/** So long n8n may not be heard of, in milliseconds. */
const LONGEST = 200;

interface Awake {
	/** The slowest response of `/healthz` while the node ran, in milliseconds. */
	slowest: number;
	heldMs: number;
}

/** A run of many items in a separate n8n that is asked how it is all the time. */
async function awake(bench: Bench, name: string, node: MeasuredNode, items: number): Promise<Awake> {
	return await withInstance(bench, name, async (instance) => {
		// Compiled code, as in an n8n that has run for a while.
		await instance.measure(node, 500);
		let slowest = 0;
		await instance.measure(node, items, async (ended) => {
			let isOver = false;
			void ended.finally(() => (isOver = true));
			while (!isOver) slowest = Math.max(slowest, await instance.healthz());
		});
		return { slowest, heldMs: (await instance.state()).heldMs };
	});
}

/** Whether n8n responds to others while the node evaluates an expression for each of many items. */
export const measureHealth: Measure = async (bench) => {
	const items = bench.items * MANY_EXPRESSIONS;
	const url = `${bench.receiver.http}/hook`;
	bench.note('slowest /healthz');
	const ours = await awake(bench, 'awake-ours', sendsExpression(url), items);
	const theirs = await awake(bench, 'awake-theirs', httpRequestInBatches(url), items);
	return {
		work: `Slowest response of n8n's /healthz, ${number(items)} items with an expression; beside: HTTP Request in batches`,
		unit: 'ms',
		ours: [ours.slowest],
		beside: [theirs.slowest],
		result: `n8n's event loop held for ${number(ours.heldMs)} ms at most, there ${number(theirs.heldMs)} ms`,
		target: `held at most ${LONGEST} ms`,
		reached: ours.heldMs <= LONGEST,
	};
};

/** How long the event loop is held at most over very many items. */
export const measureEventLoop: Measure = async (bench) => {
	const items = bench.items * MANY;
	const url = `${bench.receiver.http}/hook`;
	bench.note('event loop');
	const ours = await awake(bench, 'loop-ours', sendsItem(url), items);
	const theirs = await awake(bench, 'loop-theirs', httpRequestInBatches(url), items);
	return {
		work: `n8n's event loop held at most, ${number(items)} items; beside: HTTP Request in batches`,
		unit: 'ms',
		ours: [ours.heldMs],
		beside: [theirs.heldMs],
		result: `slowest /healthz ${number(ours.slowest)} ms, there ${number(theirs.slowest)} ms`,
		target: `at most ${LONGEST} ms`,
		reached: ours.heldMs <= LONGEST,
	};
};
