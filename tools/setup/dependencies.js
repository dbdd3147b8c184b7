'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { readJson, writeJson } = require('../lib/json');
const { npm } = require('../lib/run');
const { root } = require('../lib/paths');

/** What building and showing the package takes of the development dependencies: the rest is for tests and checks. */
const FOR_START = ['@swc/core', '@types/node', 'gulp', 'n8n-workflow', 'oidc-provider', 'typescript'];

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

/**
 * Whether the packages that `npm start` needs are installed as the lock file says, and whatever else is.
 * @param {Lock | undefined} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 * @returns {boolean}
 */
function isEnoughForStart(wanted, installed) {
	const present = installed?.packages;
	if (!wanted?.packages || !present) return false;
	return (
		FOR_START.every((name) => present[`node_modules/${name}`]) &&
		Object.entries(present).every(([place, { version }]) => wanted.packages?.[place]?.version === version)
	);
}

/** @param {string[]} parts  @returns {Lock | undefined} */
const read = (...parts) => readJson(path.join(root, ...parts));

/** Installs what `package-lock.json` lists, unless it is there already. */
async function installDependencies() {
	if (isInstalled(read('package-lock.json'), read('node_modules', '.package-lock.json'))) return;
	await npm(['ci', '--ignore-scripts', '--loglevel=http'], {
		label: 'Installing the dependencies (npm ci)',
		done: 'Dependencies installed',
		cwd: root,
		folder: root,
	});
}

/**
 * Installs what `npm start` needs, in the versions of `package-lock.json`, unless it or more is there already: a fifth of the
 * whole. npm cannot pick among the development dependencies, so it does it for a package that has no others.
 */
async function installForStart() {
	if (isEnoughForStart(read('package-lock.json'), read('node_modules', '.package-lock.json'))) return;
	/** @type {{ dependencies: Record<string, string>, devDependencies: Record<string, string>, overrides?: unknown }} */
	const { dependencies, devDependencies, overrides } = require(path.join(root, 'package.json'));
	const picked = Object.fromEntries(FOR_START.map((name) => [name, devDependencies[name]]));
	const folder = path.join(root, '.demo', 'dependencies');
	fs.rmSync(folder, { recursive: true, force: true });
	fs.mkdirSync(folder, { recursive: true });
	try {
		writeJson(path.join(folder, 'package.json'), {
			private: true,
			dependencies: { ...dependencies, ...picked },
			overrides,
		});
		fs.copyFileSync(path.join(root, 'package-lock.json'), path.join(folder, 'package-lock.json'));
		await npm(['install', '--ignore-scripts', '--loglevel=http'], {
			label: 'Installing the dependencies',
			done: 'Dependencies installed',
			cwd: folder,
			folder,
		});
		fs.rmSync(path.join(root, 'node_modules'), { recursive: true, force: true });
		fs.renameSync(path.join(folder, 'node_modules'), path.join(root, 'node_modules'));
	} finally {
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

module.exports = { FOR_START, installDependencies, installForStart, isEnoughForStart, isInstalled };
