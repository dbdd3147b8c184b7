'use strict';
/** A workflow that delivers three orders, and a shop that takes two of them: for the screenshots of what did not arrive. */
const http = require('node:http');

/** @returns {Promise<{ url: string, stop(): Promise<void> }>} on loopback; order 2 is answered 503 */
async function startShop() {
	const server = http.createServer(async (request, response) => {
		const parts = [];
		for await (const part of request) parts.push(part);
		const isBusy = JSON.parse(Buffer.concat(parts).toString() || '{}').order === 2;
		response.writeHead(isBusy ? 503 : 201, { 'content-type': 'application/json' });
		response.end(JSON.stringify(isBusy ? { error: 'Closed for stock-taking' } : { accepted: true }));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const stop = async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	};
	return { url: `http://127.0.0.1:${server.address().port}/orders`, stop };
}

const node = (name, type, typeVersion, position, parameters = {}, more = {}) => ({
	id: name,
	name,
	type,
	typeVersion,
	position,
	parameters,
	...more,
});
const to = (...outputs) => ({ main: outputs.map((name) => [{ node: name, type: 'main', index: 0 }]) });

/**
 * @param {string} name  @param {string} url of the shop
 * @param {{ errorOutput?: boolean }} [options] whether what fails goes to an output of its own
 * @returns {object} the workflow, for `client.workflows.create`
 */
function ordersWorkflow(name, url, { errorOutput = false } = {}) {
	const orders = [1, 2, 3].map((order) => ({ json: { order, customer: ['Ada', 'Grace', 'Alan'][order - 1] } }));
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

module.exports = { ordersWorkflow, startShop };
