import { createHmac, randomBytes, type KeyObject } from 'node:crypto';

import type { KeyFault } from './keyFault';

type Import = { ok: true; privateKey: KeyObject } | KeyFault;

/** How many imported keys are kept; an instance rarely has more JWT credentials than this. */
export const cachedKeysMost = 100;

/**
 * Imported keys by a digest of what they were imported from. The digest is keyed with a random value of
 * this process, so that it says nothing about the key or the passphrase anywhere else.
 */
const keys = new Map<string, Import & { ok: true }>();
const digestKey = randomBytes(32);

/**
 * Gives the key that was imported from `secrets` before, or imports it. Faults are not kept. The key
 * that was used longest ago gives way when there are more than {@link cachedKeysMost}.
 */
export function cachedKey(secrets: string[], load: () => Import): Import {
	const name = createHmac('sha256', digestKey).update(JSON.stringify(secrets)).digest('base64');
	const known = keys.get(name);
	const key = known ?? load();
	if (!key.ok) return key;
	keys.delete(name);
	keys.set(name, key);
	for (const oldest of keys.keys()) {
		if (keys.size <= cachedKeysMost) break;
		keys.delete(oldest);
	}
	return key;
}

/** The names and number of the kept keys, for tests that look for secrets in them. */
export function cachedKeyNames(): string[] {
	return [...keys.keys()];
}
