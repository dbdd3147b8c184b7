import { fail, type Fault } from './result';

/** A request that cannot be sent as it is: what is wrong with it, and how to get on. */
export interface RequestFault extends Fault {
	readonly code: 'INVALID_URL' | 'INVALID_REQUEST' | 'BLOCKED';
	/** Whether another try may still succeed: a file could not be read just now. */
	readonly retryable?: boolean;
}

/** A fault of the item's own data, as a failed result. */
export const invalidRequest = (message: string, description: string) =>
	fail<RequestFault>({ code: 'INVALID_REQUEST', message, description });
