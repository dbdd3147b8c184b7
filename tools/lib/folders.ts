'use strict';
const fs = require('node:fs');
const path = require('node:path');

/**
 * An empty folder to install into, to be renamed to `folder` when all is well, and removes what interrupted
 * installations have left. Call it while holding the lock of `folder`.
 * @param {string} folder
 * @returns {string}
 */
function freshFolderBeside(folder) {
	const prefix = `${path.basename(folder)}.partial-`;
	const parent = path.dirname(folder);
	fs.mkdirSync(parent, { recursive: true });
	for (const name of fs.readdirSync(parent)) {
		if (name.startsWith(prefix)) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
	}
	return fs.mkdtempSync(path.join(parent, prefix));
}

module.exports = { freshFolderBeside };
