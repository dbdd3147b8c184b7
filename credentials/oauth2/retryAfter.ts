/**
 * Reads a Retry-After header: seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now, 0 for a time that is past, `undefined` for none or nonsense
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
	const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
	if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
	// A date has letters; `Date.parse` would take a bare number for a year.
	const date = /[A-Za-z]{3}/.test(value) ? Date.parse(value) : NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
