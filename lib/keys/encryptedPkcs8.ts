import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * PBKDF2 rounds. OpenSSL, and with it node:crypto's own export, takes 2,048, too few for a key that is
 * stored where execution data is; 600,000 is what OWASP recommends for HMAC-SHA-256. Reading the key
 * takes a fraction of a second once in each process.
 */
const keyDerivationRounds = 600_000;

const derive = promisify(pbkdf2);

/**
 * Encrypts a PKCS#8 key under a passphrase: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC
 * (RFC 8018 §6.2, RFC 5958 §3). OpenSSL, node:crypto and every current tool read it.
 * @param pkcs8 the key's DER, unencrypted; not changed
 * @returns PEM, `ENCRYPTED PRIVATE KEY`
 */
export async function encryptPkcs8(pkcs8: Buffer, passphrase: string): Promise<string> {
	const salt = randomBytes(16);
	const vector = randomBytes(16);
	const key = await derive(passphrase, salt, keyDerivationRounds, 32, 'sha256');
	const cipher = createCipheriv('aes-256-cbc', key, vector);
	const encrypted = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
	key.fill(0);

	const hmacSha256 = sequence(oid('2a864886f70d0209'), der(0x05));
	const derivation = sequence(octets(salt), integer(keyDerivationRounds), hmacSha256);
	const pbes2 = sequence(
		oid('2a864886f70d01050d'),
		sequence(
			sequence(oid('2a864886f70d01050c'), derivation), // PBKDF2
			sequence(oid('60864801650304012a'), octets(vector)), // AES-256-CBC
		),
	);
	const base64 = sequence(pbes2, octets(encrypted))
		.toString('base64')
		.replace(/.{64}(?=.)/g, '$&\n');
	return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${base64}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

/** One DER value: tag, length in its shortest form (X.690 §10.1), content. */
function der(tag: number, ...content: Buffer[]): Buffer {
	const body = Buffer.concat(content);
	const size = hex(body.length);
	const length = body.length < 0x80 ? [body.length] : [0x80 | size.length, ...size];
	return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);
const octets = (content: Buffer) => der(0x04, content);
const oid = (content: string) => der(0x06, Buffer.from(content, 'hex'));

/** A positive INTEGER: one more zero byte where the first would read as a sign. */
function integer(value: number): Buffer {
	const bytes = hex(value);
	return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** A whole number as its bytes, most significant first. */
function hex(value: number): Buffer {
	const digits = value.toString(16);
	return Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
}
