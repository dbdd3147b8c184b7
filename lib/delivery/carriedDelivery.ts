import type { IDataObject, INode } from 'n8n-workflow';

import { DISPATCH_FAILED, INVALID_URL } from './titles';
import { isDeliveryCode } from '../result/codes';
import { inSlices } from '../time/slices';
import { isSignableId } from '../signature/standardWebhooks';

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
 * @param node of a node without an ID the name is used instead
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
 * @internal exported for its tests
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

/** What the items of a run have to send, by input index. */
export interface Payloads {
	/** The failed delivery that an item carries. */
	carriedBy(itemIndex: number): CarriedDelivery | undefined;
	/**
	 * The fields that are sent for an item: its own, without those of the delivery it carries, and with those that were under
	 * them. An item that represents a failed broadcast gives the fields of all its recipients.
	 */
	of(itemIndex: number): IDataObject[];
}

/**
 * Reads once what each item carries; all that depends on it asks here.
 *
 * @param mark of the node, see {@link markOf}
 */
export async function readPayloads(items: ReadonlyArray<{ json: IDataObject }>, mark: string): Promise<Payloads> {
	const carrying = new Map<number, { carried: CarriedDelivery; payloads: IDataObject[] }>();
	await inSlices(items, ({ json }, index) => {
		const carried = carriedDelivery(json, mark);
		if (carried !== undefined) carrying.set(index, { carried, payloads: payloadsUnder(json) });
	});
	return {
		carriedBy: (itemIndex) => carrying.get(itemIndex)?.carried,
		of: (itemIndex) => carrying.get(itemIndex)?.payloads ?? [items[itemIndex]?.json ?? {}],
	};
}

/** What was sent for an item that carries a failed delivery. */
function payloadsUnder({ error, message, details, ...own }: IDataObject): IDataObject[] {
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
