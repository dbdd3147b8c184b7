import type { DeliveryCode } from '../result/codes';
import { blockedByEgress } from './egress';

/** Why a request got no response, by the names of `delivery.code`; the same for deliveries and for tokens. */
export type NetworkCode = Extract<
	DeliveryCode,
	'TIMEOUT' | 'CONNECTION' | 'DNS' | 'TLS' | 'RESPONSE_TOO_LARGE' | 'INVALID_URL' | 'BLOCKED' | 'CANCELLED'
>;

/** A fault below HTTP. */
export interface NetworkFault {
	readonly code: NetworkCode;
	/** What happened, in a few words, without host or secrets, e.g. "the connection was refused". */
	readonly cause: string;
}

/** Faults that are found out here and not by the network. */
export const CANCELLED: NetworkFault = { code: 'CANCELLED', cause: 'the execution was cancelled' };
export const TIMED_OUT: NetworkFault = { code: 'TIMEOUT', cause: 'no complete response within the timeout' };
export const TOO_LARGE: NetworkFault = { code: 'RESPONSE_TOO_LARGE', cause: 'the response is larger than allowed' };
export const NOT_A_URL: NetworkFault = { code: 'INVALID_URL', cause: 'it is not a URL' };
export const OUTSIDE_ALLOWED_DOMAINS: NetworkFault = {
	code: 'BLOCKED',
	cause: 'the Allowed Domains of the credential leave this host out',
};

const NOT_CONNECTED: NetworkFault = { code: 'TIMEOUT', cause: 'no connection within the timeout' };
const CLOSED: NetworkFault = {
	code: 'CONNECTION',
	cause: 'the connection was closed before the whole response had arrived',
};
const HEADERS_TOO_LARGE: NetworkFault = {
	code: 'RESPONSE_TOO_LARGE',
	cause: 'the headers of the response are too large',
};

const DNS_CODES = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL', 'ENODATA', 'ESERVFAIL'];

const faults = (code: NetworkCode, causes: Record<string, string>): Array<[string, NetworkFault]> =>
	Object.entries(causes).map(([name, cause]) => [name, { code, cause }]);

/** By the `code` of an error: Node's, undici's, and those of axios, over which n8n's helpers send. */
const FAULTS = new Map<string, NetworkFault>([
	['ETIMEDOUT', NOT_CONNECTED],
	['UND_ERR_CONNECT_TIMEOUT', NOT_CONNECTED],
	['UND_ERR_HEADERS_TIMEOUT', NOT_CONNECTED],
	// axios: its own timeout, and an abort, which is only that of a deadline: who cancels looks at the signal.
	['ECONNABORTED', TIMED_OUT],
	['ERR_CANCELED', TIMED_OUT],
	['ERR_INVALID_URL', NOT_A_URL],
	['UND_ERR_HEADERS_OVERFLOW', HEADERS_TOO_LARGE],
	['HPE_HEADER_OVERFLOW', HEADERS_TOO_LARGE],
	['UND_ERR_SOCKET', CLOSED],
	...faults('CONNECTION', {
		ECONNREFUSED: 'the connection was refused',
		ECONNRESET: 'the connection was reset',
		EPIPE: 'the connection was closed while the request was sent',
		EHOSTUNREACH: 'the host cannot be reached',
		ENETUNREACH: 'the network cannot be reached',
		UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the response was shorter or longer than announced',
	}),
	...DNS_CODES.flatMap((code) => faults('DNS', { [code]: `the host name could not be resolved (${code})` })),
	...faults('TLS', {
		CERT_HAS_EXPIRED: 'the certificate has expired',
		DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
		SELF_SIGNED_CERT_IN_CHAIN: 'a certificate in the chain is self-signed',
		UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate was issued by an unknown authority',
		UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate was issued by an unknown authority',
		ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
	}),
]);

const TLS_CODE =
	/^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UND_ERR_PRX_TLS)/;

/** undici wraps a failed TLS handshake through a proxy in another error: its cause says more. */
const WRAPPER_CODE = /^UND_ERR_PRX/;

/**
 * Sorts what undici, Node and n8n's helpers (axios) throw into the codes of the contract: of an error and its causes,
 * the first that is known. Recognized by `code` and name, not by class: there may be several copies of a library in one
 * process, and n8n does not export its own classes.
 *
 * @param error whatever was thrown; nothing of its message is passed on
 */
export function networkFault(error: unknown): NetworkFault {
	const chain = chainOf(error);
	for (const link of chain) {
		const forbidden = forbiddenBy(link);
		if (forbidden !== undefined) return forbidden;
	}
	const coded = chain.flatMap((link) => (isCode(link.code) ? [{ code: link.code, message: link.message }] : []));
	const telling = coded.filter(({ code }) => !WRAPPER_CODE.test(code));
	const links = telling.length > 0 ? telling : coded;
	for (const { code, message } of links) {
		const known = toldInWords(code, message) ?? FAULTS.get(code);
		if (known !== undefined) return known;
		if (TLS_CODE.test(code)) return { code: 'TLS', cause: `no TLS connection (${code})` };
	}
	const [first] = links;
	return { code: 'CONNECTION', cause: first ? `the connection broke (${first.code})` : 'the connection broke' };
}

/** What errors have in common, whichever copy of a library and whichever realm they come from. */
interface ErrorLike {
	code?: unknown;
	message?: unknown;
	cause?: unknown;
	errors?: unknown;
}

const LONGEST_CHAIN = 6;

/** The error and its causes; an AggregateError (one error per address tried) goes on with its first member. */
function chainOf(error: unknown): ErrorLike[] {
	const chain: ErrorLike[] = [];
	let link = error;
	while (typeof link === 'object' && link !== null && chain.length < LONGEST_CHAIN) {
		const { errors, cause }: ErrorLike = link;
		chain.push(link);
		link = Array.isArray(errors) ? errors[0] : cause;
	}
	return chain;
}

const isCode = (code: unknown): code is string => typeof code === 'string' && /^[A-Z0-9_]+$/.test(code);

/** The instance's rules, and what n8n's helpers make of a credential's Allowed Domains, known by its first words. */
function forbiddenBy(link: ErrorLike): NetworkFault | undefined {
	const cause = blockedByEgress(link);
	if (cause !== undefined) return { code: 'BLOCKED', cause };
	const isOutside = typeof link.message === 'string' && /^(Domain not allowed|No allowed domains)/.test(link.message);
	return isOutside ? OUTSIDE_ALLOWED_DOMAINS : undefined;
}

/** What no code distinguishes: a proxy that refused a tunnel (undici), and a close that Node's own client calls a reset. */
function toldInWords(code: string, message: unknown): NetworkFault | undefined {
	if (typeof message !== 'string') return undefined;
	if (code === 'ECONNRESET') return /^(socket hang up|aborted)$/.test(message) ? CLOSED : undefined;
	const status = code === 'UND_ERR_ABORTED' ? /^Proxy response \((\d{3})\)/.exec(message)?.[1] : undefined;
	return status === undefined
		? undefined
		: { code: 'CONNECTION', cause: `the proxy refused the connection (${status})` };
}
