import { waitFor } from '../../../tools/lib/wait';
import type { JsonObject } from '../../../tools/n8n/rest/json';
import { baseNode, chain, dispatchNode, start, workflowOf } from '../../../tools/n8n/sketch';
import type { World } from './world';

/** What a new user does first: find the node, fill it in, run it, see what came of it. */
export function fromAnEmptyCanvas(world: World): void {
	it('finds the node in the nodes panel, fills in its fields, executes the step and sees the receipt', async () => {
		const { editor, receiver } = world;
		await editor.openNew();
		await editor.at('canvas-plus-button').first().click();
		await editor.at('node-creator-search-bar').fill('Webhook Dispatch');
		await editor.shoot('01-nodes-panel');
		await editor.pick('Webhook Dispatch');
		// What most people need comes first.
		await expect(
			editor
				.at('node-creator-item-name')
				.filter({ hasText: /^(Dispatch|Send|Get|Generate) / })
				.allInnerTexts(),
		).resolves.toEqual([
			'Dispatch a webhook',
			'Send a test webhook',
			'Get an access token',
			'Generate a client assertion',
			'Generate a key pair',
			'Get the public key',
		]);
		await editor.shoot('02-actions');
		await editor.at('node-creator-item-name').filter({ hasText: 'Dispatch a webhook' }).click();

		// In the order a person thinks: what, where, with which authentication, which body, then options.
		// Those of an empty pair stand within the field that they belong to.
		const item = '[data-test-id="parameter-item"]';
		const fields = editor.at('node-parameters').locator(`${item}:not([data-test-id^="fixed-collection-"] ${item})`);
		await waitFor(async () => (await fields.count()) > 8, { what: 'the fields' });
		// The node's settings follow, on their own tab.
		expect((await fields.allInnerTexts()).map((text) => text.split('\n')[0]).slice(0, 11)).toEqual([
			'Resource',
			'Operation',
			'Method',
			'Destination URL',
			'Signing',
			'Authentication',
			'',
			'Body',
			'Query Parameters',
			'Headers',
			'Options',
		]);
		await editor.shoot('03-new-node');

		await editor.choose('method', 'PUT');
		await editor.fill('url', receiver.url('/orders/7?a=1'));
		await editor.addPair('queryParameters', 'season', 'spring & summer');
		await editor.addPair('headerParameters', 'X-Campaign', '1700000000');
		await editor.choose('body', 'Key-Value Pairs');
		await editor.addPair('bodyParameters', 'greeting', 'hellö "you"');
		await editor.addOption('Idempotency Header');
		await editor.fill('idempotencyHeader', 'Idempotency-Key');
		await editor.shoot('04-filled-in');
		await editor.executeStep();
		await editor.viewOutput('json');
		await editor.shoot('05-output');

		expect(receiver.requests).toHaveLength(1);
		const [request] = receiver.requests;
		expect(request).toMatchObject({
			method: 'PUT',
			url: '/orders/7?a=1&season=spring%20%26%20summer',
			headers: { 'x-campaign': '1700000000' },
		});
		expect(JSON.parse(request?.body.toString() ?? '')).toEqual({ greeting: 'hellö "you"' });
		const shown = (await editor.output.innerText()).replace(/\s/g, '');
		expect(shown).toContain('"status":"delivered"');
		expect(shown).toContain(`"id":"${String(request?.headers['idempotency-key'])}"`);

		await editor.closeNode();
		await editor.dismissNews();
		await editor.shoot('06-canvas-after');
		await expect(editor.node('Dispatch a webhook').innerText()).resolves.toContain('PUT');
	});

	it('offers its output to the next node before it has run', async () => {
		const { editor, client, receiver } = world;
		const nodes = [
			start,
			dispatchNode('Webhook Dispatch', {
				parameters: { resource: 'webhook', operation: 'dispatch', url: receiver.url('/') },
			}),
			baseNode('Next', 'set', {}, { typeVersion: 3.4 }),
		];
		const { id } = await client.workflows.create(
			workflowOf('Preview', nodes, chain('Start', 'Webhook Dispatch', 'Next')),
		);
		await editor.open(id);
		await editor.openNode('Next');
		const input = editor.at('ndv-input-panel');
		await input.getByText('statusCode').first().waitFor();
		await editor.shoot('preview-of-the-output');
		expect(receiver.requests).toEqual([]);
	});

	it('shows fields when they matter', async () => {
		const { editor, client } = world;
		const { id } = await client.workflows.create(workflowOf('Fields', [dispatchNode('Webhook Dispatch')], []));
		await editor.open(id);
		await editor.openNode('Webhook Dispatch');
		const has = async (name: string) => await editor.field(name).isVisible();

		await editor.choose('body', 'Profiles');
		expect([await has('recipients'), await has('targetId'), await has('jsonBody')]).toEqual([true, true, false]);
		await editor.shoot('07-profiles');
		await editor.choose('body', 'Custom JSON');
		expect([await has('recipients'), await has('jsonBody')]).toEqual([false, true]);
		await editor.shoot('08-custom-json');
		await editor.choose('method', 'GET');
		expect([await has('body'), await has('jsonBody')]).toEqual([false, false]);

		await editor.choose('authentication', 'OAuth 2.0');
		expect(await has('grantType')).toBe(true);
		await editor.choose('signing', 'Standard Webhooks');
		await expect(
			editor
				.at('node-credentials-config-container')
				.or(editor.page.getByText(/^Credential for /))
				.allInnerTexts(),
		).resolves.toEqual([
			'Credential for Webhook Dispatch Client Credentials OAuth2 API',
			'Credential for Webhook Dispatch Signing API',
		]);
		await editor.shoot('09-authentication');

		await editor.choose('operation', 'Send Test');
		expect([await has('url'), await has('authentication'), await has('body')]).toEqual([true, true, false]);
		await editor.shoot('10-send-test');
		for (const [resource, shot] of [
			['Access Token', '11-access-token'],
			['Client Assertion', '12-client-assertion'],
			['Key', '13-key'],
		] as const) {
			await editor.choose('resource', resource);
			expect(await has('url')).toBe(false);
			await editor.shoot(shot);
		}
		const { nodes } = await savedAs(world, id, (parameters) => parameters.resource === 'key');
		expect(nodes[0]?.parameters).toMatchObject({ resource: 'key' });
	});
}

/** The workflow once the editor has saved what was chosen. */
async function savedAs({ client }: World, id: string, isSaved: (parameters: JsonObject) => boolean) {
	return await waitFor(
		async () => {
			const workflow = await client.workflows.get(id);
			return isSaved(workflow.nodes[0]?.parameters ?? {}) && workflow;
		},
		{ what: 'the editor to save', deadline: 30_000 },
	);
}
