import type { IDataObject } from 'n8n-workflow';

import type { DeliveryCode } from '../result/codes';
import type { Fault } from '../result/result';

/** Why an attempt did not deliver, and what follows from it. Its `message` is without the item's number. */
export interface DeliveryFault extends Fault {
	readonly code: DeliveryCode;
	readonly statusCode?: number;
	readonly retryable: boolean;
	/** When the destination wants to be asked again, epoch milliseconds. */
	readonly retryAfter?: number;
	/** The destination's response, parsed. */
	readonly response?: unknown;
	/** The destination took it (2xx) though its response cannot be used: it must never be sent again. */
	readonly acknowledged?: boolean;
}

/** What flows on for a delivery that was made. */
export interface DeliveryOutput {
	readonly json: IDataObject;
	/** Whether it flows on together with the fields of each input item. */
	readonly withInput?: true;
}

/**
 * What is known of one request to be delivered: of one item, or of the items of a broadcast. Written by `transitions` alone,
 * each of which gives a new one.
 */
export interface Delivery {
	/** The items it is made of, by input index. */
	readonly itemIndexes: number[];
	readonly state: 'pending' | 'delivered' | 'failed';
	/** Made with the first attempt, then kept for good. */
	readonly id?: string;
	/** The hash of its body's bytes, where these are not in the item's fields. */
	readonly content?: string;
	/** Deliveries with the same one are made strictly in order. */
	readonly orderKey?: string;
	/** HTTP requests made for it, over all tries, retried executions and rounds of a schedule. */
	readonly attempts: number;
	/** Rounds of the long schedule used so far. */
	readonly scheduleStep: number;
	/** Not to be sent before this, epoch milliseconds. */
	readonly notBefore?: number | undefined;
	/** To be waited on top of the engine's wait, in milliseconds. */
	readonly backoff?: number | undefined;
	/** With state `delivered`: what flows on; undefined for the input items themselves. */
	readonly output?: IDataObject | undefined;
	/** Whether `output` flows on together with the fields of each input item. */
	readonly withInput?: true;
	/** The last attempt's fault; with state `failed` the final one. */
	readonly fault?: DeliveryFault | undefined;
	/** With state `failed`: when that was, epoch milliseconds. */
	readonly settledAt?: number;
	/** With state `failed`: when it may be sent again, epoch milliseconds. */
	readonly retryAt?: number | undefined;
}
