import type { DeliveryCode } from '../result/codes';
import { blockedByEgress } from '../../nodes/WebhookDispatch/n8n/egressFilter';

/** A fault below HTTP. */
export interface NetworkFault {
	code: Extract<
		DeliveryCode,
		'TIMEOUT' | 'CONNECTION' | 'DNS' | 'TLS' | 'RESPONSE_TOO_LARGE' | 'BLOCKED' | 'CANCELLED'
	>;
	/** What happened, in a few words, without host or secrets, e.g. "the connection was refused". */
	cause: string;
}

const DNS_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL', 'ENODATA', 'ESERVFAIL']);

const TLS_CODE =
	/^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UND_ERR_PRX_TLS)/;

const CAUSES: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ECONNRESET: 'the connection was reset',
	EPIPE: 'the connection was closed while the request was sent',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'the network cannot be reached',
	UND_ERR_SOCKET: 'the connection was closed before the whole answer had arrived',
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was shorter or longer than announced',
	CERT_HAS_EXPIRED: 'the certificate has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
	SELF_SIGNED_CERT_IN_CHAIN: 'a certificate in the chain is self-signed',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate was issued by an unknown authority',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate was issued by an unknown authority',
	ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
};

/**
 * Sorts what undici or Node throw into the codes of the contract.
 * Recognised by `code`, not by class: there may be several copies of undici in one process.
 */
export function networkFault(error: unknown): NetworkFault {
	const code = codeOf(error);
	const forbidden = blockedByEgress(error);
	if (forbidden !== undefined) return { code: 'BLOCKED', cause: forbidden };
	if (DNS_CODES.has(code)) return { code: 'DNS', cause: `the host name could not be resolved (${code})` };
	if (code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT') {
		return { code: 'TIMEOUT', cause: 'no connection within the timeout' };
	}
	if (TLS_CODE.test(code)) return { code: 'TLS', cause: CAUSES[code] ?? `no TLS connection (${code})` };
	if (code === 'UND_ERR_HEADERS_OVERFLOW') {
		return { code: 'RESPONSE_TOO_LARGE', cause: 'the headers of the answer are too large' };
	}
	const proxyStatus = refusedTunnel(error, code);
	if (proxyStatus !== undefined)
		return { code: 'CONNECTION', cause: `the proxy refused the connection (${proxyStatus})` };
	return {
		code: 'CONNECTION',
		cause: CAUSES[code] ?? (code ? `the connection broke (${code})` : 'the connection broke'),
	};
}

/** The status that a proxy refused a tunnel with; undici tells it in words alone. */
function refusedTunnel(error: unknown, code: string): string | undefined {
	if (code !== 'UND_ERR_ABORTED' || !(error instanceof Error)) return undefined;
	return /^Proxy response \((\d{3})\)/.exec(error.message)?.[1];
}

/** The first `code` along the causes; an AggregateError (one per address tried) carries it in its members. */
function codeOf(error: unknown, depth = 0): string {
	if (typeof error !== 'object' || error === null || depth > 5) return '';
	const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
	const inner = Array.isArray(errors) ? codeOf(errors[0], depth + 1) : codeOf(cause, depth + 1);
	// undici wraps a failed TLS handshake through a proxy in an error of its own: the cause says more.
	if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) && !(code.startsWith('UND_ERR_PRX') && inner)) return code;
	return inner;
}
