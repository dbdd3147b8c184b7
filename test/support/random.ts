/** Random choices that are the same for the same seed. */
export interface Random {
	/** From 0 up to, but without, 1. */
	next(): number;
	/** A whole number from `from` to `to`, both among them. */
	whole(from: number, to: number): number;
	/** One of these. */
	pick<T>(from: readonly T[]): T;
	/** Whether something happens that happens so often (0 to 1). */
	chance(share: number): boolean;
}

/** Starts a series (mulberry32). */
export function randomOf(seed: number): Random {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
		pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number],
		chance: (share) => next() < share,
	};
}

/** The seed of a test run: from this environment variable, or a new one. */
export const seedFrom = (variable: string): number =>
	Number(process.env[variable] ?? Math.floor(Math.random() * 2 ** 31));
