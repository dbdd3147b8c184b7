import type { NodeItem } from './executions';
import type { Call, Json, JsonObject } from './json';

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: JsonObject;
	credentials?: Record<string, { id: string; name: string }>;
	[setting: string]: unknown;
}

/** A workflow as the editor exports it. */
export interface Workflow {
	id?: string;
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, Record<string, Array<Array<{ node: string; type: string; index: number }>>>>;
	settings?: JsonObject;
	pinData?: Record<string, NodeItem[]>;
	meta?: JsonObject;
}

/** A workflow that n8n has. */
export interface SavedWorkflow extends Workflow {
	id: string;
	versionId: string;
	active: boolean;
}

/** "Execute workflow". A chosen trigger with `data` starts with that data instead of listening. */
export interface ManualStart {
	triggerToStartFrom?: { name: string; data?: JsonObject };
	destinationNode?: { nodeName: string; mode: 'inclusive' | 'exclusive' };
}

const partsOf = ({ name, nodes, connections, settings, pinData, meta, id }: Workflow): Workflow => ({
	name,
	nodes,
	connections,
	settings,
	pinData,
	meta,
	id,
});

export function workflowRoutes(call: Call) {
	const get = (id: string): Promise<SavedWorkflow> => call('GET', `/workflows/${id}`);
	return {
		list: (): Promise<SavedWorkflow[]> => call('GET', '/workflows'),
		get,
		exists: async (id: string): Promise<boolean> =>
			(await call<{ exists: boolean }>('GET', `/workflows/${id}/exists`)).exists,
		/** The workflow's `id` is kept when it has one. */
		create: (workflow: Workflow): Promise<SavedWorkflow> => call('POST', '/workflows', partsOf(workflow)),
		/** @param changes whole parts: `nodes`, `connections`, `name`, `settings` */
		update: (id: string, changes: Partial<Workflow>): Promise<SavedWorkflow> =>
			call('PATCH', `/workflows/${id}`, changes),
		/** Publishes the version that is saved: its webhooks respond from now on. */
		async activate(id: string): Promise<SavedWorkflow> {
			const { versionId } = await get(id);
			return await call('POST', `/workflows/${id}/activate`, { versionId });
		},
		deactivate: (id: string): Promise<Json> => call('POST', `/workflows/${id}/deactivate`, {}),
		run: (id: string, start: ManualStart): Promise<{ executionId?: string; waitingForWebhook?: boolean }> =>
			call('POST', `/workflows/${id}/run`, start),
		/** n8n deletes only what is archived. */
		async remove(id: string): Promise<void> {
			await call('POST', `/workflows/${id}/archive`, {});
			await call('DELETE', `/workflows/${id}`);
		},
	};
}
