import type { ClientCertificate } from '../../http/dispatchers';
import type { NetworkFault } from '../../http/networkFault';
import type { HttpHeaders } from '../../http/transport';
import type { Result } from '../../result/result';

/** Milliseconds that a token endpoint has, from start to last byte. */
export const TOKEN_TIMEOUT_MS = 10_000;

/** Decoded bytes of a token endpoint's response; an ordinary one has a few thousand. */
export const MAX_TOKEN_RESPONSE_SIZE = 1024 * 1024;

/** A token request as it goes over the wire. */
export interface TokenHttpRequest {
	url: string;
	method: 'POST' | 'GET';
	headers: Record<string, string>;
	/** Exactly the bytes to send, as text; absent in a GET. */
	body?: string;
	/** What the client presents in TLS. A transport that cannot present it must not send. */
	clientCertificate?: ClientCertificate;
}

/** What a token endpoint responded, with whatever status: redirects are never followed. */
export interface TokenHttpResponse {
	readonly statusCode: number;
	readonly headers: HttpHeaders;
	/** Decoded, as text. */
	readonly body: string;
}

/**
 * Sends one token request. It never throws, follows no redirect, and holds {@link TOKEN_TIMEOUT_MS} and
 * {@link MAX_TOKEN_RESPONSE_SIZE}. Two exist: undici's for the node and n8n's request helpers for `preAuthentication`
 * and credential tests.
 */
export type TokenTransport = (
	request: TokenHttpRequest,
	signal?: AbortSignal,
) => Promise<Result<TokenHttpResponse, NetworkFault>>;
