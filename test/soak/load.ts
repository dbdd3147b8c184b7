/**
 * Calls `work` for 0 to `count` - 1, so many at a time, in order of their numbers.
 * @returns what each gave, by number
 */
export async function inParallel<T>(count: number, atATime: number, work: (index: number) => Promise<T>): Promise<T[]> {
	const results = new Array<T>(count);
	let next = 0;
	const lane = async () => {
		while (next < count) {
			const index = next++;
			results[index] = await work(index);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atATime, count) }, lane));
	return results;
}
