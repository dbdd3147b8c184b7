import { isRetryableCode, isRetryableStatus } from '../http/retryable';
import type { DeliveryCode } from '../result/codes';

/** Which statuses count as delivered: all of 2xx, or 200 alone. */
export type SuccessStatus = '2xx' | '200';

/** Whether a status counts as delivered. */
export function isSuccess(statusCode: number, successStatus: SuccessStatus): boolean {
	return successStatus === '200' ? statusCode === 200 : statusCode >= 200 && statusCode < 300;
}

/**
 * Whether a delivery that ended with this code is retried.
 *
 * @param statusCode the destination's status, with code `STATUS`
 */
export function isRetryable(code: DeliveryCode, statusCode?: number): boolean {
	return code === 'STATUS' ? statusCode !== undefined && isRetryableStatus(statusCode) : isRetryableCode(code);
}

/** What a final status that is no success is called. */
export function codeOfStatus(statusCode: number): DeliveryCode {
	return statusCode >= 300 && statusCode < 400 ? 'REDIRECT' : 'STATUS';
}
