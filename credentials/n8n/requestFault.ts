import type { TokenHttpFaultCode } from '../../lib/oauth2/token/tokenTransport';

/** What n8n's request helpers threw, told without the request that their errors carry along. */
export interface RequestFault {
	readonly ok: false;
	readonly code: TokenHttpFaultCode;
	/** A few words, without host or secrets. */
	readonly message: string;
}

const fault = (code: TokenHttpFaultCode, message: string): RequestFault => ({ ok: false, code, message });

export const TIMED_OUT = fault('TIMEOUT', 'no complete answer within the time limit');
export const TOO_LARGE = fault('RESPONSE_TOO_LARGE', 'the answer is larger than a token answer can be');
export const CANCELLED = fault('CANCELLED', 'cancelled');

const FAULTS: Record<string, RequestFault | undefined> = {
	ECONNABORTED: TIMED_OUT,
	ETIMEDOUT: TIMED_OUT,
	ERR_CANCELED: TIMED_OUT,
	ECONNREFUSED: fault('CONNECTION', 'the connection was refused'),
	ECONNRESET: fault('CONNECTION', 'the connection was reset'),
	ENOTFOUND: fault('DNS', 'the host name could not be resolved'),
	EAI_AGAIN: fault('DNS', 'the host name could not be resolved for now'),
	CERT_HAS_EXPIRED: fault('TLS', 'the certificate has expired'),
	DEPTH_ZERO_SELF_SIGNED_CERT: fault('TLS', 'the certificate is self-signed'),
	SELF_SIGNED_CERT_IN_CHAIN: fault('TLS', 'a certificate in the chain is self-signed'),
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: fault('TLS', 'the certificate was issued by an unknown authority'),
	ERR_TLS_CERT_ALTNAME_INVALID: fault('TLS', 'the certificate is for another host name'),
	ERR_INVALID_URL: fault('INVALID_URL', 'the URL cannot be used'),
};

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;

/** What errors have in common, whichever copy of a library and whichever realm they come from. */
interface ErrorLike {
	constructor?: { name?: unknown };
	name?: unknown;
	message?: unknown;
	code?: unknown;
	cause?: unknown;
	errors?: unknown;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** n8n's egress rules and its domain restriction; their classes are not exported, so by name and first words. */
function isBlocked(error: ErrorLike): boolean {
	const names = [textOf(error.name), textOf(error.constructor?.name)];
	return (
		names.some((name) => name.startsWith('Ssrf')) ||
		/^Domain not allowed|^No allowed domains/.test(textOf(error.message))
	);
}

/** The error, its causes, and the first member of an AggregateError (one for each address tried). */
function chainOf(error: unknown): ErrorLike[] {
	const chain: ErrorLike[] = [];
	for (let at = error; typeof at === 'object' && at !== null && chain.length < 6;) {
		const link: ErrorLike = at;
		chain.push(link);
		at = Array.isArray(link.errors) ? link.errors[0] : link.cause;
	}
	return chain;
}

/** Sorts what n8n's helpers (axios) throw into the codes of the contract. */
export function requestFault(error: unknown): RequestFault {
	const chain = chainOf(error);
	if (chain.some(isBlocked)) return fault('BLOCKED', 'the rules of this n8n instance forbid the host');
	const codes = chain.map(({ code }) => textOf(code)).filter((code) => code !== '');
	for (const code of codes) {
		const known = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
		if (known) return known;
		if (TLS_CODE.test(code)) return fault('TLS', `no TLS connection (${code})`);
	}
	const code = codes.find((candidate) => /^[A-Z0-9_]{3,40}$/.test(candidate));
	return fault('CONNECTION', code ? `the connection broke (${code})` : 'the connection broke');
}
