import { waitFor } from '../../../tools/lib/wait';
import type { JsonObject } from '../../../tools/n8n/rest/json';
import { workflowOf } from '../../../tools/n8n/sketch';
import { answer } from '../../support/receiver';
import { dispatching, fromFile, fromStart } from './workflows';
import type { World } from './world';

/** n8n's own credentials, conditions on the response, parts of the item and its files: filled in and executed as a person does. */
export function newFields(world: World): void {
	const shownOutput = async () => (await world.editor.output.innerText()).replace(/\s/g, '');

	/** Opens the node of a workflow. */
	const open = async (workflow: ReturnType<typeof workflowOf>) => {
		const { editor, client } = world;
		const { id } = await client.workflows.create(workflow);
		await editor.open(id);
		await editor.openNode('Webhook Dispatch');
	};

	/** Back to the canvas, "Execute workflow" there, and the node again with what it output. */
	const executeFromCanvas = async (shot: string, requests = 1) => {
		const { editor, receiver } = world;
		await editor.closeNode();
		await editor.executeWorkflow();
		await waitFor(() => receiver.requests.length === requests, { what: 'the requests' });
		await editor.statusOf('Webhook Dispatch').waitFor();
		await editor.dismissNews();
		await editor.shoot(`${shot}-canvas`);
		await editor.openNode('Webhook Dispatch');
	};

	it('n8n Credential: Header Auth that is in n8n already', async () => {
		const { editor, client, receiver } = world;
		for (const [name, value] of [
			['Key of the shop', 'key-of-the-shop'],
			['Key of the bank', 'key-of-the-bank'],
		] as const)
			await client.credentials.create({ name, type: 'httpHeaderAuth', data: { name: 'X-Api-Key', value } });
		await open(fromStart('n8n Credential', { url: receiver.url('/hook') }));
		await editor.choose('authentication', 'n8n Credential');
		await editor.selectCredential('Key of the shop');
		await editor.shoot('new-1-n8n-credential');
		await executeFromCanvas('new-1-n8n-credential');
		await editor.viewOutput('json');
		await editor.shoot('new-1-n8n-credential-output');
		expect(receiver.requests.map(({ headers }) => headers['x-api-key'])).toEqual(['key-of-the-shop']);
		expect(await shownOutput()).toContain('"status":"delivered"');
		expect(await editor.page.locator('body').innerText()).not.toContain('key-of-the-shop');

		// Another type asks for another credential.
		await editor.choose('n8nCredentialType', 'Bearer Auth');
		await editor.at('node-parameters').getByText('Credential for Bearer Auth').waitFor();
		await editor.shoot('new-1-n8n-credential-bearer');
	});

	it('Fails When: a 200 that says no is shown with its reason', async () => {
		const { editor, receiver } = world;
		receiver.script('/hook', answer(200, { ok: false, error: 'channel_not_found' }), answer(200, { ok: true }));
		await open(fromStart('Fails When', { url: receiver.url('/hook') }));
		await editor.addOption('Fails When');
		const rules = editor.at('fixed-collection-failsWhen');
		await editor.addRow('failsWhen');
		await editor.fill('path', 'ok', rules);
		await editor.choose('condition', 'Equals', rules);
		await editor.fill('value', 'false', rules);
		await editor.shoot('new-2-fails-when');
		await executeFromCanvas('new-2-fails-when');
		const { message, description } = await editor.shownError();
		await editor.shoot('new-2-fails-when-error');
		expect(`${message}\n${description}`).toMatch(
			/responded with 200 and rejected the delivery \(ok is false\): channel_not_found/,
		);

		await editor.executeStep();
		await editor.viewOutput('json');
		expect(await shownOutput()).toContain('"ok":true');
		expect(receiver.requests).toHaveLength(2);
	});

	it('Selected Fields: a part of each item', async () => {
		const { editor, receiver } = world;
		const items: JsonObject[] = [
			{ email: 'ada@example.com', profile: { name: 'Ada', plan: 'free' }, note: 'n' },
			{ email: 'bob@example.com' },
		];
		await open(dispatching('Selected Fields', items, { parameters: { url: receiver.url('/hook') } }));
		await editor.choose('body', 'Selected Fields');
		await editor.fill('fields', 'email, profile.name as name');
		await editor.shoot('new-3-selected-fields');
		await executeFromCanvas('new-3-selected-fields', 2);
		await editor.viewOutput('json');
		await editor.shoot('new-3-selected-fields-output');
		expect(receiver.requests.map(({ body }) => body.toString()).sort()).toEqual([
			'{"email":"ada@example.com","name":"Ada"}',
			'{"email":"bob@example.com"}',
		]);
	});

	it('File: the file of the item is the body', async () => {
		const { editor, receiver } = world;
		await open(fromFile('File', { url: receiver.url('/hook') }));
		await editor.choose('body', 'File');
		await expect(editor.textOf('inputDataFieldName')).resolves.toBe('data');
		await editor.shoot('new-4-file');
		await executeFromCanvas('new-4-file');
		await editor.viewOutput('json');
		await editor.shoot('new-4-file-output');
		const [request] = receiver.requests;
		expect(request?.headers['content-type']).toMatch(/^text\/plain/);
		expect(request?.body.toString()).toBe('a file of ümlauts');
		expect(await shownOutput()).toContain('"status":"delivered"');
	});

	it('Multipart: a text and the file of the item', async () => {
		const { editor, receiver } = world;
		await open(fromFile('Multipart', { url: receiver.url('/hook') }));
		await editor.choose('body', 'Multipart');
		const row = (index: number) =>
			editor.at('fixed-collection-multipartParameters').locator('[data-draggable]').nth(index);
		await editor.fill('name', 'comment', row(0));
		await editor.fill('value', 'see "attached"', row(0));
		await editor.addRow('multipartParameters');
		await editor.choose('parameterType', 'n8n Binary File', row(1));
		await editor.fill('name', 'screenshot', row(1));
		await expect(editor.textOf('inputDataFieldName', row(1))).resolves.toBe('data');
		await editor.shoot('new-5-multipart');
		await executeFromCanvas('new-5-multipart');
		await editor.viewOutput('json');
		await editor.shoot('new-5-multipart-output');
		const [request] = receiver.requests;
		const form = await new Response(new Uint8Array(request?.body ?? []), {
			headers: { 'content-type': request?.headers['content-type'] ?? '' },
		}).formData();
		const file = form.get('screenshot');
		expect(Array.from(form as unknown as Iterable<[string, unknown]>, ([name]) => name)).toEqual([
			'comment',
			'screenshot',
		]);
		expect(form.get('comment')).toBe('see "attached"');
		expect(file).toMatchObject({ name: 'nöte.txt', type: expect.stringMatching(/^text\/plain/) as string });
		await expect((file as File).text()).resolves.toBe('a file of ümlauts');
		expect(await shownOutput()).toContain('"status":"delivered"');
	});
}
