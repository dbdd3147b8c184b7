/** A token request as it goes over the wire. */
export interface TokenHttpRequest {
	url: string;
	method: 'POST';
	headers: Record<string, string>;
	/** Exactly the bytes to send, as text. */
	body: string;
}

/** Why no answer could be read; the codes are those of `delivery.code`. */
export type TokenHttpFaultCode =
	'TIMEOUT' | 'CONNECTION' | 'DNS' | 'TLS' | 'RESPONSE_TOO_LARGE' | 'INVALID_URL' | 'BLOCKED' | 'CANCELLED';

/** What came back: an answer of any status (redirects are never followed), or a fault. */
export type TokenHttpAnswer =
	| { ok: true; status: number; headers: Record<string, string | string[] | undefined>; body: string }
	| { ok: false; code: TokenHttpFaultCode; message: string };

/**
 * Sends one token request. It never throws, follows no redirect, holds one deadline over the whole
 * answer and a cap on its decoded bytes. Two exist: undici's for the node and n8n's request helper
 * for `preAuthentication`.
 */
export type TokenTransport = (request: TokenHttpRequest, signal?: AbortSignal) => Promise<TokenHttpAnswer>;
