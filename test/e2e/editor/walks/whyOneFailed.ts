import { randomUUID } from 'node:crypto';

import { waitFor } from '../../../../tools/lib/wait';
import { chain, dispatchNode, webhook, workflowOf } from '../../../../tools/n8n/sketch';
import { answer } from '../../../support/receiver';
import type { World } from '../world';
import { Hand } from './hand';

/** A delivery of a published workflow failed: why, without leaving the editor. */
export function whyOneFailed(world: World): void {
	it.each([
		[404, 'No such customer', 'Check the path of the Destination URL'],
		[500, 'Out of disk', 'Use Retry On Fail'],
	])(
		'why a delivery failed with %i is found with 2 interactions, and its code and ID with 3',
		async (status, ...says) => {
			const { editor, client, receiver } = world;
			receiver.script('/orders', answer(status, { error: says[0] }));
			const path = randomUUID();
			const { id } = await client.workflows.create(
				workflowOf(
					`Orders ${status}`,
					[webhook(path), dispatchNode('Webhook Dispatch', { parameters: { url: receiver.url('/orders') } })],
					chain('Webhook', 'Webhook Dispatch'),
				),
			);
			await client.workflows.activate(id);
			const { origin: n8n } = new URL(editor.page.url());
			await waitFor(async () => (await fetch(`${n8n}/webhook/${path}`, { method: 'POST' })).ok, {
				what: 'the webhook to be registered',
			});
			await waitFor(async () => (await client.executions.list({ workflowId: id })).some(({ stoppedAt }) => stoppedAt), {
				what: 'the execution to end',
			});

			// As in the morning: an editor that has shown another workflow's execution would show that one once more.
			await editor.page.goto('about:blank');
			await editor.open(id);
			const hand = new Hand(editor, `Why a delivery failed with ${status}`);
			// The newest execution is shown at once.
			await hand.once('click Executions', async () => await editor.openExecutions());
			await hand.once('double-click the red node', async () => await editor.openNode('Webhook Dispatch'));
			const { message, description } = await editor.shownError();
			for (const part of [`responded with ${status}`, ...says]) expect(`${message}\n${description}`).toContain(part);
			await hand.click('From Webhook Dispatch', editor.output.getByText('From Webhook Dispatch'));
			const details = editor.output.getByText('"deliveryId"').first();
			await details.waitFor();
			await editor.dismissNews();
			await editor.shoot(`walk-why-${status}`);
			const { all } = hand.count();
			const shown = (await details.innerText()).replace(/\s+/g, ' ');
			for (const part of ['"code": "STATUS"', `"statusCode": ${status}`, '"deliveryId": "', '"attempts": 1'])
				expect(shown).toContain(part);
			expect(all).toBeLessThanOrEqual(3);
		},
	);
}
