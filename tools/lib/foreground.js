'use strict';
/**
 * What a command that stays in the terminal has in common with the others: one at a time in a folder, set-up first, then
 * TypeScript, and everything ended in order at Ctrl-C. JavaScript, as it begins before the dependencies are there.
 */
const path = require('node:path');
const { setUp } = require('../setup');
const { readJson, writeJson } = require('./json');
const { heldBy, withLock } = require('./lock');
const { messageOf } = require('./messageOf');
const { say } = require('./progress');
const { SIGNALS } = require('./signals');

/** @typedef {{ stop(): Promise<unknown> }} Stoppable */

/**
 * @typedef {object} Foreground what the work of a command may use
 * @property {<T extends Stoppable>(started: T) => T} add has something ended with the command, the last added first
 * @property {(url: string) => void} tellAddress for those who start the same command once more
 */

/** @type {Stoppable[]} */
const running = [];
let isEnding = false;
/** @type {Promise<void> | undefined} */
let end;

/** Ends what was started, once, whoever asks. */
function endAll() {
	end ??= (async () => {
		for (let last = running.pop(); last; last = running.pop()) await Promise.allSettled([last.stop()]);
	})();
	return end;
}

/** A signal ends everything in order; a second one at once (`exit` handlers then kill what is left). */
function endOnSignals() {
	for (const [signal, number] of Object.entries(SIGNALS)) {
		process.on(signal, async () => {
			if (isEnding) process.exit(128 + number);
			isEnding = true;
			if (running.length > 0) trySay('\nEnding n8n and its servers …');
			await endAll();
			process.exit(signal === 'SIGINT' ? 0 : 128 + number);
		});
	}
}

/** The terminal may be gone. @param {string} text */
function trySay(text) {
	try {
		say(text);
	} catch {
		// Nobody to report to.
	}
}

/**
 * Runs a command to its end, and this process with it.
 * @param {string} folder of the command's data: one at a time uses it, as two would share a database
 * @param {(foreground: Foreground) => Promise<number>} work loads TypeScript when it is called, not earlier; gives the exit code
 */
async function runInForeground(folder, work) {
	const lockFile = path.join(folder, 'running.lock');
	const noteFile = path.join(folder, 'running.json');
	endOnSignals();
	try {
		const holder = heldBy(lockFile);
		if (holder) {
			/** @type {{ url: string } | undefined} */
			const note = readJson(noteFile);
			throw new Error(`It runs already (process ${holder}${note ? `, ${note.url}` : ''}). End that one first.`);
		}
		const code = await withLock(lockFile, async () => {
			try {
				await setUp({ forStart: true });
				require('../typescript');
				return await work({
					add: (started) => {
						running.push(started);
						return started;
					},
					tellAddress: (url) => writeJson(noteFile, { url, pid: process.pid }),
				});
			} finally {
				await endAll();
			}
		});
		process.exit(code);
	} catch (error) {
		// What is being ended fails for that.
		if (isEnding) return;
		console.error(`\n${messageOf(error)}`);
		process.exit(1);
	}
}

module.exports = { runInForeground };
