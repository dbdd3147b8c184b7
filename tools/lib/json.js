'use strict';
const fs = require('node:fs');
const path = require('node:path');

/**
 * @template [Content=unknown] what is written there, as nothing checks it
 * @param {string} file
 * @returns {Content | undefined} what the file holds, `undefined` when it is not there or is cut off
 */
function readJson(file) {
	try {
		return JSON.parse(fs.readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}

/**
 * Writes beside the file and renames, so that a reader never sees half of it.
 * @param {string} file
 * @param {unknown} value
 * @param {{ mode?: number }} [options] file mode; 0o600 for what holds a secret
 */
function writeJson(file, value, { mode = 0o644 } = {}) {
	fs.mkdirSync(path.dirname(file), { recursive: true });
	const temporary = `${file}.${process.pid}.tmp`;
	fs.writeFileSync(temporary, `${JSON.stringify(value, null, '\t')}\n`, { mode });
	fs.renameSync(temporary, file);
}

module.exports = { readJson, writeJson };
