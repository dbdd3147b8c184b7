import fs from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';

/** Where Debian, and others, put it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--disable-features=Translate,OptimizationHints,MediaRouter',
	'--force-color-profile=srgb',
	'--hide-scrollbars',
	// Nothing here is to leave the machine: other hosts are not found, at once.
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/**
 * The Chromium of this machine; `CHROMIUM` names another one.
 * @throws when there is none, with how to get one
 */
export function findChromium(): string {
	const folders = (process.env.PATH ?? '').split(path.delimiter);
	const found = [
		process.env.CHROMIUM,
		...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))),
	].find((file) => file && fs.existsSync(file));
	if (found) return found;
	throw new Error(
		'There is no Chromium on this machine. Debian: sudo apt-get update && sudo apt-get install -y chromium. Elsewhere: set CHROMIUM to the path of one.',
	);
}

/** A separate browser, with an empty profile that goes away with it. */
export async function startChromium(): Promise<Browser> {
	// Loaded here alone: whoever only looks for a Chromium need not wait for it.
	const { chromium } = await import('playwright-core');
	return await chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS });
}
