/**
 * Why a delivery did not happen. Saved in people's workflows: never renamed. `INVALID_REQUEST`: it could not be built from
 * the item (body, header, ID). `BLOCKED`: egress rules of the instance, or the allowed domains of the credential.
 * `UNAVAILABLE`: its destination did not respond to others of the run, so it was not sent.
 * `REJECTED`: it responded with success, and its response says no.
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
	'UNAVAILABLE',
	'REJECTED',
	'CANCELLED',
] as const;
export type DeliveryCode = (typeof DELIVERY_CODES)[number];

/** Whether a value is one of the codes. */
export const isDeliveryCode = (value: unknown): value is DeliveryCode => DELIVERY_CODES.some((code) => code === value);
