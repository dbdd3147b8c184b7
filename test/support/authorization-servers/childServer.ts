import type { Ask } from '../../../tools/lib/channel';
import { startChild } from '../../../tools/lib/process';

/** A server in a separate process, which lives no longer than the test that started it. */
export interface ChildServer {
	port: number;
	/** Calls one of the functions the server offers. */
	ask: Ask;
	stop(): Promise<void>;
}

/** Milliseconds that a server gets to end by itself. */
export const PATIENCE = 2_000;

/**
 * @param name for messages
 * @param script absolute path; see ./serveChild for its side
 * @param options for that
 */
export async function startChildServer(name: string, script: string, options: object): Promise<ChildServer> {
	const { ask, stop } = startChild(script, { name, env: { PATH: process.env.PATH } });
	try {
		const { port } = await ask<{ port: number }>('start', options);
		return { port, ask, stop: async () => await stop(PATIENCE) };
	} catch (cause) {
		await stop();
		throw cause;
	}
}
