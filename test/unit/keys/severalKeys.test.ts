/** Several keys in Private Key: which one signs, and under which key ID it is shown. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

import { compactVerify } from 'jose';

import {
	createClientAssertion,
	type ClientAssertionSettings,
} from '../../../lib/oauth2/assertion/createClientAssertion';
import { publicKeysOf } from '../../../lib/keys/jwks';
import { generateKey } from '../../../lib/keys/keyGeneration';
import { keyThumbprint } from '../../../lib/keys/publicKey';
import { fail } from '../../../lib/result/result';
import { ed25519Key, jwtSettings, keyFor, passphrase, pkcs8, rsaKey } from './fixtures';

const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const [older, newer, encryption] = [rsaKey, newKey(), newKey()];
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ec = keyFor.ES256;

const jwk = (key: KeyObject, members: Record<string, unknown> = {}) => ({
	...key.export({ format: 'jwk' }),
	...members,
});
const publicJwk = (key: KeyObject, members: Record<string, unknown> = {}) => jwk(createPublicKey(key), members);
const text = (value: unknown) => JSON.stringify(value);
const encryptedPem = (key: KeyObject) =>
	key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();

const oldJwk = jwk(older, { kid: '2025-01' });
const newJwk = jwk(newer, { kid: '2026-01' });
const encJwk = jwk(encryption, { kid: 'enc', use: 'enc' });
const set = text({ keys: [oldJwk, newJwk] });

/** Which key signed, what the header says, and what Get Public shows; the two must be of one key. */
async function chosen(privateKey: string, changes: Partial<ClientAssertionSettings> = {}) {
	const settings = jwtSettings({ privateKey, passphrase, ...changes });
	const made = await createClientAssertion(settings);
	const shown = await publicKeysOf({ ...settings, previousPublicKey: '' });
	if (!made.ok || !shown.ok) {
		expect(shown).toEqual(made);
		return made;
	}
	const { clientAssertion, header } = made.value;
	const { publicKey, keyId, jwk: shownJwk } = shown.value;
	await compactVerify(clientAssertion, createPublicKey(publicKey));
	expect(keyId).toBe(header.kid ?? keyThumbprint(createPublicKey(publicKey)));
	expect(shownJwk.kid).toBe(keyId);
	return { kid: header.kid, publicKey };
}

const pemOf = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' });
const isKey = (key: KeyObject, kid?: string) => ({ kid, publicKey: pemOf(key) });

describe('with a Key ID, the key of that ID signs and is shown:', () => {
	it.each<[string, string, Partial<ClientAssertionSettings>, KeyObject]>([
		['the second of a set', set, { keyId: '2026-01' }, newer],
		['the first of a set', set, { keyId: '2025-01' }, older],
		['with spaces around it', set, { keyId: ' 2026-01 ' }, newer],
		['a list without "keys"', text([oldJwk, newJwk]), { keyId: '2026-01' }, newer],
		['a set within a string', text(set), { keyId: '2026-01' }, newer],
		['a set within a JSON file', text({ jwks: { keys: [oldJwk, newJwk] } }), { keyId: '2026-01' }, newer],
		[
			'public keys under the same ID beside it',
			text({ keys: [publicJwk(older, { kid: '2026-01' }), newJwk] }),
			{ keyId: '2026-01' },
			newer,
		],
		['a number as kid', text({ keys: [jwk(older, { kid: 1 }), jwk(newer, { kid: 2 })] }), { keyId: '2' }, newer],
		[
			'the same ID for two kinds of key',
			text({ keys: [jwk(older, { kid: 'k' }), jwk(ec, { kid: 'k' })] }),
			{ keyId: 'k', algorithm: 'ES256' },
			ec,
		],
		[
			'two key files in a list',
			text([
				{ private_key: pkcs8(older), private_key_id: 'a' },
				{ private_key: encryptedPem(newer), private_key_id: 'b' },
			]),
			{ keyId: 'b' },
			newer,
		],
		['a damaged key beside it', text({ keys: [{ ...oldJwk, p: 'AQAB' }, newJwk] }), { keyId: '2026-01' }, newer],
	])('%s', async (_name, privateKey, changes, key) => {
		expect(await chosen(privateKey, changes)).toEqual(isKey(key, changes.keyId?.trim()));
	});

	it('two PEM blocks: by the thumbprint, as Get Public calls a key without a name', async () => {
		const keyId = keyThumbprint(newer);
		expect(await chosen(pkcs8(older) + pkcs8(newer), { keyId })).toEqual(isKey(newer, keyId));
	});

	it('a key alone, outside a set, is sent under the Key ID of the credential', async () => {
		expect(await chosen(text(oldJwk), { keyId: 'as-registered' })).toEqual(isKey(older, 'as-registered'));
	});

	it('a set of one key without an ID, too', async () => {
		expect(await chosen(text({ keys: [jwk(older)] }), { keyId: 'as-registered' })).toEqual(
			isKey(older, 'as-registered'),
		);
	});
});

