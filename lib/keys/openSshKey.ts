import {
	createDecipheriv,
	createPrivateKey,
	createPublicKey,
	sign,
	verify,
	type JsonWebKey,
	type KeyObject,
} from 'node:crypto';

import { fail, ok, refused, type Result } from '../result/result';
import { quoted } from '../text/quoted';
import { tooCostly } from './derivationCost';
import { brokenOpening, damagedKey, missingPassphrase, wrongPassphrase } from './openingFault';
import { openOffThread } from './openOffThread';
import { readOpenSshFile, SshReader, type OpenSshFile } from './openSshFile';

/** The most rounds of bcrypt_pbkdf that a key is opened with: ten seconds. `ssh-keygen` takes 16 to 24 by default. */
const mostOpenSshRounds = 1000;

/** The ciphers of OpenSSH that node:crypto has: its name there, key and vector in bytes (openssh-portable, cipher.c). */
const ciphers: Record<string, { name: string; key: number; vector: number; gcm?: true } | undefined> = {
	'aes128-ctr': { name: 'aes-128-ctr', key: 16, vector: 16 },
	'aes192-ctr': { name: 'aes-192-ctr', key: 24, vector: 16 },
	'aes256-ctr': { name: 'aes-256-ctr', key: 32, vector: 16 },
	'aes128-cbc': { name: 'aes-128-cbc', key: 16, vector: 16 },
	'aes192-cbc': { name: 'aes-192-cbc', key: 24, vector: 16 },
	'aes256-cbc': { name: 'aes-256-cbc', key: 32, vector: 16 },
	'3des-cbc': { name: 'des-ede3-cbc', key: 24, vector: 8 },
	'aes128-gcm@openssh.com': { name: 'aes-128-gcm', key: 16, vector: 12, gcm: true },
	'aes256-gcm@openssh.com': { name: 'aes-256-gcm', key: 32, vector: 12, gcm: true },
};

/**
 * Reads a private key file of OpenSSH (`-----BEGIN OPENSSH PRIVATE KEY-----`): Ed25519, RSA, ECDSA.
 * @param passphrase what decrypts it; not looked at when the key is not encrypted
 */
export async function importOpenSshKey(bytes: Buffer, passphrase: string): Promise<Result<KeyObject>> {
	const file = readOpenSshFile(bytes);
	if (!file) return fail(damagedKey);
	if (file.cipher === 'none') return importSection(file.secret) ?? fail(damagedKey);
	if (passphrase === '') return fail(missingPassphrase);
	const decrypted = await decrypt(file, passphrase);
	if (!decrypted.ok) return decrypted;
	const imported = importSection(decrypted.value) ?? fail(wrongPassphrase);
	decrypted.value.fill(0);
	return imported;
}

async function decrypt(file: OpenSshFile, passphrase: string): Promise<Result<Buffer>> {
	const cipher = Object.hasOwn(ciphers, file.cipher) ? ciphers[file.cipher] : undefined;
	if (!cipher || file.derivation !== 'bcrypt') {
		return refused(
			`The private key is an OpenSSH key encrypted with ${quoted(file.cipher)}, which Node.js cannot decrypt`,
			'Encrypt a copy of it again with "ssh-keygen -p -Z aes256-ctr -f key-copy", and paste that.',
		);
	}
	if (file.rounds > mostOpenSshRounds) {
		const reencrypt = 'Encrypt a copy of it again with "ssh-keygen -p -a 24 -f key-copy", and paste that.';
		return fail(tooCostly(`${file.rounds.toLocaleString('en-US')} rounds`, reencrypt));
	}
	// bcrypt_pbkdf itself refuses these.
	if (file.rounds < 1 || file.salt.length === 0) return fail(damagedKey);
	const size = cipher.key + cipher.vector;
	const derived = await openOffThread({ kind: 'bcrypt', passphrase, salt: file.salt, rounds: file.rounds, size });
	if (!derived.ok) return fail(brokenOpening(derived.fault.reason));
	const bytes = derived.value;
	try {
		const key = bytes.subarray(0, cipher.key);
		const decipher = createDecipheriv(cipher.name, key, bytes.subarray(cipher.key));
		decipher.setAutoPadding(false);
		if (cipher.gcm && 'setAuthTag' in decipher && typeof decipher.setAuthTag === 'function') {
			decipher.setAuthTag(file.tag);
		}
		return ok(Buffer.concat([decipher.update(file.secret), decipher.final()]));
	} catch {
		return fail(wrongPassphrase);
	} finally {
		bytes.fill(0);
	}
}

