'use strict';
const os = require('node:os');
const fs = require('node:fs');
const path = require('node:path');
const { startChild } = require('../../tools/lib/process');

const BY_CHANNEL = '--options-by-channel';

/** The guard lets the channel keep nothing alive; until the message is there, it must. */
async function messageFromStarter() {
	process.channel.ref();
	const message = await new Promise((resolve) => process.once('message', resolve));
	process.channel.unref();
	return message;
}

/** Secrets come over the channel to the starter: everybody on the machine can read a command line. */
async function givenOptions() {
	const [argument] = process.argv.slice(2);
	if (argument === BY_CHANNEL) return await messageFromStarter();
	return argument ? JSON.parse(argument) : {};
}

/**
 * Lets a server file be run by itself: `node demo/servers/<name>.js '{"port":4010}'`. It prints its address and stops on
 * SIGINT or SIGTERM.
 * @param {NodeModule} module the server's
 * @param {(options: any) => Promise<{ url: string, stop(): Promise<void> }>} start
 */
function runWhenMain(module, start) {
	if (require.main !== module) return;
	givenOptions()
		.then(start)
		.then(
			({ stop, ...facts }) => {
				console.log(facts.url);
				process.send?.({ facts });
				for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
					process.once(signal, () => stop().then(() => process.exit(0)));
			},
			(error) => {
				console.error(error.message);
				process.exit(1);
			},
		);
}

/**
 * Starts one of the servers in this folder as a process: for jest, which cannot load ESM-only packages.
 * @param {'authorization-server' | 'ticket-desk' | 'request-catcher'} name
 * @param {object} [options] what its `start` takes
 * @param {{ node?: string, logFile?: string }} [process] another Node than this one; where its output goes
 * @returns {Promise<any>} what its `start` gives: `{ url, …, stop() }`
 * @throws {Error} with what it printed, when it does not start
 */
async function startServer(name, options = {}, { node, logFile } = {}) {
	const folder = logFile ? undefined : fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
	const server = startChild(path.join(__dirname, `${name}.ts`), {
		node,
		args: [BY_CHANNEL],
		logFile: logFile ?? path.join(folder, 'log'),
	});
	server.child.send(options);
	const facts = await new Promise((resolve, reject) => {
		server.child.once('message', (message) => resolve(message.facts));
		server.child.once('error', reject);
		server.child.once('exit', () => reject(new Error(`${name} did not start:\n${server.log()}`)));
	});
	return {
		...facts,
		log: server.log,
		async stop() {
			await server.stop();
			if (folder) fs.rmSync(folder, { recursive: true, force: true });
		},
	};
}

module.exports = { runWhenMain, startServer };
