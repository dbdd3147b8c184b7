import {
	constants,
	createHmac,
	createPrivateKey,
	createPublicKey,
	sign,
	timingSafeEqual,
	verify,
	type KeyObject,
	type SignKeyObjectInput,
} from 'node:crypto';

import type { SigningAlgorithm } from '../../keys/algorithm';
import { children, readValue } from '../../keys/derValue';
import { ok, refused, type Result } from '../../result/result';

/** How an algorithm of the registry (RFC 9421 §6.2.2) signs, and which keys it takes. */
interface AlgorithmKind {
	/** As the credential form calls it. */
	readonly label: string;
	/** The JWS algorithm of the same keys, by which lib/keys chooses among several; none for a shared secret. */
	readonly jws?: SigningAlgorithm;
	readonly keyType: 'ed25519' | 'ec' | 'rsa' | 'secret';
	/** Node's name of the curve. */
	readonly curve?: string;
	readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
	readonly options?: Omit<SignKeyObjectInput, 'key'>;
	/** Bytes of a signature, where all have the same. */
	readonly signatureLength?: number;
}

/** RFC 9421 §3.3.1 to §3.3.6, by their registered names. */
export const ALGORITHMS = {
	ed25519: { label: 'Ed25519', jws: 'EdDSA', keyType: 'ed25519', digest: null, signatureLength: 64 },
	'ecdsa-p256-sha256': {
		label: 'ECDSA P-256 with SHA-256',
		jws: 'ES256',
		keyType: 'ec',
		curve: 'prime256v1',
		digest: 'sha256',
		options: { dsaEncoding: 'ieee-p1363' },
		signatureLength: 64,
	},
	'ecdsa-p384-sha384': {
		label: 'ECDSA P-384 with SHA-384',
		jws: 'ES384',
		keyType: 'ec',
		curve: 'secp384r1',
		digest: 'sha384',
		options: { dsaEncoding: 'ieee-p1363' },
		signatureLength: 96,
	},
	'rsa-pss-sha512': {
		label: 'RSA-PSS with SHA-512',
		jws: 'PS512',
		keyType: 'rsa',
		digest: 'sha512',
		options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
	},
	'rsa-v1_5-sha256': {
		label: 'RSA v1.5 with SHA-256',
		jws: 'RS256',
		keyType: 'rsa',
		digest: 'sha256',
		options: { padding: constants.RSA_PKCS1_PADDING },
	},
	'hmac-sha256': { label: 'HMAC with SHA-256', keyType: 'secret', digest: 'sha256', signatureLength: 32 },
} as const satisfies Record<string, AlgorithmKind>;

export type HttpSignatureAlgorithm = keyof typeof ALGORITHMS;

export const isAlgorithm = (name: string): name is HttpSignatureAlgorithm => Object.hasOwn(ALGORITHMS, name);

const kindOf = (algorithm: HttpSignatureAlgorithm): AlgorithmKind => ALGORITHMS[algorithm];

/** The JWS algorithm that takes the same keys; undefined where the key is a shared secret. */
export const jwsAlgorithmOf = (algorithm: HttpSignatureAlgorithm): SigningAlgorithm | undefined =>
	kindOf(algorithm).jws;

/**
 * Signs a signature base (`HTTP_SIGN`, RFC 9421 §3.3). RSA takes a millisecond or more, so it is done in a separate thread.
 *
 * @param key a private key, or a secret for HMAC; see {@link fittingKey}
 */
export function signBase(algorithm: HttpSignatureAlgorithm, key: KeyObject, base: string): Buffer | Promise<Buffer> {
	const { keyType, digest, options } = kindOf(algorithm);
	const bytes = Buffer.from(base, 'latin1');
	if (keyType === 'secret') return createHmac('sha256', key).update(bytes).digest();
	if (keyType !== 'rsa') return sign(digest, bytes, { key, ...options });
	return new Promise((resolve, reject) => {
		sign(digest, bytes, { key, ...options }, (error, signature) => (error ? reject(error) : resolve(signature)));
	});
}

