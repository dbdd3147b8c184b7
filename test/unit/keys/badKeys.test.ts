import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';

import {
	createClientAssertion,
	type ClientAssertionSettings,
} from '../../../lib/oauth2/assertion/createClientAssertion';
import { publicKeysOf } from '../../../lib/keys/jwks';
import { generateKey } from '../../../lib/keys/keyGeneration';
import { cachedKeyNames } from '../../../lib/keys/signingKeyCache';
import { fail } from '../../../lib/result/result';
import { secretForms } from './canaries';
import {
	ed25519Key,
	jwtSettings,
	keyFor,
	passphrase,
	pkcs8,
	publishedRsaJwk,
	rsaCertificate,
	rsaKey,
} from './fixtures';

const encryption = { cipher: 'aes-256-cbc', passphrase };
const encrypted = pem(rsaKey.export({ type: 'pkcs8', format: 'pem', ...encryption }));
const traditional = pem(rsaKey.export({ type: 'pkcs1', format: 'pem', ...encryption }));
const short = pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
const rsaPublic = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = publishedRsaJwk;
const otherCertificateKey = pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const pkcs8Text = pkcs8(rsaKey);

/** What is wrong, the fields of the credential, what the message says, and what the description points to. */
const faults: Array<[name: string, changes: Partial<ClientAssertionSettings>, message: string, description: string]> = [
	['nothing', { privateKey: '' }, 'The private key is empty', 'Key: Generate'],
	['blanks', { privateKey: ' \n ' }, 'The private key is empty', 'Key: Generate'],
	['no key', { privateKey: 'hunter2' }, 'Private Key contains no private key', '-----BEGIN PRIVATE KEY-----'],
	['a JSON object', { privateKey: '{"a":1}' }, 'Private Key contains no private key', 'JWK'],
	[
		'broken JSON',
		{ privateKey: JSON.stringify(publishedRsaJwk).slice(0, -9) },
		'Private Key contains no private key',
		'JWK',
	],
	[
		'a public key',
		{ privateKey: pem(rsaPublic.export({ type: 'spki', format: 'pem' })) },
		'Private Key contains a public key',
		'private key of the pair',
	],
	[
		'a PKCS#1 public key',
		{ privateKey: pem(rsaPublic.export({ type: 'pkcs1', format: 'pem' })) },
		'Private Key contains a public key',
		'private key of the pair',
	],
	[
		'a public key without armour',
		{ privateKey: rsaPublic.export({ type: 'spki', format: 'der' }).toString('base64') },
		'Private Key contains a public key',
		'private key of the pair',
	],
	[
		'a public JWK',
		{ privateKey: JSON.stringify(publicJwk) },
		'Private Key contains a public key',
		'private key of the pair',
	],
	[
		'a JWK Set of public keys',
		{ privateKey: JSON.stringify({ keys: [publicJwk] }) },
		'Private Key contains a public key',
		'private key of the pair',
	],
	[
		'a symmetric JWK',
		{ privateKey: '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMko"}' },
		'Private Key contains a symmetric key (a JWK of the type oct)',
		'pair',
	],
	['a certificate', { privateKey: rsaCertificate }, 'Private Key contains a certificate', 'into Certificate'],
	[
		'an OpenSSH key that is cut',
		{
			privateKey:
				'-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----',
		},
		'The private key is damaged or of an unsupported type',
		'OPENSSH PRIVATE KEY',
	],
	[
		'the public line of an SSH key',
		{ privateKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKs1 me@host' },
		'Private Key contains a public key',
		'private key of the pair',
	],
	[
		'a PuTTY key',
		{ privateKey: 'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: x' },
		"Private Key contains a key in PuTTY's own format",
		'PuTTYgen',
	],
	[
		'a PKCS#12 file',
		{
			privateKey: Buffer.from(
				'30260201033021' + '06092a864886f70d010701' + 'a0140412' + '00'.repeat(18),
				'hex',
			).toString('base64'),
		},
		'Private Key contains a PKCS#12 file',
		'openssl pkcs12',
	],
	[
		'a key without its end',
		{ privateKey: pkcs8Text.slice(0, 800) },
		'The private key is cut off or damaged',
		'END line',
	],
	[
		'a key with a hole',
		{ privateKey: pkcs8Text.replace(/\n[^\n]+\n/, '\n') },
		'The private key is damaged or of an unsupported type',
		'END line',
	],
	[
		'a JWK without its primes',
		{ privateKey: JSON.stringify({ ...publicJwk, d: publishedRsaJwk.d }) },
		'The private key is a JWK that cannot be read',
		'qi',
	],
	[
		'an encrypted key, no passphrase',
		{ privateKey: encrypted },
		'The private key is encrypted, and no passphrase is filled in',
		'Fill in Passphrase',
	],
	[
		"OpenSSL's encrypted key, no passphrase",
		{ privateKey: traditional },
		'The private key is encrypted, and no passphrase is filled in',
		'Fill in Passphrase',
	],
	[
		'an encrypted key, a wrong passphrase',
		{ privateKey: encrypted, passphrase: `${passphrase}!` },
		'The passphrase does not decrypt the private key',
		'Check Passphrase',
	],
	[
		"OpenSSL's encrypted key, a wrong passphrase",
		{ privateKey: traditional, passphrase: `${passphrase}!` },
		'The passphrase does not decrypt the private key',
		'Check Passphrase',
	],
	[
		'an outdated cipher',
		{ privateKey: traditional.replace(/DEK-Info: .*/, 'DEK-Info: DES-CBC,0123456789ABCDEF'), passphrase },
		'The private key is encrypted in a way that this Node.js cannot decrypt',
		'openssl pkcs8',
	],
	['1024 bits', { privateKey: short }, 'The RSA key has 1024 bits, at least 2048 are needed', 'longer key'],
	[
		'RSA for ES256',
		{ algorithm: 'ES256' },
		'The key does not fit the algorithm ES256',
		'Set Algorithm to RS256, RS384, RS512, PS256, PS384 or PS512',
	],
	['RSA for EdDSA', { algorithm: 'EdDSA' }, 'The key does not fit the algorithm EdDSA', 'RS256'],
	[
		'P-256 for RS256',
		{ privateKey: pkcs8(keyFor.ES256) },
		'The key does not fit the algorithm RS256',
		'Set Algorithm to ES256',
	],
	[
		'P-256 for ES384',
		{ privateKey: pkcs8(keyFor.ES256), algorithm: 'ES384' },
		'The key does not fit the algorithm ES384',
		'Set Algorithm to ES256',
	],
	[
		'P-521 for ES256',
		{ privateKey: pkcs8(keyFor.ES512), algorithm: 'ES256' },
		'The key does not fit the algorithm ES256',
		'Set Algorithm to ES512',
	],
	[
		'Ed25519 for ES256',
		{ privateKey: pkcs8(ed25519Key), algorithm: 'ES256' },
		'The key does not fit the algorithm ES256',
		'Set Algorithm to EdDSA',
	],
	[
		'secp256k1',
		{ privateKey: pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), algorithm: 'ES256' },
		'The key does not fit the algorithm ES256',
		'a curve that JWT does not support',
	],
	[
		'Ed448',
		{ privateKey: pkcs8(generateKeyPairSync('ed448').privateKey), algorithm: 'EdDSA' },
		'The key does not fit the algorithm EdDSA',
		'ed448',
	],
	[
		'RSA-PSS',
		{ privateKey: pkcs8(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey), algorithm: 'PS256' },
		'The key does not fit the algorithm PS256',
		'plain RSA key',
	],
	['no certificate', { certificate: 'x' }, 'Certificate contains no certificate that can be read', 'PEM'],
	['a key as certificate', { certificate: pkcs8Text }, 'Certificate contains a private key', 'Remove it'],
	[
		'a damaged certificate',
		{ certificate: rsaCertificate.replace(/\n[^\n]+\n/, '\n') },
		'Certificate contains no certificate that can be read',
		'PEM',
	],
	[
		'a certificate of another key',
		{ privateKey: otherCertificateKey, certificate: rsaCertificate },
		'The certificate does not belong to the private key',
		'made for this key',
	],
	[
		'a key in Critical',
		{ critical: [pkcs8Text] },
		`Critical names a name of ${pkcs8Text.trim().length} characters, which is not part of the assertion`,
		'claims',
	],
	['a key in JWT ID Prefix', { jwtId: pkcs8Text }, 'JWT ID Prefix is longer than 41 characters', 'random part'],
];

