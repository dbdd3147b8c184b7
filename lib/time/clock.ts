/** The times that a run goes by. Neither ever throws: what cannot be read is given as it was last. */
export interface Clock {
	/** Epoch milliseconds on the wall clock, which may be set while a run waits. */
	wallTime(): number;
	/** Epoch milliseconds of a clock that only goes on. */
	steadyTime(): number;
}

/** A clock that starts now. */
export function startClock(): Clock {
	const steadyTime = lastTold(steadyEpoch());
	return { wallTime: lastTold(() => Date.now(), steadyTime), steadyTime };
}

function steadyEpoch(): () => number {
	let offset: number | undefined;
	return () => {
		offset ??= Date.now() - performance.now();
		return offset + performance.now();
	};
}

/** @param fallback gives the time before any was read */
function lastTold(read: () => number, fallback: () => number = () => 0): () => number {
	let last: number | undefined;
	return () => {
		try {
			last = read();
			return last;
		} catch {
			return last ?? fallback();
		}
	};
}
