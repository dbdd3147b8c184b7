'use strict';

/** What ends a command in a terminal, and the numbers that shells add to 128 for it. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };

/**
 * A signal ends a Node process without its `exit` handlers, and with them without ending what it has started. With this,
 * a signal becomes an exit: the shell's own status for it, and the handlers run.
 */
function exitOnSignals() {
	for (const [signal, number] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(128 + number));
}

module.exports = { SIGNALS, exitOnSignals };
