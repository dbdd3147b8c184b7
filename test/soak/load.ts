'use strict';

/**
 * Calls `work` for 0 to `count` - 1, so many at a time, in order of their numbers.
 * @template T
 * @param {number} count  @param {number} atATime  @param {(index: number) => Promise<T>} work
 * @returns {Promise<T[]>} by number
 */
async function inParallel(count, atATime, work) {
	const results = new Array(count);
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

module.exports = { inParallel };
