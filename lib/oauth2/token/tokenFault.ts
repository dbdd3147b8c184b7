import type { NetworkCode, NetworkFault } from '../../http/networkFault';
import { isRetryableCode, isRetryableStatus } from '../../http/retryable';
import type { Fault } from '../../result/result';
import type { TokenFault } from './token';

const ADVICE: Record<NetworkCode, string> = {
	TIMEOUT: 'Try again later; if it keeps failing, check the URL and whether a firewall or proxy is in between',
	CONNECTION: 'Check host and port of the URL, and whether the server is running and reachable from n8n',
	DNS: 'Check the host name in the URL for typos, and whether n8n can resolve it',
	TLS: "Check the server's certificate: for a private authority, start n8n with NODE_EXTRA_CA_CERTS",
	RESPONSE_TOO_LARGE: 'A token response is small: the URL is probably not that of a token endpoint',
	INVALID_URL: 'Check the URL in the credential',
	BLOCKED: "Ask the administrator of this n8n to allow the host, or see the credential's Allowed HTTP Request Domains",
	CANCELLED: 'Run the workflow again',
};

/** With a certificate of the client's own, either side may have refused the other's. */
const TLS_ADVICE =
	"Check that the server accepts TLS Certificate. If the server's own certificate is from a private authority, fill in TLS CA";

/**
 * No response could be read.
 *
 * @param hasCertificate whether the client presented one (RFC 8705)
 */
export function transportFault(endpoint: string, { code, cause }: NetworkFault, hasCertificate = false): TokenFault {
	return {
		code: code === 'BLOCKED' || code === 'CANCELLED' ? code : 'TOKEN',
		endpoint,
		transportCode: code,
		retryable: isRetryableCode(code),
		message:
			code === 'CANCELLED'
				? 'The token request was cancelled'
				: `No response from the token endpoint ${endpoint}: ${cause}`,
		description: hasCertificate && code === 'TLS' ? TLS_ADVICE : ADVICE[code],
	};
}

/** The server responded, but not with a token; every text is already free of secrets. */
export function answerFault(
	endpoint: string,
	statusCode: number,
	text: Fault,
	details: Pick<TokenFault, 'serverError' | 'serverErrorDescription' | 'retryAfterMs'> = {},
): TokenFault {
	return {
		code: 'TOKEN',
		endpoint,
		statusCode,
		...details,
		retryable: isRetryableStatus(statusCode),
		...text,
	};
}

/** There was nothing to send: the client could not authenticate itself (a key that is no key). */
export function preparationFault(endpoint: string, { message, description }: Fault): TokenFault {
	return { code: 'TOKEN', endpoint, retryable: false, message, description };
}
