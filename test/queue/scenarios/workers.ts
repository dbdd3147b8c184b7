import { inTheMiddle, startBatch } from '../support/batch';
import type { GetContext } from '../support/context';
import { reasonOf, retry, settled, statusCounts } from '../support/executions';
import { countsText, receiverCounts, slowAnswer } from '../support/receiving';
import { batchWorkflow } from '../support/workflows';

const COUNT = 200;
const MIDDLE = 60;

/** What becomes of a batch whose worker goes. */
export function workers(context: GetContext): void {
	const start = (path: string) =>
		startBatch(
			context().cluster,
			path,
			COUNT,
			(name, url) => batchWorkflow(name, url, {}, { concurrency: 5 }),
			slowAnswer(100),
		);

	it('killed in the middle of a batch: n8n ends the execution as failed, without its data', async () => {
		const { cluster, table } = context();
		const batch = await start('killed');
		const { worker, executionId } = await inTheMiddle(cluster, batch, MIDDLE);
		await cluster.kill(worker);
		// 15 s lock and 5 s between two looks, here; 60 s and 30 s by default.
		const executions = await settled(cluster, batch.workflowId, 0, 90_000);
		const execution = await cluster.client.executions.get(executionId);
		const beforeRetry = receiverCounts(batch.receiver, batch.items);
		const retried = await retry(cluster, executionId);
		const counts = receiverCounts(batch.receiver, batch.items);
		table.add({
			happened: `A worker is killed (SIGKILL) in the middle of a batch of ${COUNT}`,
			senders: '200 at once (*Respond: Immediately*)',
			n8n: `${executions[0]?.status}: “${reasonOf(execution).split('.')[0]}”, when the worker's lock has run out. Its data is gone.`,
			retry: `nothing: it ends as ${retried.status}, having nothing to run`,
			receiver: countsText(counts),
		});
		cluster.keep(worker);
		await worker.ready();
		await batch.close();
		expect(statusCounts(executions)).toEqual({ error: 1 });
		expect(reasonOf(execution)).toMatch(/failed to be processed too many times/);
		expect(execution.data.resultData.runData).toEqual({});
		expect(counts).toEqual(beforeRetry);
		expect(counts).toMatchObject({ repeated: 0, underAnotherId: 0 });
		expect(counts.delivered).toBeGreaterThanOrEqual(MIDDLE - 5);
		expect(counts.delivered).toBeLessThan(COUNT);
	}, 200_000);

	it('stopped in the middle of a batch: it finishes first', async () => {
		const { cluster, table } = context();
		const batch = await start('stopped');
		const { worker } = await inTheMiddle(cluster, batch, MIDDLE);
		await cluster.end(worker);
		const executions = await settled(cluster, batch.workflowId);
		const counts = receiverCounts(batch.receiver, batch.items);
		table.add({
			happened: `A worker is stopped (SIGTERM) in the middle of a batch of ${COUNT}`,
			senders: '200 at once',
			n8n: 'The worker takes no more jobs and ends when its batch is through, within `N8N_GRACEFUL_SHUTDOWN_TIMEOUT`',
			retry: '(nothing failed)',
			receiver: countsText(counts),
		});
		cluster.keep(worker);
		await worker.ready();
		await batch.close();
		expect(statusCounts(executions)).toEqual({ success: 1 });
		expect(counts).toEqual({ delivered: COUNT, repeated: 0, underAnotherId: 0, missing: 0 });
	}, 120_000);
}
