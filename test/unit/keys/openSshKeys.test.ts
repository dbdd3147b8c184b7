/** OpenSSH's own key files, as ssh-keygen writes them. */
import { createHash } from 'node:crypto';

import { makeBcryptPbkdf } from '../../../lib/keys/bcryptPbkdf';
import { createClientAssertion } from '../../../lib/oauth2/assertion/createClientAssertion';
import { publicKeysOf } from '../../../lib/keys/jwks';
import { importSigningKey } from '../../../lib/keys/signingKey';
import { fail, ok } from '../../../lib/result/result';
import { jwtSettings, passphrase } from './fixtures';
import { openSshKeys } from './openSshVectors';
import { pem } from './der';

type Name = keyof typeof openSshKeys;

/** The fields of an SSH public key (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4), Base64url, without leading zeros. */
function publicFields(name: Name): string[] {
	const blob = Buffer.from(openSshKeys[name].publicKey, 'base64');
	const fields: string[] = [];
	for (let at = 0; at < blob.length;) {
		const end = at + 4 + blob.readUInt32BE(at);
		fields.push(blob.subarray(blob[at + 4] === 0 ? at + 5 : at + 4, end).toString('base64url'));
		at = end;
	}
	return fields.slice(1);
}

async function jwkOf(text: string, secret = passphrase) {
	const key = await importSigningKey(text, secret);
	return key.ok ? key.value.privateKey.export({ format: 'jwk' }) : key;
}

const bytesOf = (name: Name) => Buffer.from(openSshKeys[name].privateKey.replace(/-----[^-]+-----/g, ''), 'base64');
const armoured = (bytes: Buffer) => pem('OPENSSH PRIVATE KEY', bytes);

it.each(['ed25519', 'ed25519-ctr', 'ed25519-cbc', 'ed25519-gcm', 'ed25519-192', 'ed25519-3des'] as const)(
	'reads %s',
	async (name) => {
		const jwk = await jwkOf(openSshKeys[name].privateKey);
		expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', x: publicFields(name)[0] });
	},
);

it.each(['rsa', 'rsa-ctr'] as const)('reads %s', async (name) => {
	const [e, n] = publicFields(name);
	expect(await jwkOf(openSshKeys[name].privateKey)).toMatchObject({ kty: 'RSA', n, e });
});

it.each(['p256', 'p384', 'p521', 'p521-gcm'] as const)('reads %s', async (name) => {
	const jwk = await jwkOf(openSshKeys[name].privateKey);
	if (!('x' in jwk)) throw new Error(JSON.stringify(jwk));
	const point = Buffer.concat([
		Buffer.from([4]),
		Buffer.from(jwk.x ?? '', 'base64url'),
		Buffer.from(jwk.y ?? '', 'base64url'),
	]);
	expect(point.toString('base64url')).toBe(publicFields(name)[1]);
});

it.each([
	['ed25519-ctr', 'EdDSA'],
	['rsa-ctr', 'PS256'],
	['p521-gcm', 'ES512'],
] as const)('%s signs an assertion, and Get Public shows it', async (name, algorithm) => {
	const settings = jwtSettings({ privateKey: openSshKeys[name].privateKey, passphrase, algorithm });
	expect(await createClientAssertion(settings)).toMatchObject(ok({ header: { alg: algorithm } }));
	expect(await publicKeysOf({ ...settings, previousPublicKey: '' })).toMatchObject(ok({ algorithm }));
});

describe('in the forms that people paste', () => {
	const text = openSshKeys.ed25519.privateKey;
	it.each<[string, string]>([
		['CRLF', text.replaceAll('\n', '\r\n')],
		['one line with spaces', text.replaceAll('\n', ' ')],
		['\\n written out', text.replaceAll('\n', '\\n')],
		['no white space', text.replace(/\s/g, '')],
		['without armour', text.replace(/-----[^-]+-----/g, '')],
		['under a wrong label', text.replaceAll('OPENSSH ', '')],
		['Base64 of the file', Buffer.from(text).toString('base64')],
		['in a JSON file', JSON.stringify({ private_key: text })],
	])('%s', async (_name, pasted) => {
		expect(await jwkOf(pasted)).toMatchObject({ x: publicFields('ed25519')[0] });
	});
});

