'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { isAlive } = require('./lock');

const { nodeArguments } = require('../typescript');

const guard = path.join(__dirname, 'guard.js');

/** What ends each child at once; one listener for all of them. */
const living = new Set();
process.once('exit', () => {
	for (const endAtOnce of living) endAtOnce();
});

/**
 * A Node process of ours that cannot be left behind: when this process ends, however it ends, the channel between the two
 * closes and the child ends itself (`guard.js`); in an orderly end it is stopped by its process ID. What the child starts
 * is in its process group and goes with it.
 * @param {string} script
 * @param {{ node?: string, args?: string[], cwd?: string, env?: NodeJS.ProcessEnv, logFile: string }} options
 *   `logFile` takes what it prints
 * @returns {{ pid: number, child: import('node:child_process').ChildProcess, log(): string, ended(): string | undefined,
 *   closed: Promise<void>, stop(patience?: number): Promise<void> }}
 *   `ended` tells how it ended, if it has, `closed` waits for that; `stop` asks it to end and after `patience`
 *   milliseconds makes it
 */
function startChild(script, { node = process.execPath, args = [], cwd, env = process.env, logFile }) {
	fs.mkdirSync(path.dirname(logFile), { recursive: true });
	const output = fs.openSync(logFile, 'w');
	const child = spawn(node, ['--require', guard, ...(script.endsWith('.ts') ? nodeArguments : []), script, ...args], {
		cwd,
		env,
		stdio: ['ignore', output, output, 'ipc'],
		// A group of its own, so that Ctrl-C in the terminal reaches only this process, which then stops things in order.
		detached: process.platform !== 'win32',
	});
	fs.closeSync(output);
	let end;
	const closed = new Promise((resolve) => {
		const settle = (reason) => {
			end ??= reason;
			resolve();
		};
		child.once('error', (error) => settle(error.message));
		child.once('exit', (code, signal) => settle(`it ended with ${signal ?? `exit code ${code}`}`));
	});
	const signal = (name) => {
		if (!child.pid || (end && !groupIsAlive(child.pid))) return;
		try {
			process.kill(process.platform === 'win32' ? child.pid : -child.pid, name);
		} catch {
			// It has gone in the meantime.
		}
	};
	const endAtOnce = () => signal('SIGKILL');
	living.add(endAtOnce);
	return {
		pid: child.pid,
		child,
		log: () => fs.readFileSync(logFile, 'utf8'),
		ended: () => end,
		closed,
		async stop(patience = 15_000) {
			if (!end && child.pid) process.kill(child.pid, 'SIGTERM');
			const timer = setTimeout(() => signal('SIGKILL'), patience);
			await closed;
			clearTimeout(timer);
			// Whatever of its own it has left.
			signal('SIGKILL');
			living.delete(endAtOnce);
		},
	};
}

const groupIsAlive = (pid) => process.platform !== 'win32' && isAlive(-pid);

module.exports = { startChild };
