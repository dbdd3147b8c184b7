import { parseUrl } from '../../../credentials/oauth2/parseUrl';
import type { HttpRequest } from './transport';

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
 * The request that a redirect asks for. 303 turns into GET without a body (RFC 9110 §15.4.4); the others keep
 * method and body, as a delivery without its body would deliver nothing (§15.4.2 allows either).
 * To another origin only headers go that cannot hold a credential.
 *
 * @returns undefined when the answer is no redirect, or names no http(s) address
 */
export function redirected(
	request: HttpRequest,
	statusCode: number,
	location: string | string[] | undefined,
): HttpRequest | undefined {
	const target = Array.isArray(location) ? location[0] : location;
	if (!REDIRECTS.has(statusCode) || target === undefined) return undefined;
	const url = parseUrl(target, request.url);
	if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
	url.username = '';
	url.password = '';
	url.hash = '';
	const sameOrigin = url.origin === request.url.origin;
	const becomesGet = statusCode === 303 && request.method !== 'HEAD';
	const headers = Object.fromEntries(
		Object.entries(request.headers).filter(
			([name]) =>
				(sameOrigin ? name !== 'host' : HARMLESS_HEADERS.has(name) || name === request.identityHeader) && !(becomesGet && name.startsWith('content-')),
		),
	);
	const { body, ...others } = request;
	return {
		...others,
		method: becomesGet ? 'GET' : request.method,
		url,
		headers,
		...(becomesGet || body === undefined ? {} : { body }),
	};
}
