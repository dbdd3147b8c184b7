'use strict';
const path = require('node:path');
const { readJson } = require('../lib/json');
const { npm } = require('../lib/run');
const { root } = require('../lib/paths');

/** @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }> }} Lock */

/**
 * Whether what is installed is what the lock file says. npm writes the second of these files at the end of an
 * installation, so one that was interrupted has none. Entries that are optional may be missing: they are for other machines.
 * @param {Lock | undefined} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 * @returns {boolean}
 */
function isInstalled(wanted, installed) {
	const present = installed?.packages;
	if (!wanted?.packages || !present) return false;
	return Object.entries(wanted.packages).every(([place, entry]) => {
		if (place === '' || entry.link) return true;
		const found = present[place];
		return found ? found.version === entry.version : Boolean(entry.optional || entry.devOptional);
	});
}

/** Installs what `package-lock.json` lists, unless it is there already. */
async function installDependencies() {
	/** @param {string[]} parts  @returns {Lock | undefined} */
	const read = (...parts) => readJson(path.join(root, ...parts));
	if (isInstalled(read('package-lock.json'), read('node_modules', '.package-lock.json'))) return;
	await npm(['ci', '--ignore-scripts', '--loglevel=http'], {
		label: 'Installing the dependencies (npm ci)',
		done: 'Dependencies installed',
		cwd: root,
		folder: root,
	});
}

module.exports = { installDependencies, isInstalled };
