'use strict';
const { barePool, dispatch, evaluates, httpRequest, sendsExpression, sendsItem } = require('./nodes');
const { median, number } = require('./statistics');

const CONCURRENCY = 50;
const SLOW_MS = 200;
const MANY = 50;

/** Rows that compare the node with what it is made of, each a function that measures it. */
const REFERENCES = {
	/** Expressions and sending, each alone: the node does no more than both. */
	async sum(bench) {
		const url = `${bench.receiver.http}/hook`;
		const measured = await interleaved(bench, {
			ours: sendsExpression(url),
			expressions: evaluates(),
			pool: barePool(url),
		});
		const sum = measured.expressions.map((ms, run) => ms + measured.pool[run]);
		const ratio = median(measured.ours) / (median(measured.expressions) + median(measured.pool));
		return {
			work: 'Body by an expression, HTTP; beside: the expressions alone + a bare pool alone',
			unit: 'ms',
			ours: measured.ours,
			beside: sum,
			result: `${number(ratio)} × the sum`,
			target: 'at most 1.25 ×',
			reached: ratio <= 1.25,
		};
	},

	/** HTTP Request sends all items at once, on as many connections; its time is there to be seen. */
	async slow(bench) {
		const url = `${bench.receiver.http}/slow`;
		const ideal = (Math.ceil(bench.items / CONCURRENCY) * SLOW_MS) / 1000;
		const measured = await interleaved(bench, {
			ours: dispatch({ url, options: { concurrency: CONCURRENCY } }),
			beside: httpRequest(url),
		});
		const seconds = (values) => values.map((ms) => ms / 1000);
		const over = median(seconds(measured.ours)) / ideal;
		return {
			work: `A destination that takes ${SLOW_MS} ms, concurrency ${CONCURRENCY}; beside: HTTP Request, all items at once`,
			unit: 's',
			ours: seconds(measured.ours),
			beside: seconds(measured.beside),
			result: `${number((over - 1) * 100)} % over ${number(ideal)} s`,
			target: 'within 10 %',
			reached: over <= 1.1,
		};
	},

	async scale(bench) {
		const node = sendsItem(`${bench.receiver.http}/hook`);
		const many = bench.items * MANY;
		const few = [];
		const lots = [];
		for (let run = 0; run <= bench.runs; run++) {
			for (const [times, count] of run % 2 === 0
				? [
						[few, bench.items],
						[lots, many],
					]
				: [
						[lots, many],
						[few, bench.items],
					]) {
				const { ms } = await bench.instance.measure(node, count);
				if (run > 0) times.push((ms * 1000) / count);
			}
		}
		const ratio = median(lots) / median(few);
		return {
			work: `${number(many)} items, time an item; beside: ${number(bench.items)} items`,
			unit: 'µs',
			ours: lots,
			beside: few,
			result: `${number(ratio)} ×`,
			target: 'at most 1.3 ×',
			reached: ratio <= 1.3,
		};
	},
};

/**
 * @param {import('./run').Bench} bench
 * @param {Record<string, object>} nodes
 * @returns {Promise<Record<string, number[]>>} milliseconds of each node, `runs` values; a first round does not count
 */
async function interleaved({ instance, runs, items }, nodes) {
	const times = Object.fromEntries(Object.keys(nodes).map((name) => [name, []]));
	for (let round = 0; round <= runs; round++) {
		const names = Object.keys(nodes);
		for (const name of round % 2 === 0 ? names : names.reverse()) {
			const { ms } = await instance.measure(nodes[name], items);
			if (round > 0) times[name].push(ms);
		}
	}
	return times;
}

module.exports = { REFERENCES };
