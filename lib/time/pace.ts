const AT_ONCE = Promise.resolve();

/**
 * Spaces requests evenly, over all items of a run or over those of each destination.
 *
 * @param perSecond requests a second; 0 for no limit
 * @param per what the limit holds for
 * @param wait waits this many milliseconds
 * @returns a function that resolves when one more request may be made to an origin
 */
export function pacer(
	perSecond: number,
	per: 'run' | 'destination',
	wait: (milliseconds: number) => Promise<void>,
): (origin: string) => Promise<void> {
	if (!(perSecond > 0)) return () => AT_ONCE;
	const gap = 1000 / perSecond;
	const nextOf = new Map<string, number>();
	return async (origin) => {
		const what = per === 'run' ? '' : origin;
		const now = performance.now();
		const slot = Math.max(now, nextOf.get(what) ?? 0);
		nextOf.set(what, slot + gap);
		if (slot > now) await wait(slot - now);
	};
}

/** Node's timers cannot wait longer, in milliseconds: they would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Waits that end at once when the execution is cancelled, or when the caller's own signal says so.
 *
 * @param signal n8n's cancel signal, undefined where there is none
 */
export function cancellableWait(
	signal: AbortSignal | undefined,
): (milliseconds: number, noLonger?: AbortSignal) => Promise<void> {
	return async (milliseconds, noLonger) => {
		const signals = [signal, noLonger].filter((one) => one !== undefined);
		if (signals.some(({ aborted }) => aborted)) return;
		await new Promise<void>((resolve) => {
			const end = () => {
				clearTimeout(timer);
				for (const one of signals) one.removeEventListener('abort', end);
				resolve();
			};
			const waitFor = (left: number) => {
				timer =
					left > LONGEST_TIMER ? setTimeout(() => waitFor(left - LONGEST_TIMER), LONGEST_TIMER) : setTimeout(end, left);
			};
			let timer: NodeJS.Timeout;
			waitFor(milliseconds);
			for (const one of signals) one.addEventListener('abort', end, { once: true });
		});
	};
}

/** Lets the event loop turn so many times, so that what waits in its sockets is read. */
export async function eventLoopTurns(count: number): Promise<void> {
	for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
