import type { ServerResponse } from 'node:http';
import { pause } from '../../tools/lib/wait';

/** What goes wrong with the next requests. */
export interface Fault {
	/** How many of them, 1 by default. */
	times?: number;
	/** This status instead of the real response. */
	status?: number;
	/** With that status, e.g. `{ "retry-after": "1" }`. */
	headers?: Record<string, string>;
	/** With that status. */
	body?: unknown;
	/** The ticket is made anyway: only the response goes wrong. */
	commit?: boolean;
	/** No response at all: the connection stays open until the caller gives up. */
	silent?: boolean;
	/** No response at all: the connection is cut. */
	drop?: boolean;
	/** Milliseconds before the response. */
	delay?: number;
}

/** A queue of faults, used up from its front, one request at a time. */
export function faultQueue() {
	let queue: Array<Fault & { times: number }> = [];
	return {
		add(faults: Fault[]): void {
			queue.push(...faults.map((fault) => ({ times: 1, ...fault })));
		},
		next(): Fault | undefined {
			const [first] = queue;
			if (!first) return undefined;
			first.times -= 1;
			if (first.times <= 0) queue.shift();
			return first;
		},
		waiting: (): Fault[] => queue.map((fault) => ({ ...fault })),
		clear(): void {
			queue = [];
		},
	};
}

/**
 * Responds as the fault says.
 * @param answer gives the real response
 * @returns the status that went out, 0 for none
 */
export async function answerWith(fault: Fault, response: ServerResponse, answer: () => void): Promise<number> {
	if (fault.delay) await pause(fault.delay);
	if (fault.drop) {
		response.destroy();
		return 0;
	}
	if (fault.silent) return 0;
	if (fault.status) {
		const text = JSON.stringify(fault.body ?? { error: `Injected ${fault.status}` });
		response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
		response.end(text);
		return fault.status;
	}
	answer();
	return response.statusCode;
}
