import type { Locator, Page } from 'playwright-core';

/** n8n's editor as a person uses it. Fields are named as in the node's parameters, options and nodes as they are shown. */
export interface Editor {
	page: Page;
	/** The form of a credential. */
	dialog: Locator;
	/** The output panel of a node. */
	output: Locator;
	/** What the page has thrown. */
	faults: string[];
	/** By n8n's own `data-test-id`. */
	at(id: string): Locator;
	/** A screenshot into the folder of `startEditor`. */
	shoot(name: string, part?: Locator): Promise<void>;

	/** Another view, e.g. `/settings/community-nodes`. */
	goTo(route: string): Promise<void>;
	openNew(): Promise<void>;
	open(workflowId: string): Promise<void>;
	/** From the plus of an empty canvas, by the nodes panel. */
	addFirst(node: string, action?: string): Promise<void>;
	/** In the nodes panel: a search, the node, and one of its actions. */
	pick(node: string, action?: string): Promise<void>;
	node(name: string): Locator;
	openNode(name: string): Promise<void>;
	closeNode(): Promise<void>;
	/** The nodes panel for what goes below a node, by the plus of one of its inputs; `expected` is among what fits there. */
	addBelow(name: string, input: 'ai_tool', expected: string): Promise<void>;
	executeWorkflow(): Promise<void>;
	dismissNews(): Promise<void>;

	field(name: string, where?: Locator): Locator;
	fill(name: string, text: string, where?: Locator): Promise<void>;
	/** What a field holds, as it is typed. */
	textOf(name: string, where?: Locator): Promise<string>;
	choose(name: string, option: string, where?: Locator): Promise<void>;
	/** "Let the model define this parameter", of a tool's field. */
	letModelDefine(name: string): Promise<void>;
	toggle(name: string, where?: Locator): Promise<void>;
	addOption(option: string): Promise<void>;
	addPair(collection: string, name: string, value: string, where?: Locator): Promise<void>;

	executeStep(): Promise<void>;
	viewOutput(view: 'schema' | 'table' | 'json'): Promise<void>;
	shownError(): Promise<{ message: string; description: string }>;

	newCredential(): Promise<void>;
	openCredential(id: string): Promise<void>;
	saveCredential(): Promise<{ passed: boolean; text: string }>;
	closeCredential(): Promise<void>;

	openExecutions(): Promise<void>;
	retry(which?: 'current-workflow' | 'original-workflow'): Promise<void>;
}

/** The Chromium of this machine (`CHROMIUM` names another one); throws with how to get one. */
export function findChromium(): string;
/** A browser with n8n's editor in it, signed in by the `headers()` of a REST client; `folder` takes the screenshots. */
export function startEditor(options: {
	url: string;
	headers: Record<string, string>;
	folder: string;
	dark?: boolean;
	width?: number;
	height?: number;
}): Promise<{ editor: Editor; close(): Promise<void> }>;
