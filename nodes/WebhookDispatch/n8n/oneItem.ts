import { NodeOperationError, type IDataObject, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { pairedItem } from './outputItem';

/** What an operation made, or why there is nothing: what happened, and how to get on. */
type Made<T> = ({ ok: true } & T) | { ok: false; message: string; description: string };

/**
 * The output of an operation that does its work once a run, however many items come in: one item, paired
 * with all of them.
 *
 * @throws NodeOperationError with the fault's texts; the node class turns it into an item where the node is
 * to continue
 */
export function oneItem<T>(
	context: IExecuteFunctions,
	made: Made<T>,
	json: (made: T) => IDataObject,
): INodeExecutionData[][] {
	if (!made.ok) throw new NodeOperationError(context.getNode(), made.message, { description: made.description });
	const inputs = context.getInputData().map((_item, index) => index);
	return [[{ json: json(made), pairedItem: pairedItem(inputs) }]];
}
