import { waitFor } from '../../lib/wait';
import type { Call, Json, JsonObject } from './json';
import { unflatten } from './unflatten';

export interface NodeItem {
	json: JsonObject;
	pairedItem?: Json;
	error?: Json;
}

/** One run of one node. */
interface NodeRun {
	startTime: number;
	executionTime: number;
	executionStatus?: string;
	error?: { message: string; description?: string };
	data?: { main: Array<NodeItem[] | null> };
}

export interface Execution {
	id: string;
	/** `success`, `error`, `canceled`, `crashed`, `waiting`, `running` … */
	status: string;
	mode: string;
	workflowId: string;
	retryOf?: string;
	retrySuccessId?: string;
	startedAt: string;
	stoppedAt?: string;
	data: {
		resultData: {
			runData: Record<string, NodeRun[]>;
			error?: { message: string; description?: string };
			lastNodeExecuted?: string;
		};
	};
}

const RUNNING = ['new', 'running', 'waiting', 'unknown'];

export function executionRoutes(call: Call) {
	const get = async (id: string): Promise<Execution> => {
		const { data, ...execution } = await call<Omit<Execution, 'data'> & { data: string | Execution['data'] }>(
			'GET',
			`/executions/${id}`,
		);
		return { ...execution, data: typeof data === 'string' ? unflatten<Execution['data']>(data) : data };
	};
	return {
		get,
		/** The newest first. */
		list: async (
			filter: { workflowId?: string; status?: string[] } = {},
			limit = 100,
		): Promise<Array<Omit<Execution, 'data'>>> => {
			const query = `limit=${limit}&filter=${encodeURIComponent(JSON.stringify(filter))}`;
			return (await call<{ results: Array<Omit<Execution, 'data'>> }>('GET', `/executions?${query}`)).results;
		},
		/**
		 * @param options `loadWorkflow`: with the workflow as saved now, instead of as it was
		 * @returns the retry's own execution; n8n responds when it has ended
		 */
		retry: (id: string, { loadWorkflow = false } = {}): Promise<{ executionId?: string; id?: string }> =>
			call('POST', `/executions/${id}/retry`, { loadWorkflow }),
		stop: (id: string): Promise<Json> => call('POST', `/executions/${id}/stop`, {}),
		/** @param options `deadline` in milliseconds; `until` by default until it has ended */
		waitFor: (
			id: string,
			{
				deadline = 60_000,
				until = ({ status }) => !RUNNING.includes(status),
			}: { deadline?: number; until?: (execution: Execution) => boolean } = {},
		): Promise<Execution> =>
			waitFor(
				async () => {
					const execution = await get(id);
					return until(execution) && execution;
				},
				{ what: `execution ${id}`, deadline, every: 150 },
			),
		/** The items that a node gave out there. */
		itemsOf: (execution: Execution, node: string, output = 0, run = 0): NodeItem[] =>
			execution.data.resultData.runData[node]?.[run]?.data?.main[output] ?? [],
	};
}
