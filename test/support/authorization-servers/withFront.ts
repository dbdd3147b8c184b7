'use strict';
/**
 * A server and its front as one: if the server does not start, the front is closed; `stop` ends both.
 * @template T
 * @param {Awaited<ReturnType<typeof import('./tokenFront').startTokenFront>>} front
 * @param {() => Promise<{ stop(): Promise<void>, extra: T }>} start
 */
async function withFront(front, start) {
	let server;
	try {
		server = await start();
	} catch (cause) {
		await front.stop();
		throw cause;
	}
	const { tokenUrl, requests, forget, answerInstead, delay } = front;
	return {
		tokenUrl,
		requests,
		forget,
		answerInstead,
		delay,
		...server.extra,
		stop: async () => {
			await server.stop();
			await front.stop();
		},
	};
}

module.exports = { withFront };
