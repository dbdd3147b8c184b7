'use strict';
/**
 * `node tools/browser/install.js`: Chromium for the tests of the editor and for the screenshots. Does nothing where there is
 * one; installs Debian's package where that can be done without asking.
 */
const { spawnSync } = require('node:child_process');
const { findChromium } = require('./chromium');

/** The editor brings its own fonts; these are for what it has none for. */
const PACKAGES = ['chromium', 'fonts-liberation'];

/** @throws {Error} with the end of what apt-get said */
function aptGet(...args) {
	const { status, error, stdout, stderr } = spawnSync('apt-get', args, {
		encoding: 'utf8',
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	});
	if (status === 0) return;
	const said = error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
	throw new Error(`apt-get ${args[0]} did not work, so there is no Chromium:\n${said}`);
}

/** @returns {string} the Chromium there is now  @throws {Error} with how to get one */
function ensureChromium() {
	try {
		return findChromium();
	} catch (missing) {
		const isDebian = spawnSync('apt-get', ['--version']).status === 0;
		if (!isDebian || process.getuid?.() !== 0) throw missing;
	}
	console.log(`Installing ${PACKAGES.join(' and ')} …`);
	aptGet('update', '-q');
	aptGet('install', '-q', '-y', '--no-install-recommends', ...PACKAGES);
	return findChromium();
}

if (require.main === module) {
	try {
		ensureChromium();
	} catch (error) {
		console.error(error.message);
		process.exit(1);
	}
}

module.exports = { ensureChromium };
