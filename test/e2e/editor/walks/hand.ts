import type { Locator, Page } from 'playwright-core';

import type { Editor } from '../../../../tools/browser/editor';

/** An empty canvas in an editor that has shown nothing before. */
export async function openFresh(editor: Editor): Promise<void> {
	await editor.page.goto('about:blank');
	await editor.openNew();
}

/** Somebody at the screen, whose interactions are counted: a click, a typed field, a chosen option, a drag are one each. */
export class Hand {
	private readonly done: string[] = [];
	private inNode = 0;
	private isInNode = false;
	private readonly begin = Date.now();

	constructor(
		private readonly editor: Editor,
		private readonly walk: string,
	) {}

	/** @param what is clicked, as the count tells of it */
	async click(what: string, target: Locator): Promise<void> {
		await this.once(`click ${what}`, async () => await target.click());
	}

	/** Types or pastes over what a field holds. */
	async type(parameter: string, text: string, where?: Page | Locator): Promise<void> {
		await this.once(`type ${parameter}`, async () => await this.editor.fill(parameter, text, where));
	}

	/** Picks an option by the name that is shown. */
	async choose(parameter: string, option: string, where?: Page | Locator): Promise<void> {
		await this.once(`choose ${parameter}: ${option}`, async () => await this.editor.choose(parameter, option, where));
	}

	/** @param from what is shown of a field of the input  @param to the field that it is dropped on */
	async drag(what: string, from: Locator, to: Locator): Promise<void> {
		await this.once(`drag ${what}`, async () => {
			const [start, end] = [await from.boundingBox(), await to.boundingBox()];
			if (!start || !end) throw new Error(`${what} cannot be seen`);
			const { mouse } = this.editor.page;
			await mouse.move(start.x + 10, start.y + start.height / 2);
			await mouse.down();
			await mouse.move(start.x + 60, start.y - 30, { steps: 5 });
			await mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 10 });
			await mouse.up();
		});
	}

	/** By the plus of the canvas: its click, the search, the node, and an action where the node has several. */
	async addNode(plus: Locator, node: string, action?: string): Promise<void> {
		await this.click('+', plus);
		await this.once(`type ${node}`, async () => await this.editor.at('node-creator-search-bar').fill(node));
		for (const name of action === undefined ? [node] : [node, action]) await this.click(name, this.editor.entry(name));
		await this.editor.at('ndv').waitFor();
	}

	/** One interaction that the editor has a function for. */
	async once<T>(what: string, interaction: () => Promise<T>): Promise<T> {
		this.done.push(what);
		if (this.isInNode) this.inNode += 1;
		return await interaction();
	}

	/** What is done in the panel of this package's node. */
	async inTheNode(interactions: () => Promise<void>): Promise<void> {
		this.isInNode = true;
		await interactions();
		this.isInNode = false;
	}

	/** Prints the count. @returns it, with the seconds that it took without a person's reading */
	count(): { all: number; inNode: number; seconds: number } {
		const seconds = Math.round((Date.now() - this.begin) / 100) / 10;
		const { done, inNode } = this;
		console.log(
			`${this.walk}: ${done.length} interactions, ${inNode} of them in the node, ${seconds} s\n  ${done.join('\n  ')}`,
		);
		return { all: done.length, inNode, seconds };
	}
}
