import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { looksLikeFailure } from './outputItem';

/**
 * Lets n8n up to 2.35.0 recognize failed items, too. Later ones take an item whose json has `error`, and `message` and
 * `details` at most, to the error output; these know no `details`. An `error` on the item itself is known
 * to every version, but is to replace the json later on: as a property that is not enumerable, it is gone by then, as
 * n8n copies an item on its way to the error output. Changes nothing for an n8n that knows `details`.
 *
 * @param output the first output, whose items are marked
 */
export function markFailedItems(context: IExecuteFunctions, [items = []]: INodeExecutionData[][]): void {
	const node = context.getNode();
	// No copy is made of an item that has no input item to be joined with, nor of what a tool returns.
	const isCopied = node.rewireOutputLogTo === undefined && context.getExecuteData().source !== null;
	if (node.onError !== 'continueErrorOutput' || !isCopied) return;
	const failed = items.filter(({ json, pairedItem }) => looksLikeFailure(json) && pairedItem !== undefined);
	if (failed.length === 0) return;
	const error = new NodeOperationError(node, 'This item was not delivered');
	for (const item of failed) Object.defineProperty(item, 'error', { value: error, enumerable: false });
}
