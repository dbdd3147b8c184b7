import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import { DISPATCH_FAILED, INVALID_URL } from '../../../lib/delivery/titles';
import type { DeliveryCode } from '../../../lib/result/codes';
import { FAILURE_KEYS, type Delivery } from '../../../lib/delivery/delivery';
import { itemTag } from '../../../lib/delivery/failureText';
import type { HttpHeaders } from '../../../lib/http/transport';

/** What a delivery puts out: a receipt, the destination's answer alone, or the input item. */
export type OutputMode = 'receipt' | 'response' | 'input';

/** One item pairs with its input, a broadcast with all of its inputs (one alone is given plainly, as n8n does). */
export function pairedItem(itemIndexes: number[]): IPairedItemData | IPairedItemData[] {
	const paired = itemIndexes.map((item) => ({ item }));
	return paired.length === 1 ? paired[0]! : paired;
}

/** What became of a response that could not be read, although its status says that the delivery was taken. */
export interface ResponseFault {
	code: DeliveryCode;
	message: string;
}

/** The receipt of a delivery (contract: output item of a delivery). */
export function receipt(
	delivery: Delivery & { id?: string },
	answer: {
		statusCode: number;
		durationMs: number;
		response: unknown;
		headers?: HttpHeaders | undefined;
		responseFault?: ResponseFault | undefined;
	},
	at: number,
): IDataObject {
	const { statusCode, durationMs, response, headers, responseFault } = answer;
	const receipt: IDataObject = {
		id: delivery.id,
		status: 'delivered',
		statusCode,
		attempts: delivery.attempts,
		durationMs,
		at: new Date(at).toISOString(),
	};
	if (responseFault !== undefined) receipt.responseFault = { ...responseFault };
	const json: IDataObject = { delivery: receipt, response: response as IDataObject };
	if (headers !== undefined) json.headers = headers as IDataObject;
	return json;
}

/**
 * The destination's answer alone: an object as it is, everything else under `data`, as the HTTP Request node does.
 * An object that n8n would take for a failed item goes under `data`, too: it was delivered.
 */
export function responseItem(response: unknown): IDataObject {
	const isObject = typeof response === 'object' && response !== null && !Array.isArray(response);
	return isObject && !looksLikeFailure(response) ? (response as IDataObject) : { data: response as IDataObject };
}

/**
 * Whether n8n takes an item with these fields for a failed one: it has a truthy `error`, and no other key than these (n8n
 * fact). Such an item goes to the error output.
 */
export const looksLikeFailure = (json: object): boolean =>
	'error' in json &&
	Boolean(json.error) &&
	Object.keys(json).every((key) => (FAILURE_KEYS as readonly string[]).includes(key));

/**
 * The fields of an item that was delivered, on its way on as it came in. One that n8n would take for a failed item gets a
 * key without a value: n8n counts the keys, and nothing that reads or stores the item sees it.
 */
export function deliveredInput(json: IDataObject): IDataObject {
	return looksLikeFailure(json) ? { ...json, delivery: undefined } : json;
}

/**
 * The output item of a delivery that failed: `error`, `message`, `details` and no other key, for n8n then
 * keeps it all and sends it to the error output.
 *
 * @param more `mark`: of the node, so that it knows the item again; `retryAt`: when it may be sent again, epoch
 * milliseconds; `input`: fields of the item that n8n puts the failure's over; `recipients`: those of a broadcast, which
 * the item stands for
 */
export function failureItem(
	delivery: Delivery,
	more: {
		mark: string;
		retryAt?: number | undefined;
		input?: IDataObject | undefined;
		recipients?: IDataObject[] | undefined;
	},
): INodeExecutionData {
	const { fault } = delivery;
	const { mark, retryAt, input, recipients } = more;
	const { code = 'CONNECTION', statusCode, message = '', description = '', response, retryable = false } = fault ?? {};
	return {
		json: {
			error: code === 'INVALID_URL' ? INVALID_URL : DISPATCH_FAILED,
			message: `${message} ${itemTag(delivery.itemIndexes)}`,
			details: {
				delivery: {
					id: delivery.id ?? null,
					status: 'failed',
					...(statusCode === undefined ? {} : { statusCode }),
					code,
					attempts: delivery.attempts,
					retryable,
					...(retryAt === undefined ? {} : { retryAt: new Date(retryAt).toISOString() }),
					...(delivery.scheduleStep === 0 ? {} : { scheduleStep: delivery.scheduleStep }),
					at: new Date(delivery.settledAt ?? Date.now()).toISOString(),
					mark,
				},
				description,
				...(response === undefined ? {} : { response: response as IDataObject }),
				...(input === undefined ? {} : { input }),
				...(recipients === undefined ? {} : { recipients }),
			},
		},
		pairedItem: pairedItem(delivery.itemIndexes),
	};
}
