import { generateKeyPairSync } from 'node:crypto';

import type { HttpSignatureAlgorithm } from '../../../../lib/signature/httpMessageSignatures/algorithms';
import {
	readHttpMessageSigner,
	readHttpMessageVerifier,
} from '../../../../lib/signature/httpMessageSignatures/credential';
import type { Result } from '../../../../lib/result/result';
import type { IncomingMessage, OutgoingMessage } from '../../../../lib/signature/scheme';
import { ed25519Key, keyFor, pkcs8, rsaKey } from '../../keys/fixtures';

/** A secret of no one, as Base64 of 32 bytes. */
export const secret = Buffer.alloc(32, 9).toString('base64');

const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;

/** The key fields of a credential, for each algorithm; RSA-PSS with a key that is for that alone. */
export const keyFields: Record<HttpSignatureAlgorithm, Record<string, string>> = {
	ed25519: { privateKey: pkcs8(ed25519Key) },
	'ecdsa-p256-sha256': { privateKey: pkcs8(keyFor.ES256) },
	'ecdsa-p384-sha384': { privateKey: pkcs8(keyFor.ES384) },
	'rsa-pss-sha512': { privateKey: pkcs8(pss) },
	'rsa-v1_5-sha256': { privateKey: pkcs8(rsaKey) },
	'hmac-sha256': { secret, secretEncoding: 'base64' },
};

export const algorithms = Object.keys(keyFields) as HttpSignatureAlgorithm[];

/** A credential of the scheme, as its form fills it in. */
export const credentialFor = (algorithm: HttpSignatureAlgorithm, more: Record<string, unknown> = {}) => ({
	scheme: 'httpMessageSignatures',
	signatureAlgorithm: algorithm,
	keyId: 'key-1',
	...keyFields[algorithm],
	...more,
});

/** 2026-01-02 03:04:05 UTC. */
export const now = 1_767_323_045;

export const delivery: OutgoingMessage = {
	id: 'msg_1',
	timestampSeconds: now,
	method: 'POST',
	url: new URL('https://hooks.example.com/in/ü?a=b%20c&d=1&d=2'),
	headers: { 'content-type': 'application/json', accept: '*/*', 'x-tenant': 'acme' },
	body: '{"name":"Zoë"}',
};

function valueOf<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(`${result.fault.message}. ${result.fault.description}`);
	return result.value;
}

/** The header fields of a signed request, those of the signature among them. */
export async function signedHeaders(
	data: Record<string, unknown>,
	message = delivery,
): Promise<Record<string, string>> {
	const signer = valueOf(await readHttpMessageSigner(data));
	return { ...message.headers, ...valueOf(await signer.sign(message)).headers };
}

/** What verifying comes to: `genuine`, or the reason. */
export async function verified(
	data: Record<string, unknown>,
	message: IncomingMessage,
	nowSeconds = now,
): Promise<string> {
	const verifier = valueOf(await readHttpMessageVerifier(data));
	const result = await verifier.verify(message, { toleranceSeconds: 300, nowSeconds });
	return result.ok ? 'genuine' : `${result.fault.reason}: ${result.fault.message}`;
}
