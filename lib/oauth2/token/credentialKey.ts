import { createHmac, randomBytes } from 'node:crypto';

import type { OAuth2Credential } from '../credential/oAuth2Credential';

/** Of this process alone: a key that leaks cannot be checked against a guessed secret. */
const processKey = randomBytes(32);

/** Credential objects are read once a run and asked for with every delivery. */
const known = new WeakMap<OAuth2Credential, string>();

/**
 * What a credential's token is stored under: a digest of all of its fields. A changed secret is another
 * key, two credentials with the same content share one, and nothing can be read out of it.
 */
export function credentialKey(credential: OAuth2Credential): string {
	let key = known.get(credential);
	if (key === undefined) {
		key = createHmac('sha256', processKey).update(JSON.stringify(credential)).digest('base64url');
		known.set(credential, key);
	}
	return key;
}
