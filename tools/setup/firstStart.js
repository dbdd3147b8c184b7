'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { cacheFolder, root } = require('../lib/paths');
const { say } = require('../lib/progress');

/** Says before a first start what it gets, how large that is and how long it takes; nothing when n8n is there. */
function tellFirstStart() {
	const there = fs.existsSync(cacheFolder) ? fs.readdirSync(cacheFolder) : [];
	const hasN8n = there.some((name) => fs.existsSync(path.join(cacheFolder, name, 'ready.json')));
	if (hasN8n) return;
	say(
		`The first start takes about 5 minutes and 4 GB of disk: n8n and its Node in ${cacheFolder} (3 GB),\n` +
			`the dependencies in ${root} (0.2 GB), and what npm keeps in its own cache. Later starts take seconds.\n`,
	);
}

module.exports = { tellFirstStart };
