/** So long may one slice of work hold the event loop, in milliseconds. */
const SLICE_MS = 25;

/**
 * Does something for each of many items, and lets the event loop turn in between: n8n has one for all of its executions, and
 * evaluating some thousand expressions in one go would hold it for seconds.
 *
 * @param work may throw, which ends the loop
 * @param signal ends the loop, too
 */
export async function inSlices<T>(
	items: readonly T[],
	work: (item: T, index: number) => void,
	signal?: AbortSignal,
): Promise<void> {
	let end = now() + SLICE_MS;
	for (let index = 0; index < items.length; index++) {
		work(items[index] as T, index);
		if (now() < end) continue;
		await new Promise<void>((resolve) => setImmediate(resolve));
		if (signal?.aborted) return;
		end = now() + SLICE_MS;
	}
}

/** Without a clock every item is a separate slice. */
function now(): number {
	try {
		return performance.now();
	} catch {
		return Infinity;
	}
}
