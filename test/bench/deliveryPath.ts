'use strict';
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const { median, number } = require('./statistics');

const CONCURRENCY = 50;
/** Rounds take less than a tenth of a second: many of them cost little and say more. */
const ROUNDS_A_RUN = 20;

/**
 * The delivery path without n8n against a bare pool, in one process of n8n's Node.
 * @param {import('./run').Bench} bench
 * @returns {Promise<Omit<import('./report').Row, 'id'>>}
 */
async function measureDeliveryPath({ receiver, items, runs, node }) {
	const given = JSON.stringify({ origin: receiver.http, items, runs: runs * ROUNDS_A_RUN, concurrency: CONCURRENCY });
	const { stdout } = await promisify(execFile)(node, [path.join(__dirname, 'deliveryPath.child.js'), given], {
		timeout: 300_000,
	});
	const { ours, beside } = JSON.parse(stdout);
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
}

module.exports = { measureDeliveryPath };
