import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';

/** 2xx is a success, which is never sent again; 1xx is no final status; above 599 there is none (RFC 9110 §15). */
const LOWEST = 300;
const HIGHEST = 599;

/**
 * Reads the option *Retry Statuses*, such as `409, 520-524` or `5xx`.
 *
 * @param given text, or what an expression gives: a number, a list
 * @returns the statuses in rising order; empty when none are given
 */
export function readRetryStatuses(given: unknown): Result<number[], RequestFault> {
	if (given === undefined || given === null) return ok([]);
	const statuses = new Set<number>();
	const text = String(given).replace(/\s*[-\u2013]\s*/g, '-');
	for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
		const range = readRange(part);
		if (range === undefined) return refused(`cannot be read at ${excerpt(part)}`);
		const [from, to] = range;
		if (from < 300 && from >= 200) return refused(`cannot contain ${excerpt(part)}, which is a success`);
		if (from < LOWEST || to > HIGHEST || from > to) return refused(`cannot be read at ${excerpt(part)}`);
		for (let status = from; status <= to; status++) statuses.add(status);
	}
	return ok([...statuses].sort((a, b) => a - b));
}

function readRange(part: string): [number, number] | undefined {
	const group = /^([1-9])xx$/i.exec(part)?.[1];
	if (group !== undefined) return [Number(group) * 100, Number(group) * 100 + 99];
	const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
	return match?.[1] === undefined ? undefined : [Number(match[1]), Number(match[2] ?? match[1])];
}

const excerpt = (part: string) => `"${part.replace(/[^\x20-\x7e]/g, '?').slice(0, 30)}"`;

const refused = (what: string) =>
	invalidRequest(
		`Retry Statuses in the options ${what}`,
		`Use statuses from ${LOWEST} to ${HIGHEST} and ranges of them, e.g. 409, 520-524. A success is never sent again.`,
	);
