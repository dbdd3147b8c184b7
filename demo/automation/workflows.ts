import fs from 'node:fs';
import path from 'node:path';
import { readJson, writeJson } from '../../tools/lib/json';
import { root, sha256 } from '../../tools/lib/paths';
import type { RestClient } from '../../tools/n8n/restClient';
import type { Workflow } from '../../tools/n8n/rest/workflows';
import { TYPES, type CredentialsByType } from './credentials';

/** What a user would fill in by hand. */
export interface FillIn {
	ticketsUrl: string;
	/** By type; where there is none, the node is left without. */
	credentials: CredentialsByType;
}

/** A workflow of the folder, in n8n. */
export interface Imported {
	id: string;
	/** A version edited by the user. */
	kept: boolean;
}

/** What was imported before. */
type State = Record<string, { hash: string; versionId: string }>;

const folder = path.join(root, 'workflows');

/** What the demonstration fills in; every other file of `workflows/` is imported as it is. */
const FILLED_IN: Record<string, { active: boolean; credentials?: Record<string, string> }> = {
	'rating-to-ticket.json': { active: true, credentials: { 'Open Ticket': TYPES.clientCredentials } },
	'request-catcher.json': { active: true },
};

/** n8n's ID for the workflow of a file, the same in every start. */
const idOf = (file: string): string => sha256(file).slice(0, 16);

/** A loopback address left in a workflow by an earlier start, or by the file. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost):\d+\//;

/** @returns whether anything had to be changed: the Settings node points at the present ticket desk afterwards */
function pointAtDesk(workflow: Workflow, { ticketsUrl }: { ticketsUrl: string }): boolean {
	let changed = false;
	for (const node of workflow.nodes) {
		// As n8n's Edit Fields node has them.
		const { assignments } = node.parameters as {
			assignments?: { assignments?: Array<{ name: string; value: unknown }> };
		};
		for (const field of assignments?.assignments ?? []) {
			if (field.name !== 'ticketsUrl' || field.value === ticketsUrl || !LOOPBACK.test(String(field.value))) continue;
			field.value = ticketsUrl;
			changed = true;
		}
	}
	return changed;
}

/** A workflow file with what a user would fill in by hand. */
export function filledIn(file: string, { ticketsUrl, credentials }: FillIn): Workflow & { id: string } {
	const workflow = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as Workflow;
	pointAtDesk(workflow, { ticketsUrl });
	for (const [nodeName, type] of Object.entries(FILLED_IN[file]?.credentials ?? {})) {
		const node = workflow.nodes.find(({ name }) => name === nodeName);
		const credential = credentials[type];
		if (!node) throw new Error(`${file} has no node ${nodeName}`);
		if (credential) node.credentials = { [type]: credential };
	}
	return { ...workflow, id: idOf(file) };
}

/**
 * Brings one workflow into n8n, or up to date there. What a user has changed in the editor is kept: only an address of the
 * ticket desk that is no longer right is set.
 */
async function bringIn(
	client: RestClient,
	file: string,
	context: FillIn & { hash: string },
	before: State[string] | undefined,
): Promise<Imported & { versionId: string }> {
	const workflow = filledIn(file, context);
	const id = workflow.id;
	const active = Boolean(FILLED_IN[file]?.active);
	const publish = async (kept: boolean): Promise<Imported & { versionId: string }> => {
		const { versionId } = active ? await client.workflows.activate(id) : await client.workflows.get(id);
		return { id, versionId, kept };
	};
	if (!(await client.workflows.exists(id))) {
		await client.workflows.create(workflow);
		return await publish(false);
	}
	const present = await client.workflows.get(id);
	const untouched = present.versionId === before?.versionId;
	if (untouched && before?.hash !== context.hash) {
		const { name, nodes, connections, settings, pinData } = workflow;
		await client.workflows.update(id, { name, nodes, connections, settings, pinData });
		return await publish(false);
	}
	if (pointAtDesk(present, context)) {
		await client.workflows.update(id, { nodes: present.nodes, connections: present.connections });
		return await publish(!untouched);
	}
	return { id, versionId: present.versionId, kept: !untouched };
}

/**
 * Imports every workflow of `workflows/`. Safe to repeat: IDs are stable, edits are kept.
 * @param options `credentials` from `importCredentials`; `stateFile` remembers what was imported
 * @returns by file name
 */
export async function importWorkflows(
	client: RestClient,
	{ ticketsUrl, credentials, stateFile }: FillIn & { stateFile: string },
): Promise<Record<string, Imported>> {
	const state = readJson<State>(stateFile) ?? {};
	const imported: Record<string, Imported> = {};
	for (const file of fs
		.readdirSync(folder)
		.filter((name) => name.endsWith('.json'))
		.sort()) {
		const hash = sha256(fs.readFileSync(path.join(folder, file)));
		const { id, versionId, kept } = await bringIn(client, file, { ticketsUrl, credentials, hash }, state[file]);
		if (!kept) state[file] = { hash, versionId };
		imported[file] = { id, kept };
	}
	writeJson(stateFile, state);
	return imported;
}
