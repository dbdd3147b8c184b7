import type { DeliveryCode } from '../result/codes';

const STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const NETWORK_CODES: ReadonlySet<DeliveryCode> = new Set(['TIMEOUT', 'CONNECTION', 'DNS']);

/** Whether a status asks for another try (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2); every other is given up. */
export function isRetryableStatus(statusCode: number): boolean {
	return STATUSES.has(statusCode);
}

/** Whether the reason why a request got no response may pass; of codes that are not the network's, none does. */
export function isRetryableCode(code: DeliveryCode): boolean {
	return NETWORK_CODES.has(code);
}
