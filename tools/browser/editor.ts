import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { CredentialTest } from '../n8n/rest/credentials';
import type { RestClient } from '../n8n/restClient';
import { startChromium } from './chromium';

// What functions that run in the page use of it. TypeScript's own types of a page would be there for every other file, too.
declare const document: {
	getAnimations(): Array<{ playState: string; effect: { getTiming(): { iterations?: number } } | null }>;
};
declare const history: { pushState(state: object, unused: string, url: string): void };
declare const localStorage: { setItem(key: string, value: string): void };
declare const PopStateEvent: new (type: string, init: { state: object }) => Event;
declare function dispatchEvent(event: Event): boolean;

/** What stays on the screen on a busy machine of two cores. */
const PATIENCE = 60_000;
/** The empty boxes of the code editor's tooltips, white in a corner. */
const LEFTOVERS = 'div[class^="ͼ1 "]:empty { visibility: hidden !important }';
const byId = (id: string): string => `[data-test-id="${id}"]`;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether what is sent, a workflow, has this text, or the expression of it, in a parameter of this name. */
function holds(workflow: string | null, name: string, text: string): boolean {
	if (!workflow?.includes('"nodes":')) return false;
	if (text === '') return !new RegExp(`"${name}":"=?[^"]`).test(workflow);
	return [text, `=${text}`].some((value) => workflow.includes(`"${name}":${JSON.stringify(value)}`));
}

/**
 * n8n's editor as a person uses it: what is typed and clicked, and what is to be seen. Fields are named as in the node's
 * parameters, options and nodes as they are shown.
 */
export class Editor {
	/** The form of a credential. */
	readonly dialog: Locator;
	/** The output panel of a node. */
	readonly output: Locator;
	/** What the page has thrown. */
	readonly faults: string[] = [];
	/** Executions whose end n8n has reported to the page. */
	private readonly ended = new EventEmitter();

	/** @param url of n8n  @param folder for screenshots */
	constructor(
		readonly page: Page,
		private readonly url: string,
		private readonly folder: string,
	) {
		this.dialog = page.locator(byId('editCredential-modal'));
		this.output = page.locator(byId('output-panel'));
		page.on('pageerror', (error) => this.faults.push(String(error)));
		page.on('websocket', (socket) =>
			socket.on('framereceived', ({ payload }) => {
				if (String(payload).includes('"executionFinished"')) this.ended.emit('execution');
			}),
		);
	}

	/** By n8n's own `data-test-id`. */
	at(id: string): Locator {
		return this.page.locator(byId(id));
	}

