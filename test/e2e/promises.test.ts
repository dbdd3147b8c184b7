import type { JsonObject } from '../../tools/n8n/rest/json';
import { using } from '../../tools/n8n/sketch';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { DispatchWorkflow, type DispatchSetup } from '../support/n8n/dispatch';
import { Instance, startForTests } from '../support/n8n/instance';
import { answer, cutInHeaders, truncated, type Receiver } from '../support/receiver';

/** What a review broke, in a real n8n under SSRF protection that lets the loopback address through. */

const instance = new Instance({ N8N_SSRF_PROTECTION_ENABLED: 'true', N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.1/32' });
let receiver: Receiver;

startForTests(instance, (started) => (receiver = started));
beforeEach(() => receiver.clear());

jest.setTimeout(120_000);

const create = async (setup: DispatchSetup) => await DispatchWorkflow.create(instance, setup);
/** The URL of all items but one. */
const otherwise = (item: number, url: string) =>
	`={{ $json.item === ${item} ? '${url}' : '${receiver.origin}/' + $json.item }}`;
const detailsOf = (json: JsonObject) => json.details as { delivery: JsonObject; description: string };

it.each([4, 500])(
	'one host name that does not resolve among %i items is that item’s DNS fault, and no other’s',
	async (count) => {
		const parameters = { url: otherwise(2, 'http://no-such-host.invalid/x') };
		const node = dispatchTo(receiver.origin, { onError: 'continueErrorOutput', maxTries: 3, parameters });
		const workflow = await create({ node });
		const run = await workflow.run(itemsOf(count));
		expect(run.status).toBe('success');
		const failed = run
			.reached('Failed')
			.map(({ json }) => [json.item, detailsOf(json).delivery.code, detailsOf(json).delivery.retryable]);
		expect(failed).toEqual([[2, 'DNS', true]]);
		expect(run.reached('Delivered')).toHaveLength(count - 1);
		expect([receiver.acknowledged().size, receiver.repeated()]).toEqual([count - 1, 0]);
	},
);

it('with Stop Workflow its retry sends nothing again that was acknowledged', async () => {
	const parameters = { url: otherwise(2, 'http://no-such-host.invalid/x') };
	const workflow = await create({ node: dispatchTo(receiver.origin, { parameters }) });
	const run = await workflow.run(itemsOf(4));
	expect(run.status).toBe('error');
	expect(run.execution.data.resultData.error?.description).toContain('no-such-host.invalid');
	expect((await run.retry()).status).toBe('error');
	expect([receiver.acknowledged().size, receiver.repeated(), receiver.requests.length]).toEqual([3, 0, 3]);
});

it('an address that the protection forbids is BLOCKED, the others are delivered', async () => {
	const parameters = { url: otherwise(1, 'http://127.0.0.2:9/') };
	const workflow = await create({ node: dispatchTo(receiver.origin, { onError: 'continueErrorOutput', parameters }) });
	const run = await workflow.run(itemsOf(3));
	expect(run.reached('Failed').map(({ json }) => [json.item, detailsOf(json).delivery.code])).toEqual([[1, 'BLOCKED']]);
	expect(receiver.acknowledged().size).toBe(2);
});

it('a 2xx status line delivers, whatever becomes of the response', async () => {
	receiver.choose((key) => ({ '/0': truncated(), '/1': cutInHeaders() })[key]);
	const workflow = await create({ node: dispatchTo(receiver.origin, { maxTries: 3 }) });
	const run = await workflow.run(itemsOf(3));
	expect(account(run, [receiver], keysOf(3))).toMatchObject({ ...kept, delivered: 3, requests: 3 });
	expect(
		run
			.reached('Delivered')
			.map(({ json }) => ((json.delivery as JsonObject).responseFault as JsonObject | undefined)?.code),
	).toEqual(['CONNECTION', 'CONNECTION', undefined]);
});

describe('a credential whose fields are expressions', () => {
	const credentialOf = async (password: string) =>
		using(
			await instance.client.credentials.create({
				name: `Basic ${password}`,
				type: 'webhookDispatchBasicApi',
				data: { user: 'u', password },
			}),
		);
	const node = () =>
		dispatchTo(receiver.origin, { onError: 'continueErrorOutput', parameters: { authentication: 'basic' } });

	it('over the item is refused with several items, and nothing is sent', async () => {
		const workflow = await create({ node: node(), credentials: await credentialOf('={{ $json.note }}') });
		const run = await workflow.run(itemsOf(3));
		expect(run.reached('Failed').map(({ json }) => json.message)).toEqual(
			[0, 1, 2].map((item) => `The credential has an expression that reads the item [item ${item}]`),
		);
		expect(receiver.requests).toHaveLength(0);
	});

	it('over the item is that item’s when it is the only one', async () => {
		const workflow = await create({ node: node(), credentials: await credentialOf('={{ $json.note }}') });
		expect((await workflow.run(itemsOf(1))).reached('Delivered')).toHaveLength(1);
		expect(receiver.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:item 0').toString('base64')}`);
	});

	it('that are the same for all items are used', async () => {
		const workflow = await create({ node: node(), credentials: await credentialOf('={{ "pass" + "word" }}') });
		expect((await workflow.run(itemsOf(3))).reached('Delivered')).toHaveLength(3);
		expect(new Set(receiver.requests.map(({ headers }) => headers.authorization))).toEqual(
			new Set([`Basic ${Buffer.from('u:password').toString('base64')}`]),
		);
	});
});

it('Authentication by an expression stops the run, and nothing is sent', async () => {
	const parameters = { authentication: '={{ $json.item === 0 ? "none" : "basic" }}' };
	const workflow = await create({ node: dispatchTo(receiver.origin, { parameters }) });
	const run = await workflow.run(itemsOf(3));
	expect([run.status, run.execution.data.resultData.error?.message]).toEqual([
		'error',
		'Authentication is set by an expression',
	]);
	expect(receiver.requests).toHaveLength(0);
});

it('a final failure as the first item costs no further run of the node', async () => {
	receiver.choose((key) => (key === '/0' ? answer(404) : undefined));
	const workflow = await create({
		node: dispatchTo(receiver.origin, { onError: 'continueRegularOutput', maxTries: 5, waitBetweenTries: 5000 }),
	});
	const run = await workflow.run(itemsOf(2));
	const [task] = run.tasks();
	expect(run.reached('Delivered').map(({ json }) => json.error)).toEqual(['Webhook Dispatch Failed', undefined]);
	// Each further run would come after 5 s.
	expect(task?.executionTime).toBeLessThan(5000);
});
