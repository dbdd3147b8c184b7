/** The child's side of ./childServer: one HTTP server on 127.0.0.1, started and called over IPC. */
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { answerQuestions, type Answers } from '../../../tools/lib/channel';

let clockOffsetMs = 0;
const systemNow = Date.now.bind(Date);
// In place before anything else is loaded: `new Date()` reads the system's clock, not Date.now().
globalThis.Date = class extends Date {
	constructor(...parts: [] | [number]) {
		super(...((parts.length === 0 ? [Date.now()] : parts) as [number]));
	}

	static override now() {
		return systemNow() + clockOffsetMs;
	}
} as DateConstructor;

/**
 * Lets this process's clock run ahead, so that tokens and cached keys age without anyone waiting.
 * @param seconds added to what was added before
 */
function advanceClock(seconds: number) {
	clockOffsetMs += seconds * 1000;
}

/** What a server is made of. */
export interface Made {
	handler: RequestListener;
	/** Functions that its starter may call. */
	calls?: Answers;
}

/**
 * Serves what `create` makes on 127.0.0.1.
 * @param create gets the options that the starter gave
 */
export function serveChild<Options>(create: (options: Options) => Promise<Made>): void {
	const answers: Answers = {
		advanceClock,
		async start(options: Options) {
			const { handler, calls } = await create(options);
			Object.assign(answers, calls);
			const server = http.createServer(handler);
			await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
			return { port: (server.address() as AddressInfo).port };
		},
	};
	answerQuestions(answers);
}
