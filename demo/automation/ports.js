'use strict';
const { portFrom } = require('../lib/ports');

/** n8n at its usual port, the rest beside each other. */
const WANTED = { n8n: 5678, ticketDesk: 4010, authorizationServer: 4011, requestCatcher: 4012 };

/**
 * Ports for everything: the usual ones, or the next free ones.
 * @returns {Promise<{ n8n: number, ticketDesk: number, authorizationServer: number, requestCatcher: number, moved: string[] }>}
 *   `moved`: news about ports that were taken
 */
async function choosePorts() {
	const taken = new Set();
	const ports = { moved: [] };
	for (const [name, wanted] of Object.entries(WANTED)) {
		const port = await portFrom(wanted, taken);
		if (port !== wanted) ports.moved.push(`Port ${wanted} is taken, so the ${name === 'n8n' ? 'editor' : name} is at ${port}.`);
		taken.add(port);
		ports[name] = port;
	}
	return ports;
}

module.exports = { choosePorts };
