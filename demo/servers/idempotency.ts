import type { Answer } from './http';

const TWO_HOURS = 2 * 60 * 60 * 1000;
const LONGEST_KEY = 255;

/** Whether a key was seen before. */
type Look =
	{ kind: 'none' } | { kind: 'miss' } | { kind: 'hit'; answer: Answer } | { kind: 'refused'; description: string };

/**
 * Zendesk's `Idempotency-Key` (developer.zendesk.com, ticketing introduction): up to 255 characters, kept for two hours;
 * the same request again gets the first response, another request under the same key is refused.
 */
export function idempotencyKeys() {
	const kept = new Map<string, { body: string; answer: Answer; until: number }>();
	return {
		/** @param body the bytes as they came */
		look(key: string | undefined, body: string): Look {
			if (key === undefined || key === '') return { kind: 'none' };
			if (key.length > LONGEST_KEY)
				return { kind: 'refused', description: `Idempotency key is longer than ${LONGEST_KEY} characters` };
			const entry = kept.get(key);
			if (!entry || entry.until <= Date.now()) return { kind: 'miss' };
			if (entry.body !== body)
				return { kind: 'refused', description: "Request parameters don't match the given idempotency key" };
			return { kind: 'hit', answer: entry.answer };
		},
		/** @param answer to be given again */
		keep(key: string | undefined, body: string, answer: Answer): void {
			if (key) kept.set(key, { body, answer, until: Date.now() + TWO_HOURS });
		},
		clear: (): void => kept.clear(),
	};
}
