import { inParallel } from '../../soak/load';
import { waitFor } from '../../../tools/lib/wait';
import { answer } from '../../support/receiver';
import { startBatch } from '../support/batch';
import type { GetContext } from '../support/context';
import { executionsOf, settled, statusCounts } from '../support/executions';
import { receiverCounts, countsText } from '../support/receiving';
import { listed } from '../support/table';
import { scheduledWorkflow } from '../support/workflows';

const COUNT = 30;

/** Longer than the 65 s from which n8n keeps a wait in the database alone. */
const SCHEDULE = '70s';

/** Executions wait for `retryAt` while the main process, which wakes them, is killed. */
export function mainRestart(context: GetContext): void {
	it('main is killed while executions wait for retryAt: they are resumed, once each, under their IDs', async () => {
		const { cluster, table } = context();
		const batch = await startBatch(cluster, 'waiting', COUNT, (name, url) => scheduledWorkflow(name, url, SCHEDULE));
		batch.receiver.choose((_item, nth) => (nth === 0 ? answer(503) : undefined));
		await inParallel(COUNT, 5, (number) => batch.send([batch.items[number]!]));
		const waiting = async () => {
			const all = await executionsOf(cluster, batch.workflowId);
			return all.length === COUNT && all.every(({ status }) => status === 'waiting');
		};
		await waitFor(waiting, { what: 'all to wait' });
		await cluster.kill(cluster.main);
		cluster.keep(cluster.main);
		await cluster.main.ready();
		const stillAsleep = (await executionsOf(cluster, batch.workflowId)).filter(
			({ status }) => status === 'waiting',
		).length;
		await waitFor(() => batch.receiver.acknowledged().size === COUNT, { what: 'all deliveries', deadline: 150_000 });
		const executions = await settled(cluster, batch.workflowId);
		const counts = receiverCounts(batch.receiver, batch.items);
		table.add({
			happened: `main is killed (SIGKILL) and started again while ${COUNT} executions wait for \`retryAt\``,
			senders: '200 at once',
			n8n: `resumes all of them when their time comes: ${listed(statusCounts(executions))}`,
			retry: '(nothing failed)',
			receiver: countsText(counts),
		});
		const pauses = batch.items.map((item) => {
			const [refused, acknowledged] = batch.receiver.of(item);
			return (acknowledged?.at ?? 0) - (refused?.at ?? 0);
		});
		await batch.close();
		expect(stillAsleep).toBe(COUNT);
		expect(Math.min(...pauses)).toBeGreaterThanOrEqual(70_000);
		expect(statusCounts(executions)).toEqual({ success: COUNT });
		expect(counts).toEqual({ delivered: COUNT, repeated: 0, underAnotherId: 0, missing: 0 });
		// One that got 503, one that was acknowledged.
		expect(batch.receiver.requests).toHaveLength(2 * COUNT);
	}, 300_000);
}
