/** Why a delivery did not happen. Saved in people's workflows: never renamed. */
export type DeliveryCode =
	| 'TIMEOUT'
	| 'CONNECTION'
	| 'DNS'
	| 'TLS'
	| 'STATUS'
	| 'REDIRECT'
	| 'RESPONSE_TOO_LARGE'
	| 'INVALID_URL'
	/** The request could not be built from the item: body, header, ID. */
	| 'INVALID_REQUEST'
	/** Egress rules of the instance, or the allowed domains of the credential. */
	| 'BLOCKED'
	| 'TOKEN'
	| 'CANCELLED';

/** A request that cannot be sent as it is: what is wrong with it, and how to get on. */
export interface RequestFault {
	code: 'INVALID_URL' | 'INVALID_REQUEST' | 'BLOCKED';
	message: string;
	description: string;
}

/** A value, or why there is none. */
export type Result<T, F> = { ok: true; value: T } | { ok: false; fault: F };

/** Gives a {@link Result} that holds a value. */
export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });

/** Gives a {@link Result} that holds a fault. */
export const fail = <F>(fault: F): { ok: false; fault: F } => ({ ok: false, fault });

/** A fault of the item's own data, as {@link fail} gives it. */
export const invalidRequest = (message: string, description: string) =>
	fail<RequestFault>({ code: 'INVALID_REQUEST', message, description });