describe('what is in the way:', () => {
	const locked = openSshKeys['ed25519-ctr'].privateKey;
	it.each<[string, string, string, string, string]>([
		['no passphrase', locked, '', 'The private key is encrypted, and no passphrase is filled in', 'Fill in Passphrase'],
		['a wrong passphrase', locked, 'wrong', 'The passphrase does not decrypt the private key', 'Check Passphrase'],
		[
			'a wrong passphrase for GCM',
			openSshKeys['ed25519-gcm'].privateKey,
			'wrong',
			'The passphrase does not decrypt the private key',
			'Check Passphrase',
		],
		[
			'a cipher that Node.js lacks',
			openSshKeys['ed25519-chacha'].privateKey,
			passphrase,
			'encrypted with "chacha20-poly1305@openssh.com"',
			'ssh-keygen -p -Z aes256-ctr',
		],
		['a DSA key', openSshKeys.dsa.privateKey, '', 'an OpenSSH key of the type "ssh-dss"', 'Key: Generate'],
		['more rounds than are good', armoured(withRounds(1001)), passphrase, '1,001 rounds', 'ssh-keygen -p -a 24'],
		['4 billion rounds', armoured(withRounds(2 ** 32 - 1)), passphrase, '4,294,967,295 rounds', 'ssh-keygen -p -a 24'],
		['no rounds', armoured(withRounds(0)), passphrase, 'damaged', 'Paste it again'],
	])('%s', async (_name, text, secret, message, description) => {
		expect(await importSigningKey(text, secret)).toEqual(
			fail({
				message: expect.stringContaining(message) as string,
				description: expect.stringContaining(description) as string,
			}),
		);
	});

	it('a key file that is cut anywhere, or has a wrong byte anywhere, is no key', async () => {
		const whole = bytesOf('ed25519');
		for (let at = 0; at < whole.length; at += 1) {
			expect(await importSigningKey(armoured(whole.subarray(0, at)), passphrase)).toMatchObject({ ok: false });
		}
		const right = await jwkOf(armoured(whole));
		for (let at = 0; at < whole.length; at += 1) {
			const changed = Buffer.from(whole);
			changed[at]! ^= 1;
			const key = await importSigningKey(armoured(changed), passphrase);
			// The public section and the comment have no part in the key.
			if (key.ok) expect(key.value.privateKey.export({ format: 'jwk' })).toEqual(right);
		}
	});

	/** The rounds stand after the salt of 16 bytes in the derivation's options. */
	function withRounds(rounds: number): Buffer {
		const bytes = bytesOf('ed25519-ctr');
		const at = bytes.indexOf('bcrypt') + 6 + 4 + 4 + 16;
		expect(bytes.readUInt32BE(at)).toBe(16);
		bytes.writeUInt32BE(rounds, at);
		return bytes;
	}
});

it('a passphrase of OpenSSH is tried off the main thread', async () => {
	let turns = 0;
	const timer = setInterval(() => (turns += 1), 1);
	const key = await importSigningKey(openSshKeys['ed25519-192'].privateKey, passphrase, { keyId: 'not cached' });
	clearInterval(timer);
	expect(key.ok).toBe(true);
	expect(turns).toBeGreaterThan(3);
});

// The first two are published with Python's bcrypt; the others were made with bcrypt-pbkdf 1.0.2 of npm, a port of OpenBSD's C.
it.each<[string, string, number, number, string]>([
	['password', 'salt', 4, 32, '5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9'],
	[
		'password',
		'salt',
		8,
		64,
		'e1367ec5151a33faac4cc1c144cd23fa15d5548493ecc99b9b5d9c0d3b27bec76227ea66088b849b20ab7aa478010246e74bba51723fefa9f9474d6508845e8d',
	],
	[
		'pass phrase: 100% "ü"',
		'NaCl',
		2,
		48,
		'3505af0e98015ab84724dad9743e1f74353999a7cbdf4cd0830e027e221eab843f478d5346c32c883d69b64570220482',
	],
	['x', 'y', 1, 1, '8f'],
	['x', 'y', 3, 44, '902ca92484a3d2de292d6afc6ec7040402b4c2861c1985a7483c3394cbaee3f85440d74224b290c28c0cd20d'],
])('bcrypt_pbkdf(%j, %j, %i rounds, %i bytes)', (password, salt, rounds, size, hex) => {
	const derive = makeBcryptPbkdf(createHash);
	expect(Buffer.from(derive(Buffer.from(password), Buffer.from(salt), rounds, size)).toString('hex')).toBe(hex);
});
