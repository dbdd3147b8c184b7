import type { TokenFront } from './tokenFront';

/** What every server can do. All listen on 127.0.0.1 and end with the process that started them. */
export interface AuthorizationServer extends Pick<
	TokenFront,
	'tokenUrl' | 'requests' | 'forget' | 'answerInstead' | 'delay'
> {
	stop(): Promise<void>;
}

/** For servers in Node: their clock can run ahead, so that tokens and cached keys age without waiting. */
export interface MovableClock {
	advanceClock(seconds: number): Promise<void>;
}

/** A server and its front as one: if the server does not start, the front is closed; `stop` ends both. */
export async function withFront<T extends { stop(): Promise<void> }>(
	front: TokenFront,
	start: () => Promise<T>,
): Promise<AuthorizationServer & T> {
	let server: T;
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
		...server,
		stop: async () => {
			await server.stop();
			await front.stop();
		},
	};
}
