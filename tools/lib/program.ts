'use strict';
const path = require('node:path');
const { startChild } = require('./process');

const keeper = path.join(__dirname, 'keeper.ts');

/**
 * @typedef {object} Program
 * @property {number} pid of the program itself
 * @property {() => string} log
 * @property {() => string | undefined} ended how it ended, if it has
 * @property {(signal: NodeJS.Signals) => Promise<void>} end sends the signal to the program and waits until it is gone
 * @property {() => Promise<void>} stop an orderly end
 */

/**
 * Starts a program that ends with this process, however this ends.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, logFile: string, user?: { uid: number, gid: number }, stopSignal?: NodeJS.Signals }} options
 *   `user` to run as (only root may choose) · `stopSignal` for an orderly end
 * @returns {Promise<Program>}
 */
async function startProgram(command, args, { cwd, logFile, user, stopSignal = 'SIGTERM' }) {
	const child = startChild(keeper, { args: [JSON.stringify({ command, args, cwd, ...user, stopSignal })], logFile });
	const gone = new Promise((resolve) => child.child.once('exit', resolve));
	const pid = await new Promise((resolve, reject) => {
		child.child.once('message', (message) => resolve(message.pid));
		void gone.then(() => reject(new Error(`${command} did not start:\n${child.log()}`)));
	});
	return {
		pid,
		log: child.log,
		ended: child.ended,
		async end(signal) {
			if (!child.ended()) process.kill(pid, signal);
			await gone;
		},
		stop: () => child.stop(),
	};
}

module.exports = { startProgram };
