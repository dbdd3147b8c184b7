import type { HttpHeaders } from '../../http/transport';

/** `nonce` of RFC 9449 §8.1, no longer than a header of it could be of use. */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,2048}$/;

/** More origins than one credential is used for at a time. */
const MOST_ORIGINS = 500;

/** The nonce that a response gives; undefined for none, for several (RFC 9449 §8 forbids them) and for what is no nonce. */
function nonceIn(headers: HttpHeaders): string | undefined {
	const nonce = headers['dpop-nonce'];
	return typeof nonce === 'string' && NONCE.test(nonce) ? nonce : undefined;
}

/** The newest nonce of each origin: it counts until another one comes (RFC 9449 §8.2). */
export class DpopNonces {
	readonly #byOrigin = new Map<string, string>();

	of(origin: string): string | undefined {
		return this.#byOrigin.get(origin);
	}

	/**
	 * Keeps the nonce of a response, whatever its status is.
	 *
	 * @param headers by lowercase name
	 * @returns the nonce, if there is one
	 */
	note(origin: string, headers: HttpHeaders): string | undefined {
		const nonce = nonceIn(headers);
		if (nonce === undefined || this.#byOrigin.get(origin) === nonce) return nonce;
		this.#byOrigin.delete(origin);
		this.#byOrigin.set(origin, nonce);
		for (const oldest of this.#byOrigin.keys()) {
			if (this.#byOrigin.size <= MOST_ORIGINS) break;
			this.#byOrigin.delete(oldest);
		}
		return nonce;
	}
}
