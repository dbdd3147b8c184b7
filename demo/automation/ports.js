'use strict';
const path = require('node:path');
const { readJson, writeJson } = require('../lib/json');
const { portFrom } = require('../lib/ports');

/** n8n at its usual port, the rest beside each other. */
const WANTED = { n8n: 5678, ticketDesk: 4010, authorizationServer: 4011, requestCatcher: 4012 };

/**
 * Ports for everything, the same as at the last start where they are free: addresses stand in workflows and bookmarks.
 * @param {string} folder keeps them
 * @returns {Promise<{ n8n: number, ticketDesk: number, authorizationServer: number, requestCatcher: number, moved: string[] }>}
 *   `moved`: news about ports that were taken
 */
async function choosePorts(folder) {
	const file = path.join(folder, 'ports.json');
	const before = readJson(file) ?? {};
	const taken = new Set();
	const ports = { moved: [] };
	for (const [name, wanted] of Object.entries(WANTED)) {
		const preferred = before[name] ?? wanted;
		const port = await portFrom(preferred, taken);
		if (port !== preferred) ports.moved.push(`Port ${preferred} is taken; ${name} uses ${port}.`);
		taken.add(port);
		ports[name] = port;
	}
	// What is free again next time is better there: only n8n's address is one that people keep.
	writeJson(file, { ...ports, moved: undefined });
	return ports;
}

module.exports = { choosePorts };
