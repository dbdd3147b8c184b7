import type { Payloads } from '../../../../lib/delivery/carriedDelivery';
import type { ParameterReader } from '../../../../lib/request/requestBuilder';

/** Whether the items of the run go out as broadcasts: decided once, by the first item. */
export function isBroadcastRun(reader: ParameterReader): boolean {
	try {
		return (
			reader.read('body', 0, 'inputItem') === 'profiles' &&
			reader.read('method', 0, 'POST') !== 'GET' &&
			reader.read('recipients', 0, 'single') === 'broadcast'
		);
	} catch {
		// An expression that has no value for the first item is that item's own matter.
		return false;
	}
}

/**
 * The items of each request, by input index: one each, or so many of a broadcast. An item that represents the recipients of
 * a failed broadcast is a separate request, so that the same recipients get the same bytes under the same ID.
 *
 * @param count of the items
 * @param batchSize items in one request; undefined where each item is one
 */
export function itemGroups(count: number, { carriedBy }: Payloads, batchSize: number | undefined): number[][] {
	const indexes = Array.from({ length: count }, (_, index) => index);
	if (batchSize === undefined) return indexes.map((index) => [index]);
	const groups: number[][] = [];
	let batch: number[] = [];
	for (const index of indexes) {
		if (carriedBy(index) !== undefined) {
			groups.push([index]);
			continue;
		}
		if (batch.length === batchSize || batch.length === 0) groups.push((batch = []));
		batch.push(index);
	}
	return groups;
}
