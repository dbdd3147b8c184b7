import { waitFor } from '../../../tools/lib/wait';
import type { Execution } from '../../../tools/n8n/rest/executions';
import type { JsonObject } from '../../../tools/n8n/rest/json';
import type { Cluster, QueueProcess } from './cluster';

/** An execution as the database has it. */
export interface Listed {
	id: string;
	status: string;
	mode: string;
	retryOf: string | null;
	waitTill: Date | null;
}

/** The executions of a workflow that began after the one named, oldest first. */
export const executionsOf = async ({ ask }: Cluster, workflowId: string, after = 0): Promise<Listed[]> =>
	await ask<Listed>(
		'select id::text, status, mode, "retryOf", "waitTill" from execution_entity where "workflowId" = $1 and id > $2 order by id',
		[workflowId, after],
	);

/** The newest execution there is, to look from there on. */
export const newestId = async ({ ask }: Cluster): Promise<number> =>
	Number((await ask<{ id: string | null }>('select max(id)::text as id from execution_entity'))[0]?.id ?? 0);

/** How many there are of each status. */
export function statusCounts(executions: Array<{ status: string }>): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { status } of executions) counts[status] = (counts[status] ?? 0) + 1;
	return counts;
}

const IN_PROGRESS = ['new', 'running'];
export const isInProgress = ({ status }: Listed) => IN_PROGRESS.includes(status);

/**
 * Waits until none of the executions is in progress.
 * @returns all of them; when the deadline has passed, some are still called new or running
 */
export async function settled(cluster: Cluster, workflowId: string, after = 0, deadline = 60_000): Promise<Listed[]> {
	let all: Listed[] = [];
	const look = async () => {
		all = await executionsOf(cluster, workflowId, after);
		return all.length > 0 && !all.some(isInProgress);
	};
	try {
		await waitFor(look, { what: `the end of all executions of ${workflowId}`, deadline, every: 300 });
	} catch {
		// What is still in progress is what the caller wants to see.
	}
	return all;
}

/** What n8n says about an execution that went wrong. */
export const reasonOf = (execution: Execution): string =>
	execution.data?.resultData?.error?.message ?? '(no reason given)';

/** How a retry from the executions list ended, or why n8n refused it. */
export interface Retried {
	status: string;
	refusal?: string;
	reason?: string;
}

/** Retries an execution from the executions list. */
export async function retry(cluster: Cluster, id: string): Promise<Retried> {
	const { client, ask } = cluster;
	// n8n responds when the retry has ended, and with an error when that ended with one: the database knows which it was.
	const before = await newestId(cluster);
	let refusal = '';
	try {
		(await client.executions.retry(id)) as JsonObject;
	} catch (fault) {
		refusal = (fault as Error).message;
	}
	const [made] = await ask<{ id: string }>('select id::text from execution_entity where "retryOf" = $1 and id > $2', [
		id,
		before,
	]);
	if (!made) return { status: 'refused', refusal };
	const execution = await client.executions.waitFor(made.id, { deadline: 90_000 });
	return { status: execution.status, ...(execution.status === 'success' ? {} : { reason: reasonOf(execution) }) };
}

/** How many executions a worker has begun, by its own log. */
export const startedBy = (worker: QueueProcess): number => worker.log().match(/Worker started execution/g)?.length ?? 0;

/** The worker that has begun an execution, by its log. */
export async function workerOf({ workers }: Cluster, executionId: string): Promise<QueueProcess> {
	return await waitFor(
		() => workers.find((worker) => worker.log().includes(`Worker started execution ${executionId} `)),
		{
			what: `a worker that runs execution ${executionId}`,
		},
	);
}