/** The salt is 64 bytes long (RFC 9421 §3.3.1), but some signers take what OpenSSL takes by itself: the most that there is room for. */
const ANY_SALT = { saltLength: constants.RSA_PSS_SALTLEN_AUTO };

/** Whether a signature was made over a base with a key, or with its private half (`HTTP_VERIFY`, RFC 9421 §3.3). */
export function matchesBase(
	algorithm: HttpSignatureAlgorithm,
	key: KeyObject,
	base: string,
	signature: Buffer,
): boolean {
	const { keyType, digest, options, signatureLength } = kindOf(algorithm);
	if (signatureLength !== undefined && signature.length !== signatureLength) return false;
	const bytes = Buffer.from(base, 'latin1');
	if (keyType === 'secret') return timingSafeEqual(createHmac('sha256', key).update(bytes).digest(), signature);
	try {
		return verify(digest, bytes, { key, ...options, ...(options?.saltLength !== undefined && ANY_SALT) }, signature);
	} catch {
		return false;
	}
}

/** The least modulus, as for client assertions (RFC 7518 §3.3), in bits. */
const LEAST_MODULUS = 2048;

/**
 * A key, either half, as an algorithm uses it: of the right type, curve and length. An RSA key that is for PSS alone
 * (RFC 4055 §1.2) becomes one without that mark: it has no form as JWK otherwise.
 *
 * @param where the field that the key comes from, for the fault
 */
export function fittingKey(key: KeyObject, algorithm: HttpSignatureAlgorithm, where: string): Result<KeyObject> {
	const { keyType, curve, label } = kindOf(algorithm);
	const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
	if ((type === 'rsa' || type === 'rsa-pss') && (details?.modulusLength ?? 0) < LEAST_MODULUS) {
		return refused(
			`${where} contains an RSA key of ${details?.modulusLength ?? 0} bits, at least ${LEAST_MODULUS} are needed`,
			'Use a longer key, e.g. one that "openssl genrsa 2048" makes.',
		);
	}
	const isPss = type === 'rsa-pss' && algorithm === 'rsa-pss-sha512' && allowsSha512(key);
	const plain = isPss ? withoutPssMark(key) : key;
	const fits = plain?.asymmetricKeyType === keyType && (curve === undefined || details?.namedCurve === curve);
	if (plain !== undefined && fits) return ok(plain);
	return refused(
		`${where} contains a key that does not fit the algorithm ${label}`,
		`It takes ${wantedKey(algorithm)}. Select the Algorithm of your key in the credential, or paste another key.`,
	);
}

function wantedKey(algorithm: HttpSignatureAlgorithm): string {
	const { keyType, jws } = kindOf(algorithm);
	if (keyType === 'ed25519') return 'an Ed25519 key';
	return keyType === 'ec' ? `an EC key on the curve P-${jws?.slice(2)}` : 'an RSA key';
}

/** What the parameters of an RSA-PSS key limit it to (RFC 4055 §3.1); a key without them has no limits. */
function allowsSha512({ asymmetricKeyDetails: details }: KeyObject): boolean {
	const { hashAlgorithm = 'sha512', mgf1HashAlgorithm = 'sha512', saltLength = 0 } = details ?? {};
	return hashAlgorithm === 'sha512' && mgf1HashAlgorithm === 'sha512' && saltLength <= 64;
}

/** The same RSA key in its PKCS#1 form (RFC 8017 A.1), which PKCS#8 and SubjectPublicKeyInfo hold inside. */
function withoutPssMark(key: KeyObject): KeyObject | undefined {
	if (key.type === 'private') {
		const der = key.export({ type: 'pkcs8', format: 'der' });
		const [, , inner] = children(der, readValue(der, 0));
		return inner && createPrivateKey({ key: der.subarray(inner.start, inner.end), format: 'der', type: 'pkcs1' });
	}
	const der = key.export({ type: 'spki', format: 'der' });
	const [, inner] = children(der, readValue(der, 0));
	// The first byte of a BIT STRING counts its unused bits.
	return inner && createPublicKey({ key: der.subarray(inner.start + 1, inner.end), format: 'der', type: 'pkcs1' });
}
