import type { Execution } from './rest/executions';
import type { RestClient } from './restClient';

/**
 * Executes a workflow from one of its triggers, as the editor does, and waits for the end.
 * @throws when n8n starts no execution, as it listens for the trigger's own event
 */
export async function runByHand(client: RestClient, workflowId: string, trigger = 'Start'): Promise<Execution> {
	const { executionId } = await client.workflows.run(workflowId, { triggerToStartFrom: { name: trigger } });
	if (executionId === undefined) throw new Error(`n8n did not run ${trigger}`);
	return await client.executions.waitFor(executionId);
}
