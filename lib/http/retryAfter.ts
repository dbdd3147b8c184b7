/**
 * The longest wait that is believed, in milliseconds: 365 days. Anything beyond is a slip of the server's clock or
 * units, and the largest dates of JavaScript plus a little more are none.
 */
const LONGEST_WAIT_MS = 365 * 86_400_000;

/** A header's value as undici gives it. */
type HeaderValue = string | string[] | undefined;

type HeaderValues = Record<string, HeaderValue>;

/**
 * When a destination that is busy (429, 503) wants to be asked again.
 *
 * @param headers by lowercase name
 * @param now epoch milliseconds
 * @param body the response, parsed
 * @returns epoch milliseconds, from `now` to a year later; undefined when the response names no time
 */
export function retryAt(statusCode: number, headers: HeaderValues, now: number, body?: unknown): number | undefined {
	return statusCode === 429 || statusCode === 503 ? namedRetryAt(headers, now, body) : undefined;
}

/**
 * The time that a response names, whatever its status. What asks for a wait comes before what only says when a
 * quota is full again: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), its forms in milliseconds (OpenAI,
 * Azure), the same in a JSON body (Discord, Telegram), then the RateLimit headers. Malformed values are as good as
 * none: they never stop a retry.
 *
 * @param now epoch milliseconds
 * @param body the response, parsed
 * @returns as {@link retryAt} does
 */
export function namedRetryAt(headers: HeaderValues, now: number, body?: unknown): number | undefined {
	const wait =
		retryAfterMs(headers['retry-after'], now) ??
		fromMilliseconds(first(headers['retry-after-ms']), now) ??
		fromMilliseconds(first(headers['x-ms-retry-after-ms']), now) ??
		fromBody(body, now) ??
		waitFromNumber(first(headers['x-ratelimit-reset-after']), now) ??
		waitFromNumber(first(headers['ratelimit-reset-after']), now) ??
		fromRateLimit(headers.ratelimit, now) ??
		waitFromNumber(first(headers['ratelimit-reset']), now) ??
		waitFromNumber(first(headers['x-ratelimit-reset']), now) ??
		waitFromNumber(first(headers['x-rate-limit-reset']), now);
	return wait === undefined ? undefined : now + wait;
}

/**
 * Reads a Retry-After header: seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now, 0 for a time that is past, never more than {@link LONGEST_WAIT_MS};
 * `undefined` for none or nonsense
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
	const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
	if (!HTTP_DATE.test(value)) return waitFromNumber(value, now);
	// The oldest form (asctime) names no zone, and is GMT like the others.
	const date = Date.parse(/\d$/.test(value) && !/[+-]\d{4}$/.test(value) ? `${value} GMT` : value);
	return boundedWait(date - now);
}

const first = (value: HeaderValue): string => (Array.isArray(value) ? value[0] : value)?.trim() ?? '';

/**
 * The `RateLimit` header of both drafts (draft-ietf-httpapi-ratelimit-headers): `"default";r=0;t=2`, one member a
 * policy, since version 8; `limit=100, remaining=0, reset=2` before. Of several policies the exhausted ones count.
 */
function fromRateLimit(value: HeaderValue, now: number): number | undefined {
	const policies = (Array.isArray(value) ? value.join(',') : (value ?? ''))
		.slice(0, 4000)
		.replace(/"(?:[^"\\]|\\.)*"/g, 'policy')
		.split(',')
		.map((member) => ({
			isExhausted: /(?:^|;)\s*r\s*=\s*0+\s*(?:;|$)/i.test(member),
			wait: waitFromNumber(/(?:^|;)\s*(?:t|reset)\s*=\s*([\d.]+)\s*(?:;|$)/i.exec(member)?.[1] ?? '', now),
		}))
		.filter((policy): policy is { isExhausted: boolean; wait: number } => policy.wait !== undefined);
	const exhausted = policies.filter(({ isExhausted }) => isExhausted);
	if (exhausted.length > 0) return Math.max(...exhausted.map(({ wait }) => wait));
	return policies.length > 0 ? Math.min(...policies.map(({ wait }) => wait)) : undefined;
}

