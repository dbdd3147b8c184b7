import { STATUS_CODES } from 'node:http';

import type { DeliveryCode } from '../result/codes';

/** What happened and how to get on. */
export interface FailureText {
	message: string;
	description: string;
}

/** `503 Service Unavailable` (RFC 9110 §15). */
const statusText = (statusCode: number) => `${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim();

const NEXT_STEP_BY_STATUS: Record<number, string> = {
	400: 'The destination did not accept the request. Compare the body and the headers with its documentation.',
	401: "Check the credential: the destination did not accept it. For OAuth 2.0, run the credential's test, and check scopes and audience.",
	403: 'The credential is not allowed to do this. Check its scopes and the permissions of its user at the destination.',
	404: 'Check the path of the Destination URL.',
	405: 'Check the Method: the destination does not support it at this URL.',
	406: 'Check the Accept header.',
	407: 'The proxy requires credentials. Put the user and the password into its URL, e.g. http://user:password@host:port.',
	409: 'The request conflicts with what the destination already has. If an idempotency key is sent, the same ID may have been used with another body.',
	410: 'The destination is permanently gone. Remove it from the workflow, or ask its owner for the new URL.',
	413: 'Send less: the body is larger than the destination accepts.',
	415: 'Check Body and the Content-Type header.',
	422: 'The destination rejected the content of the request. Check the response for the field.',
	429: "The destination limits requests. Use Retry On Fail in the node's settings (it waits for Retry-After), or set Rate Limit in the options.",
};

const NEXT_STEP: Record<
	Exclude<DeliveryCode, 'STATUS' | 'TOKEN' | 'UNAVAILABLE' | 'REJECTED' | 'INVALID_REQUEST'>,
	string
> = {
	TIMEOUT:
		'Raise Timeout in the options if the destination needs longer. It may have received the request: set Idempotency Header in the options so that it can recognize duplicates.',
	CONNECTION: 'Check that the destination is up, and that host and port of the URL are right.',
	DNS: 'Check the host name in the Destination URL for typos, and the DNS server of the machine that n8n runs on.',
	TLS: 'The destination must present a valid certificate. For a private authority, start n8n with NODE_EXTRA_CA_CERTS, or turn on Use Client Certificate and add the CA to its credential. Ignore SSL Issues in the options turns off the check.',
	REDIRECT: 'Put the new address into Destination URL, or turn on Follow Redirects in the options.',
	RESPONSE_TOO_LARGE:
		'Raise Max Response Size in the options. The destination has received this delivery, so it is not sent again on retry.',
	INVALID_URL: 'Check the Destination URL.',
	BLOCKED:
		'Ask the administrator of this n8n instance to allow the destination, or check the allowed domains of the credential.',
	CANCELLED:
		"The destination may have received the request. n8n can't resume a cancelled execution. Run the workflow again to send the rest.",
};

/** What is known of a response beside its status. */
export interface StatusContext {
	/** Whether the delivery is retried. */
	retryable?: boolean;
	/** With an OAuth 2.0 token: the statuses that mean, by the credential, that it has expired. */
	expiredStatusCodes?: readonly number[];
	/** The next step, when more is known of it than the status says. */
	advice?: string;
}

/**
 * The words for a status that is no success.
 *
 * @param words the destination's own words, cleaned and shortened; empty for none
 * @param location where a redirect points to (origin and path)
 */
export function statusFailure(
	host: string,
	statusCode: number,
	words: string,
	location?: string,
	context: StatusContext = {},
): FailureText {
	const isRedirect = statusCode >= 300 && statusCode < 400;
	const said = saysOnlyStatus(words, statusCode) ? '' : words;
	const target = isRedirect && location !== undefined ? `, pointing to ${location}` : '';
	return {
		message: `${host} responded with ${statusText(statusCode)}${target}${said === '' ? '' : `: ${said}`}`,
		description: [context.advice ?? nextStepByStatus(statusCode, context), ...settingsFor(statusCode, context)].join(
			' ',
		),
	};
}

/** "502 Bad Gateway", "HTTP Status 404 – Not Found" or "Error": what the status itself says. */
function saysOnlyStatus(words: string, statusCode: number): boolean {
	const plain = (text: string) => text.toLowerCase().replace(/\b(?:http|status|error|code)\b|[^\p{L}\p{N}]/gu, '');
	const left = plain(words.replace(String(statusCode), ''));
	return left === '' || left === plain(STATUS_CODES[statusCode] ?? '');
}

/** Statuses that some servers send for an expired token; 419 and 498 are of no standard. */
const TOKEN_STATUSES = new Set([401, 403, 419, 440, 498]);

/** Statuses that pass at some destinations: a conflict or lock of the moment; 529 and such are proxies' own. */
const maybeTemporary = (statusCode: number) => statusCode === 409 || statusCode === 423 || statusCode > 511;

/** The options and settings that change what becomes of a status. */
function settingsFor(statusCode: number, { retryable = false, expiredStatusCodes }: StatusContext): string[] {
	const settings: string[] = [];
	if (expiredStatusCodes !== undefined && TOKEN_STATUSES.has(statusCode) && !expiredStatusCodes.includes(statusCode)) {
		settings.push(
			`If the destination uses ${statusCode} for expired tokens, add it to Expired Token Status Codes in the credential.`,
		);
	}
	if (!retryable && maybeTemporary(statusCode)) {
		settings.push(`If this may succeed on retry, add ${statusCode} to Retry Statuses in the options.`);
	}
	return settings;
}

function nextStepByStatus(statusCode: number, { retryable }: StatusContext): string {
	const known = NEXT_STEP_BY_STATUS[statusCode];
	if (known !== undefined) return known;
	if (statusCode >= 300 && statusCode < 400) return NEXT_STEP.REDIRECT;
	if (statusCode > 511 && retryable !== true) {
		return 'The destination, or a proxy in front of it, is unavailable.';
	}
	if (statusCode >= 500) {
		return "The destination is unavailable. Use Retry On Fail in the node's settings to retry, or Retry Schedule for longer outages.";
	}
	if (statusCode >= 200 && statusCode < 300)
		return 'Success Status in the options accepts only 200: select 2xx there if this status is a success.';
	return 'Check the response, and the documentation of the destination for this status.';
}

/** The words for a fault below HTTP. */
export function networkFailure(host: string, code: keyof typeof NEXT_STEP, cause: string): FailureText {
	return { message: `Delivery to ${host} failed: ${cause}`, description: NEXT_STEP[code] };
}

/** `[item 3]`, counted from 0 as n8n does; `[items 0-99]` for a broadcast. */
export function itemTag(itemIndexes: number[]): string {
	const first = itemIndexes[0] ?? 0;
	return itemIndexes.length > 1 ? `[items ${first}-${itemIndexes.at(-1) ?? first}]` : `[item ${first}]`;
}

/** The words for a delivery that was not sent, as its destination is down. */
export function unavailable(host: string): FailureText {
	return {
		message: `Delivery to ${host} failed: it is unavailable, several requests in a row of this run got no response`,
		description:
			'This delivery was not sent. Check that the destination is up. The next try begins with one request to it; for longer outages, set Retry Schedule in the options.',
	};
}
