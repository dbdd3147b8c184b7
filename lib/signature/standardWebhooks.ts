import { createHmac, createPrivateKey, createSecretKey, sign, type KeyObject } from 'node:crypto';

import { ok, refused, type Fault, type Result } from '../result/result';
import { decodeStandardBase64 } from '../text/base64';
import { digestBody, type Digest, type SignedBody } from './signedBody';

/**
 * A signing secret, read and ready: an HMAC key (`v1`) or an Ed25519 private key (`v1a`). It holds key
 * objects only, which show nothing of themselves when they are printed or serialized.
 */
export interface SigningSecret {
	readonly version: 'v1' | 'v1a';
	readonly key: KeyObject;
}

/** The headers of one attempt (Standard Webhooks 1.0.0, "Webhook headers"). */
export type SignatureHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/** The bounds of the specification for a symmetric secret, in bytes. */
const shortest = 24;
const longest = 64;

/** How an Ed25519 private key starts in PKCS#8 (RFC 8410 §7); its 32 bytes follow. */
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Signs the exact bytes of a body for one attempt (Standard Webhooks 1.0.0, "Signature scheme").
 * @param id the same in all attempts of a delivery; see {@link isSignableId}
 * @param timestampSeconds the time of this attempt, whole seconds since 1970
 * @param body as it is sent; with a stream the headers are promised
 * @param secrets read by {@link readSigningSecret}; while a rotation lasts two, each of which signs
 * @throws what reading a stream throws
 */
export function signStandardWebhook(given: ToSign & { body: string | Uint8Array }): SignatureHeaders;
export function signStandardWebhook(given: ToSign & { body: SignedBody }): SignatureHeaders | Promise<SignatureHeaders>;
export function signStandardWebhook({
	id,
	timestampSeconds,
	body,
	secrets,
}: ToSign & { body: SignedBody }): SignatureHeaders | Promise<SignatureHeaders> {
	const signatures = secrets.map(signatureWith);
	for (const signature of signatures) signature.update(`${id}.${timestampSeconds}.`);
	const read = digestBody(body, signatures);
	const headers = (): SignatureHeaders => ({
		'webhook-id': id,
		'webhook-timestamp': String(timestampSeconds),
		'webhook-signature': signatures.map((signature) => signature.end()).join(' '),
	});
	return read instanceof Promise ? read.then(headers) : headers();
}

interface ToSign {
	id: string;
	timestampSeconds: number;
	secrets: readonly SigningSecret[];
}

interface Signature extends Digest {
	end(): string;
}

/** A signature in the making. Ed25519 goes over its message twice (RFC 8032 §5.1.6), so all of it is kept until then. */
function signatureWith({ version, key }: SigningSecret): Signature {
	if (version === 'v1') {
		const hmac = createHmac('sha256', key);
		return { update: (chunk) => hmac.update(chunk), end: () => `v1,${hmac.digest('base64')}` };
	}
	const chunks: Buffer[] = [];
	return {
		update: (chunk) => chunks.push(Buffer.from(chunk)),
		end: () => `v1a,${sign(null, Buffer.concat(chunks), key).toString('base64')}`,
	};
}

/**
 * Whether an ID can be signed: visible ASCII without a full stop. With one, two different requests could
 * carry the same signature, so the specification forbids it.
 */
export function isSignableId(id: string): boolean {
	return /^[\x21-\x2d\x2f-\x7e]{1,255}$/.test(id);
}

/** Two requests with such IDs could carry the same signature (Standard Webhooks). */
export const unsignableId: Fault = {
	message: 'The Delivery ID has a full stop, which a signed delivery cannot have',
	description: 'Replace it, e.g. with a hyphen, or leave Delivery ID empty.',
};

/**
 * Reads a signing secret: `whsec_` and the Base64 of 24 to 64 bytes (the prefix may be missing, as the
 * reference libraries allow), or `whsk_` and the Base64 of an Ed25519 key, its 32 bytes alone or followed
 * by those of its public key, as the reference implementation writes it. Either may follow its version, as in
 * `v1,whsec_…` (Supabase writes secrets so), and be in quotes. Base64url is refused: receivers read it in
 * different ways.
 *
 * @returns the secret, or what is wrong with the text; the fault shows nothing of it
 */
export function readSigningSecret(text: string): Result<SigningSecret> {
	const bare = withoutQuotes(text.replace(/[\ufeff\u200b-\u200d\u2060]/g, '').trim());
	if (bare === '') return refused('The signing secret is empty', expectation);
	if ((bare.match(/wh(sec|sk)_/g) ?? []).length > 1) {
		return refused(
			'The signing secret field has more than one secret',
			'Leave the newest one in Secret, and move the one before it to Previous Secret.',
		);
	}
	const [, version, prefix = '', base64 = ''] = /^(?:(v1a?)\s*,\s*)?(wh[a-z]+_)?([^]*)$/.exec(bare) ?? [];
	if (prefix === 'whpk_') {
		return refused(
			'The signing secret is a public key (whpk_)',
			'That one is for the receiver. Fill in the private key of the pair, whsk_…, in the credential.',
		);
	}
	if (prefix !== '' && prefix !== 'whsec_' && prefix !== 'whsk_') {
		return refused('The signing secret starts with a prefix that is not known', expectation);
	}
	if (version !== undefined && (version === 'v1a') !== (prefix === 'whsk_')) {
		return refused(
			`The signing secret is written as ${version}, but its prefix says otherwise`,
			'A secret of version v1 starts with whsec_, a key of version v1a with whsk_. Copy it again.',
		);
	}
	const bytes = decodeStandardBase64(base64);
	if (!bytes) return refused('The signing secret is not Base64', `${expectation} Check that all of it was pasted.`);
	return prefix === 'whsk_' ? readEd25519(bytes) : readSymmetric(bytes);
}

function readSymmetric(bytes: Buffer): Result<SigningSecret> {
	if (bytes.length < shortest || bytes.length > longest) {
		return refused(
			`The signing secret has ${bytes.length} bytes, ${shortest} to ${longest} are allowed`,
			`${expectation} "openssl rand -base64 32" makes one.`,
		);
	}
	return ok({ version: 'v1', key: createSecretKey(bytes) });
}

function readEd25519(bytes: Buffer): Result<SigningSecret> {
	if (bytes.length !== 32 && bytes.length !== 64) {
		return refused(`The signing key (whsk_) has ${bytes.length} bytes, 32 or 64 are expected`, expectation);
	}
	const der = Buffer.concat([ed25519Pkcs8, bytes.subarray(0, 32)]);
	const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
	const publicBytes = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
	if (bytes.length === 64 && !publicBytes.equals(bytes.subarray(32))) {
		return refused(
			'The two halves of the signing key (whsk_) do not belong together',
			'Its second 32 bytes are the public key of the first. Check that it was pasted whole and unchanged.',
		);
	}
	return ok({ version: 'v1a', key });
}

const expectation =
	'It is "whsec_" and the Base64 of 24 to 64 random bytes, the same at the receiver; or "whsk_" and the Base64 of an ' +
	'Ed25519 private key.';

/** A text without a pair of quotes around it, as it is copied from a .env or JSON file. */
function withoutQuotes(text: string): string {
	return /^(["'`])([^]*)\1$/.exec(text)?.[2]?.trim() ?? text;
}
