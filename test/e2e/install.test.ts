import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { startEditor } from '../../tools/browser/editor';
import { waitFor } from '../../tools/lib/wait';
import { packThisClone } from '../../tools/n8n/package';
import { startN8n, type RunningN8n } from '../../tools/n8n/process';
import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import type { Workflow } from '../../tools/n8n/rest/workflows';
import { runByHand } from '../../tools/n8n/runByHand';
import { chain, dispatchNode, start, using, workflowOf } from '../../tools/n8n/sketch';
import { Receiver } from '../support/receiver';
import { CommunityNodes } from './install/communityNodes';
import { asInReadme } from './install/readme';
import { startRegistry, type Registry } from './install/registry';
import { otherVersion } from './install/versions';

/**
 * Installation as users install: from a registry, into a real n8n, by hand with the README's commands and by the editor's
 * Settings → Community nodes. The registry is verdaccio on loopback. The editor's installer passes the public registry's
 * address to npm, and takes a licence for another one; so n8n keeps its settings, and that name leads to verdaccio
 * (`install/publicName.ts`). The tests are the chapters of one story: each begins where the one before has ended.
 */
jest.setTimeout(300_000);

const NAME = 'n8n-nodes-webhook-dispatch';
const TYPE = `${NAME}.webhookDispatch`;
const { version: first } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
	version: string;
};
const next = (version: string) => version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
const second = next(first);
const third = next(second);

const folder = mkdtempSync(join(tmpdir(), 'webhook-dispatch-install-'));
/** The home of the user who runs n8n. */
const home = join(folder, 'home');
const nodes = join(home, '.n8n/nodes');
const artefacts = join(__dirname, '../../artefacts/install');

let archive: string;
let registry: Registry;
let receiver: Receiver;
let n8n: RunningN8n | undefined;
let before: { credential: CredentialReference; workflow: Workflow & { id: string } };

beforeAll(async () => {
	const packed = join(folder, 'packed');
	for (const each of [packed, home]) mkdirSync(each);
	// npm takes a folder above that has one of these for the place to install into.
	writeFileSync(join(home, 'package.json'), '{}');
	[archive, registry, receiver] = await Promise.all([
		packThisClone(packed),
		startRegistry(join(folder, 'registry')),
		Receiver.start(),
	]);
	for (const dependency of ['jose', 'undici'])
		await registry.publish(dirname(require.resolve(`${dependency}/package.json`)));
	await registry.publish(archive);
}, 600_000);
beforeEach(() => receiver.clear());
afterAll(async () => {
	await Promise.all([n8n?.stop(), registry?.stop(), receiver?.close()]);
	rmSync(folder, { recursive: true, force: true });
}, 60_000);

const running = (): RunningN8n => {
	if (!n8n) throw new Error('n8n does not run');
	return n8n;
};
async function restart(): Promise<void> {
	await n8n?.stop();
	n8n = undefined;
	n8n = await startN8n({ userFolder: home, env: { ...registry.env, HOME: home } });
}
const publishNext = async (version: string) =>
	await registry.publish(otherVersion(archive, version, join(folder, version)));

/** The node as n8n describes it to the editor. */
const nodeType = async () => (await running().client.nodeTypes()).find(({ name }) => name === TYPE);
/** By the text that `otherVersion` puts into the code. */
async function versionThatRuns(): Promise<string | undefined> {
	const type = await nodeType();
	return type && (/^(\d+\.\d+\.\d+)\. /.exec(String(type.description))?.[1] ?? first);
}
const installed = async () =>
	((await running().client.call('GET', '/community-packages')) as Array<Record<string, unknown>>).map(
		({ packageName, installedVersion, updateAvailable }) => ({ packageName, installedVersion, updateAvailable }),
	);

