'use strict';
const fs = require('node:fs');
const path = require('node:path');

const isTerminal = Boolean(process.stdout.isTTY);
/** @param {number} since */
const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/** @param {string} text one line of news */
const say = (text = '') => process.stdout.write(`${text}\n`);

/**
 * The size of a folder while something is installed into it, looked up in the background.
 * @param {string} folder
 * @returns {{ megabytes(): number, end(): void }} `megabytes`: as it was last seen
 */
function watchSize(folder) {
	let seen = 0;
	let ended = false;
	/** @type {NodeJS.Timeout | undefined} */
	let timer;
	const look = async () => {
		const since = Date.now();
		const bytes = await sizeOf(folder, () => ended);
		if (ended) return;
		seen = bytes / 2 ** 20;
		// Looking is work for the disk, too: a tenth of the time at most.
		timer = setTimeout(look, Math.max(1_000, 9 * (Date.now() - since)));
	};
	void look();
	return {
		megabytes: () => seen,
		end: () => {
			ended = true;
			clearTimeout(timer);
		},
	};
}

/**
 * @param {string} folder  @param {() => boolean} isEnded
 * @returns {Promise<number>} bytes; what goes away meanwhile counts as nothing
 */
async function sizeOf(folder, isEnded) {
	let bytes = 0;
	const entries = await fs.promises.readdir(folder, { withFileTypes: true }).catch(() => []);
	for (const entry of entries) {
		if (isEnded()) break;
		const place = path.join(folder, entry.name);
		if (entry.isDirectory()) bytes += await sizeOf(place, isEnded);
		else if (entry.isFile()) bytes += (await fs.promises.stat(place).catch(() => undefined))?.size ?? 0;
	}
	return bytes;
}

/** @param {number} megabytes */
const sizeText = (megabytes) =>
	megabytes >= 1024 ? `${(megabytes / 1024).toFixed(1)} GB` : `${Math.round(megabytes)} MB`;

/**
 * Shows that something long is going on: on a terminal one line that renews itself, otherwise a line every few seconds.
 * @param {string} label what is going on
 * @param {{ folder?: string }} [options] the folder whose size is shown
 * @returns {{ note(text: string): void, done(text?: string): void, fail(text?: string): void }}
 *   `note` keeps the newest word of the tool at work, `done` and `fail` end the line
 */
function startProgress(label, { folder } = {}) {
	const since = Date.now();
	const size = folder === undefined ? undefined : watchSize(folder);
	let latest = '';
	const show = () => {
		const megabytes = size?.megabytes() ?? 0;
		const parts = [seconds(since), megabytes > 1 ? sizeText(megabytes) : '', latest].filter(Boolean);
		const line = `  … ${label} (${parts.join(', ')})`.slice(0, (process.stdout.columns || 120) - 1);
		process.stdout.write(isTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
	};
	const timer = setInterval(show, isTerminal ? 500 : 5_000);
	if (isTerminal) show();
	/** @param {string} sign  @param {string | undefined} text */
	const end = (sign, text) => {
		clearInterval(timer);
		size?.end();
		process.stdout.write(`${isTerminal ? '\r\x1b[2K' : ''}  ${sign} ${text ?? label} (${seconds(since)})\n`);
	};
	return {
		note: (text) => {
			latest = text.trim().replace(/\s+/g, ' ').slice(0, 70);
		},
		done: (text) => end('✓', text),
		fail: (text) => end('✗', text ?? `${label}: stopped`),
	};
}

module.exports = { say, startProgress };
