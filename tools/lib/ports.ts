'use strict';
const net = require('node:net');

/**
 * @param {number} [port] 0 for any
 * @returns {Promise<number | undefined>} the port when it can be listened on at 127.0.0.1
 */
const probePort = (port = 0) =>
	new Promise((resolve) => {
		const server = net.createServer();
		server.once('error', () => resolve(undefined));
		server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
			const free = server.address().port;
			server.close(() => resolve(free));
		});
	});

/** @returns {Promise<number>} a port that was free a moment ago */
const freePort = async () => await probePort(0);

/**
 * @param {number} preferred
 * @param {Set<number>} [taken] ports that are promised to somebody already
 * @returns {Promise<number>} it, or the next free one among the following fifty, or any
 */
async function portFrom(preferred, taken = new Set()) {
	for (let port = preferred; port < preferred + 50; port++) {
		if (!taken.has(port) && (await probePort(port))) return port;
	}
	return await freePort();
}

module.exports = { freePort, portFrom };