/** Someone's work: a credential, and a workflow that delivers with it. */
async function createWork(): Promise<typeof before> {
	const { client } = running();
	const type = 'webhookDispatchBasicApi';
	const credential = await client.credentials.create({
		name: 'Shop',
		type,
		data: { user: 'ada', password: 'lovelace' },
	});
	const workflow = await client.workflows.create(
		workflowOf(
			'Orders',
			[
				start,
				dispatchNode('Dispatch', {
					parameters: { url: receiver.url('/orders'), authentication: 'basic', options: { maxRetryWait: 7 } },
					credentials: using(credential),
				}),
			],
			chain('Start', 'Dispatch'),
		),
	);
	return { credential, workflow: await client.workflows.get(workflow.id) };
}
async function expectDelivery(): Promise<void> {
	const { status, data } = await runByHand(running().client, before.workflow.id);
	expect([status, data.resultData.error?.message]).toEqual(['success', undefined]);
	expect(receiver.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
		['/orders', `Basic ${Buffer.from('ada:lovelace').toString('base64')}`],
	]);
}
async function expectWorkUntouched(): Promise<void> {
	const { client } = running();
	const { nodes: kept, connections, versionId } = await client.workflows.get(before.workflow.id);
	expect({ kept, connections, versionId }).toEqual({
		kept: before.workflow.nodes,
		connections: before.workflow.connections,
		versionId: (before.workflow as { versionId?: string }).versionId,
	});
	expect((await client.credentials.list()).map(({ id, name, type }) => ({ id, name, type }))).toEqual([
		{ id: before.credential.id, name: 'Shop', type: 'webhookDispatchBasicApi' },
	]);
}
/** Opens the editor for one chapter. */
async function inEditor(
	use: (editor: Awaited<ReturnType<typeof startEditor>>['editor']) => Promise<void>,
): Promise<void> {
	const { editor, close } = await startEditor({
		url: running().url,
		headers: running().client.headers(),
		folder: artefacts,
	});
	try {
		await use(editor);
	} catch (error) {
		await editor.shoot('where it stopped');
		throw error;
	} finally {
		await close();
	}
}

describe('by hand, with the commands of the README', () => {
	it('is installed: the node is in the nodes panel, and delivers', async () => {
		await asInReadme('install', home, registry.env);
		expect(existsSync(join(nodes, 'node_modules', NAME, 'package.json'))).toBe(true);
		// A second copy would break `instanceof NodeApiError` in n8n.
		expect(existsSync(join(nodes, 'node_modules/n8n-workflow'))).toBe(false);
		await restart();
		await expect(versionThatRuns()).resolves.toBe(first);
		await expect(installed()).resolves.toEqual([]);
		await inEditor(async (editor) => {
			await editor.openNew();
			await editor.at('canvas-plus-button').first().click();
			await editor.at('node-creator-search-bar').fill('Webhook Dispatch');
			await editor
				.at('node-creator-item-name')
				.filter({ hasText: /^\s*Webhook Dispatch\s*$/ })
				.first()
				.waitFor();
			await editor.shoot('nodes panel');
		});
		before = await createWork();
		await expectDelivery();
	});

	it('is updated: workflow and credential are as before, and deliver', async () => {
		await publishNext(second);
		await asInReadme('update', home, registry.env);
		await restart();
		await expect(versionThatRuns()).resolves.toBe(second);
		await expectWorkUntouched();
		await expectDelivery();
	});

	it('is removed: n8n starts without the node, and workflow and credential are there', async () => {
		await asInReadme('remove', home, registry.env);
		await restart();
		await expect(versionThatRuns()).resolves.toBeUndefined();
		await expectWorkUntouched();
		await expect(runByHand(running().client, before.workflow.id)).rejects.toThrow('Unrecognized node type');
		expect(receiver.requests).toEqual([]);
	});
});

describe('by the editor', () => {
	it('is installed: what stopped without it delivers again, at once', async () => {
		await inEditor(async (editor) => {
			const page = new CommunityNodes(editor.page, running().url);
			await expect(page.shown()).resolves.toEqual([]);
			await page.install(NAME);
			await expect(page.shown()).resolves.toEqual([expect.stringMatching(`^${NAME} .*Webhook Dispatch.* v${second}$`)]);
			await editor.shoot('installed');
		});
		await expect(versionThatRuns()).resolves.toBe(second);
		await expect(installed()).resolves.toEqual([{ packageName: NAME, installedVersion: second }]);
		await expectWorkUntouched();
		await expectDelivery();
	});

	it('is updated: workflow and credential are as before, and deliver with the new code', async () => {
		await publishNext(third);
		await inEditor(async (editor) => {
			const page = new CommunityNodes(editor.page, running().url);
			await page.shown();
			await page.update();
			await expect(page.shown()).resolves.toEqual([expect.stringContaining(` v${third}`)]);
			await editor.shoot('updated');
		});
		await expect(installed()).resolves.toEqual([{ packageName: NAME, installedVersion: third }]);
		await expect(versionThatRuns()).resolves.toBe(third);
		await expectWorkUntouched();
		await expectDelivery();
	});

	it('is uninstalled: the node is gone, workflow and credential are there', async () => {
		await inEditor(async (editor) => {
			const page = new CommunityNodes(editor.page, running().url);
			await page.shown();
			await page.uninstall();
			await expect(page.shown()).resolves.toEqual([]);
		});
		await waitFor(async () => !(await nodeType()), { what: 'the node to be gone' });
		await expect(installed()).resolves.toEqual([]);
		expect(existsSync(join(nodes, 'node_modules', NAME))).toBe(false);
		await expectWorkUntouched();
	});
});
