'use strict';
/**
 * `npm start`: from a fresh clone to a running n8n with the package in it, the rating automation run once, and an address
 * and a login to go on with. `--once` ends after the run, with 0 or 1.
 */
const { runInForeground } = require('../tools/lib/foreground');
const { dataFolder } = require('../tools/lib/paths');
const { tellFirstStart } = require('../tools/setup/firstStart');

tellFirstStart();

void runInForeground(dataFolder, async (foreground) => {
	const { demonstrate } = require('./demonstration');
	return await demonstrate(foreground, { once: process.argv.includes('--once') });
});