	/** @param name of the screenshot, without `.png`  @param part of the page */
	async shoot(name: string, part: Page | Locator = this.page): Promise<void> {
		fs.mkdirSync(this.folder, { recursive: true });
		// A tooltip or a menu on its way in or out would be half there.
		await this.page
			.waitForFunction(
				() =>
					document
						.getAnimations()
						.every(({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity),
				undefined,
				{ timeout: 3000 },
			)
			.catch(() => {});
		await part.screenshot({ path: path.join(this.folder, `${name}.png`), style: LEFTOVERS });
	}

	/** Another view: within the loaded editor, as its own links do; a reload takes seconds. */
	async goTo(route: string): Promise<void> {
		const isElsewhere = !this.page.url().startsWith(this.url);
		if (await this.at('ndv-close-button').isVisible())
			await this.at('ndv-close-button')
				.click({ timeout: 2000 })
				.catch(() => {});
		// A form or a question that was left open would stay in the way.
		if (isElsewhere || (await this.page.locator('[role="dialog"]:visible').count()) > 0) {
			await this.page.goto(this.url + route, { waitUntil: 'commit' });
			return;
		}
		await this.page.evaluate((to) => {
			// The router takes where it is from the state.
			const state = { current: to };
			history.pushState(state, '', to);
			dispatchEvent(new PopStateEvent('popstate', { state }));
		}, route);
	}

	/** An empty canvas. */
	async openNew(): Promise<void> {
		await this.goTo('/workflow/new');
		await this.at('canvas-plus-button').first().waitFor();
	}

	/** @param id of a workflow */
	async open(id: string): Promise<void> {
		const read = this.page.waitForResponse((response) => new URL(response.url()).pathname === `/rest/workflows/${id}`);
		await this.goTo(`/workflow/${id}`);
		const { data } = (await (await read).json()) as {
			data: { name: string; nodes: Array<{ name: string; type: string }> };
		};
		await this.at('workflow-name-input').filter({ hasText: data.name }).waitFor();
		// Sticky notes are no nodes on the canvas.
		const first = data.nodes.find(({ type }) => type !== 'n8n-nodes-base.stickyNote');
		if (first) await this.node(first.name).waitFor();
	}

	// ── canvas ──

	/** From the plus of an empty canvas, by the nodes panel. */
	async addFirst(node: string, action?: string): Promise<void> {
		await this.at('canvas-plus-button').first().click();
		await this.pick(node, action);
	}

	/** In the nodes panel: a search, the node, and one of its actions. */
	async pick(node: string, action?: string): Promise<void> {
		await this.at('node-creator-search-bar').fill(node);
		await this.entry(node).click();
		if (action) await this.entry(action).click();
	}

	/** What the nodes panel lists under a name: a node or one of its actions. */
	entry(name: string): Locator {
		return this.at('node-creator-item-name')
			.filter({ hasText: new RegExp(`^\\s*${escaped(name)}\\s*$`) })
			.first();
	}

	/** A node on the canvas. */
	node(name: string): Locator {
		return this.page.locator(`${byId('canvas-node')}[data-node-name="${name}"]`);
	}

	/** The plus behind an output of a node, which goes away once something is connected. */
	plusOf(name: string, output = 0): Locator {
		return this.node(name)
			.locator(`[data-handleid="outputs/main/${output}"] ${byId('canvas-handle-plus')}`)
			.first();
	}

	/** The mark of a node that has run, well or not. */
	statusOf(name: string): Locator {
		return this.node(name)
			.locator(
				`${byId('canvas-node-status-success')}, ${byId('canvas-node-status-mark-error')}, ${byId('node-issues')}`,
			)
			.first();
	}

	/** All nodes on the screen. */
	async fitCanvas(): Promise<void> {
		await this.at('zoom-to-fit').click();
	}

	async openNode(name: string): Promise<void> {
		await this.node(name).dblclick();
		await this.at('ndv').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.at('ndv-close-button').click();
		await this.at('ndv').waitFor({ state: 'hidden' });
	}

	/** "Execute workflow", until every node that ran has ended. */
	async executeWorkflow(): Promise<void> {
		await this.at('execute-workflow-button').first().click();
	}

	/** Takes the news in the corner off the screen. */
	async dismissNews(): Promise<void> {
		// News may go away by itself while it is being closed.
		for (const button of await this.page.locator('.el-notification__closeBtn').all())
			await button.click({ timeout: 2000 }).catch(() => {});
		await this.page
			.locator('.el-notification')
			.first()
			.waitFor({ state: 'hidden', timeout: 5000 })
			.catch(() => {});
	}

	/** The nodes panel for what goes below a node, by the plus of one of its inputs; `expected` is among what fits there. */
	async addBelow(name: string, input: 'ai_tool', expected: string): Promise<void> {
		const plus = this.node(name).locator(`[data-handleid^="inputs/${input}"] ${byId('canvas-handle-plus')}`);
		// On a canvas that has just come up, the panel can open before it knows what fits, and then it shows everything.
		for (;;) {
			await plus.click();
			const fits = await this.entry(expected)
				.waitFor({ timeout: 5000 })
				.then(
					() => true,
					() => false,
				);
			if (fits) return;
			await this.page.keyboard.press('Escape');
			await this.page.keyboard.press('Escape');
		}
	}

	// ── fields, in a node or in a credential form ──

	/** @param name of the parameter */
	field(name: string, where: Page | Locator = this.at('node-parameters')): Locator {
		return where.locator(byId(`parameter-input-${name}`));
	}

	/** Types over what is there; a text is taken as it is, not as an expression. */
	async fill(name: string, text: string, where?: Page | Locator): Promise<void> {
		const field = this.field(name, where).first();
		const editor = field.locator('.cm-content');
		if ((await editor.count()) > 0) {
			if ((await this.textOf(name, where)) === text) return;
			// Unlike an input it hands on what is typed a moment later, and n8n then saves it.
			const typed = text.replace(/\r\n?/g, '\n');
			const saved = this.page.waitForRequest((request) => holds(request.postData(), name, typed));
			await editor.click();
			await this.page.keyboard.press('ControlOrMeta+A');
			if (text === '') await this.page.keyboard.press('Delete');
			else await this.page.keyboard.insertText(text);
			await editor.blur();
			await saved;
			return;
		}
		const input = field.locator('input, textarea').first();
		await input.fill(text);
		await input.blur();
	}

	/** What a field holds, as it is typed. */
	async textOf(name: string, where?: Page | Locator): Promise<string> {
		const field = this.field(name, where).first();
		const lines = field.locator('.cm-line');
		if ((await lines.count()) > 0) return (await lines.allTextContents()).join('\n');
		return await field.locator('input, textarea').first().inputValue();
	}

	/** Picks an option by the name that is shown. */
	async choose(name: string, option: string, where?: Page | Locator): Promise<void> {
		await this.field(name, where).first().click();
		await this.menuEntry(option).click();
		await this.menuEntry(option).waitFor({ state: 'hidden' });
	}

	/** "Let the model define this parameter", of a tool's field. */
	async letModelDefine(name: string, where: Page | Locator = this.page): Promise<void> {
		const item = where
			.locator(byId('parameter-item'))
			.filter({ has: this.page.locator(byId(`parameter-input-${name}`)) })
			.last();
		await item.locator(byId('from-ai-override-button')).click();
		await this.at('fromAI-override-field').waitFor();
	}

	private menuEntry(name: string): Locator {
		return this.page
			.locator('li.el-select-dropdown__item:visible')
			.filter({ has: this.page.getByText(name, { exact: true }) })
			.first();
	}

	/** Until the switch has moved: while a form moves, a click can miss it. */
	async toggle(name: string, where?: Page | Locator): Promise<void> {
		const field = this.field(name, where).first();
		const isOn = await field.locator('[role=switch]').first().isChecked();
		const moved = field.locator(`[role=switch][aria-checked="${!isOn}"]`).first();
		for (let clicks = 1; ; clicks++) {
			await field.locator('.el-switch').first().click();
			try {
				await moved.waitFor({ state: 'attached', timeout: PATIENCE / 6 });
				return;
			} catch (error) {
				if (clicks === 3) throw error;
			}
		}
	}

	/** @param option one of *Options*, by the name that is shown */
	async addOption(option: string): Promise<void> {
		await this.at('collection-parameter-add').last().click();
		await this.menuEntry(option).click();
	}

	/** A row of pairs, conditions and the like. @returns the collection */
	async addRow(collection: string, where: Page | Locator = this.page): Promise<Locator> {
		const part = where.locator(byId(`fixed-collection-${collection}`));
		await part.locator(byId('fixed-collection-add')).click();
		return part;
	}

	/** A pair of Headers, Query Parameters and the like: into the empty row that they begin with, or into another. */
	async addPair(collection: string, name: string, value: string, where: Page | Locator = this.page): Promise<void> {
		const row = await this.emptyRow(collection, where);
		await this.fill('name', name, row);
		await this.fill('value', value, row);
	}

	/** The last row of a collection of pairs when it has no name yet, else a new one. */
	async emptyRow(collection: string, where: Page | Locator = this.page): Promise<Locator> {
		const part = where.locator(byId(`fixed-collection-${collection}`));
		const rows = part.locator('[data-draggable]');
		await part.waitFor();
		if ((await rows.count()) === 0 || (await this.textOf('name', rows.last())) !== '')
			await this.addRow(collection, where);
		return rows.last();
	}

	// ── running a node ──

	/** "Execute step", and waits for its items or its error in the output panel; those of the step before stay until then. */
	async executeStep(): Promise<void> {
		// Shortly after another run the editor of 2.40.7 may stumble over its own data: a person clicks once more.
		for (let clicks = 1; !(await this.stepRuns()) && clicks < 3; clicks++) await this.dismissNews();
		// It shows a wheel instead of its text until the panel has the outcome.
		await this.at('node-execute-button').filter({ hasText: 'Execute step' }).first().waitFor();
		await this.output
			.locator(`${byId('ndv-items-count')}, ${byId('node-error-message')}`)
			.first()
			.waitFor();
	}

	/** @returns that n8n has run it; false when the editor could not make it do so */
	private async stepRuns(): Promise<boolean> {
		const ended = once(this.ended, 'execution', { signal: AbortSignal.timeout(PATIENCE) }).then(() => true);
		ended.catch(() => {});
		await this.at('node-execute-button').first().click();
		const stumbled = this.page
			.getByText('Problem executing workflow')
			.first()
			.waitFor()
			.then(
				() => false,
				() => ended,
			);
		return await Promise.race([ended, stumbled]);
	}

	async viewOutput(view: 'schema' | 'table' | 'json'): Promise<void> {
		await this.output.locator(byId(`radio-button-${view}`)).click();
		if (view === 'json') await this.output.locator('.json-data .vjs-tree-node').first().waitFor();
	}

	/** What the error panel says. */
	async shownError(): Promise<{ message: string; description: string }> {
		const text = async (id: string): Promise<string> =>
			(await this.output.locator(byId(id)).allInnerTexts()).join('\n').trim();
		await this.output.locator(byId('node-error-message')).waitFor();
		return { message: await text('node-error-message'), description: await text('node-error-description') };
	}

	// ── credentials ──

	/** Opens the form of a new credential from the node's panel. */
	async newCredential(): Promise<void> {
		const connect = this.at('node-parameters').getByRole('button', { name: /^Connect to / });
		const select = this.at('node-credentials-select').last();
		await connect.or(select).last().waitFor();
		if ((await connect.count()) > 0) {
			await connect.last().click();
		} else {
			await select.click();
			await this.page.getByText('Create new credential').last().click();
		}
		await this.dialog.waitFor();
	}

	/** Chooses a credential that is there, in the node's panel. */
	async selectCredential(name: string): Promise<void> {
		await this.at('node-credentials-select').last().click();
		await this.menuEntry(name).click();
		await this.menuEntry(name).waitFor({ state: 'hidden' });
	}

	/** The form of a credential that is there, with its values. */
	async openCredential(id: string): Promise<void> {
		const route = `/home/credentials/${id}`;
		const read = this.page.waitForResponse(
			(response) => new URL(response.url()).pathname === `/rest/credentials/${id}`,
		);
		// The list of credentials, when it is on the screen, has none that was made since in another way.
		if (new URL(this.page.url()).pathname.startsWith('/home/credentials')) await this.page.goto(this.url + route);
		else await this.goTo(route);
		await read;
		await this.dialog.locator('[data-test-id^="parameter-input-"]').first().waitFor();
	}

	/**
	 * Saves, and waits for the form's test: a form that was opened in a node's panel closes when it passes, and stays with
	 * the reason when it does not.
	 * @returns the reason as it is shown; `''` when it passed
	 */
	async saveCredential(): Promise<{ passed: boolean; text: string }> {
		const tested = this.page.waitForResponse((response) => response.url().endsWith('/credentials/test'));
		await this.at('credential-save-button').click();
		const { data } = (await (await tested).json()) as { data: CredentialTest };
		if (data.status === 'OK') {
			await this.dialog.waitFor({ state: 'hidden' });
			return { passed: true, text: '' };
		}
		return { passed: false, text: await this.shownTestFault() };
	}

	/** Why the form's test did not pass, with its details opened. */
	private async shownTestFault(): Promise<string> {
		const fault = this.dialog.getByText('Couldn’t connect with these settings');
		const more = this.dialog.getByText('More details');
		await fault.waitFor();
		if (await more.isVisible()) await more.click();
		return (await fault.locator('xpath=ancestor::*[contains(@class, "container")][1]').innerText()).trim();
	}

	/** The form is left; what was typed and not saved is thrown away. */
	async closeCredential(): Promise<void> {
		await this.dialog.locator('.el-dialog__headerbtn').click();
		await this.dialog.waitFor({ state: 'hidden' });
	}

	// ── executions ──

	/** The list of executions of the open workflow. */
	async openExecutions(): Promise<void> {
		await this.at('radio-button-executions').click();
		await this.at('current-executions-list').waitFor();
	}

	/** Retries the newest failed execution of the list. */
	async retry(which: 'current-workflow' | 'original-workflow' = 'current-workflow'): Promise<void> {
		await this.at('retry-execution-button').first().click();
		await this.at(`retry-execution-button-item-${which}`).click();
	}
}

export interface EditorOptions {
	url: string;
	/** Of a REST client that is signed in. */
	headers: ReturnType<RestClient['headers']>;
	/** Takes the screenshots. */
	folder: string;
	dark?: boolean;
	width?: number;
	height?: number;
}

/** A browser with n8n's editor in it, signed in. */
export async function startEditor({
	url,
	headers,
	folder,
	dark = false,
	width = 1280,
	height = 800,
}: EditorOptions): Promise<{ editor: Editor; close(): Promise<void> }> {
	const browser = await startChromium();
	const context = await browser.newContext({
		viewport: { width, height },
		colorScheme: dark ? 'dark' : 'light',
		reducedMotion: 'reduce',
	});
	context.setDefaultTimeout(PATIENCE);
	const [name = '', value = ''] = headers.cookie.split('=');
	await context.addCookies([{ name, value, url }]);
	await context.addInitScript(
		({ id, theme }) => {
			localStorage.setItem('n8n-browserId', id);
			localStorage.setItem('N8N_THEME', theme);
		},
		{ id: headers['browser-id'], theme: dark ? 'dark' : 'light' },
	);
	return { editor: new Editor(await context.newPage(), url, folder), close: async () => await browser.close() };
}
