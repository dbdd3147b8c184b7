import type { Credential, CredentialReference } from '../../../tools/n8n/rest/credentials';
import type { Execution } from '../../../tools/n8n/rest/executions';
import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';
import type { RestClient } from '../../../tools/n8n/restClient';

const node = (name: string, type: string, typeVersion: number, x: number, parameters: JsonObject): WorkflowNode => ({
	id: name,
	name,
	type,
	typeVersion,
	position: [x, 0],
	parameters,
});

export const DISPATCH = 'n8n-nodes-webhook-dispatch.webhookDispatch';

/** *Start* → *Items* (these) → *Webhook Dispatch*. */
export function dispatching(
	name: string,
	items: JsonObject[],
	dispatch: Partial<WorkflowNode> & { parameters: JsonObject },
): Workflow {
	return {
		name,
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', 1, 0, {}),
			node('Items', 'n8n-nodes-base.code', 2, 220, {
				jsCode: `return ${JSON.stringify(items)}.map((json) => ({ json }));`,
			}),
			{ ...node('Webhook Dispatch', DISPATCH, 1, 440, {}), ...dispatch },
		],
		connections: {
			Start: { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
			Items: { main: [[{ node: 'Webhook Dispatch', type: 'main', index: 0 }]] },
		},
	};
}

/** *Start* → *Webhook Dispatch* with these parameters. */
export const fromStart = (name: string, parameters: JsonObject): Workflow => ({
	name,
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger', 1, 0, {}),
		node('Webhook Dispatch', DISPATCH, 1, 220, parameters),
	],
	connections: { Start: { main: [[{ node: 'Webhook Dispatch', type: 'main', index: 0 }]] } },
});

/** What a node's `credentials` holds. */
export const using = ({ id, name, type }: CredentialReference): WorkflowNode['credentials'] => ({
	[type]: { id, name },
});

/** Brings a workflow in and executes it from *Start*. */
export async function runOnce(client: RestClient, workflow: Workflow): Promise<{ id: string; execution: Execution }> {
	const { id } = await client.workflows.create(workflow);
	const { executionId = '' } = await client.workflows.run(id, { triggerToStartFrom: { name: 'Start' } });
	return { id, execution: await client.executions.waitFor(executionId) };
}

let number = 0;
/** A credential under a name of its own. */
export async function newCredential(
	client: RestClient,
	type: string,
	data: Credential['data'],
): Promise<CredentialReference> {
	number += 1;
	return await client.credentials.create({ name: `${type} ${process.pid}-${number}`, type, data });
}
