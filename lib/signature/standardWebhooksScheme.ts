import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';

import type { CredentialData } from '../oauth2/credential/credentialFields';
import { fail, ok, refused, type Result } from '../result/result';
import { decodeStandardBase64 } from '../text/base64';
import type { IncomingMessage, Signer, Verified, Verifier, VerifyFault, VerifyRules } from './scheme';
import {
	isSignableId,
	readSigningSecret,
	signStandardWebhook,
	unsignableId,
	type SigningSecret,
} from './standardWebhooks';
import { isStreamed, type SignedBody } from './signedBody';
import { missingHeader, noMatch, readTimestamp } from './verifyFault';

/** Reads `secret` and `previousSecret`; while a rotation lasts, both sign. */
export function readStandardWebhooksSigner(data: CredentialData): Result<Signer> {
	const secrets = readSecrets(data, readSigningSecret);
	if (!secrets.ok) return secrets;
	return ok({
		// It is over ID, time and body, so it says the same anywhere.
		signsForOtherOrigins: true,
		idFault: (id) => (isSignableId(id) ? undefined : unsignableId),
		sign: ({ id, timestampSeconds, body }) => {
			if (isTooLarge(body, secrets.value)) return fail(tooLarge);
			const headers = signStandardWebhook({ id, timestampSeconds, body, secrets: secrets.value });
			return headers instanceof Promise ? headers.then((made) => ok({ headers: made })) : ok({ headers });
		},
	});
}

/** Ed25519 keeps a body until it is signed (see `signStandardWebhook`), so a file of this many bytes is the largest. */
const MOST_BY_ED25519 = 16 * 1024 * 1024;

const isTooLarge = (body: SignedBody, secrets: readonly SigningSecret[]) =>
	isStreamed(body) && (body.length ?? 0) > MOST_BY_ED25519 && secrets.some(({ version }) => version === 'v1a');

const tooLarge = {
	message: 'The file is too large to be signed with an Ed25519 key (whsk_), which takes 16 MiB at most',
	description: 'Use a secret (whsec_) in the signing credential: it signs a file of any size.',
};

/** A secret, or the public half of a key. */
type VerificationKey = { readonly version: 'v1' | 'v1a'; readonly key: KeyObject };

/** Reads `secret` and `previousSecret` as a receiver has them: `whsec_`, the sender's `whsk_`, or its public key `whpk_`. */
export function readStandardWebhooksVerifier(data: CredentialData): Result<Verifier> {
	const keys = readSecrets(data, readVerificationKey);
	return keys.ok ? ok({ verify: (message, rules) => verifyStandardWebhook(message, rules, keys.value) }) : keys;
}

/** The secret before this one alone would be another's signature. */
function readSecrets<T>(
	{ secret, previousSecret }: CredentialData,
	read: (text: string) => Result<T>,
): Result<readonly T[]> {
	if (typeof secret !== 'string' || secret.trim() === '') {
		return refused(
			'The signing credential has no secret',
			'Fill in Secret in the Webhook Dispatch Signing credential, e.g. whsec_ and base64.',
		);
	}
	const values: T[] = [];
	for (const text of [secret, previousSecret]) {
		if (typeof text !== 'string' || text.trim() === '') continue;
		const value = read(text);
		if (!value.ok) return value;
		values.push(value.value);
	}
	return ok(values);
}

/** How an Ed25519 public key starts as SubjectPublicKeyInfo (RFC 8410 §4); its 32 bytes follow. */
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex');

function readVerificationKey(text: string): Result<VerificationKey> {
	const [, base64] = /^\s*(?:v1a\s*,\s*)?whpk_(.*?)\s*$/.exec(text) ?? [];
	if (base64 === undefined) {
		const secret = readSigningSecret(text);
		return secret.ok ? ok(publicHalf(secret.value)) : secret;
	}
	const bytes = decodeStandardBase64(base64);
	if (bytes?.length !== 32) {
		return refused(
			'The public key (whpk_) is not the Base64 of 32 bytes',
			'Copy it again from the sender, whole and unchanged.',
		);
	}
	const key = createPublicKey({ key: Buffer.concat([ed25519Spki, bytes]), format: 'der', type: 'spki' });
	return ok({ version: 'v1a', key });
}

const publicHalf = ({ version, key }: SigningSecret): VerificationKey => ({
	version,
	key: version === 'v1' ? key : createPublicKey(key),
});

/** Standard Webhooks 1.0.0, "Verifying webhook authenticity": one signature that matches is enough, unknown versions are left out. */
function verifyStandardWebhook(
	{ headers, body }: IncomingMessage,
	rules: VerifyRules,
	keys: readonly VerificationKey[],
): Result<Verified, VerifyFault> {
	const id = headers['webhook-id'] ?? '';
	if (id === '') return missingHeader('webhook-id');
	const signatures = headers['webhook-signature'] ?? '';
	if (signatures === '') return missingHeader('webhook-signature');
	const timestamp = readTimestamp('webhook-timestamp', headers['webhook-timestamp'], rules);
	if (!timestamp.ok) return timestamp;
	const signed = Buffer.concat([Buffer.from(`${id}.${headers['webhook-timestamp']}.`), body]);
	const isGenuine = signatures.split(' ').some((entry) => {
		const comma = entry.indexOf(',');
		const given = decodeStandardBase64(entry.slice(comma + 1));
		if (comma === -1 || given === undefined) return false;
		const version = entry.slice(0, comma);
		return keys.some((key) => key.version === version && matches(key, signed, given));
	});
	return isGenuine ? ok({ id, timestampSeconds: timestamp.value }) : fail(noMatch('webhook-signature'));
}

function matches({ version, key }: VerificationKey, signed: Buffer, given: Buffer): boolean {
	if (version === 'v1a') return given.length === 64 && verify(null, signed, key, given);
	const right = createHmac('sha256', key).update(signed).digest();
	return right.length === given.length && timingSafeEqual(right, given);
}
