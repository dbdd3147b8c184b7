import { createHash, randomUUID } from 'node:crypto';

import type { HttpHeaders } from '../../http/transport';
import { DpopKey } from './dpopKey';
import { DpopNonces } from './dpopNonces';

/** Proves to one kind of server that requests come from who has the key. */
export interface DpopProver {
	/**
	 * The value of the `DPoP` header of one request that is sent now: of each its own (RFC 9449 §4.2, §11.1).
	 *
	 * @param nonce one that the server has just given; when left out, the newest one that its origin gave
	 */
	proof(method: string, url: URL, nonce?: string): string;
	/** Keeps the nonce of a response (RFC 9449 §8.2); gives it, if there is one. */
	note(url: URL, headers: HttpHeaders): string | undefined;
}

/**
 * `ath` of RFC 9449 §4.2: the SHA-256 of the token's ASCII, Base64url.
 *
 * @internal exported for its known answer
 */
export function accessTokenHash(accessToken: string): string {
	return createHash('sha256').update(accessToken, 'ascii').digest('base64url');
}

/**
 * `htu` of RFC 9449 §4.2: the target without query and fragment, as a `URL` normalizes it.
 *
 * @internal exported for its known answers
 */
export function targetUri({ origin, pathname }: URL): string {
	return `${origin}${pathname}`;
}

class Prover implements DpopProver {
	readonly #key: DpopKey;

	readonly #nonces: DpopNonces;

	readonly #ath: string | undefined;

	constructor(key: DpopKey, nonces: DpopNonces, ath?: string) {
		this.#key = key;
		this.#nonces = nonces;
		this.#ath = ath;
	}

	proof(method: string, url: URL, nonce = this.#nonces.of(url.origin)): string {
		return this.#key.sign({
			jti: randomUUID(),
			htm: method,
			htu: targetUri(url),
			iat: Math.floor(Date.now() / 1000),
			ath: this.#ath,
			nonce,
		});
	}

	note(url: URL, headers: HttpHeaders): string | undefined {
		return this.#nonces.note(url.origin, headers);
	}
}

/**
 * What the tokens of one credential are bound to (RFC 9449): a key of this process, and the nonces that servers gave for
 * it. Each credential content has its own, so that no server can link or disturb the requests of another one.
 */
export class DpopBinding {
	readonly #key = new DpopKey();

	/** An origin can be both; its two nonces must not be taken for each other (RFC 9449 §9). */
	readonly #destinationNonces = new DpopNonces();

	readonly atTokenEndpoint: DpopProver = new Prover(this.#key, new DpopNonces());

	/** See {@link DpopKey.thumbprint}. */
	get thumbprint(): string {
		return this.#key.thumbprint;
	}

	/** Proves requests that carry this token, at any destination. */
	withToken(accessToken: string): DpopProver {
		return new Prover(this.#key, this.#destinationNonces, accessTokenHash(accessToken));
	}
}
