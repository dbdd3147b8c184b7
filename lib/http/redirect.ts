import { parseUrl } from '../text/parseUrl';
import type { HttpRequest } from './transport';

/** What becomes of POST on 301 and 302: it stays, or turns into GET as browsers and HTTP Request do. */
export type RedirectMethod = 'keep' | 'get';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What may go on to another origin: what describes the body, and what identifies the delivery. */
const HARMLESS_HEADERS = new Set([
	'accept',
	'accept-language',
	'content-type',
	'user-agent',
	'webhook-id',
	'webhook-timestamp',
	'webhook-signature',
]);

/**
 * What describes, signs or digests a body, and says something untrue once the body is gone: Content-* (RFC 9110 §8),
 * Digest, Repr-Digest (RFC 9530), Signature, Signature-Input (RFC 9421), Webhook-Signature and its timestamp
 * (Standard Webhooks), and names like X-Hub-Signature-256 or X-Shopify-Hmac-Sha256.
 */
const OF_THE_BODY = /^(content-.*|webhook-timestamp)$|(^|-)(digest|signature|hmac|checksum|md5|sha\d+)(-|$)/;

/**
 * The request that a redirect asks for. 303 turns into GET without a body (RFC 9110 §15.4.4). 307 and 308 keep method
 * and body (§15.4.8, §15.4.9); so do 301 and 302, as a delivery without its body delivers nothing, unless
 * `redirectMethod` is `get`, when POST turns into GET (§15.4.2 and §15.4.3 allow either).
 * To another origin only headers go that cannot hold a credential.
 *
 * @returns undefined when the response is no redirect, or names no http(s) address
 */
export function redirected(
	request: HttpRequest,
	statusCode: number,
	location: string | string[] | undefined,
	redirectMethod: RedirectMethod = 'keep',
): HttpRequest | undefined {
	const target = Array.isArray(location) ? location[0] : location;
	if (!REDIRECTS.has(statusCode) || target === undefined) return undefined;
	const url = parseUrl(target, request.url);
	if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
	url.username = '';
	url.password = '';
	url.hash = '';
	const sameOrigin = url.origin === request.url.origin;
	const becomesGet = turnsIntoGet(request.method, statusCode, redirectMethod);
	const { body, ...others } = request;
	const losesBody = becomesGet && body !== undefined;
	const identity = request.identityHeader?.toLowerCase();
	const mayGo = (name: string) =>
		(sameOrigin ? name !== 'host' : HARMLESS_HEADERS.has(name) || name === identity) &&
		// The delivery's ID stays, whatever its header is called.
		!(losesBody && name !== identity && OF_THE_BODY.test(name));
	return {
		...others,
		method: becomesGet ? 'GET' : request.method,
		url,
		headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => mayGo(name.toLowerCase()))),
		...(becomesGet || body === undefined ? {} : { body }),
	};
}

function turnsIntoGet(method: string, statusCode: number, redirectMethod: RedirectMethod): boolean {
	if (statusCode === 303) return method !== 'HEAD';
	return redirectMethod === 'get' && method === 'POST' && (statusCode === 301 || statusCode === 302);
}

/** Whether a redirect would send on unencrypted what was encrypted. */
export function isDowngrade(from: URL, to: URL): boolean {
	return from.protocol === 'https:' && to.protocol === 'http:';
}
