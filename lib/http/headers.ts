import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import { asText, type Pair } from '../text/asText';
import { isHttpToken } from '../text/httpToken';

/** Header fields by lowercase name. */
export type Headers = Record<string, string>;

/**
 * Header fields, and how their names are written, by lowercase name: some receivers compare names with case, though
 * they must not (RFC 9110 §5.1). A name that is not among `headerNames` is sent in lowercase.
 */
export interface HeaderFields {
	headers: Headers;
	headerNames?: Headers;
}

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
 * @returns the fields, or an `INVALID_REQUEST` fault that names the header, never its value
 */
export function requestHeaders(pairs: Pair[]): Result<Required<HeaderFields>, RequestFault> {
	const headers = empty();
	const headerNames = empty();
	for (const { name, value } of pairs) {
		const trimmed = String(name ?? '').trim();
		if (trimmed === '') continue;
		if (!isHttpToken(trimmed)) {
			return invalidRequest(
				`The header name "${printable(trimmed)}" has characters that a header name cannot have`,
				'Use letters, digits and hyphens, e.g. X-Campaign-Id.',
			);
		}
		const lower = trimmed.toLowerCase();
		if (CONNECTION_HEADERS.has(lower)) {
			return invalidRequest(
				`The header ${trimmed} is set by the connection itself`,
				'Remove it from the header parameters.',
			);
		}
		const text = asText(value).trim();
		if (!isHeaderValue(text)) {
			return invalidRequest(
				`The value of the header ${trimmed} has line breaks, control characters or characters beyond Latin-1`,
				'Remove them, or encode the value, e.g. with encodeURIComponent().',
			);
		}
		put(headers, lower, text);
		put(headerNames, lower, trimmed);
	}
	return ok({ headers, headerNames });
}

/** One header as it is written. */
export function headerField(name: string, value: string): HeaderFields {
	return { headers: { [name.toLowerCase()]: value }, headerNames: { [name.toLowerCase()]: name } };
}

/** All fields as one set: of the same name the last one counts, with the case in which it is written. */
export function mergedFields(...sets: HeaderFields[]): Required<HeaderFields> {
	const headers = empty();
	const headerNames = empty();
	for (const set of sets) {
		for (const name of Object.keys(set.headers)) {
			put(headers, name, set.headers[name]!);
			put(headerNames, name, writtenName(name, set.headerNames));
		}
	}
	return { headers, headerNames };
}

/**
 * Header fields by their names as they are sent, in undici's flat form: name, value, name, value. Shared by all requests
 * with the same fields, as most of a run have; undici's proxies would write into an object.
 */
export function writtenHeaders({ headers, headerNames }: HeaderFields): string[] {
	const known = writtenBefore.get(headers);
	if (known !== undefined && known.names === headerNames) return known.written;
	const written = Object.keys(headers).flatMap((name) => [writtenName(name, headerNames), headers[name]!]);
	writtenBefore.set(headers, { names: headerNames, written });
	return written;
}

const writtenBefore = new WeakMap<Headers, { names: Headers | undefined; written: string[] }>();

/** Host belongs to undici, which writes it itself and looks for it in two spellings only. */
function writtenName(name: string, headerNames: Headers | undefined): string {
	return name !== 'host' && headerNames !== undefined && Object.hasOwn(headerNames, name) ? headerNames[name]! : name;
}

const empty = (): Headers => ({});

/** A header may be called `__proto__`. An object without a prototype would do, too, but V8 keeps those as slow hash tables. */
function put(headers: Headers, name: string, value: string): void {
	if (name === '__proto__')
		Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
	else headers[name] = value;
}

/** Whether a text can be a header's value without changing the message (RFC 9110 §5.5). */
export function isHeaderValue(text: string): boolean {
	return VALUE.test(text);
}

/** Whether a text can be a header's name (RFC 9110 §5.1). */
export function isHeaderName(text: string): boolean {
	return isHttpToken(text) && !CONNECTION_HEADERS.has(text.toLowerCase());
}

const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
