import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { runWorkflow, type NodeSettings, type Run, type WorkflowRequest } from '../../support/engine';
import type { ReceivedRequest } from '../../support/receiver';

/** Pairs as the node's collections hold them: `pairs(['a', 1], ['b', 'x'])`. */
export const pairs = (...given: Array<[name: string, value: unknown]>) => ({
	parameters: given.map(([name, value]) => ({ name, value })) as unknown as INodeParameters[],
});

/** What a test says of a run: parameters of the node beside its settings. */
export interface Dispatch extends Omit<WorkflowRequest, 'node'> {
	parameters: INodeParameters;
	settings?: Omit<NodeSettings, 'parameters'>;
}

/** Runs `webhook: dispatch` in n8n's engine. */
export const dispatch = async ({ parameters, settings, ...request }: Dispatch): Promise<Run> =>
	await runWorkflow({ ...request, node: { ...settings, parameters } });

/** The bodies as text, in the order in which they arrived. */
export const bodies = (requests: ReceivedRequest[]) => requests.map(({ body }) => body.toString('utf8'));

/** `details.delivery` of a failure, `delivery` of a receipt. */
export const deliveryOf = (json: IDataObject): IDataObject =>
	((json.details as IDataObject | undefined)?.delivery ?? json.delivery) as IDataObject;
