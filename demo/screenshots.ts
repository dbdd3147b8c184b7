/**
 * `npm run screenshots`: the pictures of README.md and `docs/`, from the real editor, light and dark, into
 * `docs/screenshots`. Starts its own n8n and the demonstration's servers, and ends them.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { startEditor, type Editor } from '../tools/browser/editor';
import { runCommand } from '../tools/lib/command';
import { root } from '../tools/lib/paths';
import { say } from '../tools/lib/progress';
import { ensureN8n } from '../tools/n8n/install';
import { preparePackage } from '../tools/n8n/package';
import { startN8n, type RunningN8n } from '../tools/n8n/process';
import type { RestClient } from '../tools/n8n/restClient';
import { importCredentials, TYPES } from './automation/credentials';
import { startServers } from './automation/servers';
import { importWorkflows } from './automation/workflows';
import { ordersWorkflow, startShop } from './orders';

/** What the pictures are taken of. */
interface Scene {
	n8n: RunningN8n;
	client: RestClient;
	shop: { url: string };
	ratingId: string;
	credentialId: string;
}

interface Camera {
	editor: Editor;
	/** Takes a picture, of a part of the page or the whole. */
	shoot(name: string, part?: Locator): Promise<void>;
}

type Theme = 'light' | 'dark';

const folder = path.join(root, 'docs', 'screenshots');

/** The pictures, by what has to be open for them. */
const PICTURES: Record<string, (scene: Scene & Camera) => Promise<void>> = {
	/** The rating automation after its pinned sample has run, and the node in it. */
	async ratings({ editor, shoot, ratingId }) {
		await editor.open(ratingId);
		await editor.executeWorkflow();
		await editor.statusOf('Respond: Ticket Opened').waitFor();
		await editor.dismissNews();
		await editor.fitCanvas();
		await shoot('rating-automation');
		await editor.openNode('Open Ticket');
		await editor.viewOutput('json');
		await shoot('node-panel');
		await editor.closeNode();
	},

	/** A credential whose test has passed. */
	async credential({ editor, shoot, credentialId }) {
		await editor.openCredential(credentialId);
		await editor.dialog.getByText('Connection tested successfully').waitFor();
		// Until the test is over, its button shows nothing.
		await editor.dialog.getByText('Retry', { exact: true }).waitFor();
		await shoot('credential-form', editor.dialog);
		await editor.closeCredential();
	},

	/** One of three deliveries does not arrive, and what the panel says of it. */
	async failed({ editor, shoot, client, shop }) {
		const { id } = await client.workflows.create(ordersWorkflow('Three orders', shop.url));
		await editor.open(id);
		await editor.executeWorkflow();
		await editor.statusOf('Webhook Dispatch').waitFor();
		await editor.openNode('Webhook Dispatch');
		await editor.shownError();
		await editor.dismissNews();
		await shoot('failed-delivery');
		await editor.closeNode();
	},

	/** The same with On Error set to the error output. */
	async errorOutput({ editor, shoot, client, shop }) {
		const { id } = await client.workflows.create(
			ordersWorkflow('Three orders, with an error output', shop.url, { errorOutput: true }),
		);
		await editor.open(id);
		await editor.executeWorkflow();
		await editor.statusOf('To Be Looked At').waitFor();
		await editor.dismissNews();
		await editor.fitCanvas();
		await shoot('error-output');
	},
};

/** Takes all pictures in one theme. */
async function shootAll(scene: Scene, theme: Theme): Promise<void> {
	const size = { width: 1280, height: 720 };
	const { n8n } = scene;
	const { editor, close } = await startEditor({
		url: n8n.url,
		headers: n8n.client.headers(),
		folder,
		dark: theme === 'dark',
		...size,
	});
	try {
		const shoot: Camera['shoot'] = async (name, part) => {
			// No toolbar that comes up under the pointer.
			await editor.page.mouse.move(size.width - 1, size.height - 1);
			await editor.shoot(`${name}-${theme}`, part);
		};
		for (const picture of Object.values(PICTURES)) await picture({ ...scene, editor, shoot });
		say(`  ✓ ${theme}`);
	} finally {
		await close();
	}
}

async function main(): Promise<void> {
	const { node } = await ensureN8n();
	const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-dispatch-screenshots-'));
	const ends = [async (): Promise<void> => fs.rmSync(temporary, { recursive: true, force: true })];
	try {
		const servers = await startServers({ folder: temporary, node });
		ends.push(() => servers.stop());
		const shop = await startShop();
		ends.push(() => shop.stop());
		const n8n = await startN8n({ userFolder: path.join(temporary, 'n8n'), packageFolder: await preparePackage() });
		ends.push(() => n8n.stop());
		const credentials = await importCredentials(n8n.client, servers);
		const workflows = await importWorkflows(n8n.client, {
			ticketsUrl: servers.ticketDesk.ticketsUrl,
			credentials,
			stateFile: path.join(temporary, 'workflows.json'),
		});
		const rating = workflows['rating-to-ticket.json'];
		const credential = credentials[TYPES.clientCredentials];
		if (!rating || !credential) throw new Error('The rating automation or its credential was not imported');
		const scene = { n8n, client: n8n.client, shop, ratingId: rating.id, credentialId: credential.id };
		for (const theme of ['light', 'dark'] as const) await shootAll(scene, theme);
		say(`Pictures are in ${path.relative(root, folder)}. Look at them before you commit them.`);
	} finally {
		for (const end of ends.reverse()) await end();
	}
}

runCommand(main);
