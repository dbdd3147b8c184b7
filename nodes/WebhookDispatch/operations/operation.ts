import type { IExecuteFunctions, INodeExecutionData, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** One row of the node's table of operations: its fields and its execute, side by side. */
export interface Operation {
	/** The entry in the Operation list: name, value, action, description. */
	option: INodePropertyOptions;
	/** Its fields; `showFor` in `description.ts` limits them to this resource and operation. */
	fields: INodeProperties[];
	/**
	 * Whether n8n's engine has no reason to run the node again for what comes out: for items that it returned, or also for the
	 * item that its error becomes where the node continues.
	 */
	isFinal?: 'returned' | 'always';
	/** Runs over all input items and gives the main output. Throws NodeOperationError or NodeApiError only. */
	execute: (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>;
}
