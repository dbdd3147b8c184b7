import type { KeyObject } from 'node:crypto';

import { ok, refused, type Fault, type Result } from '../result/result';

/** Signature algorithms of client assertions (RFC 7518 §3.1, RFC 8037). */
export const signingAlgorithms = [
	'RS256',
	'RS384',
	'RS512',
	'PS256',
	'PS384',
	'PS512',
	'ES256',
	'ES384',
	'ES512',
	'EdDSA',
] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** The kind of key that a signature algorithm works with. */
export type KeyKind = { type: 'rsa' } | { type: 'ec'; curve: 'P-256' | 'P-384' | 'P-521' } | { type: 'ed25519' };

const rsa: KeyKind = { type: 'rsa' };

/** The keys that each JWS algorithm takes (RFC 7518 §3.1, RFC 8037 §3.1). */
const kinds: Record<SigningAlgorithm, KeyKind> = {
	RS256: rsa,
	RS384: rsa,
	RS512: rsa,
	PS256: rsa,
	PS384: rsa,
	PS512: rsa,
	ES256: { type: 'ec', curve: 'P-256' },
	ES384: { type: 'ec', curve: 'P-384' },
	ES512: { type: 'ec', curve: 'P-521' },
	EdDSA: { type: 'ed25519' },
};

/** The least modulus that RFC 7518 §3.3 and §3.5 allow, in bits. */
const leastModulusLength = 2048;

/** Node's name of each curve, by the name that JWK gives it. */
const curveNames: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** The kind of key that `algorithm` signs with. */
export function keyKindOf(algorithm: SigningAlgorithm): KeyKind {
	return kinds[algorithm];
}

/** Reads the `algorithm` of a credential: one of {@link signingAlgorithms}, or a fault that lists them. */
export function readAlgorithm(text: string): Result<SigningAlgorithm> {
	const algorithm = signingAlgorithms.find((name) => name === text);
	if (algorithm) return ok(algorithm);
	return refused(
		'The signature algorithm cannot sign client assertions',
		`Set Algorithm in the credential to one of ${signingAlgorithms.join(', ')}.`,
	);
}

/**
 * Whether a key (either half) can be used with an algorithm: right type, right curve, RSA of at least
 * 2048 bits. Gives the fault, or undefined when it fits.
 */
export function keyMisfit(key: KeyObject, algorithm: SigningAlgorithm): Fault | undefined {
	const kind = kinds[algorithm];
	const bits = key.asymmetricKeyDetails?.modulusLength;
	if (key.asymmetricKeyType === 'rsa' && bits !== undefined && bits < leastModulusLength) {
		return {
			message: `The RSA key has ${bits} bits, at least ${leastModulusLength} are needed`,
			description: 'Use a longer key. Key: Generate makes one, and so does "openssl genrsa 2048".',
		};
	}
	const curve = curveNames[key.asymmetricKeyDetails?.namedCurve ?? ''];
	if (fits(key, curve, kind)) return undefined;

	const fitting = signingAlgorithms.filter((name) => fits(key, curve, kinds[name]));
	return {
		message: `The key does not fit the algorithm ${algorithm}`,
		description:
			`${algorithm} signs with ${kindText(kind)}, and the credential has ${keyText(key, curve)}. ` +
			(fitting.length > 0
				? `Set Algorithm to ${fitting.join(', ').replace(/, (?=[^,]*$)/, ' or ')}, or use another key.`
				: 'Use another key. Key: Generate makes one that fits.'),
	};
}

/** Whether there is an algorithm that a key (either half) can be used with. */
export function fitsSome(key: KeyObject): boolean {
	return signingAlgorithms.some((algorithm) => !keyMisfit(key, algorithm));
}

function fits(key: KeyObject, curve: string | undefined, kind: KeyKind): boolean {
	return key.asymmetricKeyType === kind.type && (kind.type !== 'ec' || kind.curve === curve);
}

function kindText(kind: KeyKind): string {
	if (kind.type === 'rsa') return `an RSA key of ${leastModulusLength} bits or more`;
	return kind.type === 'ec' ? `an EC key on the curve ${kind.curve}` : 'an Ed25519 key';
}

function keyText(key: KeyObject, curve: string | undefined): string {
	switch (key.asymmetricKeyType) {
		case 'rsa':
			return 'an RSA key';
		case 'rsa-pss':
			return 'an RSA-PSS key (a plain RSA key also does for PS256, PS384 and PS512)';
		case 'ec':
			return curve ? `an EC key on the curve ${curve}` : 'an EC key on a curve that JWT does not support';
		case 'ed25519':
			return 'an Ed25519 key';
		default:
			return `a key of the type ${key.asymmetricKeyType ?? 'unknown'}`;
	}
}
