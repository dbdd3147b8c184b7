'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startChild } = require('../../tools/lib/process');
const { issueCertificate } = require('./typescript').load('test/support/receiver/certificates.ts');

/**
 * @typedef {{ requests: number, bodyBytes: number, connections: number, open: number, mostOpen: number }} Received
 *   since the last reset; `connections` were opened, `mostOpen` of all were open at once
 */

/**
 * Starts the destination of the measurements as a process.
 * @param {string} folder for its log and its certificate
 * @returns {Promise<{ http: string, https: string, certificateFile: string, reset(): Promise<void>,
 *   state(): Promise<Received>, stop(): Promise<void> }>} `http` and `https` are URLs without a slash at their end
 */
async function startReceiver(folder) {
	const identity = issueCertificate();
	const certificateFile = path.join(folder, 'receiver.pem');
	fs.writeFileSync(certificateFile, identity.cert);
	const server = startChild(path.join(__dirname, 'receiver.child.js'), { logFile: path.join(folder, 'receiver.log') });
	const { ask } = channelTo(server.child);
	const addresses = await ask('start', identity);
	return {
		http: addresses.http,
		https: addresses.https,
		certificateFile,
		reset: async () => void (await ask('reset')),
		state: async () => await ask('state'),
		stop: async () => await server.stop(2_000),
	};
}

/** Questions and answers over a child's channel. */
function channelTo(child) {
	const open = new Map();
	let last = 0;
	child.on('message', ({ id, ...answer }) => {
		open.get(id)?.resolve(answer);
		open.delete(id);
	});
	child.once('exit', (code) => {
		for (const { reject } of open.values()) reject(new Error(`The receiver ended (${code})`));
	});
	return {
		ask: (command, given = {}) =>
			new Promise((resolve, reject) => {
				const id = ++last;
				open.set(id, { resolve, reject });
				child.send({ id, command, ...given });
			}),
	};
}

/** @returns {string} what the numbers were measured on: processor, cores, memory, system */
function machine() {
	const cpus = os.cpus();
	const gigabytes = Math.round(os.totalmem() / 2 ** 30);
	return `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${gigabytes} GB, ${os.type()} ${os.release()}`;
}

module.exports = { startReceiver, machine };
