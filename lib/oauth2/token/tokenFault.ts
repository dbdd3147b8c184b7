import type { TokenFault } from './token';
import type { TokenHttpFaultCode } from './tokenTransport';

const RETRYABLE_STATUSES: readonly number[] = [408, 425, 429, 500, 502, 503, 504];
const RETRYABLE_CODES: readonly TokenHttpFaultCode[] = ['TIMEOUT', 'CONNECTION', 'DNS'];

const ADVICE: Record<TokenHttpFaultCode, string> = {
	TIMEOUT: 'Try again later; if it stays so, check the URL and whether a firewall or proxy stands between',
	CONNECTION: 'Check host and port of the URL, and whether the server is running and reachable from n8n',
	DNS: 'Check the host name in the URL for a typing slip, and whether n8n can resolve it',
	TLS: "Check the server's certificate: a private authority has to be made known to n8n (NODE_EXTRA_CA_CERTS)",
	RESPONSE_TOO_LARGE: 'A token answer is small: the URL is probably not that of a token endpoint',
	INVALID_URL: 'Check the URL in the credential',
	BLOCKED: "Ask the administrator of this n8n to allow the host, or see the credential's Allowed HTTP Request Domains",
	CANCELLED: 'Run the workflow again',
};

/** What happened and how to get on; every text in it is already free of secrets. */
type FaultText = Pick<TokenFault, 'message' | 'description'>;

/** No answer could be read. `cause` is a few words, e.g. "the connection was refused". */
export function transportFault(endpoint: string, transportCode: TokenHttpFaultCode, cause: string): TokenFault {
	return {
		code: transportCode === 'BLOCKED' || transportCode === 'CANCELLED' ? transportCode : 'TOKEN',
		endpoint,
		transportCode,
		retryable: RETRYABLE_CODES.includes(transportCode),
		message:
			transportCode === 'CANCELLED'
				? 'The token request was cancelled'
				: `No answer from the token endpoint ${endpoint}: ${cause}`,
		description: ADVICE[transportCode],
	};
}

/** The server answered, but not with a token. */
export function answerFault(
	endpoint: string,
	status: number,
	text: FaultText,
	details: Pick<TokenFault, 'serverError' | 'serverErrorDescription' | 'retryAfterMs'> = {},
): TokenFault {
	return {
		code: 'TOKEN',
		endpoint,
		status,
		...details,
		retryable: RETRYABLE_STATUSES.includes(status),
		...text,
	};
}

/** There was nothing to send: the client could not authenticate itself (a key that is no key). */
export function preparationFault(endpoint: string, { message, description }: FaultText): TokenFault {
	return { code: 'TOKEN', endpoint, retryable: false, message, description };
}
