import { createHmac, randomBytes, type KeyObject } from 'node:crypto';

import { ok, type Result } from '../result/result';
import type { SigningAlgorithm } from './algorithm';

/** A key that can sign, and the `kid` to send with it: as configured, else its own, else empty. */
export interface SigningKey {
	readonly privateKey: KeyObject;
	readonly keyId: string;
	/** The signature algorithm that a JWK says it is for (RFC 7517 §4.4). */
	readonly statedAlgorithm?: SigningAlgorithm;
}

/** How many imported keys are kept; an instance rarely has more JWT credentials than this. */
const cachedKeysMost = 100;

/**
 * Imported keys by a digest of what they were imported from. The digest is keyed with a random value of
 * this process, so that it says nothing about the key or the passphrase anywhere else.
 */
const keys = new Map<string, SigningKey>();

/** Imports in progress, by the same digest. */
const pending = new Map<string, Promise<Result<SigningKey>>>();

const digestKey = randomBytes(32);

/**
 * Gives the key that was imported from `secrets` before, joins an import of them that is in progress, or
 * imports them. Faults are not kept. The key that was used longest ago gives way when there are more than
 * {@link cachedKeysMost}.
 * @param load must not reject
 */
export async function cachedKey(
	secrets: string[],
	load: () => Promise<Result<SigningKey>>,
): Promise<Result<SigningKey>> {
	const name = createHmac('sha256', digestKey).update(JSON.stringify(secrets)).digest('base64');
	const known = keys.get(name);
	if (known) return ok(keep(name, known));
	let under = pending.get(name);
	if (!under) {
		under = load().finally(() => pending.delete(name));
		pending.set(name, under);
	}
	const imported = await under;
	return imported.ok ? ok(keep(name, imported.value)) : imported;
}

function keep(name: string, key: SigningKey): SigningKey {
	keys.delete(name);
	keys.set(name, key);
	for (const oldest of keys.keys()) {
		if (keys.size <= cachedKeysMost) break;
		keys.delete(oldest);
	}
	return key;
}

/**
 * The names and number of the kept keys.
 *
 * @internal for tests, which look for secrets in them
 */
export function cachedKeyNames(): string[] {
	return [...keys.keys()];
}
