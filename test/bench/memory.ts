import fs from 'node:fs';
import path from 'node:path';

import type { Measure } from './bench';
import { startInstance } from './instance';
import { httpRequest, sendsItem, type MeasuredNode } from './nodes';
import { number } from './statistics';

const MANY = 50;

/** All at once, which is its default, so many items open more connections than a process may have files. */
const IN_BATCHES = { batch: { batchSize: 50, batchInterval: 50 } };

/** The peak of n8n's memory over a run of many items, each node in an n8n of its own that has done nothing else. */
export const measureMemory: Measure = async (bench) => {
	const { receiver, items, packageFolder } = bench;
	const many = items * MANY;
	const url = `${receiver.http}/hook`;
	const peak = async (name: string, node: MeasuredNode) => {
		bench.note(`peak memory, ${name}`);
		const folder = path.join(bench.folder, name);
		const instance = await startInstance({ folder, packageFolder, receiver });
		try {
			await instance.measure(node, many);
			return (await instance.state()).peakMemory / 2 ** 20;
		} finally {
			await instance.stop();
			fs.rmSync(folder, { recursive: true, force: true });
		}
	};
	const ours = await peak('webhook-dispatch', sendsItem(url));
	const theirs = await peak('http-request', httpRequest(url, { options: { batching: IN_BATCHES } }));
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
