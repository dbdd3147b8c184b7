import type { IDataObject } from 'n8n-workflow';

import type { DeliveryCode } from './codes';

/** Why an attempt did not deliver, and what follows from it. */
export interface DeliveryFault {
	code: DeliveryCode;
	/** What happened, without the item's number, e.g. "api.example.com answered 503 Service Unavailable". */
	message: string;
	/** How to get on. */
	description: string;
	statusCode?: number;
	retryable: boolean;
	/** When the destination wants to be asked again, epoch milliseconds. */
	retryAfter?: number;
	/** The destination's answer, parsed. */
	response?: unknown;
	/** The destination took it (2xx) though its answer cannot be used: it must never be sent again. */
	acknowledged?: boolean;
}

/** What is known of one request to be delivered: of one item, or of the items of a broadcast. */
export interface Delivery {
	/** The items it is made of, by input index. */
	readonly itemIndexes: number[];
	state: 'pending' | 'delivered' | 'failed';
	/** Made with the first attempt, then kept for good. */
	id?: string;
	/** HTTP requests made for it, over all tries, retried executions and rounds of a schedule. */
	attempts: number;
	/** Rounds of the long schedule used so far. */
	scheduleStep: number;
	/** Not to be sent before this, epoch milliseconds. */
	notBefore?: number;
	/** To be waited on top of the engine's wait, in milliseconds. */
	backoff?: number;
	/** With state `delivered`: what flows on. */
	output?: IDataObject;
	/** The last attempt's fault; with state `failed` the final one. */
	fault?: DeliveryFault;
	/** When it was settled, epoch milliseconds. */
	settledAt?: number;
}

/** A delivery that nothing is known of yet. */
export function newDelivery(itemIndexes: number[]): Delivery {
	return { itemIndexes, state: 'pending', attempts: 0, scheduleStep: 0 };
}

/** What an item carries when it comes from a failed delivery (through the error output, say). */
export interface CarriedDelivery {
	/** Undefined when nothing was sent yet (a URL that is none, say), or when it could not stand in a header. */
	id: string | undefined;
	attempts: number;
	scheduleStep: number;
}

/**
 * Reads the failed delivery that an item carries in `details.delivery`, so that it is continued: same ID,
 * attempts counted on.
 *
 * @returns undefined when the item carries none
 */
export function carriedDelivery(json: IDataObject): CarriedDelivery | undefined {
	const details = json.details;
	if (typeof details !== 'object' || details === null || !Object.hasOwn(details, 'delivery')) return undefined;
	const { delivery } = details as IDataObject;
	if (typeof delivery !== 'object' || delivery === null || Array.isArray(delivery)) return undefined;
	const { id, status, code, attempts, scheduleStep } = delivery as IDataObject;
	// The ID goes into headers, and items come from anywhere.
	const isUsable = typeof id === 'string' && /^[\x21-\x7e]{1,255}$/.test(id);
	if (status !== 'failed' || (!isUsable && typeof code !== 'string')) return undefined;
	return { id: isUsable ? id : undefined, attempts: asCount(attempts), scheduleStep: asCount(scheduleStep) };
}

/** The item's own fields: `error`, `message` and `details` of the delivery it carries are no part of its body. */
export function payloadOf(json: IDataObject): IDataObject {
	if (carriedDelivery(json) === undefined) return json;
	const { error, message, details, ...own } = json;
	return own;
}

const asCount = (value: unknown) =>
	typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e6 ? value : 0;
