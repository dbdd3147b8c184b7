/** A workflow that delivers three orders, and a shop that takes two of them: for the screenshots of what did not arrive. */
import { baseNode, chain, dispatchNode, start, workflowOf, type Connection } from '../tools/n8n/sketch';
import type { Workflow } from '../tools/n8n/rest/workflows';
import { listen, readBody, sendJson } from './servers/http';

/** Starts the shop on loopback; order 2 gets a 503. */
export async function startShop(): Promise<{ url: string; stop(): Promise<void> }> {
	const server = await listen(async (request, response) => {
		const body = (await readBody(request)).toString() || '{}';
		const isBusy = (JSON.parse(body) as { order?: number }).order === 2;
		sendJson(response, isBusy ? 503 : 201, isBusy ? { error: 'Closed for stock-taking' } : { accepted: true });
	});
	return { url: `${server.url}/orders`, stop: server.stop };
}

/**
 * @param url of the shop
 * @param options `errorOutput`: whether what fails goes to a separate output
 */
export function ordersWorkflow(name: string, url: string, { errorOutput = false } = {}): Workflow {
	const orders = ['Ada', 'Grace', 'Alan'].map((customer, index) => ({ json: { order: index + 1, customer } }));
	const onError = errorOutput ? { onError: 'continueErrorOutput' } : {};
	const ends = errorOutput ? ['Delivered', 'To Be Looked At'] : ['Delivered'];
	return workflowOf(
		name,
		[
			start,
			baseNode(
				'Orders',
				'code',
				{ jsCode: `return ${JSON.stringify(orders)};` },
				{ typeVersion: 2, position: [224, 0] },
			),
			dispatchNode('Webhook Dispatch', { parameters: { url }, position: [448, 0], ...onError }),
			...ends.map((end, index) => baseNode(end, 'noOp', {}, { position: [704, errorOutput ? index * 192 - 96 : 0] })),
		],
		[
			...chain('Start', 'Orders', 'Webhook Dispatch'),
			...ends.map((end, output): Connection => ['Webhook Dispatch', end, output]),
		],
	);
}
