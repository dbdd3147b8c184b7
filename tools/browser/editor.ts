'use strict';
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { startChromium } = require('./chromium');

/** What stays on the screen on a busy machine of two cores. */
const PATIENCE = 60_000;
/** The empty boxes of the code editor's tooltips, white in a corner. */
const LEFTOVERS = 'div[class^="ͼ1 "]:empty { visibility: hidden !important }';
const byId = (id) => `[data-test-id="${id}"]`;
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether what is sent, a workflow, has this text, or the expression of it, in a parameter of this name. */
function holds(workflow, name, text) {
	if (!workflow?.includes('"nodes":')) return false;
	if (text === '') return !new RegExp(`"${name}":"=?[^"]`).test(workflow);
	return [text, `=${text}`].some((value) => workflow.includes(`"${name}":${JSON.stringify(value)}`));
}

/** n8n's editor as a person uses it: what is typed and clicked, and what is to be seen. */
class Editor {
	/** @param {import('playwright-core').Page} page  @param {string} url of n8n  @param {string} folder for screenshots */
	constructor(page, url, folder) {
		this.page = page;
		this.url = url;
		this.folder = folder;
		this.dialog = page.locator(byId('editCredential-modal'));
		this.output = page.locator(byId('output-panel'));
		/** What the page has thrown. */
		this.faults = [];
		page.on('pageerror', (error) => this.faults.push(String(error)));
		/** Executions whose end n8n has told the page. */
		this.ended = new EventEmitter();
		page.on('websocket', (socket) =>
			socket.on('framereceived', ({ payload }) => {
				if (String(payload).includes('"executionFinished"')) this.ended.emit('execution');
			}),
		);
	}

	at(id) {
		return this.page.locator(byId(id));
	}