describe('without a Key ID, the only key that may sign and fits, under its own ID:', () => {
	it.each<[string, string, Partial<ClientAssertionSettings>, KeyObject, string | undefined]>([
		['a JWK alone', text(oldJwk), {}, older, '2025-01'],
		[
			'a JWK alone with use and key_ops',
			text(jwk(older, { kid: 'k', use: 'sig', key_ops: ['sign', 'verify'] })),
			{},
			older,
			'k',
		],
		['a JWK whose use is null', text(jwk(older, { use: null, key_ops: null })), {}, older, undefined],
		['a JWK with its algorithm', text(jwk(older, { alg: 'PS384', kid: 'k' })), { algorithm: 'PS384' }, older, 'k'],
		[
			'a JWK with the newer name of EdDSA',
			text(jwk(ed25519Key, { alg: 'Ed25519', kid: 'k' })),
			{ algorithm: 'EdDSA' },
			ed25519Key,
			'k',
		],
		['a set of one', text({ keys: [newJwk] }), {}, newer, '2026-01'],
		['beside a key for encryption', text({ keys: [encJwk, newJwk] }), {}, newer, '2026-01'],
		[
			'beside a key that only decrypts',
			text({ keys: [jwk(encryption, { key_ops: ['decrypt'] }), newJwk] }),
			{},
			newer,
			'2026-01',
		],
		[
			'beside a key for RSA-OAEP',
			text({ keys: [jwk(encryption, { alg: 'RSA-OAEP-256' }), newJwk] }),
			{},
			newer,
			'2026-01',
		],
		[
			'beside a key for another algorithm',
			text({ keys: [jwk(older, { alg: 'PS256' }), jwk(newer, { alg: 'RS256', kid: 'k' })] }),
			{},
			newer,
			'k',
		],
		[
			'beside a key of another kind',
			text({ keys: [oldJwk, jwk(ec, { kid: 'ec' })] }),
			{ algorithm: 'ES256' },
			ec,
			'ec',
		],
		[
			'beside a key of another curve',
			text({ keys: [jwk(keyFor.ES384), jwk(ec, { kid: 'ec' })] }),
			{ algorithm: 'ES256' },
			ec,
			'ec',
		],
		[
			'beside a key of a kind that Node.js lacks',
			text({ keys: [{ kty: 'AKP', alg: 'ML-DSA-44', d: 'x' }, newJwk] }),
			{},
			newer,
			'2026-01',
		],
		['beside a key that is too short', text({ keys: [jwk(short, { kid: 'short' }), newJwk] }), {}, newer, '2026-01'],
		['beside public keys', text({ keys: [publicJwk(older), newJwk] }), {}, newer, '2026-01'],
		['beside itself', text({ keys: [newJwk, newJwk] }), {}, newer, '2026-01'],
		['as JWK and as PEM', text({ jwk: newJwk, privateKey: pkcs8(newer) }), {}, newer, '2026-01'],
		['as PEM and as JWK', text([pkcs8(newer), newJwk]), {}, newer, '2026-01'],
		['PEM of two kinds', pkcs8(older) + pkcs8(ec), { algorithm: 'ES256' }, ec, undefined],
		['encrypted PEM of two kinds', encryptedPem(ed25519Key) + encryptedPem(newer), {}, newer, undefined],
		[
			'a key file of a cloud',
			text({ type: 'service_account', private_key_id: 'g', private_key: pkcs8(older) }),
			{},
			older,
			'g',
		],
	])('%s', async (_name, privateKey, changes, key, kid) => {
		expect(await chosen(privateKey, changes)).toEqual(isKey(key, kid));
	});

	it("this node's own Key: Generate, pasted whole, is sent under the ID that it was published by", async () => {
		const made = await generateKey({
			algorithm: 'ES256',
			keyId: '',
			privateKey: '',
			passphrase,
			previousPublicKey: '',
		});
		if (!made.ok) throw new Error(made.fault.message);
		const output = made.value;
		for (const pasted of [text(output), text([output]), JSON.stringify([output], null, 2)]) {
			expect(await chosen(pasted, { algorithm: 'ES256' })).toEqual({ kid: output.keyId, publicKey: output.publicKey });
		}
	});
});

