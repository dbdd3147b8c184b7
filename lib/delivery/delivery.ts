import type { IDataObject, INode } from 'n8n-workflow';

import { DISPATCH_FAILED, INVALID_URL } from './titles';
import { isDeliveryCode, type DeliveryCode } from '../result/codes';
import { isSignableId } from '../request/signature';

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
	/** The destination took it (2xx) though its response cannot be used: it must never be sent again. */
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
	/** Undefined when nothing was sent yet (a URL that is none, say), or when it could not be signed. */
	id: string | undefined;
	attempts: number;
	scheduleStep: number;
}

/** The keys that a failure writes into an item; n8n puts them over those of the input on the error output. */
export const FAILURE_KEYS = ['error', 'message', 'details'] as const;

/**
 * The mark that a node leaves in the failures it makes, so that it knows them again and takes nothing else for them. In the
 * editor node IDs are random UUIDs, but workflows that were written by hand have nodes `1`, `2`, `3` (n8n fact): only with
 * the workflow's ID is it one node.
 *
 * @param node of a node without an ID the name stands in
 */
export function markOf({ id, name }: Pick<INode, 'id' | 'name'>, workflowId: string | undefined): string {
	return `webhookDispatch:${workflowId ?? ''}/${id || name}`;
}

/**
 * Reads the failed delivery that an item carries in `details.delivery`, so that it is continued: same ID, attempts counted
 * on. Only what this very node made counts: an item of somebody's own with such fields, or one that another node failed to
 * deliver, is new.
 *
 * @param mark of the node, see {@link markOf}
 * @returns undefined when the item carries none of this node
 */
export function carriedDelivery(json: IDataObject, mark: string): CarriedDelivery | undefined {
	const details = objectAt(json, 'details');
	const delivery = details && objectAt(details, 'delivery');
	if (details === undefined || delivery === undefined || !isFailure(delivery)) return undefined;
	const isOurs = Object.hasOwn(delivery, 'mark') ? delivery.mark === mark : isOfFirstRelease(json, details, delivery);
	if (!isOurs) return undefined;
	const { id, attempts, scheduleStep } = delivery;
	return {
		id: typeof id === 'string' && isSignableId(id) ? id : undefined,
		attempts: attempts as number,
		scheduleStep: (scheduleStep as number | undefined) ?? 0,
	};
}

/** Whether the codes and counts are those of a failure as this package writes it. */
function isFailure({ id, status, code, attempts, scheduleStep, retryable }: IDataObject): boolean {
	return (
		(typeof id === 'string' || id === null) &&
		status === 'failed' &&
		isDeliveryCode(code) &&
		typeof retryable === 'boolean' &&
		isCount(attempts) &&
		(scheduleStep === undefined || isCount(scheduleStep))
	);
}

/** 0.1.0 left no mark: there all else must be as it wrote it, and nothing beside it. */
function isOfFirstRelease({ error, message }: IDataObject, details: IDataObject, delivery: IDataObject): boolean {
	const only = (object: IDataObject, keys: string[]) => Object.keys(object).every((key) => keys.includes(key));
	return (
		(error === DISPATCH_FAILED || error === INVALID_URL) &&
		only(details, ['delivery', 'description', 'response']) &&
		typeof details.description === 'string' &&
		only(delivery, ['id', 'status', 'statusCode', 'code', 'attempts', 'retryable', 'retryAt', 'scheduleStep', 'at']) &&
		(delivery.statusCode === undefined || isCount(delivery.statusCode)) &&
		isIsoTime(delivery.at) &&
		(delivery.retryAt === undefined || isIsoTime(delivery.retryAt)) &&
		/ \[items? \d+(?:-\d+)?\]$/.test(String(message))
	);
}

/**
 * The fields that are sent for an item: its own, without those of the delivery it carries, and with those that were under
 * them. An item that stands for a failed broadcast gives the fields of all its recipients.
 */
export function payloadsOf(json: IDataObject, mark: string): IDataObject[] {
	if (carriedDelivery(json, mark) === undefined) return [json];
	const { error, message, details, ...own } = json;
	const { recipients, input } = details as IDataObject;
	// Both are written under the node's mark alone.
	if (Array.isArray(recipients) && recipients.length > 0) return recipients as IDataObject[];
	return [{ ...own, ...(input as IDataObject | undefined) }];
}

/** What a failure has to keep of its input, as n8n puts `error`, `message` and `details` over it. */
export function overwrittenFields(payload: IDataObject): IDataObject | undefined {
	const kept = FAILURE_KEYS.filter((key) => Object.hasOwn(payload, key));
	return kept.length === 0 ? undefined : Object.fromEntries(kept.map((key) => [key, payload[key]]));
}

function objectAt(container: IDataObject, key: string): IDataObject | undefined {
	const value = Object.hasOwn(container, key) ? container[key] : undefined;
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as IDataObject) : undefined;
}

const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e6;

const isIsoTime = (value: unknown) =>
	typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
