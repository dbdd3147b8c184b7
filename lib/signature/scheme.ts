import type { HeaderFields, Headers } from '../http/headers';
import type { Fault, Result } from '../result/result';
import type { SignedBody } from './signedBody';

/** The schemes, as the form calls them: the node's *Signing* and the credential's *Scheme* name the same one. */
export const SCHEMES = {
	standardWebhooks: 'Standard Webhooks',
	hmac: 'HMAC',
	httpMessageSignatures: 'HTTP Message Signatures',
} as const;

export type Scheme = keyof typeof SCHEMES;

/** A request as it is about to be sent. */
export interface OutgoingMessage {
	/** The delivery's ID, the same in each attempt. */
	readonly id: string;
	/** The time of this request, in whole seconds since 1970. */
	readonly timestampSeconds: number;
	readonly method: string;
	/** With the query as it is sent, that of a credential included. */
	readonly url: URL;
	/** All fields that the node sends, by lowercase name, but for those of the signature and of the connection. */
	readonly headers: Headers;
	readonly body: SignedBody;
}

/** What signs a request. */
export interface SignedFields extends HeaderFields {
	/** The address to send to, where the signature needs a query parameter there (Twilio's `bodySHA256`). */
	readonly url?: URL;
}

/** Makes the header fields that sign a request. It holds key objects only: nothing to see when it is printed. */
export interface Signer {
	/**
	 * Whether a request may be signed for another origin than that of Destination URL, when it redirects there. Otherwise such
	 * a redirect is not followed: the request would go out unsigned, or a receiver could have its copy signed for another.
	 */
	readonly signsForOtherOrigins: boolean;
	/** Why no delivery with this ID can be signed; undefined where it can. */
	idFault(id: string): Fault | undefined;
	/** At once where the body is there, for most are. A fault is the item's own: no further try would fix it. */
	sign(message: OutgoingMessage): Result<SignedFields> | Promise<Result<SignedFields>>;
}

/** A request that has come in. */
export interface IncomingMessage {
	readonly method: string;
	/** As the sender wrote it, where that is known: a scheme that signs it says so when it is missing. */
	readonly url?: URL;
	/** By lowercase name; fields of the same name joined by `, ` (RFC 9110 §5.3). */
	readonly headers: Headers;
	/** Byte for byte. */
	readonly body: Uint8Array;
}

/** What a verifier goes by besides the message. */
export interface VerifyRules {
	/** Seconds that the time of signing may be away from now, either way. */
	readonly toleranceSeconds: number;
	/** Now, in seconds since 1970. */
	readonly nowSeconds: number;
}

/** Why a request is not taken. Saved in people's workflows: never renamed. */
type VerifyReason = 'MISSING_HEADER' | 'MALFORMED' | 'TOO_OLD' | 'UNKNOWN_KEY' | 'NOT_COVERED' | 'NO_MATCH';

/** Why a request is not taken, in words that show no secret and no right signature. */
export interface VerifyFault extends Fault {
	readonly reason: VerifyReason;
}

/** What a signature says besides that it is genuine. */
export interface Verified {
	/** The sender's ID of the delivery, where the scheme signs one. */
	readonly id?: string;
	/** When it was signed, in seconds since 1970, where the scheme signs that. */
	readonly timestampSeconds?: number;
}

/** Distinguishes genuine requests from others, in constant time. */
export interface Verifier {
	verify(
		message: IncomingMessage,
		rules: VerifyRules,
	): Result<Verified, VerifyFault> | Promise<Result<Verified, VerifyFault>>;
}
