'use strict';
/**
 * Loaded first into every process the demonstration starts (`node --require`): when its starter is gone, even by SIGKILL
 * or with its terminal, the channel to it closes, and this process ends too.
 */
if (process.channel) {
	process.channel.unref();
	process.once('disconnect', () => {
		process.kill(process.pid, 'SIGTERM');
		setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20_000).unref();
	});
}
