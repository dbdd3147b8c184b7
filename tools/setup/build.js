'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { readJson, writeJson } = require('../lib/json');
const { withLock } = require('../lib/lock');
const { npm } = require('../lib/run');
const { root, sha256 } = require('../lib/paths');

const SOURCES = [
	'lib',
	'credentials',
	'nodes',
	'package.json',
	'tsconfig.json',
	'tsconfig.build.json',
	'gulpfile.js',
	'package-lock.json',
];
/** Held while `node_modules` and `dist` change, and while `dist` is read as a whole. */
const lockFile = path.join(root, '.demo', 'setup.lock');
const stampFile = path.join(root, 'node_modules', '.cache', 'webhook-dispatch', 'build.json');

/** @param {string} place  @returns {string[]} the files below it, sorted; itself when it is a file */
function filesOf(place) {
	const stat = fs.statSync(place, { throwIfNoEntry: false });
	if (!stat) return [];
	if (!stat.isDirectory()) return [place];
	return fs
		.readdirSync(place)
		.sort()
		.flatMap((name) => filesOf(path.join(place, name)));
}

/**
 * @param {string[]} places relative to the clone
 * @returns {string} one hash over names and contents; '' when there is no file at all
 */
function contentHash(places) {
	const files = places.flatMap((place) => filesOf(path.join(root, place)));
	if (files.length === 0) return '';
	return sha256(files.map((file) => `${path.relative(root, file)} ${sha256(fs.readFileSync(file))}`).join('\n'));
}

/**
 * Builds `dist`, unless it is what the present sources gave. Both sides are compared by content: a checkout changes times
 * without changing files, and a `dist` from elsewhere is not ours.
 */
async function buildPackage() {
	const sources = contentHash(SOURCES);
	/** @type {{ sources: string, dist: string } | undefined} */
	const stamp = readJson(stampFile);
	const present = contentHash(['dist']);
	if (present && stamp?.sources === sources && stamp?.dist === present) return;
	await npm(['run', 'clean', '--silent'], { label: 'Clearing dist', cwd: root });
	await npm(['run', 'build', '--silent'], { label: 'Building the package', done: 'Package built', cwd: root });
	writeJson(stampFile, { sources, dist: contentHash(['dist']) });
}

/**
 * Runs `work` while no other set-up of this clone is at work: what it finds in `dist` is a whole build.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} [onWait] called once, with the process that is being waited for
 * @returns {Promise<T>}
 */
const withSetUpLock = async (work, onWait) => await withLock(lockFile, work, onWait);

module.exports = { withSetUpLock, buildPackage, contentHash };
