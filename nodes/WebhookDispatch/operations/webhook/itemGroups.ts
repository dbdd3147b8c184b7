import type { INodeExecutionData } from 'n8n-workflow';

import { payloadsOf } from '../../../../lib/delivery/delivery';
import type { ParameterReader } from '../../n8n/parameterReader';

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
 * The items of each request, by input index: one each, or so many of a broadcast. An item that stands for the recipients of
 * a failed broadcast is a request of its own, so that the same recipients get the same bytes under the same ID.
 *
 * @param mark of the node, see `markOf`
 * @param batchSize items in one request; undefined where each item is one
 */
export function itemGroups(items: INodeExecutionData[], mark: string, batchSize: number | undefined): number[][] {
	if (batchSize === undefined) return items.map((_item, index) => [index]);
	const groups: number[][] = [];
	let batch: number[] = [];
	items.forEach(({ json }, index) => {
		if (payloadsOf(json, mark)[0] !== json) {
			groups.push([index]);
			return;
		}
		if (batch.length === batchSize || batch.length === 0) groups.push((batch = []));
		batch.push(index);
	});
	return groups;
}
