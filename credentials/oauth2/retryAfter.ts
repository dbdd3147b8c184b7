/** RFC 9110 §5.6.7: an HTTP date names a weekday first; Date.parse alone would take "2" or "1.5" for a date. */
const HTTP_DATE = /^[A-Za-z]{3,9},? /;

/**
 * Reads a Retry-After header: seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now, 0 for a time that is past, `undefined` for none or nonsense
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
	const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
	if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
	if (!HTTP_DATE.test(value)) return undefined;
	// The oldest form (asctime) names no zone, and is GMT like the others.
	const date = Date.parse(/\d$/.test(value) && !/[+-]\d{4}$/.test(value) ? `${value} GMT` : value);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
