'use strict';
const path = require('node:path');
const { readJson } = require('../lib/json');
const { npm } = require('../lib/run');
const { root } = require('../lib/paths');

/**
 * Whether what is installed is what the lock file says. npm writes the second of these files at the end of an
 * installation, so one that was interrupted has none. Entries that are optional may be missing: they are for other machines.
 * @param {{ packages?: Record<string, { version?: string, optional?: boolean, peer?: boolean, link?: boolean }> } | undefined} wanted package-lock.json
 * @param {typeof wanted} installed node_modules/.package-lock.json
 * @returns {boolean}
 */
function isInstalled(wanted, installed) {
	if (!wanted?.packages || !installed?.packages) return false;
	return Object.entries(wanted.packages).every(([place, entry]) => {
		if (place === '' || entry.link) return true;
		const found = installed.packages[place];
		return found ? found.version === entry.version : Boolean(entry.optional || entry.devOptional);
	});
}

/** Installs what `package-lock.json` lists, unless it is there already. */
async function installDependencies() {
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
