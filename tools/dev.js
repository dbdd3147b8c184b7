'use strict';
/**
 * `npm run dev`: an n8n with the package in it, which has each change of the sources a moment after it is saved. It keeps its
 * own database in `.demo/dev`. JavaScript, as it begins before the dependencies are there.
 */
const path = require('node:path');
const { runInForeground } = require('./lib/foreground');
const { dataFolder } = require('./lib/paths');

const folder = path.join(dataFolder, 'dev');

void runInForeground(folder, async (foreground) => {
	const { develop } = require('./dev/develop');
	return await develop(foreground, folder);
});
