import type { Headers } from '../http/headers';
import { ok, refused, type Result } from '../result/result';
import { parseUrl } from '../text/parseUrl';

/** What n8n's Webhook node says of a request (n8n 2.40.7): parsed but for the headers, and without method and query as sent. */
export interface ReceivedFields {
	readonly headers?: unknown;
	readonly params?: unknown;
	readonly query?: unknown;
	readonly body?: unknown;
	readonly webhookUrl?: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Header fields as they were received: names in lowercase, what came several times joined (RFC 9110 §5.3). */
export function receivedHeaders({ headers }: ReceivedFields): Result<Headers> {
	if (!isObject(headers) || Object.keys(headers).length === 0) {
		return refused(
			'The item has no headers',
			'Connect this node to the Webhook node that receives the request: its item has headers, and the raw body as a file.',
		);
	}
	const received = new Map<string, string>();
	for (const [name, value] of Object.entries(headers)) {
		const lower = name.toLowerCase();
		const text = [value].flat().map(String).join(', ');
		const before = received.get(lower);
		received.set(lower, before === undefined ? text : `${before}, ${text}`);
	}
	return ok(Object.fromEntries(received));
}

/** Whether a request had no body, going by its headers (RFC 9112 §6.3), and n8n parsed none. */
export function hadNoBody({ body }: ReceivedFields, headers: Headers): boolean {
	const length = Object.hasOwn(headers, 'content-length') ? headers['content-length']!.trim() : '0';
	const isEmpty =
		body === undefined || body === null || body === '' || (isObject(body) && Object.keys(body).length === 0);
	return isEmpty && length === '0' && !Object.hasOwn(headers, 'transfer-encoding');
}

/**
 * The addresses that a request may have been sent to. n8n gives the webhook's address with the names of its path parameters,
 * and the query parsed: what was sent is put together again, as form encoding and as percent-encoding write it.
 *
 * @param address what URL of the operation says
 * @returns at least one; empty where the text is no address
 */
export function receivedUrls(address: string, { params, query }: ReceivedFields): URL[] {
	const url = parseUrl(address.trim());
	if (url === undefined) return [];
	url.hash = '';
	if (isObject(params)) url.pathname = withParameters(url.pathname, params);
	const pairs = isObject(query) ? queryPairs(query) : [];
	if (url.search !== '' || pairs.length === 0) return [url];
	const form = new URLSearchParams(pairs).toString();
	const percent = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
	return [...new Set([form, percent])].map((search) => Object.assign(new URL(url), { search }));
}

/** A path like `/webhook/id/orders/:order` with the values that came. */
function withParameters(path: string, params: Record<string, unknown>): string {
	return path.replace(/(?<=\/):([^/]+)/g, (segment, name: string) =>
		Object.hasOwn(params, name) ? encodeURIComponent(String(params[name])) : segment,
	);
}

/** Names and values in order; a name that came several times has a list. What is nested has no one way to be written. */
function queryPairs(query: Record<string, unknown>): Array<[string, string]> {
	return Object.entries(query).flatMap(([name, value]) =>
		[value].flat().map((one): [string, string] => [name, String(one)]),
	);
}
