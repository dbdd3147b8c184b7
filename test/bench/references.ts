import { CONCURRENCY, type Bench, type Measure } from './bench';
import {
	authenticated,
	barePool,
	dispatch,
	evaluates,
	httpRequest,
	OAUTH2,
	sendsExpression,
	sendsItem,
	type MeasuredNode,
} from './nodes';
import { median, number } from './statistics';

const SLOW_MS = 200;
const MANY = 50;

/** Expressions and sending, each alone: the node does no more than both. */
const sum: Measure = async (bench) => {
	const url = `${bench.receiver.http}/hook`;
	const measured = await interleaved(bench, {
		ours: sendsExpression(url),
		expressions: evaluates(),
		pool: barePool(url),
	});
	const beside = measured.expressions.map((ms, run) => ms + (measured.pool[run] ?? NaN));
	const ratio = median(measured.ours) / (median(measured.expressions) + median(measured.pool));
	return {
		work: 'Body by an expression, HTTP; beside: the expressions alone + a bare pool alone',
		unit: 'ms',
		ours: measured.ours,
		beside,
		result: `${number(ratio)} × the sum`,
		target: 'at most 1.25 ×',
		reached: ratio <= 1.25,
	};
};

/** HTTP Request sends all items at once, on as many connections; its time is there to be seen. */
const slow: Measure = async (bench) => {
	const url = `${bench.receiver.http}/slow`;
	const ideal = (Math.ceil(bench.items / CONCURRENCY) * SLOW_MS) / 1000;
	const measured = await interleaved(bench, {
		ours: dispatch({ url, options: { concurrency: CONCURRENCY } }),
		beside: httpRequest(url),
	});
	const seconds = (values: number[]) => values.map((ms) => ms / 1000);
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
};

const scale: Measure = async (bench) => {
	const node = sendsItem(`${bench.receiver.http}/hook`);
	const few = { count: bench.items, times: [] as number[] };
	const many = { count: bench.items * MANY, times: [] as number[] };
	for (let run = 0; run <= bench.runs; run++) {
		for (const { count, times } of run % 2 === 0 ? [few, many] : [many, few]) {
			const { ms } = await bench.instance.measure(node, count);
			if (run > 0) times.push((ms * 1000) / count);
		}
	}
	const ratio = median(many.times) / median(few.times);
	return {
		work: `${number(many.count)} items, time an item; beside: ${number(few.count)} items`,
		unit: 'µs',
		ours: many.times,
		beside: few.times,
		result: `${number(ratio)} ×`,
		target: 'at most 1.3 ×',
		reached: ratio <= 1.3,
	};
};

/** A token and a proof for each request, which is signed for it alone. */
const dpop: Measure = async (bench) => {
	const send = sendsItem(`${bench.receiver.http}/hook`);
	const measured = await interleaved(bench, {
		ours: authenticated(send, OAUTH2.ours, bench.credentials.dpop),
		beside: authenticated(send, OAUTH2.ours, bench.credentials.oAuth2.ours),
	});
	const share = (median(measured.beside) / median(measured.ours)) * 100;
	return {
		work: 'Item as JSON body, OAuth2 client credentials with DPoP; beside: without DPoP',
		unit: 'ms',
		...measured,
		result: `${number(share)} % of its throughput`,
		target: 'at least 50 %',
		reached: share >= 50,
	};
};

/** Rows that compare the node with what it is made of. */
export const REFERENCES: Record<string, Measure> = { sum, slow, scale, dpop };

/** Milliseconds of each node, `runs` values; a first round does not count. */
async function interleaved<Name extends string>(
	{ instance, runs, items }: Bench,
	nodes: Record<Name, MeasuredNode>,
): Promise<Record<Name, number[]>> {
	const names = Object.keys(nodes) as Name[];
	const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
	for (let round = 0; round <= runs; round++) {
		for (const name of round % 2 === 0 ? names : names.toReversed()) {
			const { ms } = await instance.measure(nodes[name], items);
			if (round > 0) times[name].push(ms);
		}
	}
	return times;
}
