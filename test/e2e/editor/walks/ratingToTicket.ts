import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DeskState } from '../../../../demo/servers/ticket-desk';
import { waitFor } from '../../../../tools/lib/wait';
import type { World } from '../world';
import type { Demonstration } from './demonstration';
import { Hand, openFresh } from './hand';

const RATING = {
	event: 'Rating Submitted',
	event_properties: { 'User Rating': 2, Comment: 'Too "slow"\nand more', 'Campaign Id': 1700000000 },
	profile: { identity: 'ada-1', name: 'Ada Lovelace', email: 'ada@example.com' },
};

/** The body of the recipe "Rating to ticket", as it is copied from there. */
function recipe(): string {
	const page = readFileSync(join(__dirname, '../../../../docs/recipes.md'), 'utf8');
	const [, body] = /^## Rating to ticket$[^]*?^```\n(\{\{ JSON\.stringify[^]*?)\n```$/m.exec(page) ?? [];
	if (body === undefined) throw new Error('docs/recipes.md has no body for a ticket');
	return body;
}

/** The recipe "Rating to ticket", from an empty canvas to a ticket at the demonstration's desk. */
export function ratingToTicket(world: World, demonstration: Demonstration): void {
	it('rating to ticket takes 27 interactions, 9 of them in the node', async () => {
		const { editor, client } = world;
		const { page } = editor;
		const path = `rating-${randomUUID()}`;
		const { ticketDesk } = demonstration.servers;
		await openFresh(editor);
		const hand = new Hand(editor, 'Rating to ticket');

		await hand.addNode(editor.at('canvas-plus-button').first(), 'Webhook');
		await hand.choose('httpMethod', 'POST');
		await hand.type('path', path);
		await hand.click('Listen for test event', page.getByText('Listen for test event').first());
		await page.getByText('Stop Listening').first().waitFor();
		// The app sends a rating.
		const app = async () =>
			await fetch(`${new URL(page.url()).origin}/webhook-test/${path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(RATING),
			});
		await waitFor(async () => (await app()).ok, { what: 'n8n to listen' });
		await editor.output.getByText('1 item').first().waitFor();
		await hand.once('close', async () => await editor.closeNode());

		await hand.addNode(editor.plusOf('Webhook'), 'If');
		await hand.drag(
			'User Rating',
			editor.at('ndv-input-panel').getByText('User Rati').first(),
			editor.at('filter-condition-left'),
		);
		await hand.once('choose is less than or equal to', async () => {
			await editor.at('filter-operator-select').click();
			await page.getByText('Number', { exact: true }).last().hover();
			await page.getByText('is less than or equal to', { exact: true }).last().click();
		});
		// n8n hands on what is typed there a moment later.
		const saved = page.waitForRequest((request) => request.postData()?.includes('"rightValue":3') === true);
		await hand.once('type 3', async () => {
			const value = editor.at('filter-condition-right').locator('input');
			await value.fill('3');
			await value.blur();
		});
		await saved;
		await hand.once('close', async () => await editor.closeNode());

		await hand.addNode(editor.plusOf('If'), 'Webhook Dispatch', 'Dispatch a webhook');
		await hand.inTheNode(async () => {
			await hand.type('url', ticketDesk.ticketsUrl);
			// The credential of the demonstration is chosen with it: n8n takes the newest of its type.
			await hand.choose('authentication', 'OAuth 2.0');
			await hand.choose('body', 'Custom JSON');
			await hand.type('jsonBody', recipe());
			await hand.once('choose Add option: Idempotency Header', async () => {
				await editor.addOption('Idempotency Header');
			});
			await editor.shoot('walk-rating-1-parameters');
			await hand.click('Settings', editor.at('ndv').getByText('Settings', { exact: true }).first());
			await hand.once('click Retry On Fail', async () => await editor.toggle('retryOnFail', page));
			await hand.choose('onError', 'Continue (using error output)', page);
			await hand.click('Execute step', editor.at('node-execute-button').first());
		});
		await editor.output.getByText('delivered').first().waitFor();
		await editor.shoot('walk-rating-2-ticket');
		const { all, inNode } = hand.count();

		const { tickets } = (await (await fetch(ticketDesk.controlUrl)).json()) as DeskState;
		expect(tickets.at(-1)).toMatchObject({
			subject: 'Rating submitted: 2',
			description: RATING.event_properties.Comment,
		});
		const id = /workflow\/([^/?]+)/.exec(page.url())?.[1] ?? '';
		const node = (await client.workflows.get(id)).nodes.find(({ name }) => name === 'Dispatch a webhook');
		expect(node).toMatchObject({
			parameters: { options: { idempotencyHeader: 'Idempotency-Key' } },
			retryOnFail: true,
			onError: 'continueErrorOutput',
		});
		expect(all).toBeLessThanOrEqual(27);
		expect(inNode).toBeLessThanOrEqual(9);
	});
}