/** Where a body has the time: at its top (Discord), or in one of these. */
const PLACES = ['parameters', 'error', 'errors', 'details', 'data', 'meta'];

/** The names it has there, in lowercase without hyphens and underscores, and how the value is read. */
const NAMES: Record<string, (text: string, now: number) => number | undefined> = {
	retryafter: (text, now) => retryAfterMs(text, now) ?? fromIsoDate(text, now),
	retryafterseconds: waitFromNumber,
	retryaftersecs: waitFromNumber,
	retryaftersec: waitFromNumber,
	retryafterms: fromMilliseconds,
	retryaftermillis: fromMilliseconds,
	retryaftermilliseconds: fromMilliseconds,
	// google.rpc.RetryInfo: "3.5s"
	retrydelay: (text, now) => (/^[\d.]+s$/.test(text) ? waitFromNumber(text.slice(0, -1), now) : undefined),
};

/** How many fields and entries are looked at: the time is near the beginning. */
const MAX_FIELDS = 50;
/** `error.details[0]`, of which `details` is a place and `[0]` an entry. */
const MAX_DEPTH = 3;

function fromBody(body: unknown, now: number, depth = 0): number | undefined {
	if (typeof body !== 'object' || body === null || depth > MAX_DEPTH) return undefined;
	if (Array.isArray(body)) return firstOf(body.slice(0, MAX_FIELDS), (entry) => fromBody(entry, now, depth + 1));
	const fields = body as Record<string, unknown>;
	const keys = Object.keys(fields).slice(0, MAX_FIELDS);
	return (
		firstOf(keys, (key) => fromField(key, fields[key], now)) ??
		firstOf(keys, (key) => (PLACES.includes(key) ? fromBody(fields[key], now, depth + 1) : undefined))
	);
}

function fromField(key: string, value: unknown, now: number): number | undefined {
	if (key.length > 40 || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
	const name = key.toLowerCase().replace(/[-_]/g, '');
	return Object.hasOwn(NAMES, name) ? NAMES[name]?.(String(value).trim(), now) : undefined;
}

function firstOf<T, R>(values: T[], read: (value: T) => R | undefined): R | undefined {
	for (const value of values) {
		const result = read(value);
		if (result !== undefined) return result;
	}
	return undefined;
}

/** From here on a number is an epoch time in seconds, and a thousand times that one in milliseconds. */
const EPOCH_FROM = 1_000_000_000;

/** A number as servers write it: no sign, no exponent; longer ones are no time at all. */
const NUMBER = /^\d{1,13}(\.\d{1,20})?$/;

/** RFC 9110 §5.6.7: an HTTP date names a weekday first; Date.parse alone would take "2" or "1.5" for a date. */
const HTTP_DATE = /^[A-Za-z]{3,9},? /;

/**
 * Reads a number of seconds, or an epoch time in seconds or milliseconds, as some servers send it.
 *
 * @param now epoch milliseconds
 * @returns milliseconds from now, as {@link retryAfterMs} gives them
 */
function waitFromNumber(text: string, now: number): number | undefined {
	if (!NUMBER.test(text)) return undefined;
	const number = Number(text);
	if (number >= EPOCH_FROM * 1000) return boundedWait(number - now);
	return boundedWait(number >= EPOCH_FROM ? number * 1000 - now : number * 1000);
}

/** Milliseconds, or an epoch time in milliseconds. */
function fromMilliseconds(text: string, now: number): number | undefined {
	if (!NUMBER.test(text)) return undefined;
	const number = Number(text);
	return boundedWait(number >= EPOCH_FROM * 1000 ? number - now : number);
}

function fromIsoDate(text: string, now: number): number | undefined {
	return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(text) ? boundedWait(Date.parse(text) - now) : undefined;
}

/**
 * Whole milliseconds from 0 to {@link LONGEST_WAIT_MS}, so that now and this make a date.
 *
 * @returns `undefined` for what is no number
 */
function boundedWait(milliseconds: number): number | undefined {
	return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(0, Math.ceil(milliseconds)), LONGEST_WAIT_MS);
}
