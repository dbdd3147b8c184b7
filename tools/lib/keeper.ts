'use strict';
/**
 * Runs one program that is no Node process and ends with it: started by `program.js` through `startChild`, so it ends when
 * the process that started it is gone, however that ended, and takes the program along.
 * Arguments: `{ command, args, cwd, uid?, gid?, stopSignal }` as JSON.
 */
const { spawn } = require('node:child_process');

const { command, args, cwd, uid, gid, stopSignal } = JSON.parse(process.argv[2]);
const child = spawn(command, args, { cwd, uid, gid, stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
	console.error(error.message);
	process.exit(127);
});
child.once('exit', (code, signal) => {
	console.error(`${command} ended with ${signal ?? code}`);
	process.exit(code ?? 1);
});
if (child.pid) process.send?.({ pid: child.pid });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(stopSignal));
