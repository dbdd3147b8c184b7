'use strict';
const crypto = require('node:crypto');
const os = require('node:os');
const path = require('node:path');

/** The clone. */
const root = path.resolve(__dirname, '..', '..');

/** What every clone of this user may share: n8n and the Node it needs (XDG Base Directory Specification). */
const cacheFolder = path.join(
	process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'),
	'n8n-nodes-webhook-dispatch',
);

/** What belongs to this clone: the demonstration's database, keys and logs. Kept over restarts, ignored by git. */
const dataFolder = path.resolve(process.env.WEBHOOK_DISPATCH_DATA || path.join(root, '.demo'));

/** @param {string | Buffer} content  @returns {string} its SHA-256 in hex */
const sha256 = (content) => crypto.createHash('sha256').update(content).digest('hex');

module.exports = { root, cacheFolder, dataFolder, sha256 };