const secrets = secretForms([
	passphrase,
	...[pkcs8Text, encrypted, traditional, short, otherCertificateKey, pkcs8(ed25519Key)],
	...Object.values(keyFor).map(pkcs8),
	publishedRsaJwk.d,
	publishedRsaJwk.p,
	publishedRsaJwk.qi,
	'hunter2',
	'AyM1SysPpbyDfgZld3umj1qzKObwVMko',
	// The second line of an encrypted key names algorithms, and of its random bytes one: of 256 generated keys, one has the same.
]).filter((secret) => !secret.startsWith('MAwGCCqGSIb3DQIJ'));

it.each(faults)('%s', async (_name, changes, message, description) => {
	const made = await createClientAssertion(jwtSettings(changes));
	expect(made).toEqual(fail({ message, description: expect.stringContaining(description) }));
	expectNoSecret(made);
});

it('shows no secret in the faults of the key operations either', async () => {
	for (const [, changes] of faults) {
		const settings = { ...jwtSettings({ passphrase, ...changes }), previousPublicKey: '' };
		for (const previousPublicKey of ['', changes.privateKey ?? 'x', pkcs8Text, encrypted]) {
			const shown = await publicKeysOf({ ...settings, previousPublicKey });
			expectNoSecret(shown);
			if (!shown.ok) expectNoSecret(await generateKey({ ...settings, previousPublicKey }));
		}
	}
	expectNoSecret(cachedKeyNames());
});

it('finds a secret when there is one, so that the tests above can fail', () => {
	const lines = pkcs8Text.split('\n');
	expect(() => expectNoSecret({ cause: { deep: [[[[[`x ${lines[3]} y`]]]]] } })).toThrow();
	expect(() => expectNoSecret(new Error(encodeURIComponent(passphrase)))).toThrow();
	expect(() => expectNoSecret({ hidden: Buffer.from(passphrase).toString('base64') })).toThrow();
	expect(() => expectNoSecret({ ...publishedRsaJwk })).toThrow();
});

function expectNoSecret(value: unknown): void {
	const shown = inspect(value, {
		depth: Infinity,
		showHidden: true,
		maxStringLength: Infinity,
		maxArrayLength: Infinity,
	});
	const everything = `${shown}\n${JSON.stringify(value)}`;
	expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
}

function pem(exported: string | Buffer): string {
	return exported.toString();
}
