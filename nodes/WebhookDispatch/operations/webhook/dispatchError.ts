import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import type { Delivery } from '../../../../lib/delivery/delivery';
import { itemTag } from '../../../../lib/delivery/failureText';
import { DISPATCH_FAILED, INVALID_URL } from '../../../../lib/delivery/titles';

/**
 * The error of a run with failed deliveries, each part on its own line: what happened to the first of them, the next
 * step, and what became of the others. Code, delivery ID and attempts are under *Error details*.
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
	const steps = [description];
	const isNamed = description.includes('Retry On Fail');
	if (node.retryOnFail !== true && !isNamed && open.some(({ fault }) => fault?.retryable)) {
		steps.push("Turn on Retry On Fail in the node's settings to retry.");
	}
	const tagged = `${message} ${itemTag(first.itemIndexes)}`;
	const further = [joined(steps), othersOf(deliveries, open)];
	const error = new NodeApiError(
		node,
		{},
		{
			message: code === 'INVALID_URL' ? INVALID_URL : DISPATCH_FAILED,
			description: joined([tagged, ...further]),
			...(statusCode === undefined ? {} : { httpCode: String(statusCode) }),
			itemIndex: first.itemIndexes[0] ?? 0,
			level: triesLeft > 0 ? 'info' : 'warning',
		},
	);
	// What the editor shows in place of the description, as HTML: a line for each part. It adds [item 1] to the title itself.
	error.context.descriptionTemplate = [first.itemIndexes.length > 1 ? tagged : message, ...further]
		.filter((line) => line !== '')
		.map(asSentence)
		.join('<br>');
	error.context.data = {
		code,
		...(statusCode === undefined ? {} : { statusCode }),
		deliveryId: first.id ?? null,
		attempts: first.attempts,
	};
	// For failedOperation() to let it through: the engine is to run the node again, whatever On Error says.
	error.context.tryAgain = triesLeft > 0;
	return error;
}

/** What became of the other deliveries; empty when there are none. */
function othersOf(deliveries: Delivery[], open: Delivery[]): string {
	if (deliveries.length < 2) return '';
	const delivered = deliveries.length - open.length;
	return joined([
		`${open.length} of ${deliveries.length} deliveries failed.`,
		...(delivered > 0
			? [`The ${delivered} delivered are not sent again on retry, nor when this execution is retried.`]
			: []),
	]);
}

/** The error of a run that was cancelled. */
export function cancelledError(node: INode): NodeOperationError {
	return new NodeOperationError(node, 'The execution was cancelled', {
		description: "n8n can't resume a cancelled execution. Run the workflow again to send the rest.",
	});
}

const joined = (sentences: string[]) =>
	sentences
		.filter((sentence) => sentence !== '')
		.map(asSentence)
		.join(' ');

const asSentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);
