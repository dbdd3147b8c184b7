import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

import { readPastedKeys, type PastedKey } from '../../keys/pastedKey';
import { readableLabels } from '../../keys/privateKeyInField';
import { keyThumbprint } from '../../keys/publicKey';
import { ok, refused, type Result } from '../../result/result';
import { fittingKey, type HttpSignatureAlgorithm } from './algorithms';
import type { VerificationKey } from './settings';

/**
 * Reads the public keys that signatures are verified with: PEM (a public key or a certificate), a JWK or a JWK Set. Of a set
 * only those count that are for signatures and fit the algorithm: a sender's may have others.
 */
export function readVerificationKeys(
	text: string,
	algorithm: HttpSignatureAlgorithm,
): Result<readonly VerificationKey[]> {
	if (text.trim() === '') return ok([]);
	const label = readableLabels.publicKeys;
	const pasted = readPastedKeys(text).filter((key) => key.form === 'jwk' || /(KEY|CERTIFICATE)$/.test(key.label));
	const read = pasted.map((key) => readPublicKey(key, algorithm, label));
	const keys = read.flatMap((key) => (key.ok ? [key.value] : []));
	const broken = read.find((key) => !key.ok);
	// Left out in silence, a key outside of a set would be missed only when a genuine request is refused.
	const isSet = pasted.some((key) => key.form === 'jwk' && key.inSet);
	if (broken !== undefined && !(isSet && keys.length > 0)) return broken;
	return keys.length > 0 ? ok(keys) : unreadable(label);
}

function readPublicKey(pasted: PastedKey, algorithm: HttpSignatureAlgorithm, label: string): Result<VerificationKey> {
	const opened = openPublicKey(pasted);
	if (opened === undefined) return unreadable(label);
	const key = fittingKey(opened, algorithm, label);
	if (!key.ok) return key;
	const name = pasted.keyId?.trim() ?? '';
	return ok({ key: key.value, ids: idsOf(name, key.value) });
}

/** What senders may call a key: its ID, else its thumbprint or anything at all, as nobody has named it. */
export function idsOf(name: string, key: KeyObject): readonly string[] {
	return name === '' ? [] : [name, keyThumbprint(key)];
}

function openPublicKey(pasted: PastedKey): KeyObject | undefined {
	try {
		if (pasted.form === 'jwk') {
			const { use } = pasted.jwk;
			if (use !== undefined && use !== null && use !== 'sig') return undefined;
			return createPublicKey({ key: pasted.jwk, format: 'jwk' });
		}
		return pasted.label.endsWith('CERTIFICATE')
			? new X509Certificate(pasted.pem).publicKey
			: createPublicKey(pasted.pem);
	} catch {
		return undefined;
	}
}

const unreadable = (label: string) =>
	refused(
		`${label} contains something other than public keys for signatures`,
		'It takes a JWK, a JWK Set or PEM ("-----BEGIN PUBLIC KEY-----" or "-----BEGIN CERTIFICATE-----"). ' +
			'The JWK Set that the sender publishes is best: it contains the key IDs.',
	);
