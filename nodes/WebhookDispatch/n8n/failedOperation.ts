import { NodeApiError, NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { pairedItem } from './outputItem';

/**
 * What becomes of an operation that stopped as a whole. Where the node is to continue, it is an item that n8n
 * takes to the error output; n8n alone would pass the input on as if all were well.
 *
 * @throws NodeApiError or NodeOperationError where the node is to stop, or is to be retried
 */
export function failedOperation(context: IExecuteFunctions, error: unknown): INodeExecutionData[][] {
	const known = error instanceof NodeApiError || error instanceof NodeOperationError;
	const isTriedAgain = known && error.context.tryAgain === true;
	if (!context.continueOnFail() || isTriedAgain) {
		throw known ? error : new NodeOperationError(context.getNode(), error as Error);
	}
	const { message, description } = error as { message: string; description?: string | null };
	const inputs = context.getInputData().map((_, index) => index);
	return [
		[
			{
				json: { error: message, message: description ?? message, details: {} },
				pairedItem: pairedItem(inputs.length > 0 ? inputs : [0]),
			},
		],
	];
}
