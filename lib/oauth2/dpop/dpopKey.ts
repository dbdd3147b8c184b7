import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { keyThumbprint } from '../../keys/publicKey';

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A key pair that tokens are bound to: P-256 for ES256, which every server with DPoP reads (RFC 9449 §11.6 and RFC 8725
 * name no other one as required; servers list theirs in `dpop_signing_alg_values_supported`). It is made in this process,
 * signs here, and can be had by no one: it is in no property, no JSON and no log.
 */
export class DpopKey {
	/** The public key's SHA-256 thumbprint (RFC 7638), as a token that is bound to it has it in `cnf.jkt` (RFC 9449 §6.1). */
	readonly thumbprint: string;

	readonly #privateKey: KeyObject;

	/** The same for each proof, and so encoded once. */
	readonly #header: string;

	constructor() {
		const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
		const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
		this.thumbprint = keyThumbprint(publicKey);
		this.#privateKey = privateKey;
		this.#header = base64url({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } });
	}

	/**
	 * Signs a proof's payload (RFC 9449 §4.2) as a compact JWS (RFC 7515 §7.1; ES256 of RFC 7518 §3.4): some 35 microseconds of
	 * this thread.
	 */
	sign(payload: object): string {
		const input = `${this.#header}.${base64url(payload)}`;
		const signature = sign('sha256', Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
		return `${input}.${signature.toString('base64url')}`;
	}
}
