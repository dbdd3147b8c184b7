import { createHash, randomBytes } from 'node:crypto';

import { chain, dispatchNode, webhook as webhookNode, workflowOf } from '../../../tools/n8n/sketch';
import { askWebhook } from '../../../tools/n8n/webhook';
import { answer, Receiver } from '../../support/receiver';
import type { GetContext } from '../support/context';
import { settled, startedBy, statusCounts } from '../support/executions';

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const FILES = 8;

/** A file comes in at the webhook process, is kept where n8n keeps files in queue mode, and is sent by a worker. */
export function files(context: GetContext): void {
	it('a file that arrives at the webhook process is sent by each worker, the same bytes in each try', async () => {
		const { cluster, table } = context();
		const { client, webhook, workers } = cluster;
		const receiver = await Receiver.start();
		try {
			receiver.choose((_key, nth) => (nth % 2 === 0 ? answer(503) : answer(200)));
			const workflow = await client.workflows.create(
				workflowOf(
					'files',
					[
						webhookNode('files', { responseMode: 'lastNode' }),
						dispatchNode('Dispatch', {
							parameters: {
								url: `=${receiver.origin}/{{ $json.body.number }}`,
								body: 'file',
								inputDataFieldName: 'screenshot',
							},
							retryOnFail: true,
							waitBetweenTries: 10,
						}),
					],
					chain('Webhook', 'Dispatch'),
				),
			);
			await client.workflows.activate(workflow.id);
			const before = workers.map(startedBy);
			const sent = Array.from({ length: FILES }, () => randomBytes(1_000_000));
			const responses = await Promise.all(
				sent.map(async (bytes, number) => {
					const form = new FormData();
					form.append('number', String(number));
					form.append('screenshot', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'shot.png');
					return await askWebhook(`${webhook.url}/webhook/files`, { method: 'POST', body: form });
				}),
			);
			expect(responses.map(({ status }) => status)).toEqual(sent.map(() => 200));
			sent.forEach((bytes, number) => {
				const arrived = receiver.of(`/${number}`).map(({ body }) => sha(body));
				expect(arrived).toEqual([sha(bytes), sha(bytes)]);
			});
			expect(statusCounts(await settled(cluster, workflow.id))).toEqual({ success: FILES });
			const shares = workers.map((worker, index) => startedBy(worker) - (before[index] ?? 0));
			expect(Math.min(...shares)).toBeGreaterThan(0);
			table.say(
				`Files: ${FILES} of 1 MB came in at the webhook process and were sent by both workers (${shares.join(' and ')}), the same bytes in both tries of each.`,
			);
		} finally {
			await receiver.close();
		}
	}, 120_000);
}
