'use strict';
const fs = require('node:fs');

const isTerminal = Boolean(process.stdout.isTTY);
/** @param {number} since */
const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/** @param {string} text one line of news */
const say = (text = '') => process.stdout.write(`${text}\n`);

/**
 * The cheapest way to see how much an installation has written.
 * @param {string | undefined} folder
 * @returns {number | undefined} megabytes free on its disk
 */
function freeMegabytes(folder) {
	if (folder === undefined) return undefined;
	try {
		const { bavail, bsize } = fs.statfsSync(folder);
		return (bavail * bsize) / 2 ** 20;
	} catch {
		return undefined;
	}
}

/** @param {number} megabytes */
const size = (megabytes) => (megabytes >= 1024 ? `${(megabytes / 1024).toFixed(1)} GB` : `${Math.round(megabytes)} MB`);

/**
 * Shows that something long is going on: on a terminal one line that renews itself, otherwise a line every few seconds.
 * @param {string} label what is going on
 * @param {{ folder?: string }} [options] the folder whose growth is shown
 * @returns {{ note(text: string): void, done(text?: string): void, fail(text?: string): void }}
 *   `note` keeps the newest word of the tool at work, `done` and `fail` end the line
 */
function startProgress(label, { folder } = {}) {
	const since = Date.now();
	const before = freeMegabytes(folder);
	let latest = '';
	const show = () => {
		const now = freeMegabytes(folder);
		const grown = before === undefined || now === undefined ? 0 : before - now;
		const parts = [seconds(since), grown > 1 ? size(grown) : '', latest].filter(Boolean);
		const line = `  … ${label} (${parts.join(', ')})`.slice(0, (process.stdout.columns || 120) - 1);
		process.stdout.write(isTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
	};
	const timer = setInterval(show, isTerminal ? 500 : 5_000);
	if (isTerminal) show();
	/** @param {string} sign  @param {string | undefined} text */
	const end = (sign, text) => {
		clearInterval(timer);
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
