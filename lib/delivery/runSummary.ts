import type { Delivery } from './delivery';

/** How many kinds of failures are named. */
const KINDS_NAMED = 4;

const count = new Intl.NumberFormat('en-US');

/**
 * How a run went, in one line: `998 delivered, 2 failed (1 STATUS 404, 1 TIMEOUT), median 120 ms, slowest 2.1 s`.
 *
 * @param deliveries all of the run; those that are still to be sent are not counted
 * @param durationsMs of those delivered in this try, in milliseconds
 * @returns an empty text for fewer than two deliveries, of which the output says it all
 */
export function runSummary(
	deliveries: ReadonlyArray<Pick<Delivery, 'state' | 'fault'>>,
	durationsMs: readonly number[],
): string {
	if (deliveries.length < 2) return '';
	const failures = new Map<string, number>();
	let delivered = 0;
	let failed = 0;
	for (const { state, fault } of deliveries) {
		if (state === 'delivered') delivered++;
		if (state !== 'failed') continue;
		failed++;
		const kind = fault === undefined ? '' : [fault.code, fault.statusCode ?? ''].join(' ').trim();
		failures.set(kind, (failures.get(kind) ?? 0) + 1);
	}
	const parts = [`${count.format(delivered)} delivered`];
	if (failed > 0) parts.push(`${count.format(failed)} failed (${named(failures)})`);
	if (durationsMs.length > 0) {
		const sorted = Float64Array.from(durationsMs).sort();
		const median = sorted[(sorted.length - 1) >> 1]!;
		parts.push(`median ${duration(median)}`, `slowest ${duration(sorted.at(-1)!)}`);
	}
	return parts.join(', ');
}

/** The most frequent kinds first. */
function named(failures: Map<string, number>): string {
	const kinds = [...failures].sort(([kindA, a], [kindB, b]) => b - a || (kindA < kindB ? -1 : 1));
	const rest = kinds.slice(KINDS_NAMED).reduce((sum, [, number]) => sum + number, 0);
	return [
		...kinds.slice(0, KINDS_NAMED).map(([kind, number]) => `${count.format(number)} ${kind}`),
		...(rest > 0 ? [`${count.format(rest)} others`] : []),
	].join(', ');
}

/** Milliseconds below a second, else seconds with one decimal. */
function duration(milliseconds: number): string {
	const whole = Math.round(milliseconds);
	return whole < 1000 ? `${whole} ms` : `${count.format(Math.round(milliseconds / 100) / 10)} s`;
}
