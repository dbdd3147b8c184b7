import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';

import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, jwtVerify } from 'jose';

import { createClientAssertion } from '../../../lib/oauth2/assertion/createClientAssertion';
import { publicKeysOf, type KeySettings } from '../../../lib/keys/jwks';
import { signingAlgorithms } from '../../../lib/keys/algorithm';
import { keyThumbprint } from '../../../lib/keys/publicKey';
import { fail } from '../../../lib/result/result';
import { ed25519Key, jwtSettings, keyFor, pkcs8, publishedRsaJwk, rsaCertificate, rsaKey } from './fixtures';

const oldKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const oldPem = oldKey.publicKey.export({ type: 'spki', format: 'pem' }).toString();

async function keysOf(changes: Partial<KeySettings> = {}) {
	const keys = await publicKeysOf({ ...jwtSettings(), previousPublicKey: '', ...changes });
	if (!keys.ok) throw new Error(`${keys.fault.message}: ${keys.fault.description}`);
	return keys.value;
}

describe('key IDs', () => {
	it('are the thumbprints that RFC 7638 §3.1 and RFC 8037 appendix A.3 publish', () => {
		const n =
			'0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o' +
			'knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6' +
			'qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awap' +
			'JzKnqDKgw';
		const rsa = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
		expect(keyThumbprint(rsa)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
		expect(keyThumbprint(ed25519Key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
	});

	it.each(signingAlgorithms)('%s: the thumbprint is the one that jose computes', async (algorithm) => {
		const key = keyFor[algorithm];
		const { keyId } = await keysOf({ algorithm, privateKey: pkcs8(key) });
		expect(keyId).toBe(await calculateJwkThumbprint(await exportJWK(createPublicKey(key))));
	});

	it('are as configured', async () => {
		expect(await keysOf({ keyId: ' my-key ' })).toMatchObject({ keyId: 'my-key', jwk: { kid: 'my-key' } });
	});
});

describe.each(signingAlgorithms)('%s', (algorithm) => {
	it('gives the public key in three forms, nothing private in any', async () => {
		const key = keyFor[algorithm];
		const keys = await keysOf({ algorithm, privateKey: pkcs8(key), keyId: 'k' });
		expect(keys.publicKey).toBe(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
		const { kid, use, alg, ...members } = keys.jwk;
		expect({ kid, use, alg }).toEqual({ kid: 'k', use: 'sig', alg: algorithm });
		expect(members).toEqual(createPublicKey(key).export({ format: 'jwk' }));
		expect(keys.jwks).toEqual({ keys: [keys.jwk] });
		expect(() => createPrivateKey({ key: { ...keys.jwk }, format: 'jwk' })).toThrow();
	});
});

describe('while a rotation lasts', () => {
	const previousJwk = { ...oldKey.publicKey.export({ format: 'jwk' }), kid: 'old', use: 'sig', alg: 'RS512' };

	it('the set has both keys, and a verifier finds either', async () => {
		const before = jwtSettings({ privateKey: pkcs8(oldKey.privateKey), keyId: 'old', algorithm: 'RS512' });
		const after = jwtSettings({ keyId: 'new' });
		const { jwks } = await keysOf({ ...after, previousPublicKey: JSON.stringify(previousJwk) });
		expect(jwks.keys.map(({ kid, alg }) => [kid, alg])).toEqual([
			['new', 'RS256'],
			['old', 'RS512'],
		]);
		for (const settings of [before, after]) {
			const made = await createClientAssertion(settings);
			if (!made.ok) throw new Error(made.fault.message);
			const verified = await jwtVerify(made.value.clientAssertion, createLocalJWKSet(jwks));
			expect(verified.protectedHeader.kid).toBe(settings.keyId);
		}
	});

	it.each([
		['PEM', oldPem],
		['PEM in one line', oldPem.replaceAll('\n', '\\n')],
		['PKCS#1', oldKey.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
		['Base64 of DER', oldKey.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
		['a JWK without kid and alg', JSON.stringify(oldKey.publicKey.export({ format: 'jwk' }))],
	])('takes the previous key as %s', async (_name, previousPublicKey) => {
		const [, previous] = (await keysOf({ previousPublicKey })).jwks.keys;
		expect(previous).toEqual({
			...oldKey.publicKey.export({ format: 'jwk' }),
			kid: keyThumbprint(oldKey.publicKey),
			use: 'sig',
			alg: 'RS256',
		});
	});

	it.each([
		['a JWK Set', { keys: [previousJwk] }],
		[
			'what Get Public gave',
			{ algorithm: 'RS512', keyId: 'old', publicKey: oldPem, jwk: previousJwk, jwks: { keys: [previousJwk] } },
		],
	])('takes %s, and keeps kid and alg', async (_name, json) => {
		const { keys } = (await keysOf({ previousPublicKey: JSON.stringify(json) })).jwks;
		expect(keys[1]).toEqual(previousJwk);
	});

	it('takes a certificate', async () => {
		const { jwks } = await keysOf({ privateKey: pkcs8(oldKey.privateKey), previousPublicKey: rsaCertificate });
		expect(jwks.keys[1]?.n).toBe(new X509Certificate(rsaCertificate).publicKey.export({ format: 'jwk' }).n);
	});

	it('lists a key once that is in both fields', async () => {
		const { jwk } = await keysOf({ keyId: 'k' });
		expect((await keysOf({ keyId: 'k', previousPublicKey: JSON.stringify(jwk) })).jwks.keys).toEqual([jwk]);
	});

	it('leaves alg out of a previous key that does not fit the algorithm of today', async () => {
		const { jwks } = await keysOf({ algorithm: 'EdDSA', privateKey: pkcs8(ed25519Key), previousPublicKey: oldPem });
		expect(jwks.keys.map(({ alg }) => alg)).toEqual(['EdDSA', undefined]);
		expect(Object.keys(jwks.keys[1] ?? {})).not.toContain('alg');
	});

	it.each([
		['a private key', pkcs8(rsaKey), 'Previous (or Next) Public Key contains a private key'],
		['a private JWK', JSON.stringify(publishedRsaJwk), 'Previous (or Next) Public Key contains a private key'],
		['no key', 'old-key', 'Previous (or Next) Public Key contains something other than usable public keys'],
		[
			'one key of two that is damaged',
			oldPem + oldPem.replace(/\n[^\n]+\n/, '\n'),
			'Previous (or Next) Public Key contains something other than usable public keys',
		],
	])('refuses %s', async (_name, previousPublicKey, message) => {
		expect(await publicKeysOf({ ...jwtSettings(), previousPublicKey })).toMatchObject(fail({ message }));
	});
});
