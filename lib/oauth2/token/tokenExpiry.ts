import type { TokenExpiry } from '../credential/oAuth2Credential';
import { valueAt } from '../../text/responsePath';

/** For a server that does not say, or says nonsense: short enough to be right, long enough to spare requests. */
const FALLBACK_LIFE_SECONDS = 300;

/** No token is trusted for longer than this on a server's word. */
const LONGEST_LIFE_SECONDS = 30 * 86_400;

/** A number of this size is no life (31 years) but a point in time, as in Entra's `expires_on`. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MILLISECONDS = 1e12;

/** Seconds of life as a number, or `undefined` for what is none: RFC 6749 has a number, some servers a numeric text. */
function lifeOf(value: unknown, secondsPerUnit: number, now: number): number | undefined {
	const numeric = typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
	if (typeof numeric !== 'number' || !Number.isFinite(numeric) || numeric <= 0) return undefined;
	if (numeric >= EPOCH_SECONDS) {
		const life = (numeric >= EPOCH_MILLISECONDS ? numeric / 1000 : numeric) - now / 1000;
		if (life > 0) return life;
	}
	return numeric * secondsPerUnit;
}

/**
 * How long a token is good for (row A8).
 *
 * @param body the parsed response
 * @param now epoch milliseconds
 * @returns seconds; `undefined` only in the mode `never`
 */
export function lifeSeconds(expiry: TokenExpiry, body: unknown, now: number): number | undefined {
	if (expiry.mode === 'never') return undefined;
	if (expiry.mode === 'fixed') return expiry.seconds;
	const life = lifeOf(valueAt(body, expiry.path), expiry.secondsPerUnit, now);
	return life === undefined ? FALLBACK_LIFE_SECONDS : Math.min(life, LONGEST_LIFE_SECONDS);
}
