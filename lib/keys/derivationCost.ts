import type { Fault } from '../result/result';
import { children, integerOf, OCTET_STRING, oidOf, readValue, SEQUENCE, type DerValue } from './derValue';

/** The most rounds of PBKDF2, PBES1 and PKCS#12 that a key is opened with: a few seconds of one processor. */
const mostDerivationRounds = 10_000_000;

/** The most that scrypt may cost, as N × r × p: a few seconds of one processor. `openssl pkcs8 -scrypt` takes 2^17. */
const MOST_SCRYPT_WORK = 2 ** 23;

/** OpenSSL opens no key whose scrypt takes more memory, in bytes. */
const MOST_SCRYPT_MEMORY = 32 * 1024 * 1024;

const reencrypt =
	'Encrypt a copy of it again with "openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 600000 -in key.pem", and paste its output.';

const PBES2 = '2a864886f70d01050d'; // RFC 8018 A.4
const PBKDF2 = '2a864886f70d01050c'; // RFC 8018 A.2
const SCRYPT = '2b06010401da47040b'; // RFC 7914 §7
const PBES1 = /^2a864886f70d0105(01|03|04|06|0a|0b)$/; // RFC 8018 A.3
const PKCS12 = /^2a864886f70d010c01(01|02|03|04|05|06)$/; // RFC 7292 C

/**
 * What speaks against deriving the decryption key of an encrypted PKCS#8 structure (RFC 5958 §3): the
 * file itself says how much work that is, up to hours. Read before the key is opened.
 * @returns undefined when it can be opened within seconds
 */
export function derivationFault(der: Buffer): Fault | undefined {
	const cost = costOf(der);
	if (cost === undefined) return unknownEncryption;
	if (cost.rounds > mostDerivationRounds) return tooCostly(`${cost.rounds.toLocaleString('en-US')} rounds`);
	return cost.scryptTooLarge ? tooCostly('too much work or memory') : undefined;
}

/**
 * A key whose passphrase takes too much work to try.
 * @param what a few words, e.g. "20,000,000 rounds"
 */
export function tooCostly(what: string, description = reencrypt): Fault {
	return { message: `The private key takes too long to decrypt: its key derivation asks for ${what}`, description };
}

/** An encryption that is not one of those that Node.js decrypts. */
export const unknownEncryption: Fault = {
	message: 'The private key is encrypted in a way that this Node.js cannot decrypt',
	description: 'Encrypt it again with "openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem", and paste its output.',
};

interface Cost {
	rounds: number;
	scryptTooLarge: boolean;
}

function costOf(der: Buffer): Cost | undefined {
	const [encryption] = children(der, readValue(der, 0));
	const [scheme, parameters] = children(der, encryption);
	const oid = oidOf(der, scheme) ?? '';
	if (PBES1.test(oid) || PKCS12.test(oid)) return roundsOf(der, parameters);
	if (oid !== PBES2) return undefined;
	const [derivation] = children(der, parameters);
	const [name, values] = children(der, derivation);
	if (oidOf(der, name) === PBKDF2) return roundsOf(der, values);
	return oidOf(der, name) === SCRYPT ? scryptCost(der, values) : undefined;
}

/** `{ salt, rounds, … }`, as PBKDF2, PBES1 and PKCS#12 have it. */
function roundsOf(der: Buffer, parameters: DerValue | undefined): Cost | undefined {
	const [salt, count] = children(der, parameters);
	const rounds = integerOf(der, count);
	return salt?.tag === OCTET_STRING && rounds !== undefined ? { rounds, scryptTooLarge: false } : undefined;
}

/** `{ salt, N, r, p, … }`. */
function scryptCost(der: Buffer, parameters: DerValue | undefined): Cost | undefined {
	if (parameters?.tag !== SEQUENCE) return undefined;
	const [salt, ...numbers] = children(der, parameters);
	const [n, r, p] = numbers.map((number) => integerOf(der, number));
	if (salt?.tag !== OCTET_STRING || !n || !r || !p) return undefined;
	const memory = 128 * r * (n + p + 3);
	return { rounds: 0, scryptTooLarge: n * r * p > MOST_SCRYPT_WORK || memory > MOST_SCRYPT_MEMORY };
}
