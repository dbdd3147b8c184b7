import type { KeyObject } from 'node:crypto';

import type { HttpSignatureAlgorithm } from './algorithms';
import type { Component } from './components';
import type { DigestAlgorithm } from './contentDigest';

/** What a credential says of its signatures, for both directions. */
export interface SignatureSettings {
	readonly algorithm: HttpSignatureAlgorithm;
	/** Signed: covered. Verified: to be covered. */
	readonly components: readonly Component[];
	readonly digest: DigestAlgorithm;
	/** Seconds that a signature is good for; 0 for none to be said. */
	readonly expiresIn: number;
	readonly includesAlgorithm: boolean;
	readonly includesNonce: boolean;
	/** Empty for none. Verified: only signatures with this tag count, where there is one. */
	readonly tag: string;
	/** The name of the signature in both fields. */
	readonly label: string;
}

/** A key that signs, and the `keyid` that is sent with it. */
export interface SigningKeyOf {
	readonly key: KeyObject;
	/** Empty for none. */
	readonly keyId: string;
}

/** A key that a signature may have been made with. */
export interface VerificationKey {
	/** A public key, or a secret. */
	readonly key: KeyObject;
	/** What senders may call it; empty where it is meant whatever they call it. */
	readonly ids: readonly string[];
}
