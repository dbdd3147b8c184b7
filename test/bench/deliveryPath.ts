import path from 'node:path';

import { startChild } from '../../tools/lib/process';
import { CONCURRENCY, type Measure } from './bench';
import type { Times } from './deliveryPath.child';
import { median, number } from './statistics';

/** Rounds take less than a tenth of a second: many of them cost little and say more. */
const ROUNDS_A_RUN = 20;

/** The delivery path without n8n against a bare pool, in one process of n8n's Node. */
export const measureDeliveryPath: Measure = async ({ receiver, items, runs, node }) => {
	const child = startChild(path.join(__dirname, 'deliveryPath.child.ts'), { node });
	try {
		const work = { origin: receiver.http, items, runs: runs * ROUNDS_A_RUN, concurrency: CONCURRENCY };
		const { ours, beside } = await child.ask<Times>('measure', work);
		const share = (median(beside) / median(ours)) * 100;
		return {
			work: 'The delivery path alone; beside: a bare undici Pool',
			unit: 'ms',
			ours,
			beside,
			result: `${number(share)} % of its throughput`,
			target: 'at least 70 %',
			reached: share >= 70,
		};
	} finally {
		await child.stop();
	}
};
