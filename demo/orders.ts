/** A workflow that delivers three orders, and a shop that takes two of them: for the screenshots of what did not arrive. */
import type { Workflow, WorkflowNode } from '../tools/n8n/rest/workflows';
import { listen, readBody, sendJson } from './servers/http';

/** Starts the shop on loopback; order 2 is answered 503. */
export async function startShop(): Promise<{ url: string; stop(): Promise<void> }> {
	const server = await listen(async (request, response) => {
		const body = (await readBody(request)).toString() || '{}';
		const isBusy = (JSON.parse(body) as { order?: number }).order === 2;
		sendJson(response, isBusy ? 503 : 201, isBusy ? { error: 'Closed for stock-taking' } : { accepted: true });
	});
	return { url: `${server.url}/orders`, stop: server.stop };
}

const node = (
	name: string,
	type: string,
	typeVersion: number,
	position: [number, number],
	parameters: WorkflowNode['parameters'] = {},
	more: object = {},
): WorkflowNode => ({
	id: name,
	name,
	type,
	typeVersion,
	position,
	parameters,
	...more,
});
const to = (...outputs: string[]): Workflow['connections'][string] => ({
	main: outputs.map((name) => [{ node: name, type: 'main', index: 0 }]),
});

/**
 * @param url of the shop
 * @param options `errorOutput`: whether what fails goes to an output of its own
 */
export function ordersWorkflow(name: string, url: string, { errorOutput = false } = {}): Workflow {
	const orders = ['Ada', 'Grace', 'Alan'].map((customer, index) => ({ json: { order: index + 1, customer } }));
	const onError = errorOutput ? { onError: 'continueErrorOutput' } : {};
	const ends = errorOutput ? ['Delivered', 'To Be Looked At'] : ['Delivered'];
	return {
		name,
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', 1, [0, 0]),
			node('Orders', 'n8n-nodes-base.code', 2, [224, 0], { jsCode: `return ${JSON.stringify(orders)};` }),
			node('Webhook Dispatch', 'n8n-nodes-webhook-dispatch.webhookDispatch', 1, [448, 0], { url }, onError),
			...ends.map((end, index) => node(end, 'n8n-nodes-base.noOp', 1, [704, errorOutput ? index * 192 - 96 : 0])),
		],
		connections: { Start: to('Orders'), Orders: to('Webhook Dispatch'), 'Webhook Dispatch': to(...ends) },
	};
}
