import { createPrivateKey, createPublicKey } from 'node:crypto';

import { createLocalJWKSet, jwtVerify } from 'jose';

import { createClientAssertion } from '../../../lib/oauth2/assertion/createClientAssertion';
import { publicKeysOf, type KeySettings } from '../../../lib/keys/jwks';
import { generateKey } from '../../../lib/keys/keyGeneration';
import { fail, ok } from '../../../lib/result/result';
import { ed25519Key, jwtSettings, passphrase, pkcs8, rsaKey } from './fixtures';

const empty: KeySettings = { algorithm: 'RS256', keyId: '', privateKey: '', passphrase, previousPublicKey: '' };

async function generated(changes: Partial<KeySettings> = {}, modulusLength?: number) {
	const key = await generateKey({ ...empty, ...changes }, modulusLength);
	if (!key.ok) throw new Error(`${key.fault.message}: ${key.fault.description}`);
	return key.value;
}

// One of each kind of key; the other RSA algorithms sign with the same.
describe.each(['RS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const)('%s', (algorithm) => {
	it('a generated key, pasted into the credential, signs what its own JWK Set verifies', async () => {
		const key = await generated({ algorithm });
		const settings = jwtSettings({ algorithm, privateKey: key.encryptedPrivateKey, passphrase, keyId: key.keyId });
		const made = await createClientAssertion(settings);
		if (!made.ok) throw new Error(made.fault.message);
		const verified = await jwtVerify(made.value.clientAssertion, createLocalJWKSet(key.jwks));
		expect(verified.protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: key.keyId });
		expect(await publicKeysOf({ ...settings, previousPublicKey: '' })).toEqual(
			ok({
				algorithm,
				keyId: key.keyId,
				publicKey: key.publicKey,
				jwk: key.jwk,
				jwks: key.jwks,
			}),
		);
	});
});

it('is RSA of 2048 bits, or as long as asked for, and new every time', async () => {
	const [first, second] = [await generated(), await generated({}, 3072)];
	const bits = (pem: string) => createPublicKey(pem).asymmetricKeyDetails?.modulusLength;
	expect([bits(first.publicKey), bits(second.publicKey)]).toEqual([2048, 3072]);
	expect(first.keyId).not.toBe(second.keyId);
});

it('encrypts the private key so that node:crypto reads it with the passphrase and with no other', async () => {
	const { encryptedPrivateKey, publicKey } = await generated({ algorithm: 'ES256' });
	expect(encryptedPrivateKey).toMatch(
		/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END ENCRYPTED PRIVATE KEY-----\n$/,
	);
	const key = createPrivateKey({ key: encryptedPrivateKey, passphrase });
	expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(publicKey);
	expect(() => createPrivateKey({ key: encryptedPrivateKey, passphrase: `${passphrase}!` })).toThrow();
	expect(() => createPrivateKey(encryptedPrivateKey)).toThrow();
});

it('derives the encryption key with 600,000 rounds of PBKDF2-HMAC-SHA-256, for AES-256-CBC', async () => {
	const { encryptedPrivateKey } = await generated({ algorithm: 'EdDSA' });
	const der = Buffer.from(encryptedPrivateKey.replace(/-----[^-]+-----|\n/g, ''), 'base64').toString('hex');
	expect(der).toContain('06092a864886f70d01050c'); // PBKDF2
	expect(der).toContain(`0203${(600_000).toString(16).padStart(6, '0')}`);
	expect(der).toContain('06082a864886f70d0209'); // HMAC-SHA-256
	expect(der).toContain('060960864801650304012a0410'); // AES-256-CBC, 16 bytes of vector
});

it('gives nothing that holds the private key in plain text', async () => {
	const key = await generated({ algorithm: 'EdDSA' });
	const opened = createPrivateKey({ key: key.encryptedPrivateKey, passphrase });
	const { d } = opened.export({ format: 'jwk' });
	const bytes = Buffer.from(d ?? '', 'base64url');
	expect(bytes).toHaveLength(32);
	const shown = JSON.stringify(key);
	for (const encoding of ['base64', 'base64url', 'hex'] as const) expect(shown).not.toContain(bytes.toString(encoding));
	expect(shown).not.toContain(pkcs8(opened).split('\n')[1]);
	expect(shown).not.toContain(passphrase);
});

describe('the JWK Set beside the new key', () => {
	it('has the key that signs now, and the one before it', async () => {
		const other = await publicKeysOf({ ...empty, algorithm: 'EdDSA', privateKey: pkcs8(ed25519Key), keyId: 'older' });
		const key = await generated({
			privateKey: pkcs8(rsaKey),
			keyId: 'current',
			previousPublicKey: JSON.stringify(other.ok && other.value.jwk),
		});
		expect(key.jwks.keys.map(({ kid }) => kid)).toEqual([key.keyId, 'current', 'older']);
	});

	it('has the present key when the algorithm changes, too', async () => {
		const key = await generated({ algorithm: 'ES256', privateKey: pkcs8(rsaKey), keyId: 'current' });
		expect(key.jwks.keys.map(({ kid, kty, alg }) => [kid, kty, alg])).toEqual([
			[key.keyId, 'EC', 'ES256'],
			['current', 'RSA', undefined],
		]);
	});

	it('is not made without a present key that cannot be read', async () => {
		const wrong = await generateKey({
			...empty,
			privateKey: (await generated()).encryptedPrivateKey,
			passphrase: 'not the one',
		});
		expect(wrong).toEqual(
			fail({
				message: 'The passphrase does not decrypt the private key',
				description: expect.stringContaining('clear Private Key'),
			}),
		);
	});
});

it.each<[string, Partial<KeySettings>, number, string, string]>([
	['no passphrase', { passphrase: '' }, 2048, 'has no passphrase', 'Fill in Passphrase in the credential'],
	['a short passphrase', { passphrase: '1234567' }, 2048, 'shorter than 8', 'longer one'],
	['a short key', {}, 1024, 'key length', '2048, 3072, 4096'],
	['a useless previous key', { previousPublicKey: 'x' }, 2048, 'Previous (or Next) Public Key', 'JWK'],
])('refuses %s', async (_name, changes, modulusLength, message, description) => {
	expect(await generateKey({ ...empty, ...changes, algorithm: 'RS256' }, modulusLength)).toEqual(
		fail({ message: expect.stringContaining(message), description: expect.stringContaining(description) }),
	);
});
