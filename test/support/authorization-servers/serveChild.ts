'use strict';
/** The child's side of ./childServer.js: one HTTP server on 127.0.0.1, started and called over IPC. */
const http = require('node:http');

let clockOffsetMs = 0;
const systemNow = Date.now.bind(Date);
// In place before anything else is loaded: `new Date()` reads the system's clock, not Date.now().
globalThis.Date = class extends Date {
	constructor(...parts) {
		super(...(parts.length === 0 ? [Date.now()] : parts));
	}
	static now() {
		return systemNow() + clockOffsetMs;
	}
};

/**
 * Lets this process's clock run ahead, so that tokens and cached keys age without anyone waiting.
 * @param {number} seconds added to what was added before
 */
function advanceClock(seconds) {
	clockOffsetMs += seconds * 1000;
}

/**
 * @param {(options: any) => Promise<{ handler: import('node:http').RequestListener, calls?: Record<string, (argument: any) => unknown> }>} create
 */
function serveChild(create) {
	process.on('disconnect', () => process.exit(0));
	process.on('SIGTERM', () => process.exit(0));
	let calls = {};
	process.on('message', async (message) => {
		try {
			if (message.start) {
				const made = await create(message.start);
				calls = { advanceClock, ...made.calls };
				const server = http.createServer(made.handler);
				server.listen(0, '127.0.0.1', () => process.send({ ready: { port: server.address().port } }));
			} else if (message.call) {
				process.send({ answerTo: message.id, value: await calls[message.call](message.argument) });
			}
		} catch (fault) {
			process.send(message.start ? { failed: fault.stack } : { answerTo: message.id, fault: fault.message });
		}
	});
}

module.exports = { serveChild };
