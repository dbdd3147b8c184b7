import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';

import { parseUrl } from '../../../lib/text/parseUrl';

/** Whether the engine runs the node again for this output (n8n fact: it looks at the first item alone). */
function looksFailed(items: INodeExecutionData[]): boolean {
	const error = (items[0]?.json as IDataObject | undefined)?.error;
	return error !== undefined && error !== null && error !== false;
}

/** Whether some n8n runs the node again for this output: n8n 2.0 does for any `error` that is there, be it null. */
export function mayBeRunAgain(items: INodeExecutionData[]): boolean {
	return (items[0]?.json as IDataObject | undefined)?.error !== undefined;
}

/** How often n8n's engine tries a node (n8n fact: 2 to 5 times, 3 unless set). */
export function maxTriesOf({ retryOnFail, maxTries }: INode): number {
	return retryOnFail === true ? Math.min(5, Math.max(2, maxTries || 3)) : 1;
}

/**
 * What distinguishes an execution from all others, and stays when it is run again. n8n fact (2.40): the retry of an execution has
 * another ID, also where all else was lost in a crash; the random token that n8n signs the resume URL with is stored
 * before the execution starts, and the retry keeps it.
 *
 * @param resumeUrl n8n's `$execution.resumeUrl`
 */
export function executionSeed(executionId: string, resumeUrl: string | undefined): string {
	return parseUrl(resumeUrl ?? '')?.searchParams.get('signature') ?? executionId;
}

/**
 * With an error output the order of delivered and failed items does not matter, but a failed first item would
 * make the engine run the node again (n8n fact): delivered ones go first.
 */
export function inEngineOrder(output: INodeExecutionData[], node: INode): INodeExecutionData[] {
	if (node.onError !== 'continueErrorOutput' || !looksFailed(output)) return output;
	const first = output.findIndex((item) => !looksFailed([item]));
	return first < 1 ? output : [output[first]!, ...output.slice(0, first), ...output.slice(first + 1)];
}

/**
 * Keeps the engine from waiting and running the node again where nothing is left to send: a failure that is final, a response
 * or an input item with a field `error`. It asks for `error` of the first item right after the node has returned (n8n
 * fact, 2.40), before anything else reads the items; so that field says nothing at its first reading. In the next turn of the
 * event loop at the latest it is a field like any other.
 */
export function withoutIdleTries(output: INodeExecutionData[]): INodeExecutionData[] {
	const [first] = output;
	if (first === undefined || !mayBeRunAgain(output)) return output;
	const json = { ...first.json };
	const { error } = json;
	first.json = json;
	const show = () =>
		Object.defineProperty(json, 'error', { value: error, enumerable: true, configurable: true, writable: true });
	Object.defineProperty(json, 'error', {
		enumerable: true,
		configurable: true,
		get() {
			show();
			return undefined;
		},
	});
	setImmediate(show);
	return output;
}
