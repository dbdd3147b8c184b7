'use strict';
/**
 * Child processes that live no longer than the test that started them.
 *
 * Node children are forked and talk over IPC: they end themselves when the channel closes, which it does when the
 * parent dies, however it dies. Other programs get PR_SET_PDEATHSIG through util-linux's `setpriv`.
 */
const { fork, spawn } = require('node:child_process');

const START_DEADLINE_MS = 30_000;
const TERM_GRACE_MS = 2_000;
const KEPT_OUTPUT = 16_000;

/**
 * Ends a child by its own process ID: SIGTERM first, SIGKILL when it has not gone after two seconds.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<void>} settled when the process is gone
 */
function stopChild(child) {
	if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
	return new Promise((resolve) => {
		const killer = setTimeout(() => child.kill('SIGKILL'), TERM_GRACE_MS);
		child.once('exit', () => {
			clearTimeout(killer);
			resolve();
		});
		child.kill('SIGTERM');
	});
}

/** Keeps the end of what a child prints, for the error text of a start that did not come off. */
function keepOutput(child) {
	let text = '';
	const keep = (chunk) => {
		text = (text + chunk).slice(-KEPT_OUTPUT);
	};
	child.stdout?.setEncoding('utf8').on('data', keep);
	child.stderr?.setEncoding('utf8').on('data', keep);
	return () => text;
}

/**
 * Waits for what `subscribe` reports, for the child's end or for the deadline, whichever comes first.
 * @template T
 * @param {string} name for error texts
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} output
 * @param {(ready: (value: T) => void, failed: (reason: string) => void) => void} subscribe
 * @returns {Promise<T>}
 */
async function whenReady(name, child, output, subscribe) {
	let timer;
	try {
		return await new Promise((resolve, reject) => {
			const fail = (reason) => reject(new Error(`${name} ${reason}\n${output()}`));
			timer = setTimeout(() => fail(`was not ready after ${START_DEADLINE_MS} ms`), START_DEADLINE_MS);
			child.once('error', (cause) => fail(`could not be started: ${cause.message}`));
			child.once('exit', (code, signal) => fail(`ended before it was ready (${signal ?? code})`));
			subscribe(resolve, fail);
		});
	} catch (cause) {
		await stopChild(child);
		throw cause;
	} finally {
		clearTimeout(timer);
	}
}

/**
 * Forks a Node script, sends it `{ start: options }` and waits for its `{ ready: ... }`.
 * @param {string} name for error texts
 * @param {string} script absolute path; see ./serveChild.js for its side
 * @param {object} options JSON
 */
async function forkServer(name, script, options) {
	const child = fork(script, [], {
		execArgv: [],
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		env: { PATH: process.env.PATH },
	});
	const output = keepOutput(child);
	const ready = await whenReady(name, child, output, (resolve, failed) => {
		child.on('message', (message) => {
			if (message.ready) resolve(message.ready);
			if (message.failed) failed(`did not start: ${message.failed}`);
		});
		child.send({ start: options });
	});
	let lastCall = 0;
	return {
		/** What the child sent as `ready`, e.g. `{ port }`. */
		ready,
		pid: child.pid,
		output,
		/** Calls one of the functions the child offers. @param {string} method @param {unknown} [argument] */
		call: (method, argument) =>
			new Promise((resolve, reject) => {
				const id = ++lastCall;
				const answered = (message) => {
					if (message.answerTo !== id) return;
					child.off('message', answered);
					child.off('exit', ended);
					if (message.fault) reject(new Error(`${name}: ${message.fault}`));
					else resolve(message.value);
				};
				const ended = () => reject(new Error(`${name} has ended\n${output()}`));
				child.on('message', answered);
				child.once('exit', ended);
				child.send({ call: method, id, argument });
			}),
		stop: () => stopChild(child),
	};
}

/**
 * Starts any other program; it is killed when this process dies. `ready` is asked again with each chunk of output.
 * @template T
 * @param {string} name for error texts
 * @param {string[]} command program and arguments
 * @param {{ cwd?: string, env?: Record<string, string>, input?: string, ready: (output: string) => T | undefined }} options
 *   `input` is written to its standard input, which then stays open.
 */
async function spawnServer(name, command, { cwd, env = {}, input, ready }) {
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
		cwd,
		env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	const output = keepOutput(child);
	child.stdin.on('error', () => undefined);
	if (input !== undefined) child.stdin.write(input);
	const value = await whenReady(name, child, output, (resolve) => {
		const look = () => {
			const found = ready(output());
			if (found !== undefined) resolve(found);
		};
		child.stdout.on('data', look);
		child.stderr.on('data', look);
	});
	return { ready: value, pid: child.pid, output, stop: () => stopChild(child) };
}

module.exports = { forkServer, spawnServer };
