import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import type { Delivery } from './delivery';
import { itemTag } from './failureText';
import type { HttpHeaders } from './transport';

/** What a delivery puts out: a receipt, the destination's answer alone, or the input item. */
export type OutputMode = 'receipt' | 'response' | 'input';

/** The error of an item that was not delivered (mission row W6). */
export const DISPATCH_FAILED = 'Webhook Dispatch Failed';
export const INVALID_URL = 'Invalid Webhook URL';

/** One item pairs with its input, a broadcast with all of its inputs (one alone is given plainly, as n8n does). */
export function pairedItem(itemIndexes: number[]): IPairedItemData | IPairedItemData[] {
	const paired = itemIndexes.map((item) => ({ item }));
	return paired.length === 1 ? paired[0]! : paired;
}

/** The receipt of a delivery (contract: output item of a delivery). */
export function receipt(
	delivery: Delivery & { id?: string },
	answer: { statusCode: number; durationMs: number; response: unknown; headers?: HttpHeaders },
	at: number,
): IDataObject {
	const json: IDataObject = {
		delivery: {
			id: delivery.id,
			status: 'delivered',
			statusCode: answer.statusCode,
			attempts: delivery.attempts,
			durationMs: answer.durationMs,
			at: new Date(at).toISOString(),
		},
		response: answer.response as IDataObject,
	};
	if (answer.headers !== undefined) json.headers = answer.headers as IDataObject;
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

/** n8n fact: what has a truthy `error` and no other key than these goes to the error output. */
const FAILURE_KEYS = ['error', 'message', 'details'];
const looksLikeFailure = (json: object) =>
	'error' in json && Boolean(json.error) && Object.keys(json).every((key) => FAILURE_KEYS.includes(key));

/**
 * The output item of a delivery that failed: `error`, `message`, `details` and no other key, for n8n then
 * keeps it all and sends it to the error output.
 *
 * @param retryAt when it may be sent again, epoch milliseconds
 */
export function failureItem(delivery: Delivery, retryAt?: number): INodeExecutionData {
	const { fault } = delivery;
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
				},
				description,
				...(response === undefined ? {} : { response: response as IDataObject }),
			},
		},
		pairedItem: pairedItem(delivery.itemIndexes),
	};
}
