const AT_ONCE = Promise.resolve();

/**
 * Spaces requests evenly, over all items of a run.
 *
 * @param perSecond requests a second; 0 for no limit
 * @param wait waits this many milliseconds
 * @returns a function that resolves when one more request may be made
 */
export function pacer(perSecond: number, wait: (milliseconds: number) => Promise<void>): () => Promise<void> {
	if (!(perSecond > 0)) return () => AT_ONCE;
	const gap = 1000 / perSecond;
	let next = 0;
	return async () => {
		const now = performance.now();
		const slot = Math.max(now, next);
		next = slot + gap;
		if (slot > now) await wait(slot - now);
	};
}

/**
 * Waits that end at once when the execution is cancelled.
 *
 * @param signal n8n's cancel signal, undefined where there is none
 */
export function cancellableWait(signal: AbortSignal | undefined): (milliseconds: number) => Promise<void> {
	return async (milliseconds) => {
		if (signal?.aborted) return;
		await new Promise<void>((resolve) => {
			const end = () => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', end);
				resolve();
			};
			const timer = setTimeout(end, milliseconds);
			signal?.addEventListener('abort', end, { once: true });
		});
	};
}

/** Lets the event loop turn so many times, so that what waits in its sockets is read. */
export async function eventLoopTurns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