describe('it is never guessed:', () => {
	const message = (words: string) => expect.stringContaining(words) as string;
	it.each<[string, string, Partial<ClientAssertionSettings>, string, string]>([
		['a Key ID that is not there', set, { keyId: '2027-01' }, 'no private key with the key ID', '"2025-01", "2026-01"'],
		[
			'a Key ID that is not in a set of one',
			text({ keys: [oldJwk] }),
			{ keyId: '2026-01' },
			'no private key with the key ID',
			'"2025-01"',
		],
		[
			'a Key ID of a public key',
			text({ keys: [oldJwk, publicJwk(newer, { kid: 'pub' })] }),
			{ keyId: 'pub' },
			'no private key with the key ID',
			'"2025-01"',
		],
		[
			'a Key ID that is not in a list of key files',
			text([
				{ private_key: pkcs8(older), private_key_id: 'a' },
				{ private_key: pkcs8(newer), private_key_id: 'b' },
			]),
			{ keyId: 'c' },
			'no private key with the key ID',
			'"a", "b"',
		],
		['several that fit', set, {}, '2 private keys that can sign', '"2025-01", "2026-01"'],
		[
			'several that fit, one without an ID',
			text({ keys: [oldJwk, jwk(newer)] }),
			{},
			'2 private keys',
			`"2025-01", "${keyThumbprint(newer)}"`,
		],
		[
			'several PEM blocks',
			pkcs8(older) + pkcs8(newer),
			{},
			'2 private keys',
			`"${keyThumbprint(older)}", "${keyThumbprint(newer)}"`,
		],
		[
			'several encrypted PEM blocks',
			encryptedPem(older) + encryptedPem(newer),
			{},
			'2 private keys',
			keyThumbprint(newer),
		],
		[
			'two under one ID',
			text({ keys: [jwk(older, { kid: 'k' }), jwk(newer, { kid: 'k' })] }),
			{ keyId: 'k' },
			'2 private keys',
			'same key ID',
		],
		['a key for encryption alone', text(encJwk), {}, 'not for signing', 'Paste the private key that is for signing'],
		['a key for encryption alone in a set', text({ keys: [encJwk] }), {}, 'not for signing', 'Paste the private key'],
		['a key for encryption, named', text({ keys: [encJwk, newJwk] }), { keyId: 'enc' }, 'not for signing', '"2026-01"'],
		[
			'a key that only decrypts',
			text(jwk(older, { key_ops: ['decrypt', 'unwrapKey'] })),
			{},
			'not for signing',
			'Paste the private key',
		],
		[
			'none that fits',
			set,
			{ algorithm: 'ES256' },
			'None of the private keys in Private Key fits the algorithm ES256',
			'Set Algorithm',
		],
		[
			'a JWK for another algorithm of the same kind',
			text(jwk(older, { alg: 'PS256' })),
			{},
			'The JWK in Private Key is for PS256, and Algorithm is RS256',
			'Set Algorithm in the credential to PS256',
		],
		[
			'a JWK of that kind that Key ID names',
			text({ keys: [oldJwk, jwk(newer, { alg: 'RS512', kid: 'k' })] }),
			{ keyId: 'k' },
			'The JWK in Private Key is for RS512, and Algorithm is RS256',
			'Set Algorithm in the credential to RS512',
		],
		[
			'one that fits is damaged',
			text({ keys: [{ kty: 'RSA', n: 'x', e: 'AQAB', d: 'x' }, newJwk] }),
			{},
			'a JWK that cannot be read',
			'RFC 7518',
		],
	])('%s', async (_name, privateKey, changes, words, next) => {
		expect(await chosen(privateKey, changes)).toEqual(fail({ message: message(words), description: message(next) }));
	});

	it("this node's own Key: Generate, pasted whole beside the Key ID of the key before it", async () => {
		const before = {
			algorithm: 'RS256',
			keyId: 'before',
			privateKey: pkcs8(older),
			passphrase,
			previousPublicKey: '',
		} as const;
		const made = await generateKey(before);
		if (!made.ok) throw new Error(made.fault.message);
		const output = made.value;
		expect(await chosen(text(output), { keyId: 'before' })).toEqual(
			fail({ message: message('no private key with the key ID'), description: message(output.keyId) }),
		);
		expect(await chosen(text(output), { keyId: output.keyId })).toMatchObject({ kid: output.keyId });
		expect(await chosen(text(output), { keyId: 'as-registered' })).toMatchObject({ kid: 'as-registered' });
	});

	it('long lists are cut, long names are not shown, and nothing can be written as HTML', async () => {
		const named = (kid: string) => ({ kty: 'OKP', crv: 'Ed25519', d: 'x', x: 'x', kid });
		const many = {
			keys: [named('<b>'), named('y'.repeat(4000)), ...Array.from({ length: 30 }, (_key, index) => named(`k${index}`))],
		};
		const refusal = await chosen(text(many), { keyId: 'other' });
		if (!('fault' in refusal)) throw new Error('A key was chosen');
		const { description } = refusal.fault;
		expect(description).toContain('"?b?", one of 4000 characters, "k0"');
		expect(description).toContain('and 22 more');
		expect(description).not.toContain('yyyy');
	});

	it('the text of a Key ID that is a pasted key is not shown', async () => {
		const fault = await chosen(set, { keyId: pkcs8(newer) });
		expect(JSON.stringify(fault)).not.toContain(pkcs8(newer).slice(40, 80));
	});
});