	/** @param {string} name of the screenshot, without `.png`  @param {import('playwright-core').Locator} [part] of the page */
	async shoot(name, part = this.page) {
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

	/** Another view: within the loaded editor, as its own links do; loading it anew takes seconds. */
	async goTo(route) {
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
			history.pushState({}, '', to);
			dispatchEvent(new PopStateEvent('popstate', { state: {} }));
		}, route);
	}

	/** An empty canvas. */
	async openNew() {
		await this.goTo('/workflow/new');
		await this.at('canvas-plus-button').first().waitFor();
	}

	/** @param {string} id of a workflow */
	async open(id) {
		const read = this.page.waitForResponse((response) => new URL(response.url()).pathname === `/rest/workflows/${id}`);
		await this.goTo(`/workflow/${id}`);
		const { data } = await (await read).json();
		await this.at('workflow-name-input').filter({ hasText: data.name }).waitFor();
		// Sticky notes are no nodes on the canvas.
		await this.node(data.nodes.find(({ type }) => type !== 'n8n-nodes-base.stickyNote').name).waitFor();
	}

	// ── canvas ──

	/** From the plus of an empty canvas, by the nodes panel. */
	async addFirst(node, action) {
		await this.at('canvas-plus-button').first().click();
		await this.pick(node, action);
	}

	/** In the nodes panel: a search, the node, and one of its actions. */
	async pick(node, action) {
		await this.at('node-creator-search-bar').fill(node);
		await this.entry(node).click();
		if (action) await this.entry(action).click();
	}

	entry(name) {
		return this.at('node-creator-item-name')
			.filter({ hasText: new RegExp(`^\\s*${escaped(name)}\\s*$`) })
			.first();
	}

	/** A node on the canvas. */
	node(name) {
		return this.page.locator(`${byId('canvas-node')}[data-node-name="${name}"]`);
	}

	/** The mark of a node that has run, well or not. */
	statusOf(name) {
		return this.node(name)
			.locator(
				`${byId('canvas-node-status-success')}, ${byId('canvas-node-status-mark-error')}, ${byId('node-issues')}`,
			)
			.first();
	}

	/** All nodes on the screen. */
	async fitCanvas() {
		await this.at('zoom-to-fit').click();
	}

	async openNode(name) {
		await this.node(name).dblclick();
		await this.at('ndv').waitFor();
	}

	async closeNode() {
		await this.at('ndv-close-button').click();
		await this.at('ndv').waitFor({ state: 'hidden' });
	}

	/** "Execute workflow", until every node that ran has ended. */
	async executeWorkflow() {
		await this.at('execute-workflow-button').first().click();
	}

	/** Takes the news in the corner off the screen. */
	async dismissNews() {
		// News may go away by itself while it is being closed.
		for (const button of await this.page.locator('.el-notification__closeBtn').all())
			await button.click({ timeout: 2000 }).catch(() => {});
		await this.page
			.locator('.el-notification')
			.first()
			.waitFor({ state: 'hidden', timeout: 5000 })
			.catch(() => {});
	}

	/** The nodes panel for what goes below a node, by the plus of one of its inputs (`ai_tool`). */
	async addBelow(name, input, expected) {
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

	/** @param {string} name of the parameter  @param {import('playwright-core').Locator} [where] */
	field(name, where = this.at('node-parameters')) {
		return where.locator(byId(`parameter-input-${name}`));
	}

	/** Types over what is there; a text is taken as it is, not as an expression. */
	async fill(name, text, where) {
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
	async textOf(name, where) {
		const field = this.field(name, where).first();
		const lines = field.locator('.cm-line');
		if ((await lines.count()) > 0) return (await lines.allTextContents()).join('\n');
		return await field.locator('input, textarea').first().inputValue();
	}

	/** Picks an option by the name that is shown. */
	async choose(name, option, where) {
		await this.field(name, where).first().click();
		await this.menuEntry(option).click();
		await this.menuEntry(option).waitFor({ state: 'hidden' });
	}

	/** "Let the model define this parameter", of a tool's field. */
	async letModelDefine(name) {
		const item = this.at('parameter-item')
			.filter({ has: this.page.locator(byId(`parameter-input-${name}`)) })
			.last();
		await item.locator(byId('from-ai-override-button')).click();
		await this.at('fromAI-override-field').waitFor();
	}

	menuEntry(name) {
		return this.page
			.locator('li.el-select-dropdown__item:visible')
			.filter({ has: this.page.getByText(name, { exact: true }) })
			.first();
	}

	async toggle(name, where) {
		await this.field(name, where).first().locator('.el-switch, [role=switch]').first().click();
	}

	/** @param {string} option one of *Options*, by the name that is shown */
	async addOption(option) {
		await this.at('collection-parameter-add').last().click();
		await this.menuEntry(option).click();
	}

	/** A pair of Headers, Query Parameters and the like. */
	async addPair(collection, name, value, where = this.page) {
		const part = where.locator(byId(`fixed-collection-${collection}`));
		await part.locator(byId('fixed-collection-add')).click();
		await this.fill('name', name, part);
		await this.fill('value', value, part);
	}

	// ── running a node ──

	/** "Execute step", and waits for its items or its error in the output panel; those of the step before stay until then. */
	async executeStep() {
		// Shortly after another run the editor of 2.40.7 may stumble over its own data: a person clicks once more.
		for (let clicks = 1; !(await this.stepRuns()) && clicks < 3; clicks++) await this.dismissNews();
		// It shows a wheel instead of its text until the panel has the outcome.
		await this.at('node-execute-button').filter({ hasText: 'Execute step' }).first().waitFor();
		await this.output
			.locator(`${byId('ndv-items-count')}, ${byId('node-error-message')}`)
			.first()
			.waitFor();
	}

	/** @returns {Promise<boolean>} that n8n has run it; false when the editor could not make it do so */
	async stepRuns() {
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

	/** @param {'schema' | 'table' | 'json'} view of the output */
	async viewOutput(view) {
		await this.output.locator(byId(`radio-button-${view}`)).click();
		if (view === 'json') await this.output.locator('.json-data .vjs-tree-node').first().waitFor();
	}

	/** @returns {Promise<{ message: string, description: string }>} what the error panel says */
	async shownError() {
		const text = async (id) => (await this.output.locator(byId(id)).allInnerTexts()).join('\n').trim();
		await this.output.locator(byId('node-error-message')).waitFor();
		return { message: await text('node-error-message'), description: await text('node-error-description') };
	}

	// ── credentials ──

	/** Opens the form of a new credential from the node's panel. */
	async newCredential() {
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

	/** The form of a credential that is there. */
	async openCredential(id) {
		await this.goTo(`/home/credentials/${id}`);
		await this.dialog.waitFor();
	}

	/**
	 * Saves, and waits for the form's test: a form that was opened in a node's panel closes when it passes, and stays with
	 * the reason when it does not.
	 * @returns {Promise<{ passed: boolean, text: string }>} the reason as it is shown; `''` when it passed
	 */
	async saveCredential() {
		const tested = this.page.waitForResponse((response) => response.url().endsWith('/credentials/test'));
		await this.at('credential-save-button').click();
		const { data } = await (await tested).json();
		if (data.status === 'OK') {
			await this.dialog.waitFor({ state: 'hidden' });
			return { passed: true, text: '' };
		}
		return { passed: false, text: await this.shownTestFault() };
	}

	/** @returns {Promise<string>} why the form's test did not pass, with its details opened */
	async shownTestFault() {
		const fault = this.dialog.getByText('Couldn’t connect with these settings');
		const more = this.dialog.getByText('More details');
		await fault.waitFor();
		if (await more.isVisible()) await more.click();
		return (await fault.locator('xpath=ancestor::*[contains(@class, "container")][1]').innerText()).trim();
	}

	/** The form is left; what was typed and not saved is thrown away. */
	async closeCredential() {
		await this.dialog.locator('.el-dialog__headerbtn').click();
		await this.dialog.waitFor({ state: 'hidden' });
	}

	// ── executions ──

	/** The list of executions of the open workflow. */
	async openExecutions() {
		await this.at('radio-button-executions').click();
		await this.at('current-executions-list').waitFor();
	}

	/** Retries the newest failed execution of the list. */
	async retry(which = 'current-workflow') {
		await this.at('retry-execution-button').first().click();
		await this.at(`retry-execution-button-item-${which}`).click();
	}
}

/**
 * A browser with n8n's editor in it, signed in.
 * @param {{ url: string, headers: Record<string, string>, folder: string, dark?: boolean, width?: number, height?: number }} options
 *   `headers` of a REST client that is signed in; `folder` takes the screenshots
 * @returns {Promise<{ editor: Editor, close(): Promise<void> }>}
 */
async function startEditor({ url, headers, folder, dark = false, width = 1280, height = 800 }) {
	const browser = await startChromium();
	const context = await browser.newContext({
		viewport: { width, height },
		colorScheme: dark ? 'dark' : 'light',
		reducedMotion: 'reduce',
	});
	context.setDefaultTimeout(PATIENCE);
	const [name, value] = headers.cookie.split('=');
	await context.addCookies([{ name, value, url }]);
	await context.addInitScript(
		([id, theme]) => {
			localStorage.setItem('n8n-browserId', id);
			localStorage.setItem('N8N_THEME', theme);
		},
		[headers['browser-id'], dark ? 'dark' : 'light'],
	);
	return { editor: new Editor(await context.newPage(), url, folder), close: async () => await browser.close() };
}

module.exports = { Editor, startEditor };
