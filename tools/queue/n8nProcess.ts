'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { startChild } = require('../lib/process');
const { waitFor } = require('../lib/wait');
const { n8nEnvironment } = require('../n8n/environment');
const { installPackage } = require('../n8n/package');
const { quietPort } = require('./ports');

/** Three or four of them start together, on two cores that others may use. */
const READY_WITHIN = 300_000;

/** How often it may end before it is ready: one whose database is just coming up, say. */
const STARTS = 2;

/** The commands of n8n, and where each tells that it is ready. */
const KINDS = {
	main: { command: 'start', readiness: '/healthz/readiness' },
	webhook: { command: 'webhook', readiness: '/healthz/readiness' },
	worker: { command: 'worker', readiness: '/healthz/readiness' },
};

/**
 * One process of an n8n in queue mode, with a user folder of its own as in a container.
 * @param {object} options
 * @param {'main' | 'webhook' | 'worker'} options.kind
 * @param {string} options.name of its folder and log
 * @param {{ node: string, command: string, folder: string }} options.n8n from `ensureN8n`
 * @param {string} options.folder where its user folder goes
 * @param {string} options.packageFolder from `preparePackage`
 * @param {Record<string, string | undefined>} options.env what all processes share
 * @param {number} [options.port] a free one when not given
 * @param {number} [options.concurrency] jobs at a time, of a worker
 */
async function createQueueProcess({ kind, name, n8n, folder, packageFolder, env, port, concurrency }) {
	const userFolder = path.join(folder, name);
	const chosen = port ?? (await quietPort());
	const url = `http://127.0.0.1:${chosen}`;
	fs.mkdirSync(userFolder, { recursive: true });
	installPackage({ userFolder, packageFolder, n8nFolder: n8n.folder });
	const whole = await n8nEnvironment({
		port: chosen,
		userFolder,
		env: {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(chosen),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(await quietPort()),
			...env,
		},
	});
	const { command, readiness } = KINDS[kind];
	let child;
	let starts = 0;
	const earlierLogs = [];

	function start() {
		starts += 1;
		if (child) earlierLogs.push(child.log());
		child = startChild(n8n.command, {
			node: n8n.node,
			args: [command, ...(concurrency === undefined ? [] : [`--concurrency=${concurrency}`])],
			cwd: userFolder,
			env: whole,
			logFile: path.join(folder, 'logs', `${name}.log`),
		});
		return child;
	}

	return {
		kind,
		name,
		url,
		port: chosen,
		/** @returns {number} of the process that runs now */
		pid: () => child.pid,
		/** How often it was started. */
		starts: () => starts,
		start,
		/** Ready: database and Redis reached, migrations done. One that ends and is started again gets its time, too. */
		async ready() {
			const before = starts;
			await waitFor(async () => (await fetch(`${url}${readiness}`)).ok, {
				what: `n8n's ${name} at ${url}`,
				deadline: READY_WITHIN,
				giveUp: () =>
					child.ended() &&
					starts - before >= STARTS &&
					`${child.ended()}\n${child.log().trimEnd().split('\n').slice(-30).join('\n')}`,
			});
		},
		/** @returns {string} everything it has printed, earlier runs first */
		log: () => [...earlierLogs, child.log()].join(''),
		ended: () => child?.ended(),
		/** As an out-of-memory killer or a lost machine would: no chance to do anything. Its task runner goes too. */
		async kill() {
			if (process.platform === 'win32') process.kill(child.pid, 'SIGKILL');
			else process.kill(-child.pid, 'SIGKILL');
			await waitFor(() => child.ended(), { what: `the end of ${name}`, every: 20 });
		},
		/** An orderly end: a worker finishes what it is doing, for at most `N8N_GRACEFUL_SHUTDOWN_TIMEOUT`. */
		stop: async (patience = 40_000) => await child?.stop(patience),
	};
}

module.exports = { createQueueProcess };
