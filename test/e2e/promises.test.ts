import type { JsonObject } from '../../tools/n8n/rest/json';
import { using } from '../../tools/n8n/sketch';
import { account, dispatchTo, itemsOf, kept, keysOf, SHORT_TIMEOUT } from '../support/faults/scenario';
import { DispatchWorkflow, type DispatchSetup } from '../support/n8n/dispatch';
import { Instance, startForTests } from '../support/n8n/instance';
import { answer, cutInHeaders, hang, Receiver, truncated } from '../support/receiver';

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

	it('over the item is each item’s own', async () => {
		const workflow = await create({ node: node(), credentials: await credentialOf('={{ $json.note }}') });
		const run = await workflow.run(itemsOf(20));
		expect(run.reached('Delivered')).toHaveLength(20);
		for (const { key, headers } of receiver.requests) {
			const own = `Basic ${Buffer.from(`u:item ${key.slice(1)}`).toString('base64')}`;
			expect([key, headers.authorization]).toEqual([key, own]);
		}
	});

	it('of which one has no value for an item is that item’s fault alone', async () => {
		const credentials = await credentialOf('={{ $json.item === 1 ? $json.missing.field : $json.note }}');
		const workflow = await create({ node: node(), credentials });
		const run = await workflow.run(itemsOf(4));
		expect(receiver.requests.map(({ key }) => key).sort()).toEqual(['/0', '/2', '/3']);
		expect(run.reached('Failed').map(({ json }) => [json.item, detailsOf(json).delivery.code])).toEqual([
			[1, 'INVALID_REQUEST'],
		]);
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

describe('a destination that never responds', () => {
	it('holds up no other, and gets no more than a few requests', async () => {
		const dead = await Receiver.start({ otherwise: hang() });
		try {
			const isDead = '$json.item % 10 !== 0';
			const parameters = {
				url: `={{ ${isDead} ? '${dead.origin}' : '${receiver.origin}' }}/{{ $json.item }}`,
				options: { timeout: SHORT_TIMEOUT },
			};
			const node = dispatchTo(receiver.origin, { onError: 'continueErrorOutput', retryOnFail: false, parameters });
			const run = await (await create({ node })).run(itemsOf(300));
			expect(run.reached('Delivered').map(({ json }) => json)).toHaveLength(30);
			expect(receiver.acknowledged().size).toBe(30);
			expect(dead.requests.length).toBeLessThanOrEqual(10);
			const codes = run.reached('Failed').map(({ json }) => detailsOf(json).delivery.code);
			expect(codes).toHaveLength(270);
			expect(codes.filter((code) => code === 'UNAVAILABLE')).toHaveLength(270 - dead.requests.length);
			expect(codes.filter((code) => code === 'TIMEOUT')).toHaveLength(dead.requests.length);
		} finally {
			await dead.close();
		}
	});
});

it('n8n responds to others while the node evaluates an expression for each of many items', async () => {
	const parameters = { body: 'json', jsonBody: '={{ JSON.stringify($json) }}' };
	const workflow = await create({ node: dispatchTo(receiver.origin, { parameters }) });
	const id = await workflow.start(itemsOf(4000));
	let isRunning = true;
	const ended = workflow.ended(id).finally(() => (isRunning = false));
	let answers = 0;
	while (isRunning && receiver.requests.length === 0) {
		await fetch(`${instance.n8n.url}/healthz`).then((response) => response.text());
		answers += 1;
	}
	expect((await ended).status).toBe('success');
	// Held all the time, it would respond to the first question with or after the first request.
	expect(answers).toBeGreaterThan(20);
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
