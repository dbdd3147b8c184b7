'use strict';
const { portFrom } = require('../../tools/lib/ports');

/** n8n at its usual port, the rest beside each other. */
const WANTED = { n8n: 5678, ticketDesk: 4010, authorizationServer: 4011, requestCatcher: 4012 };
const NAMES = {
	n8n: 'editor',
	ticketDesk: 'ticket desk',
	authorizationServer: 'authorisation server',
	requestCatcher: 'request catcher',
};

/**
 * Ports for everything: the usual ones, or the next free ones.
 * @returns {Promise<{ n8n: number, ticketDesk: number, authorizationServer: number, requestCatcher: number, moved: string[] }>}
 *   `moved`: news about ports that were taken
 */
async function choosePorts() {
	// Nobody gives way to the usual port of another one.
	const taken = new Set(Object.values(WANTED));
	const ports = { moved: [] };
	for (const [name, wanted] of Object.entries(WANTED)) {
		taken.delete(wanted);
		const port = await portFrom(wanted, taken);
		if (port !== wanted) ports.moved.push(`Port ${wanted} is taken, so the ${NAMES[name]} is at ${port}.`);
		taken.add(port);
		ports[name] = port;
	}
	return ports;
}

module.exports = { choosePorts };
