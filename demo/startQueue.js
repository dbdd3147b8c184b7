'use strict';
/**
 * `npm run start:queue`: n8n in queue mode (main, webhook process, two workers, Redis, PostgreSQL) with the package in all
 * of them, and the rating automation run once through the webhook process. `--once` ends after the run, with 0 or 1.
 */
const path = require('node:path');
const { runInForeground } = require('../tools/lib/foreground');
const { dataFolder } = require('../tools/lib/paths');

const folder = path.join(dataFolder, 'queue');

void runInForeground(folder, async (foreground) => {
	const { demonstrate, readCommandLine } = require('./queueDemonstration');
	return await demonstrate(foreground, { folder, ...readCommandLine() });
});
