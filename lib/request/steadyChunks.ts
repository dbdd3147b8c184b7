import type { Chunks } from './fileContent';

/** A storage that gives nothing for so long gives nothing at all, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/**
 * The chunks of a source, each within a time: nothing else would end a delivery whose storage hangs.
 *
 * @param open may throw, or hang
 * @throws what the source throws, or an error of the code ETIMEDOUT
 */
export async function* steadyChunks(
	open: () => Chunks | Promise<Chunks>,
	longestWaitMs = LONGEST_WAIT_MS,
): AsyncGenerator<Uint8Array> {
	const source = await inTime(open(), longestWaitMs);
	const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
	let isOver = false;
	let hangs = false;
	try {
		for (;;) {
			const next = iterator.next();
			const step = await inTime(next, longestWaitMs, () => (hangs = true));
			if (step.done) {
				isOver = true;
				return;
			}
			yield step.value;
		}
	} finally {
		// What hangs would not notice before its next chunk: it is notified, and not waited for.
		const closing = isOver ? undefined : iterator.return?.();
		if (hangs) Promise.resolve(closing).catch(() => undefined);
		else await closing;
	}
}

async function inTime<T>(work: T | Promise<T>, milliseconds: number, onLate?: () => void): Promise<T> {
	// Another realm's promise is one, too.
	if (typeof (work as { then?: unknown }).then !== 'function') return work;
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			onLate?.();
			reject(Object.assign(new Error('The storage gave nothing'), { code: 'ETIMEDOUT' }));
		}, milliseconds);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
