import { createPrivateKey, type KeyObject } from 'node:crypto';

import { fail, ok, refused, type Result } from '../result/result';
import { derivationFault, unknownEncryption } from './derivationCost';
import { hasExplicitCurve } from './derShape';
import { brokenOpening, damagedKey, missingPassphrase, wrongPassphrase } from './openingFault';
import { openOffThread } from './openOffThread';
import { importOpenSshKey } from './openSshKey';
import { bytesOfPem, type PastedKey, type PastedPem } from './pastedKey';

/**
 * Imports one private key. An encrypted one is opened in a separate thread, after a look at what that
 * costs; any other is imported at once.
 * @param passphrase what decrypts it; not looked at when the key is not encrypted
 */
export async function openPrivateKey(key: PastedKey, passphrase: string): Promise<Result<KeyObject>> {
	if (key.form === 'jwk') return fromJwk(key.jwk);
	if (key.label === 'OPENSSH PRIVATE KEY') return await importOpenSshKey(bytesOfPem(key.pem), passphrase);
	return isEncrypted(key) ? await decrypted(key, passphrase) : fromPem(key);
}

/** OpenSSL's older form of encryption (RFC 1421 §4.6), whose derivation is one round of MD5. */
const isTraditional = ({ pem }: PastedPem): boolean => pem.includes('Proc-Type: 4,ENCRYPTED');

const isEncrypted = (key: PastedPem): boolean => key.label === 'ENCRYPTED PRIVATE KEY' || isTraditional(key);

async function decrypted(key: PastedPem, passphrase: string): Promise<Result<KeyObject>> {
	if (passphrase === '') return fail(missingPassphrase);
	const isPkcs8 = key.label === 'ENCRYPTED PRIVATE KEY';
	// One encryption inside the other: no tool writes it, and the cost of the inner one cannot be seen.
	if (isPkcs8 && isTraditional(key)) return fail(damagedKey);
	const tooMuch = isPkcs8 ? derivationFault(bytesOfPem(key.pem)) : undefined;
	if (tooMuch) return fail(tooMuch);
	const opened = await openOffThread({ kind: 'pem', pem: key.pem, passphrase });
	if (opened.ok) return fromDer(opened.value);
	const { fault } = opened;
	if (fault.reason !== 'refused') return fail(brokenOpening(fault.reason));
	// Not ERR_OSSL_UNSUPPORTED: of 256 wrong passphrases, one decrypts to something that is no key and gives that.
	return fail(fault.code === 'ERR_OSSL_EVP_UNSUPPORTED' ? unknownEncryption : wrongPassphrase);
}

function fromDer(der: Buffer): Result<KeyObject> {
	try {
		return checked(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }), der);
	} catch {
		return fail(damagedKey);
	} finally {
		der.fill(0);
	}
}

function fromPem(key: PastedPem): Result<KeyObject> {
	try {
		return checked(createPrivateKey(key.pem), bytesOfPem(key.pem));
	} catch {
		return fail(damagedKey);
	}
}

/** RFC 5480 §2.1.1 wants curves named, and servers refuse the public key of one that is not. */
function checked(privateKey: KeyObject, der: Buffer): Result<KeyObject> {
	const curve = privateKey.asymmetricKeyDetails?.namedCurve;
	// A curve that has no name stays what it is: no command helps, and it fits no algorithm.
	if (curve === undefined || curve === 'UNDEF' || !hasExplicitCurve(der)) return ok(privateKey);
	return refused(
		'The private key is an EC key with explicit parameters: it describes its curve instead of naming it',
		'Convert a copy of it with "openssl ec -in key.pem -param_enc named_curve", and paste its output.',
	);
}

function fromJwk(jwk: Record<string, unknown>): Result<KeyObject> {
	try {
		return ok(createPrivateKey({ key: jwk, format: 'jwk' }));
	} catch {
		return refused(
			'The private key is a JWK that cannot be read',
			'A private JWK has kty and d, with n, e, p, q, dp, dq and qi for RSA, crv, x and y for EC, ' +
				'crv and x for Ed25519 (RFC 7518 §6). Check that all of it was pasted.',
		);
	}
}
