'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { startChild } = require('../lib/process');
const { freePort } = require('../lib/ports');
const { waitFor } = require('../lib/wait');
const { n8nEnvironment } = require('./environment');
const { ensureN8n } = require('./install');
const { signIn } = require('./owner');
const { installPackage } = require('./package');
const { createRestClient } = require('./restClient');

/** A start with a new database takes 10 s on two idle cores; a busy machine gets its time. */
const READY_WITHIN = 180_000;

/**
 * @typedef {object} RunningN8n
 * @property {string} url without a slash at its end
 * @property {string} email the owner's
 * @property {string} password the owner's
 * @property {ReturnType<typeof createRestClient>} client signed in
 * @property {number} pid
 * @property {() => string} log everything n8n has printed so far
 * @property {() => string | undefined} ended how it ended, when it has by itself
 * @property {Promise<void>} closed when it has ended, for whatever reason
 * @property {() => Promise<void>} stop ends it and what it started
 */

/**
 * Starts the pinned n8n on loopback, on SQLite, with the package installed as a community package, and signs in. A user
 * folder that was used before is taken up again: database, encryption key, owner.
 * @param {{ userFolder: string, port?: number, env?: Record<string, string | undefined>, packageFolder?: string }} options
 *   `port`: a free one when not given · `env`: n8n's variables over the quiet defaults, `undefined` takes one away ·
 *   `packageFolder`: from `preparePackage`; without it n8n has its own nodes only
 * @returns {Promise<RunningN8n>}
 * @throws {Error} with the end of n8n's log, when it does not become ready
 */
async function startN8n({ userFolder, port, env, packageFolder }) {
	const n8n = await ensureN8n();
	const chosen = port ?? (await freePort());
	fs.mkdirSync(userFolder, { recursive: true });
	if (packageFolder) installPackage({ userFolder, packageFolder, n8nFolder: n8n.folder });
	const child = startChild(n8n.command, {
		node: n8n.node,
		args: ['start'],
		cwd: userFolder,
		env: await n8nEnvironment({ port: chosen, userFolder, env }),
		logFile: path.join(userFolder, 'n8n.log'),
	});
	const url = `http://127.0.0.1:${chosen}`;
	try {
		await waitFor(async () => (await fetch(`${url}/healthz/readiness`)).ok, {
			what: `n8n at ${url}`,
			deadline: READY_WITHIN,
			giveUp: child.ended,
		});
		const client = createRestClient(url);
		const { email, password } = await signIn(client, userFolder);
		return {
			url,
			email,
			password,
			client,
			pid: child.pid,
			log: child.log,
			ended: child.ended,
			closed: child.closed,
			stop: child.stop,
		};
	} catch (cause) {
		await child.stop();
		const last = child.log().trimEnd().split('\n').slice(-30).join('\n');
		throw new Error(`${cause.message}\nThe end of its log (${path.join(userFolder, 'n8n.log')}):\n${last}`, { cause });
	}
}

module.exports = { startN8n };
