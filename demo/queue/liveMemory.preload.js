'use strict';
/**
 * Loaded into n8n's processes by `--require`: on SIGUSR2 it collects all garbage and writes what is left to
 * `LIVE_MEMORY_FOLDER/<pid>.json`. Resident memory alone says little: V8 keeps garbage for as long as there is room.
 */
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

process.on('SIGUSR2', () => {
	collect();
	const { heapUsed, external } = process.memoryUsage();
	const file = path.join(process.env.LIVE_MEMORY_FOLDER, `${process.pid}.json`);
	fs.writeFileSync(`${file}.partial`, JSON.stringify({ bytes: heapUsed + external }));
	fs.renameSync(`${file}.partial`, file);
});
