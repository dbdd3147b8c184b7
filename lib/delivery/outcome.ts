import type { DeliveryCode } from '../result/codes';

/** Which statuses count as delivered: all of 2xx, or 200 alone. */
export type SuccessStatus = '2xx' | '200';

const RETRYABLE_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);
const RETRYABLE_CODES = new Set<DeliveryCode>(['TIMEOUT', 'CONNECTION', 'DNS']);

/** Whether a status counts as delivered. */
export function isSuccess(statusCode: number, successStatus: SuccessStatus): boolean {
	return successStatus === '200' ? statusCode === 200 : statusCode >= 200 && statusCode < 300;
}

/** Whether a status asks for another try (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2); every other is given up. */
export function isRetryableStatus(statusCode: number): boolean {
	return RETRYABLE_STATUSES.has(statusCode);
}

/**
 * Whether a delivery that ended with this code is tried again.
 *
 * @param statusCode the destination's status, with code `STATUS`
 */
export function isRetryable(code: DeliveryCode, statusCode?: number): boolean {
	return code === 'STATUS' ? statusCode !== undefined && isRetryableStatus(statusCode) : RETRYABLE_CODES.has(code);
}

/** What a final status that is no success is called. */
export function codeOfStatus(statusCode: number): DeliveryCode {
	return statusCode >= 300 && statusCode < 400 ? 'REDIRECT' : 'STATUS';
}
