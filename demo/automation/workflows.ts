'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { readJson, writeJson } = require('../../tools/lib/json');
const { root, sha256 } = require('../../tools/lib/paths');
const { TYPES } = require('./credentials');

const folder = path.join(root, 'workflows');

/** What the demonstration fills in; every other file of `workflows/` is imported as it stands. */
const FILLED_IN = {
	'rating-to-ticket.json': { active: true, credentials: { 'Open Ticket': TYPES.clientCredentials } },
	'request-catcher.json': { active: true },
};

/** @param {string} file  @returns {string} n8n's ID for the workflow of this file, the same in every start */
const idOf = (file) => sha256(file).slice(0, 16);

/** A loopback address left in a workflow by an earlier start, or by the file. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost):\d+\//;

/**
 * @param {any} workflow
 * @param {{ ticketsUrl: string }} addresses
 * @returns {boolean} whether anything had to be changed: the Settings node points at the present ticket desk afterwards
 */
function pointAtDesk(workflow, { ticketsUrl }) {
	let changed = false;
	for (const node of workflow.nodes) {
		for (const field of node.parameters?.assignments?.assignments ?? []) {
			if (field.name !== 'ticketsUrl' || field.value === ticketsUrl || !LOOPBACK.test(field.value)) continue;
			field.value = ticketsUrl;
			changed = true;
		}
	}
	return changed;
}

/**
 * A workflow file with what a user would fill in by hand.
 * @param {string} file  @param {{ ticketsUrl: string, credentials: Record<string, { id: string, name: string }> }} context
 * @returns {any}
 */
function filledIn(file, { ticketsUrl, credentials }) {
	const workflow = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
	pointAtDesk(workflow, { ticketsUrl });
	for (const [nodeName, type] of Object.entries(FILLED_IN[file]?.credentials ?? {})) {
		workflow.nodes.find(({ name }) => name === nodeName).credentials = { [type]: credentials[type] };
	}
	return { ...workflow, id: idOf(file) };
}

/**
 * Brings one workflow into n8n, or up to date there. What a user has changed in the editor is kept: only an address of the
 * ticket desk that is no longer right is set.
 * @returns {Promise<{ id: string, versionId: string, kept: boolean }>}
 */
async function bringIn(client, file, context, before) {
	const workflow = filledIn(file, context);
	const id = workflow.id;
	const active = Boolean(FILLED_IN[file]?.active);
	const publish = async (kept) => {
		const { versionId } = active ? await client.workflows.activate(id) : await client.workflows.get(id);
		return { id, versionId, kept };
	};
	if (!(await client.workflows.exists(id))) {
		await client.workflows.create(workflow);
		return await publish(false);
	}
	const present = await client.workflows.get(id);
	const untouched = present.versionId === before?.versionId;
	if (untouched && before.hash !== context.hash) {
		const { name, nodes, connections, settings, pinData } = workflow;
		await client.workflows.update(id, { name, nodes, connections, settings, pinData });
		return await publish(false);
	}
	if (pointAtDesk(present, context)) {
		await client.workflows.update(id, { nodes: present.nodes, connections: present.connections });
		return { ...(await publish(!untouched)) };
	}
	return { id, versionId: present.versionId, kept: !untouched };
}

/**
 * Imports every workflow of `workflows/`. Safe to repeat: IDs are stable, edits are kept.
 * @param {ReturnType<import('../../tools/n8n/restClient').createRestClient>} client
 * @param {{ ticketsUrl: string, credentials: Record<string, { id: string, name: string }>, stateFile: string }} options
 *   `credentials` from `importCredentials`; `stateFile` remembers what was imported
 * @returns {Promise<Record<string, { id: string, kept: boolean }>>} by file name; `kept`: a version edited by the user
 */
async function importWorkflows(client, { ticketsUrl, credentials, stateFile }) {
	const state = readJson(stateFile) ?? {};
	const imported = {};
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

module.exports = { importWorkflows, filledIn, idOf };
