import type { NetworkCode } from '../../http/networkFault';
import type { DpopBinding } from '../dpop/dpopBinding';
import type { FurtherFields } from './furtherFields';
import type { Fault, Result } from '../../result/result';

/** An access token as it is kept and used. */
export interface AccessToken {
	readonly accessToken: string;
	/** As the server wrote it, for showing; `Bearer` when it wrote none. What is sent is Header Prefix. */
	readonly tokenType: string;
	/** The scopes granted, when the server named them. */
	readonly scope?: string;
	/** Epoch milliseconds; `undefined` only when the credential says that tokens never expire. */
	readonly expiresAt?: number;
	/** The life it was given, in seconds; `undefined` as above. */
	readonly expiresIn?: number;
	readonly refreshToken?: string;
	/** Further fields of the response, when the credential names some. */
	readonly fields?: FurtherFields;
	/** What the token is bound to: without it, the token is worth nothing. Undefined for a Bearer token. */
	readonly binding?: DpopBinding;
	/** SHA-256 of the certificate that was presented for it, Base64url: what the server may have bound it to. */
	readonly certificateThumbprint?: string;
}

/** Why there is no token, in words that a user can act on. Has no secret in it. */
export interface TokenFault extends Fault {
	/** One of `delivery.code`. */
	readonly code: 'TOKEN' | 'CANCELLED' | 'BLOCKED';
	/** Origin and path of the token endpoint: no query, no user name or password. Empty when the URL is no URL. */
	readonly endpoint: string;
	/** What the token endpoint responded, when it did. */
	readonly statusCode?: number;
	/** `error` of the response (RFC 6749 section 5.2). */
	readonly serverError?: string;
	readonly serverErrorDescription?: string;
	/** What kept a response from being read. */
	readonly transportCode?: NetworkCode;
	/** Whether the endpoint's own fault is one that passes: TIMEOUT, CONNECTION, DNS, or a status such as 503. */
	readonly retryable: boolean;
	/** From the response's Retry-After: milliseconds from when the request was sent. */
	readonly retryAfterMs?: number;
}

export type TokenResult = Result<AccessToken, TokenFault>;
