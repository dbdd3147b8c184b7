'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { readJson } = require('../../tools/lib/json');
const { waitFor } = require('../../tools/lib/wait');

/** @param {string} folder for the answers  @returns {Record<string, string>} variables of a process that is to be asked */
function liveMemoryEnvironment(folder) {
	fs.mkdirSync(folder, { recursive: true });
	return { NODE_OPTIONS: `--require ${path.join(__dirname, 'liveMemory.preload.js')}`, LIVE_MEMORY_FOLDER: folder };
}

/**
 * What a process really holds on to: heap and buffers after a full collection of garbage.
 * @param {string} folder as given to `liveMemoryEnvironment`
 * @param {number} pid
 * @returns {Promise<number | undefined>} MB; nothing when it does not answer
 */
async function liveMemory(folder, pid) {
	const file = path.join(folder, `${pid}.json`);
	fs.rmSync(file, { force: true });
	try {
		process.kill(pid, 'SIGUSR2');
		const { bytes } = await waitFor(() => readJson(file), { what: 'live memory', every: 50, deadline: 20_000 });
		return bytes / 1024 / 1024;
	} catch {
		return undefined;
	}
}

module.exports = { liveMemory, liveMemoryEnvironment };
