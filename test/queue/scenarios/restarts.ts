import { waitFor } from '../../../tools/lib/wait';
import { startBatch } from '../support/batch';
import type { GetContext } from '../support/context';
import { executionsOf, isInProgress, retry, settled, statusCounts } from '../support/executions';
import { countsText, Gate, receiverCounts } from '../support/receiving';
import { answerCounts } from '../support/sender';
import { listed } from '../support/table';
import { executionsText, sendersText, ticketsText, underLoad } from '../support/underLoad';
import { batchWorkflow } from '../support/workflows';

/** Queue recovery runs every minute here (three hours by default). */
const RECOVERED_WITHIN = 100_000;

/** Ratings are sent all the while; each sender waits for its response. */
export function restarts(context: GetContext): void {
	afterEach(async () => await Promise.all(context().cluster.processes.map((each) => each.ready())), 120_000);

	it('Redis is killed and started again: what is queued is in its log', async () => {
		const { cluster, table } = context();
		const outcome = await underLoad(context(), 'Redis', () => cluster.redis!.restart('SIGKILL'), RECOVERED_WITHIN);
		table.add({
			happened: 'Redis is killed (SIGKILL) and started again under load, with its append-only file',
			senders: sendersText(outcome),
			n8n: `goes on with the queue: ${executionsText(outcome)}. A response that was on its way through Redis is lost.`,
			retry: '(nothing failed)',
			receiver: ticketsText(outcome),
		});
		expect(outcome).toMatchObject({ acceptedWithoutTicket: 0, repeated: 0 });
		expect(statusCounts(outcome.executions)).toEqual({ success: outcome.executions.length });
		expect(outcome.tickets).toBe(outcome.executions.length);
	}, 300_000);

	it('a worker is killed and started again: what it had begun has failed, the rest goes on', async () => {
		const { cluster, table } = context();
		const worker = cluster.workers[0]!;
		const outcome = await underLoad(
			context(),
			'worker',
			() => cluster.kill(worker, { comesBack: true }),
			RECOVERED_WITHIN,
		);
		const failed = outcome.executions.filter(({ status }) => status !== 'success');
		const retried = await Promise.all(failed.map(({ id }) => retry(cluster, id)));
		const { requests } = await context().ratings.desk();
		table.add({
			happened: 'A worker with ten jobs is killed (SIGKILL) and started again under load',
			senders: sendersText(outcome),
			n8n: `${executionsText(outcome)}. Jobs that had not begun go to the other worker; the ones begun are lost with their data.`,
			retry: `nothing (${listed(statusCounts(retried))})`,
			receiver: ticketsText(outcome),
		});
		expect(outcome).toMatchObject({ acceptedWithoutTicket: 0, repeated: 0 });
		expect(failed.length).toBeLessThanOrEqual(10);
		expect(requests).toHaveLength(outcome.tickets);
	}, 300_000);

	it('PostgreSQL crashes and comes back: what was acknowledged meanwhile is repeated by a retry, under the same ID', async () => {
		const { cluster, table } = context();
		const gate = new Gate();
		// In flight when the database goes, acknowledged before it is back: n8n cannot write that down.
		const batch = await startBatch(
			cluster,
			'gate',
			6,
			(name, url) => batchWorkflow(name, url, {}, { timeout: 60_000 }),
			gate.behaviour,
		);
		const outcome = await underLoad(
			context(),
			'PostgreSQL',
			async () => {
				for (const item of batch.items) await batch.send([item]);
				await batch.receiver.arrived(batch.items.length);
				await cluster.postgres!.restart('SIGQUIT', async () => {
					gate.open();
					await waitFor(() => batch.receiver.requests.every((request) => request.outcome === 'acknowledged'), {
						what: 'the answers',
					});
					// Until each worker has tried to write that down.
					const noticed = () => cluster.workers.every((worker) => /workflowExecuteAfter/.test(worker.log()));
					await waitFor(noticed, { what: 'both workers to find no database', deadline: 20_000 });
				});
			},
			RECOVERED_WITHIN,
		);
		const executions = await settled(cluster, batch.workflowId, 0, RECOVERED_WITHIN);
		const before = receiverCounts(batch.receiver, batch.items);
		const retried = await Promise.all(
			executions.filter(({ status }) => status === 'crashed').map(({ id }) => retry(cluster, id)),
		);
		const after = receiverCounts(batch.receiver, batch.items);
		const failed = outcome.executions.filter(({ status }) => status !== 'success');
		const answers = answerCounts(outcome.answers);
		table.add({
			happened: 'PostgreSQL crashes (SIGQUIT) and is started again under load',
			senders: sendersText(outcome),
			n8n: `${executionsText(outcome)}. While the database is away, new webhooks are refused (5xx) and none is accepted; what was in progress stays “running” until queue recovery marks it as crashed.`,
			retry: `see the next line for crashed ones; a flow that has dealt with the failure itself (502 to its sender) sends nothing again`,
			receiver: ticketsText(outcome),
		});
		table.add({
			happened: `${batch.items.length} deliveries are acknowledged while PostgreSQL is away`,
			senders: '200 at once',
			n8n: `${listed(statusCounts(executions))}, by queue recovery`,
			retry: `all of it again, under ${after.underAnotherId === 0 ? '**the same IDs**' : '**other IDs**'} (${listed(statusCounts(retried))})`,
			receiver: `before the retry: ${countsText(before)}; after it: ${countsText(after)}`,
		});
		await batch.close();
		expect(answers['201']).toBeGreaterThan(0);
		expect(outcome).toMatchObject({ acceptedWithoutTicket: 0, repeated: 0 });
		expect(failed.filter(isInProgress)).toEqual([]);
		expect((await executionsOf(cluster, batch.workflowId)).filter(isInProgress)).toEqual([]);
		expect(before).toEqual({ delivered: batch.items.length, repeated: 0, underAnotherId: 0, missing: 0 });
		expect(after).toMatchObject({ missing: 0, underAnotherId: 0 });
		expect(after.repeated).toBe(retried.length);
	}, 400_000);
}
