import type { IDataObject, IExecuteFunctions, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import { FAILURE_KEYS, overwrittenFields, type Payloads } from '../../../lib/delivery/carriedDelivery';
import type { Delivery, DeliveryFault, DeliveryOutput } from '../../../lib/delivery/delivery';
import type { Delivered } from '../../../lib/delivery/deliveryRun';
import { itemTag } from '../../../lib/delivery/failureText';
import type { ResponseFault } from '../../../lib/delivery/judge';
import { inSlices } from '../../../lib/time/slices';
import { DISPATCH_FAILED, INVALID_URL } from '../../../lib/delivery/titles';
import { fail, ok, type Result } from '../../../lib/result/result';

/** What a delivery outputs: a receipt, alone or with the input item's fields, the destination's response, or the input item. */
export type OutputMode = 'receipt' | 'receiptAndInput' | 'response' | 'input';

/** One item pairs with its input, a broadcast with all of its inputs (one alone is given plainly, as n8n does). */
export function pairedItem(itemIndexes: number[]): IPairedItemData | IPairedItemData[] {
	const paired = itemIndexes.map((item) => ({ item }));
	return paired.length === 1 ? paired[0]! : paired;
}

/** Paired with all input items: of an operation that does its work once a run. */
export const pairedWithAll = (context: Pick<IExecuteFunctions, 'getInputData'>) =>
	pairedItem(context.getInputData().map((_item, index) => index));

/**
 * What flows on for a delivery; undefined for the input items.
 *
 * @returns a fault where only the response was to flow on and there is none: the delivery is made, and not sent again
 */
export function deliveredOutput(
	made: Delivered,
	{ output, includeHeaders }: { output: OutputMode; includeHeaders: boolean },
): Result<DeliveryOutput | undefined, DeliveryFault> {
	if (output === 'input') return ok(undefined);
	if (output === 'receipt') return ok({ json: receipt(made, includeHeaders) });
	if (output === 'receiptAndInput') return ok({ json: receipt(made, includeHeaders), withInput: true });
	return made.responseFault === undefined
		? ok({ json: responseItem(made.response) })
		: fail(responseIsMissing(made.responseFault, made.statusCode));
}

/** With Output *Response*: the destination has the delivery, so it is not sent again, but there is nothing to pass on. */
function responseIsMissing(responseFault: ResponseFault, statusCode: number): DeliveryFault {
	const larger = responseFault.code === 'RESPONSE_TOO_LARGE' ? 'Raise Max Response Size in the options. ' : '';
	return {
		...responseFault,
		statusCode,
		description: `${larger}The destination has taken the delivery, so it is not sent again. Set Output to Receipt or Input Item if the response does not matter.`,
		retryable: false,
		acknowledged: true,
	};
}

/** The receipt of a delivery (contract: output item of a delivery). */
export function receipt(made: Delivered, includeHeaders = false): IDataObject {
	const { delivery, statusCode, durationMs, response, headers, responseFault, at } = made;
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
	if (includeHeaders) json.headers = headers as IDataObject;
	return json;
}

/**
 * The destination's response alone: an object as it is, everything else under `data`, as the HTTP Request node does.
 * An object that n8n would take for a failed item goes under `data`, too: it was delivered.
 *
 * @internal exported for its tests
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
 * The receipt beside the fields of its input item, as n8n puts a failure's beside them on the error output. What a field of
 * the receipt hides is kept, under `delivery.input`.
 */
function receiptWithInput(receipt: IDataObject, input: IDataObject): IDataObject {
	const hidden = Object.entries(input).filter(([name]) => name in receipt);
	const json = { ...input, ...receipt };
	if (hidden.length > 0) json.delivery = { ...(receipt.delivery as IDataObject), input: Object.fromEntries(hidden) };
	return json;
}

/**
 * The fields of an item that was delivered, on its way on as it came in. One that n8n would take for a failed item gets a
 * key without a value: n8n counts the keys, and nothing that reads or stores the item sees it.
 */
function deliveredInput(json: IDataObject): IDataObject {
	return looksLikeFailure(json) ? { ...json, delivery: undefined } : json;
}

/** What a failure carries along, beside what is known of the delivery. */
interface Carried {
	/** Of the node, so that it knows the item again. */
	mark: string;
	/** Fields of the item that n8n puts the failure's over. */
	input?: IDataObject | undefined;
	/** Those of a broadcast, which the item represents. */
	recipients?: IDataObject[] | undefined;
	/** Files of the item, which a later round sends again. */
	binary?: INodeExecutionData['binary'];
}

/**
 * The output item of a delivery that failed: `error`, `message`, `details` and no other key, for n8n then
 * keeps it all and sends it to the error output.
 *
 * @internal exported for its tests, and for those of the documents
 */
export function failureItem(delivery: Delivery, { mark, input, recipients, binary }: Carried): INodeExecutionData {
	const { fault, retryAt } = delivery;
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
					at: new Date(delivery.settledAt ?? 0).toISOString(),
					mark,
				},
				description,
				...(response === undefined ? {} : { response: response as IDataObject }),
				...(input === undefined ? {} : { input }),
				...(recipients === undefined ? {} : { recipients }),
			},
		},
		...(binary === undefined ? {} : { binary }),
		pairedItem: pairedItem(delivery.itemIndexes),
	};
}

/** What output items are made of. */
export interface OutputSource {
	items: INodeExecutionData[];
	deliveries: Delivery[];
	payloads: Payloads;
	/** Of the node, see `markOf`. */
	mark: string;
	isBroadcast: boolean;
}

/** The output items of the settled deliveries, in the order of the input. */
export async function outputItems({
	items,
	deliveries,
	payloads,
	mark,
	isBroadcast,
}: OutputSource): Promise<INodeExecutionData[]> {
	/** The input item, without the failed delivery that it may have carried; with its receipt, where it has one. */
	const passedOn = (index: number, receipt?: IDataObject): INodeExecutionData => {
		const binary = items[index]?.binary;
		const [payload = {}] = payloads.of(index);
		return {
			json: receipt === undefined ? deliveredInput(payload) : receiptWithInput(receipt, payload),
			...(binary === undefined ? {} : { binary }),
			pairedItem: { item: index },
		};
	};
	const failed = (delivery: Delivery): INodeExecutionData => {
		const binary = isBroadcast ? undefined : items[delivery.itemIndexes[0] ?? 0]?.binary;
		try {
			const sent = delivery.itemIndexes.flatMap(payloads.of);
			const input = sent[0] && overwrittenFields(sent[0]);
			return failureItem(delivery, { mark, input, recipients: isBroadcast ? sent : undefined, binary });
		} catch {
			// Whatever is in the items: that the delivery failed is reported.
			return failureItem(delivery, { mark, binary });
		}
	};
	const output: INodeExecutionData[] = [];
	await inSlices(deliveries, (delivery) => {
		if (delivery.state === 'failed') output.push(failed(delivery));
		else if (delivery.output === undefined || delivery.withInput) {
			for (const index of delivery.itemIndexes) output.push(passedOn(index, delivery.output));
		} else output.push({ json: delivery.output, pairedItem: pairedItem(delivery.itemIndexes) });
	});
	return output;
}
