import { NodeOperationError, type IDataObject, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import type { Result } from '../../../lib/result/result';
import { pairedWithAll } from './outputItem';

/**
 * The output of an operation that does its work once a run, however many items come in: one item, paired
 * with all of them.
 *
 * @param made what the operation made, or why there is nothing
 * @param json what of it is shown
 * @throws NodeOperationError with the fault's texts; the node class turns it into an item where the node is
 * to continue
 */
export function oneItem<T>(
	context: IExecuteFunctions,
	made: Result<T>,
	json: (value: T) => IDataObject,
): INodeExecutionData[][] {
	if (!made.ok) {
		const { message, description } = made.fault;
		throw new NodeOperationError(context.getNode(), message, { description });
	}
	return [[{ json: json(made.value), pairedItem: pairedWithAll(context) }]];
}
