import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_STEPS = 50;
const MAX_DELAY_MS = 30 * 86_400_000;

/**
 * Reads a schedule such as `5s, 5m, 30m, 2h, 5h, 10h, 10h`.
 *
 * @returns the delays in milliseconds; empty when there is no schedule
 */
export function readRetrySchedule(text: unknown): Result<number[], RequestFault> {
	if (text === undefined || text === null || String(text).trim() === '') return ok([]);
	const delays: number[] = [];
	for (const part of String(text)
		.split(/[\s,;]+/)
		.filter(Boolean)) {
		const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)$/i.exec(part);
		const unit = match?.[2]?.toLowerCase().charAt(0);
		const delay = match && unit ? Number(match[1]) * (UNIT_MS[unit] ?? NaN) : NaN;
		if (!(delay > 0 && delay <= MAX_DELAY_MS) || delays.length === MAX_STEPS) {
			return invalidRequest(
				`The Retry Schedule cannot be read at "${part.replace(/[^\x20-\x7e]/g, '?').slice(0, 30)}"`,
				'Write numbers with a unit (s, m, h, d), up to 50 of them and 30 days each, e.g. 5s, 5m, 30m, 2h, 5h, 10h, 10h.',
			);
		}
		delays.push(delay);
	}
	return ok(delays);
}

/** How much longer than scheduled a retry may be, so that many failed items do not come back at once. */
const JITTER = 0.2;

/**
 * When the next round of a long schedule starts.
 *
 * @param step rounds already scheduled (0 after the first failure)
 * @param now epoch milliseconds
 * @param random 0 to 1
 * @returns epoch milliseconds, undefined when the schedule is used up
 */
export function nextRound(schedule: readonly number[], step: number, now: number, random: number): number | undefined {
	const delay = schedule[step];
	return delay === undefined ? undefined : Math.round(now + delay * (1 + JITTER * random));
}

const BACKOFF_BASE_MS = 1000;

/**
 * Exponential backoff with full jitter: a random part of 1 s, 2 s, 4 s … up to a cap.
 * (AWS Architecture Blog, "Exponential Backoff And Jitter": full jitter spreads retries best.)
 *
 * @param attempt how many attempts have been made, 1 or more
 * @param capMs the longest delay
 * @param random 0 to 1
 * @returns milliseconds
 */
export function backoffDelay(attempt: number, capMs: number, random: number): number {
	return Math.round(Math.min(capMs, BACKOFF_BASE_MS * 2 ** Math.min(attempt - 1, 30)) * random);
}
