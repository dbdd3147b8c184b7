import { waitFor } from '../../../tools/lib/wait';
import { answer, bodyKey, busy, Receiver } from '../../support/receiver';
import { baseNode, chain, dispatchNode, itemsNode, start, workflowOf } from '../../../tools/n8n/sketch';
import { dispatching } from './workflows';
import type { World } from './world';

const items = [1, 2, 3].map((order) => ({ order, customer: `customer ${order}` }));

/** How a failure shows, what the error output carries, and what a retry sends. */
export function failedDeliveries(world: World): void {
	let orders: Receiver;
	beforeAll(async () => {
		orders = await Receiver.start({ keyOf: bodyKey('order') });
	});
	beforeEach(() => orders.clear());
	afterAll(async () => {
		await orders?.close();
	});

	it('shows on the canvas and in the error panel; its retry from the executions list sends what is missing', async () => {
		const { editor, client } = world;
		orders.script('2', busy(503));
		const { id } = await client.workflows.create(
			dispatching('A failed delivery', items, { parameters: { url: orders.url('/orders') } }),
		);
		await editor.open(id);
		await editor.executeWorkflow();
		await editor
			.node('Webhook Dispatch')
			.locator('[data-test-id="node-issues"], [data-test-id="canvas-node-status-mark-error"]')
			.first()
			.waitFor();
		await editor.shoot('failed-1-canvas');
		expect(orders.requests.map(({ key }) => key).sort()).toEqual(['1', '2', '3']);

		await editor.openNode('Webhook Dispatch');
		const { message, description } = await editor.shownError();
		await editor.dismissNews();
		await editor.shoot('failed-2-error-panel');
		expect(message).toContain('Webhook Dispatch Failed');
		for (const part of [
			'responded with 503 Service Unavailable',
			'1 of 3 deliveries failed',
			'The 2 delivered are not sent again',
			'Retry On Fail',
		]) {
			expect(description).toContain(part);
		}
		expect(description).not.toMatch(/undefined|\[object|</);
		await editor.closeNode();

		await editor.openExecutions();
		await editor.shoot('failed-3-executions');
		await editor.retry();
		await waitFor(() => orders.requests.length === 4, { what: 'the delivery that was missing' });
		const [newest] = await waitFor(
			async () => {
				const all = await client.executions.list({ workflowId: id });
				return all.length === 2 && all.every(({ stoppedAt }) => stoppedAt) && all;
			},
			{ what: 'the retry to end' },
		);
		expect(newest).toMatchObject({ status: 'success' });
		await editor.page
			.getByText(/^Retry of execution/)
			.first()
			.waitFor();
		await editor.shoot('failed-4-retried');
		expect(orders.requests.map(({ key }) => key).at(-1)).toBe('2');
		expect(orders.repeated()).toBe(0);
		const delivered = client.executions.itemsOf(
			await client.executions.get(newest?.id ?? ''),
			'Webhook Dispatch',
			0,
			0,
		);
		expect(delivered.map(({ json }) => (json.delivery as { attempts: number }).attempts)).toEqual([1, 2, 1]);
	});

	it('carries the item through the error output', async () => {
		const { editor, client } = world;
		orders.script('2', answer(422, { error: 'No such customer' }));
		const dispatch = { parameters: { url: orders.url('/orders') }, onError: 'continueErrorOutput' };
		const workflow = workflowOf(
			'The error output',
			[
				start,
				itemsNode(items),
				dispatchNode('Webhook Dispatch', dispatch),
				baseNode('Delivered', 'noOp', {}, { position: [700, -100] }),
				baseNode('To Be Looked At', 'noOp', {}, { position: [700, 100] }),
			],
			[...chain('Start', 'Items', 'Webhook Dispatch', 'Delivered'), ['Webhook Dispatch', 'To Be Looked At', 1]],
		);
		const { id } = await client.workflows.create(workflow);
		await editor.open(id);
		await editor.executeWorkflow();
		await editor.node('To Be Looked At').locator('[data-test-id="canvas-node-status-success"]').first().waitFor();
		await editor.dismissNews();
		await editor.shoot('error-output-1-canvas');

		await editor.openNode('To Be Looked At');
		await editor.viewOutput('json');
		await editor.shoot('error-output-2-item');
		const shown = (await editor.output.innerText()).replace(/\s+/g, ' ');
		for (const part of ['"order": 2', '"customer": "customer 2"', 'Webhook Dispatch Failed', '422', 'No such customer'])
			expect(shown).toContain(part);
		expect(shown).not.toContain('customer 1');
		await editor.closeNode();

		await editor.openNode('Webhook Dispatch');
		await editor.shoot('error-output-3-node');
	});

	it('that may succeed on retry hints at Retry On Fail', async () => {
		const { editor, client } = world;
		orders.script('2', busy(503));
		const { id } = await client.workflows.create(
			dispatching('The hint', items, {
				parameters: { url: orders.url('/orders') },
				onError: 'continueRegularOutput',
			}),
		);
		await editor.open(id);
		await editor.executeWorkflow();
		await editor.node('Webhook Dispatch').locator('[data-test-id^="canvas-node-status"]').first().waitFor();
		await editor.openNode('Webhook Dispatch');
		await editor.output.getByText('1 delivery may succeed on retry').waitFor();
		await editor.dismissNews();
		await editor.shoot('hint');
		expect(await editor.output.getByText('1 delivery may succeed on retry').innerText()).not.toMatch(/[<>]/);
	});
}
