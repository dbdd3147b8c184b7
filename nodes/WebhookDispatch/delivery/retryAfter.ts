import { retryAfterMs } from '../../../credentials/oauth2/retryAfter';

/** A header's value as undici gives it. */
type HeaderValue = string | string[] | undefined;

/** Above this a RateLimit-Reset is an epoch time, not a number of seconds. */
const EPOCH_FROM = 1_000_000_000;

/**
 * When a destination wants to be asked again: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3),
 * else `RateLimit-Reset` / `X-RateLimit-Reset` (seconds, or an epoch time as some servers send it).
 * Read on 429 and 503 only. Malformed values are as good as none: they never stop a retry.
 *
 * @param now epoch milliseconds
 * @returns epoch milliseconds, never before `now`; undefined when the answer names no time
 */
export function retryAfter(
	statusCode: number,
	headers: Record<string, HeaderValue>,
	now: number,
): number | undefined {
	if (statusCode !== 429 && statusCode !== 503) return undefined;
	const delay = retryAfterMs(headers['retry-after'], now);
	if (delay !== undefined) return now + delay;
	const at =
		fromReset(first(headers['ratelimit-reset']), now) ??
		fromReset(first(headers['x-ratelimit-reset']), now);
	return at === undefined ? undefined : Math.max(at, now);
}

const first = (value: HeaderValue) => (Array.isArray(value) ? value[0] : value)?.trim();

function fromReset(value: string | undefined, now: number): number | undefined {
	if (value === undefined || !/^\d{1,13}(\.\d+)?$/.test(value)) return undefined;
	const number = Number(value);
	if (number >= EPOCH_FROM * 1000) return number;
	return number >= EPOCH_FROM ? Math.ceil(number * 1000) : now + Math.ceil(number * 1000);
}
