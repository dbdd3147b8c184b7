'use strict';
const { waitFor } = require('../../lib/wait');
const { unflatten } = require('./unflatten');

const RUNNING = ['new', 'running', 'waiting', 'unknown'];

/**
 * @typedef {{ id: string, status: string, mode: string, workflowId: string, finished: boolean, data: any, retryOf?: string,
 *   startedAt: string, stoppedAt?: string }} Execution  `data.resultData.runData[nodeName][run]` has each node's run
 */

/**
 * @param {(method: string, route: string, body?: unknown) => Promise<any>} call
 */
function executionRoutes(call) {
	/** @param {string} id  @returns {Promise<Execution>} */
	const get = async (id) => {
		const execution = await call('GET', `/executions/${id}`);
		return { ...execution, data: typeof execution.data === 'string' ? unflatten(execution.data) : execution.data };
	};
	return {
		get,
		/**
		 * The newest first.
		 * @param {{ workflowId?: string, status?: string[] }} [filter]  @param {number} [limit]
		 */
		list: async (filter = {}, limit = 100) =>
			(await call('GET', `/executions?limit=${limit}&filter=${encodeURIComponent(JSON.stringify(filter))}`)).results,
		/**
		 * @param {string} id
		 * @param {{ loadWorkflow?: boolean }} [options] with the workflow as saved now, instead of as it was
		 * @returns {Promise<{ id: string }>} the retry's own execution; n8n answers when it has ended
		 */
		retry: (id, { loadWorkflow = false } = {}) => call('POST', `/executions/${id}/retry`, { loadWorkflow }),
		stop: (id) => call('POST', `/executions/${id}/stop`, {}),
		/**
		 * @param {string} id
		 * @param {{ deadline?: number, until?: (execution: Execution) => boolean }} [options] milliseconds; by default until it has ended
		 * @returns {Promise<Execution>}
		 */
		waitFor: (id, { deadline = 60_000, until = ({ status }) => !RUNNING.includes(status) } = {}) =>
			waitFor(
				async () => {
					const execution = await get(id);
					return until(execution) && execution;
				},
				{ what: `execution ${id}`, deadline, every: 150 },
			),
		/**
		 * @param {Execution} execution  @param {string} node  @param {number} [output]  @param {number} [run]
		 * @returns {any[]} the items it gave out there
		 */
		itemsOf: (execution, node, output = 0, run = 0) =>
			execution.data.resultData.runData[node]?.[run]?.data?.main?.[output] ?? [],
	};
}

module.exports = { executionRoutes };
