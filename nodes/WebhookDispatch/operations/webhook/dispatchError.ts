import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import type { Delivery } from '../../../../lib/delivery/delivery';
import { itemTag } from '../../../../lib/delivery/failureText';
import { DISPATCH_FAILED, INVALID_URL } from '../../../../lib/delivery/titles';

/**
 * The error of a run whose deliveries did not all come about: what happened to the first of them, how to get
 * on, and what became of the others.
 *
 * @param triesLeft tries that the engine will still make
 */
export function dispatchError(node: INode, deliveries: Delivery[], triesLeft: number): NodeApiError {
	const open = deliveries.filter(({ state }) => state !== 'delivered');
	const first = open.find(({ fault }) => fault !== undefined) ?? open[0]!;
	const { message, description, code, statusCode } = first.fault ?? {
		message: 'No attempt was made yet',
		description: 'Retry the execution.',
		code: 'CANCELLED' as const,
	};
	const sentences = [`${message} ${itemTag(first.itemIndexes)}`, description];
	const delivered = deliveries.length - open.length;
	if (deliveries.length > 1) {
		sentences.push(
			`${open.length} of ${deliveries.length} deliveries are missing.`,
			...(delivered > 0
				? [`The ${delivered} that arrived are not sent again in further tries, nor when this execution is retried.`]
				: []),
		);
	}
	const isNamed = description.includes('Retry On Fail');
	if (node.retryOnFail !== true && !isNamed && open.some(({ fault }) => fault?.retryable)) {
		sentences.push("Retry On Fail in the node's settings would try again.");
	}
	const error = new NodeApiError(
		node,
		{},
		{
			message: code === 'INVALID_URL' ? INVALID_URL : DISPATCH_FAILED,
			description: sentences
				.filter((sentence) => sentence !== '')
				.map(asSentence)
				.join(' '),
			...(statusCode === undefined ? {} : { httpCode: String(statusCode) }),
			itemIndex: first.itemIndexes[0] ?? 0,
			level: triesLeft > 0 ? 'info' : 'warning',
		},
	);
	// Tells failedOperation() to let it through: the engine is to run the node again, whatever On Error says.
	error.context.tryAgain = triesLeft > 0;
	return error;
}

/** The error of a run that was cancelled. */
export function cancelledError(node: INode): NodeOperationError {
	return new NodeOperationError(node, 'The execution was cancelled', {
		description: "n8n can't resume a cancelled execution. Run the workflow again to send the rest.",
	});
}

const asSentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);
