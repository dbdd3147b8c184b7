import type { CaughtRequest } from '../../../../demo/servers/catcher-page';
import type { World } from '../world';
import { Hand, openFresh } from './hand';
import type { Demonstration } from './demonstration';

/** README's "A first delivery", as it is written there, to the demonstration's request catcher. */
export function firstDelivery(world: World, demonstration: Demonstration): void {
	it('a first delivery takes 6 interactions, and far less than a minute', async () => {
		const { editor } = world;
		const { url, requestsUrl } = demonstration.servers.requestCatcher;
		await fetch(requestsUrl, { method: 'DELETE' });
		await openFresh(editor);
		const hand = new Hand(editor, 'A first delivery');
		await hand.addNode(editor.at('canvas-plus-button').first(), 'Webhook Dispatch', 'Dispatch a webhook');
		await hand.inTheNode(async () => {
			await hand.type('url', url);
			await hand.once('click Execute step', async () => await editor.executeStep());
		});
		const { all, inNode, seconds } = hand.count();
		// In whichever view was looked at last.
		await editor.output.getByText('delivered').first().waitFor();
		const { requests } = (await (await fetch(requestsUrl)).json()) as { requests: CaughtRequest[] };
		expect(requests).toHaveLength(1);
		expect(all).toBeLessThanOrEqual(6);
		expect(inNode).toBeLessThanOrEqual(2);
		expect(seconds).toBeLessThan(60);
	});
}
