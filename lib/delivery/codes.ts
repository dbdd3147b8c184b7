/**
 * Why a delivery did not happen. Saved in people's workflows: never renamed. `INVALID_REQUEST`: it could not be built from
 * the item (body, header, ID). `BLOCKED`: egress rules of the instance, or the allowed domains of the credential.
 */
const DELIVERY_CODES = [
	'TIMEOUT',
	'CONNECTION',
	'DNS',
	'TLS',
	'STATUS',
	'REDIRECT',
	'RESPONSE_TOO_LARGE',
	'INVALID_URL',
	'INVALID_REQUEST',
	'BLOCKED',
	'TOKEN',
	'CANCELLED',
] as const;
export type DeliveryCode = (typeof DELIVERY_CODES)[number];

/** Whether a value is one of the codes. */
export const isDeliveryCode = (value: unknown): value is DeliveryCode => DELIVERY_CODES.some((code) => code === value);

/** The error of an item that was not delivered (mission row W6). */
export const DISPATCH_FAILED = 'Webhook Dispatch Failed';
export const INVALID_URL = 'Invalid Webhook URL';

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
