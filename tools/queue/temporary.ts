'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/**
 * A folder that goes with this process, and that PostgreSQL's own user can get into.
 * @param {string} name
 * @returns {{ folder: string, forget(): void }}
 */
function temporaryFolder(name) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), `webhook-dispatch-${name}-`));
	fs.chmodSync(folder, 0o711);
	return { folder, forget: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

module.exports = { temporaryFolder };
