'use strict';

const TWO_HOURS = 2 * 60 * 60 * 1000;
const LONGEST_KEY = 255;

/**
 * Zendesk's `Idempotency-Key` (developer.zendesk.com, ticketing introduction): up to 255 characters, kept for two hours;
 * the same request again gets the first answer, another request under the same key is refused.
 * @param {{ keptFor?: number, now?: () => number }} [options] milliseconds
 */
function idempotencyKeys({ keptFor = TWO_HOURS, now = Date.now } = {}) {
	const kept = new Map();
	return {
		/**
		 * @param {string | undefined} key  @param {string} body the bytes as they came
		 * @returns {{ kind: 'none' } | { kind: 'miss' } | { kind: 'hit', answer: object } | { kind: 'refused', description: string }}
		 */
		look(key, body) {
			if (key === undefined || key === '') return { kind: 'none' };
			if (key.length > LONGEST_KEY)
				return { kind: 'refused', description: `Idempotency key is longer than ${LONGEST_KEY} characters` };
			const entry = kept.get(key);
			if (!entry || entry.until <= now()) return { kind: 'miss' };
			if (entry.body !== body)
				return { kind: 'refused', description: "Request parameters don't match the given idempotency key" };
			return { kind: 'hit', answer: entry.answer };
		},
		/** @param {string | undefined} key  @param {string} body  @param {object} answer to be given again */
		keep(key, body, answer) {
			if (key) kept.set(key, { body, answer, until: now() + keptFor });
		},
		clear: () => kept.clear(),
	};
}

module.exports = { idempotencyKeys };
