/**
 * `node --require ./tools/typescript tools/browser/install`: Chromium for the tests of the editor and for the screenshots. Does nothing where there is
 * one; installs Debian's package where that can be done without asking.
 */
import { spawnSync } from 'node:child_process';
import { runCommand } from '../lib/command';
import { findChromium } from './chromium';

/** The editor brings its own fonts; these are for what it has none for. */
const PACKAGES = ['chromium', 'fonts-liberation'];

/** @throws with the end of what apt-get said */
function aptGet(...args: string[]): void {
	const { status, error, stdout, stderr } = spawnSync('apt-get', args, {
		encoding: 'utf8',
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	});
	if (status === 0) return;
	const said = error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
	throw new Error(`apt-get ${args[0]} did not work, so there is no Chromium:\n${said}`);
}

/** @throws with how to get a Chromium, when there is none then */
function ensureChromium(): void {
	try {
		findChromium();
		return;
	} catch (missing) {
		const isDebian = spawnSync('apt-get', ['--version']).status === 0;
		if (!isDebian || process.getuid?.() !== 0) throw missing;
	}
	console.log(`Installing ${PACKAGES.join(' and ')} …`);
	aptGet('update', '-q');
	aptGet('install', '-q', '-y', '--no-install-recommends', ...PACKAGES);
	findChromium();
}

runCommand(ensureChromium);
