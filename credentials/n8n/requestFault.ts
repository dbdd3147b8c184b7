import type { TokenHttpFaultCode } from '../oauth2/tokenTransport';

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

/** n8n's egress rules and its domain restriction; their classes are not exported, so by name and first words. */
function isBlocked({ name, message, constructor }: Error): boolean {
	return name.startsWith('Ssrf') || constructor.name.startsWith('Ssrf') || /^Domain not allowed|^No allowed domains/.test(message);
}

/** The error, its causes, and the members of an AggregateError (one for each address tried). */
function chainOf(error: unknown): Error[] {
	const chain: Error[] = [];
	for (let at = error; at instanceof Error && chain.length < 6; ) {
		chain.push(at);
		at = at instanceof AggregateError ? at.errors[0] : at.cause;
	}
	return chain;
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** Sorts what n8n's helpers (axios) throw into the codes of the contract. */
export function requestFault(error: unknown): RequestFault {
	const chain = chainOf(error);
	if (chain.some(isBlocked)) return fault('BLOCKED', 'the rules of this n8n instance forbid the host');
	const codes = chain.map(codeOf).filter((code) => code !== '');
	for (const code of codes) {
		const known = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
		if (known) return known;
		if (TLS_CODE.test(code)) return fault('TLS', `no TLS connection (${code})`);
	}
	const code = codes.find((candidate) => /^[A-Z0-9_]{3,40}$/.test(candidate));
	return fault('CONNECTION', code ? `the connection broke (${code})` : 'the connection broke');
}