/** The private section; undefined when its two check numbers differ (a wrong passphrase) or it is damaged. */
function importSection(section: Buffer): Result<KeyObject> | undefined {
	const reader = new SshReader(section);
	if (reader.uint32() !== reader.uint32() || reader.cut) return undefined;
	const type = reader.string().toString('latin1');
	const read = Object.hasOwn(jwkReaders, type) ? jwkReaders[type] : undefined;
	if (!read && !reader.cut && /^[\x20-\x7e]+$/.test(type)) {
		return refused(
			`Private Key contains an OpenSSH key of the type ${quoted(type)}`,
			'Use an Ed25519, RSA or ECDSA key. Key: Generate makes one.',
		);
	}
	const jwk = read?.(reader);
	reader.string(); // the comment
	const isPadded = reader.rest().every((byte, index) => byte === ((index + 1) & 255));
	return jwk && !reader.cut && isPadded ? fromJwk(jwk) : undefined;
}

/** Each kind of key as OpenSSH lists its numbers (openssh-portable, sshkey.c), made into a JWK. */
const jwkReaders: Record<string, ((reader: SshReader) => JsonWebKey | undefined) | undefined> = {
	'ssh-ed25519': (reader) => {
		const x = reader.string();
		const seed = reader.string().subarray(0, 32);
		return { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url'), d: seed.toString('base64url') };
	},
	'ssh-rsa': (reader) => {
		const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => magnitude(reader.string()));
		if (!n || !e || !d || !qi || !p || !q) return undefined;
		const part = (prime: Buffer) => {
			const rest = (numberOf(d) % (numberOf(prime) - 1n)).toString(16);
			return Buffer.from(rest.length % 2 ? `0${rest}` : rest, 'hex');
		};
		// A prime of 0 or 1 has no such part.
		if (numberOf(p) < 2n || numberOf(q) < 2n) return undefined;
		const numbers = { n, e, d, p, q, dp: part(p), dq: part(q), qi };
		return {
			kty: 'RSA',
			...Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, number.toString('base64url')])),
		};
	},
	'ecdsa-sha2-nistp256': (reader) => ecJwk(reader, 'P-256', 32),
	'ecdsa-sha2-nistp384': (reader) => ecJwk(reader, 'P-384', 48),
	'ecdsa-sha2-nistp521': (reader) => ecJwk(reader, 'P-521', 66),
};

function ecJwk(reader: SshReader, crv: string, size: number): JsonWebKey | undefined {
	reader.string(); // the curve's name again
	const point = reader.string();
	const d = magnitude(reader.string());
	if (point.length !== 1 + 2 * size || point[0] !== 4 || d.length > size) return undefined;
	return {
		kty: 'EC',
		crv,
		x: point.toString('base64url', 1, 1 + size),
		y: point.toString('base64url', 1 + size),
		d: Buffer.concat([Buffer.alloc(size - d.length), d]).toString('base64url'),
	};
}

/** An mpint of RFC 4251 §5 without the zeros at its start. */
function magnitude(bytes: Buffer): Buffer {
	const first = bytes.findIndex((byte) => byte !== 0);
	return first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);

/** Imports a key whose numbers nothing has checked: its two halves must belong together. */
function fromJwk(jwk: JsonWebKey): Result<KeyObject> | undefined {
	try {
		const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
		const { kty, crv, n, e, x, y } = jwk;
		const publicKey = createPublicKey({ key: { kty, crv, n, e, x, y }, format: 'jwk' });
		const hash = kty === 'OKP' ? null : 'sha256';
		const probe = Buffer.from('one pair');
		return verify(hash, probe, publicKey, sign(hash, probe, privateKey)) ? ok(privateKey) : undefined;
	} catch {
		return undefined;
	}
}
