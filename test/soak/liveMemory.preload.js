'use strict';
/**
 * Loaded into n8n's processes by `--require`: on SIGUSR2 it collects all garbage and writes what is left to
 * `LIVE_MEMORY_FOLDER/<pid>.json`. Resident memory alone says little: V8 keeps garbage for as long as there is room.
 */
const fs = require('node:fs');
const path = require('node:path');
const { collectGarbage } = require('../../tools/lib/collectGarbage');

process.on('SIGUSR2', () => {
	collectGarbage();
	const { heapUsed, external } = process.memoryUsage();
	const file = path.join(process.env.LIVE_MEMORY_FOLDER ?? '', `${process.pid}.json`);
	fs.writeFileSync(`${file}.partial`, JSON.stringify({ bytes: heapUsed + external }));
	fs.renameSync(`${file}.partial`, file);
});
