import type { IExecuteFunctions, INodeExecutionData, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** One row of the node's table of operations: its fields and its execute, side by side. */
export interface Operation {
	/** The entry in the Operation list: name, value, action, description. */
	option: INodePropertyOptions;
	/** Its fields; `showFor` in `description.ts` limits them to this resource and operation. */
	fields: INodeProperties[];
	/** Runs over all input items and gives the main output. Throws NodeOperationError or NodeApiError only. */
	execute: (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>;
}
