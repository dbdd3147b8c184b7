import type { INodeParameters, INodeType } from 'n8n-workflow';
import { runWorkflow, type NodeSettings } from '../support/engine';
import { webhookDispatch } from '../support/engine/packageTypes';
import { answer, receiversForTest, type Receiver } from '../support/receiver';

/** The node without what older versions of n8n do not give it (2.0: all of these). `npm run test:versions` has the real ones. */

const newReceiver = receiversForTest();
let receiver: Receiver;
beforeEach(async () => (receiver = await newReceiver()));

const MISSING = ['isToolExecution', 'addExecutionHints', 'getExecutionCancelSignal'];

async function olderNode(): Promise<INodeType> {
	const node = await webhookDispatch();
	const older: INodeType['execute'] = async function () {
		const { getSecureEgressFilter: _newer, ...helpers } = this.helpers;
		const context = Object.create(this, {
			helpers: { value: helpers },
			...Object.fromEntries(MISSING.map((name) => [name, { value: undefined }])),
		}) as typeof this;
		return (await node.execute?.call(context)) ?? [];
	};
	return Object.assign(Object.create(node) as INodeType, { execute: older });
}

const items = [{ n: 0 }, { n: 1 }, { n: 2 }];
const run = async (settings: NodeSettings = {}, parameters: INodeParameters = {}) =>
	await runWorkflow({
		items,
		nodeType: await olderNode(),
		node: { ...settings, parameters: { url: `=${receiver.origin}/{{ $json.n }}`, ...parameters } },
	});

it('delivers, and retries what is missing', async () => {
	receiver.script('/1', answer(503));
	const result = await run({ retryOnFail: true });
	expect(result.status).toBe('success');
	expect(result.output()).toHaveLength(3);
	expect(items.map(({ n }) => receiver.of(`/${n}`).length)).toEqual([1, 2, 1]);
});

it('does not send again when a response has an error of null, which n8n 2.0 takes for a failed try', async () => {
	receiver.choose(() => answer(200, { error: null, done: true }));
	const result = await run({ retryOnFail: true }, { options: { output: 'response' } });
	expect(result.output().map(({ json }) => json)).toEqual(Array(3).fill({ error: null, done: true }));
	expect(items.map(({ n }) => receiver.of(`/${n}`).length)).toEqual([1, 1, 1]);
});

it('takes failed items to the error output with all their data', async () => {
	receiver.choose((key) => (key === '/1' ? answer(400) : undefined));
	const result = await run({ onError: 'continueErrorOutput' });
	expect(result.output()).toHaveLength(2);
	expect(result.errorOutput.map(({ json }) => json)).toEqual([
		expect.objectContaining({
			n: 1,
			error: 'Webhook Dispatch Failed',
			details: expect.objectContaining({ delivery: expect.anything() as unknown }) as unknown,
		}),
	]);
});

describe('asked for protection that this n8n has not for nodes', () => {
	const names = ['N8N_SSRF_PROTECTION_ENABLED', 'N8N_SSRF_PROTECTION_ENABLED_FILE'] as const;
	const before = names.map((name) => [name, process.env[name]] as const);
	afterEach(() => {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	});

	it.each<[(typeof names)[number], string]>([
		['N8N_SSRF_PROTECTION_ENABLED', 'true'],
		['N8N_SSRF_PROTECTION_ENABLED', '1'],
		['N8N_SSRF_PROTECTION_ENABLED_FILE', '/run/secrets/protect'],
	])('by %s=%s: sends nothing and says why', async (name, value) => {
		process.env[name] = value;
		const result = await run({ onError: 'continueErrorOutput' });
		expect(receiver.requests).toEqual([]);
		expect(result.errorOutput).toHaveLength(3);
		const [failed] = result.errorOutput;
		expect(failed?.json.message).toContain('SSRF protection is on, which n8n can apply to this node from 2.30 on');
		expect(failed?.json.details).toMatchObject({ delivery: { code: 'BLOCKED', retryable: false } });
	});

	it.each(['false', '', '0'])('not by N8N_SSRF_PROTECTION_ENABLED=%j', async (value) => {
		process.env.N8N_SSRF_PROTECTION_ENABLED = value;
		expect((await run()).output()).toHaveLength(3);
	});
});
