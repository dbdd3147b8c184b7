import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

/** What an operation makes of an item: the output's JSON, or why there is none. */
export type ItemResult = { ok: true; json: IDataObject } | ItemFault;

interface ItemFault {
	ok: false;
	/** What happened. */
	message: string;
	/** How to get on. */
	description: string;
	/** What n8n threw, when it did: an expression, or a credential that is not there. */
	thrown?: unknown;
}

/**
 * Runs an operation for each input item, one after the other, and gives one output item for each. An item
 * without a result stops the node, or, where the node is to continue, becomes an item for the error output
 * (`error`, `message`, `details` and no other key) and leaves the others alone.
 *
 * @throws NodeOperationError, or what n8n threw
 */
export async function eachItem(
	context: IExecuteFunctions,
	make: (itemIndex: number) => Promise<ItemResult>,
): Promise<INodeExecutionData[][]> {
	const output: INodeExecutionData[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		const result = await settled(make, itemIndex);
		if (!result.ok && !context.continueOnFail()) throw stopping(context, result, itemIndex);
		const json = result.ok ? result.json : { error: result.message, message: result.description, details: {} };
		output.push({ json, pairedItem: { item: itemIndex } });
	}
	return [output];
}

async function settled(make: (itemIndex: number) => Promise<ItemResult>, itemIndex: number): Promise<ItemResult> {
	try {
		return await make(itemIndex);
	} catch (thrown) {
		const { message, description } = thrown as { message: string; description?: string | null };
		return { ok: false, message, description: description ?? message, thrown };
	}
}

function stopping(context: IExecuteFunctions, { message, description, thrown }: ItemFault, itemIndex: number): Error {
	if (thrown instanceof NodeApiError || thrown instanceof NodeOperationError) return thrown;
	return new NodeOperationError(context.getNode(), message, { description, itemIndex });
}
