'use strict';

const NODES_OF = ({ name, nodes, connections, settings, pinData, meta, id }) => ({
	name,
	nodes,
	connections,
	settings,
	pinData,
	meta,
	id,
});

/**
 * @param {(method: string, route: string, body?: unknown) => Promise<any>} call
 */
function workflowRoutes(call) {
	const get = (id) => call('GET', `/workflows/${id}`);
	return {
		list: () => call('GET', '/workflows'),
		get,
		/** @param {string} id  @returns {Promise<boolean>} */
		exists: async (id) => (await call('GET', `/workflows/${id}/exists`)).exists,
		/** @param {object} workflow as the editor exports it; its `id` is kept when it has one */
		create: (workflow) => call('POST', '/workflows', NODES_OF(workflow)),
		/** @param {string} id  @param {object} changes whole parts: `nodes`, `connections`, `name`, `settings` */
		update: (id, changes) => call('PATCH', `/workflows/${id}`, changes),
		/** Publishes the version that is saved: its webhooks answer from now on. */
		async activate(id) {
			const { versionId } = await get(id);
			return await call('POST', `/workflows/${id}/activate`, { versionId });
		},
		deactivate: (id) => call('POST', `/workflows/${id}/deactivate`, {}),
		/**
		 * "Execute workflow" on the canvas.
		 * @param {string} id
		 * @param {{ triggerToStartFrom?: { name: string, data?: object }, destinationNode?: { nodeName: string, mode: 'inclusive' | 'exclusive' } }} start
		 * @returns {Promise<{ executionId?: string, waitingForWebhook?: boolean }>}
		 */
		run: (id, start) => call('POST', `/workflows/${id}/run`, start),
		/** n8n deletes only what is archived. */
		async remove(id) {
			await call('POST', `/workflows/${id}/archive`, {});
			await call('DELETE', `/workflows/${id}`);
		},
	};
}

module.exports = { workflowRoutes };
