'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { say } = require('../lib/progress');

/** Debian keeps PostgreSQL's programs by version, outside PATH; Homebrew and others put them on PATH. */
const POSTGRES_FOLDER = '/usr/lib/postgresql';

/** @param {string} name  @param {string[]} folders  @returns {string | undefined} its path */
const lookIn = (name, folders) => folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));

const onPath = () => (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);

/** @returns {string[]} the newest first */
function postgresFolders() {
	if (!fs.existsSync(POSTGRES_FOLDER)) return [];
	const versions = fs.readdirSync(POSTGRES_FOLDER).sort((a, b) => Number(b) - Number(a));
	return versions.map((version) => path.join(POSTGRES_FOLDER, version, 'bin'));
}

/** What is needed of each, the Debian package that has it, and where to look. */
const NEEDED = {
	redis: {
		debianPackage: 'redis-server',
		find: () => {
			const server = lookIn('redis-server', [...onPath(), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']);
			return server && { server };
		},
	},
	postgres: {
		debianPackage: 'postgresql',
		find: () => {
			const folders = [...postgresFolders(), ...onPath(), '/opt/homebrew/bin'];
			const [server, initdb] = ['postgres', 'initdb'].map((name) => lookIn(name, folders));
			return server && initdb && { server, initdb };
		},
	},
};

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs Debian packages without letting their services start (Debian policy 9.3.3.2: `policy-rc.d`), nor later on:
 * only our own instances are to run.
 * @param {string[]} packages
 */
function installQuietly(packages) {
	const run = (command, args) =>
		execFileSync(command, args, {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		});
	const ours = !fs.existsSync(POLICY);
	if (ours) fs.writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	try {
		const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
		try {
			install();
		} catch {
			// An image without package lists.
			run('apt-get', ['update']);
			install();
		}
		// Where systemd rules, a service that was not started now would be started at the next boot.
		if (fs.existsSync('/run/systemd/system')) run('systemctl', ['disable', ...packages]);
	} finally {
		if (ours) fs.rmSync(POLICY, { force: true });
	}
}

/** @param {string[]} packages  @returns {string} what a user without root can do */
const advice = (packages) =>
	`This needs ${packages.join(' and ')}. Install ${packages.length > 1 ? 'them' : 'it'} once, as root:\n` +
	`  apt-get install ${packages.join(' ')}\n` +
	'Their services need not run. Or use servers you have: QUEUE_BULL_REDIS_HOST and DB_POSTGRESDB_HOST (docs/queue-mode.md).';

/**
 * Redis' and PostgreSQL's programs, from what is installed, or from Debian when this runs as root there.
 * @param {Array<'redis' | 'postgres'>} names
 * @returns {{ redis?: { server: string }, postgres?: { server: string, initdb: string } }} paths
 * @throws {Error} which says what to install, when something is missing and cannot be installed from here
 */
function ensurePrograms(names) {
	const missing = names.filter((name) => !NEEDED[name].find()).map((name) => NEEDED[name].debianPackage);
	if (missing.length > 0) {
		if (process.getuid?.() !== 0 || !lookIn('apt-get', ['/usr/bin'])) throw new Error(advice(missing));
		say(`  … Installing ${missing.join(' and ')} (apt-get); their services are not started`);
		try {
			installQuietly(missing);
		} catch (cause) {
			throw new Error(
				`${advice(missing)}\napt-get said: ${String(cause.stderr ?? cause.message)
					.trim()
					.slice(-500)}`,
				{ cause },
			);
		}
	}
	return Object.fromEntries(names.map((name) => [name, NEEDED[name].find()]));
}

module.exports = { ensurePrograms };
