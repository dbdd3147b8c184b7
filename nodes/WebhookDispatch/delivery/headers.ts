import { invalidRequest, ok, type RequestFault, type Result } from './codes';
import { asText, type Pair } from './destinationUrl';

/** Header fields by lower-case name. */
export type Headers = Record<string, string>;

/** RFC 9110 §5.6.2: a field name is a token. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 §5.5: visible characters, space, tab, and obs-text (sent as UTF-8 is refused: Latin-1 only). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Set by the connection itself (RFC 9110 §7.6.1, RFC 9112 §6); two of them would contradict each other. */
const CONNECTION_HEADERS = new Set([
	'connection',
	'content-length',
	'expect',
	'keep-alive',
	'proxy-connection',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
]);

/**
 * Checks header parameters before anything is sent.
 *
 * @param pairs pairs in order; of the same name the last one counts, pairs without a name are left out
 * @returns the fields by lower-case name, or an `INVALID_REQUEST` fault that names the header, never its value
 */
export function requestHeaders(pairs: Pair[]): Result<Headers, RequestFault> {
	const headers: Headers = Object.create(null) as Headers;
	for (const { name, value } of pairs) {
		const trimmed = String(name ?? '').trim();
		if (trimmed === '') continue;
		if (!TOKEN.test(trimmed)) {
			return invalidRequest(
				`The header name "${printable(trimmed)}" has characters that a header name cannot have`,
				'Use letters, digits and hyphens, e.g. X-Campaign-Id.',
			);
		}
		const lower = trimmed.toLowerCase();
		if (CONNECTION_HEADERS.has(lower)) {
			return invalidRequest(
				`The header ${trimmed} is set by the connection itself`,
				'Take it out of the header parameters.',
			);
		}
		const text = asText(value).trim();
		if (!isHeaderValue(text)) {
			return invalidRequest(
				`The value of the header ${trimmed} has line breaks, control characters or characters beyond Latin-1`,
				'Take them out, or encode the value, e.g. with encodeURIComponent().',
			);
		}
		headers[lower] = text;
	}
	return ok(headers);
}

/** Whether a text can stand as a header's value without changing the message (RFC 9110 §5.5). */
export function isHeaderValue(text: string): boolean {
	return VALUE.test(text);
}

/** Whether a text can stand as a header's name (RFC 9110 §5.1). */
export function isHeaderName(text: string): boolean {
	return TOKEN.test(text) && !CONNECTION_HEADERS.has(text.toLowerCase());
}

const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
