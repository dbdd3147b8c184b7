/**
 * The longest wait that is believed, in milliseconds: 365 days. Anything beyond is a slip of the server's clock or
 * units, and the largest dates of JavaScript plus a little more are none.
 */
export const LONGEST_WAIT = 365 * 86_400_000;

/** From here on a number is an epoch time in seconds, and a thousand times that one in milliseconds. */
const EPOCH_FROM = 1_000_000_000;

/** A number as servers write it: no sign, no exponent; longer ones are no time at all. */
const NUMBER = /^\d{1,13}(\.\d{1,20})?$/;

/** RFC 9110 §5.6.7: an HTTP date names a weekday first; Date.parse alone would take "2" or "1.5" for a date. */
const HTTP_DATE = /^[A-Za-z]{3,9},? /;

/**
 * Reads a Retry-After header: seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now, 0 for a time that is past, never more than {@link LONGEST_WAIT};
 * `undefined` for none or nonsense
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
	const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
	if (!HTTP_DATE.test(value)) return waitFromNumber(value, now);
	// The oldest form (asctime) names no zone, and is GMT like the others.
	const date = Date.parse(/\d$/.test(value) && !/[+-]\d{4}$/.test(value) ? `${value} GMT` : value);
	return boundedWait(date - now);
}

/**
 * Reads a number of seconds, or an epoch time in seconds or milliseconds, as some servers send it.
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now, as {@link retryAfterMs} gives them
 */
export function waitFromNumber(text: string, now: number): number | undefined {
	if (!NUMBER.test(text)) return undefined;
	const number = Number(text);
	if (number >= EPOCH_FROM * 1000) return boundedWait(number - now);
	return boundedWait(number >= EPOCH_FROM ? number * 1000 - now : number * 1000);
}

/**
 * Whole milliseconds from 0 to {@link LONGEST_WAIT}, so that now and this make a date.
 *
 * @returns `undefined` for what is no number
 */
export function boundedWait(milliseconds: number): number | undefined {
	return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(0, Math.ceil(milliseconds)), LONGEST_WAIT);
}
