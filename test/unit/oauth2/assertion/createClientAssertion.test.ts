import { createPublicKey, verify } from 'node:crypto';

import { compactVerify, jwtVerify } from 'jose';

import { createClientAssertion, type ClientAssertion } from '../../../../lib/oauth2/assertion/createClientAssertion';
import { signingAlgorithms } from '../../../../lib/keys/algorithm';
import { fail } from '../../../../lib/result/result';
import {
	ed25519Key,
	frozen,
	jwtSettings,
	keyFor,
	pkcs8,
	rsaKey,
	rsaCertificate,
	rsaCertificateSha256,
} from '../../keys/fixtures';

async function made(...parameters: Parameters<typeof createClientAssertion>): Promise<ClientAssertion> {
	const result = await createClientAssertion(...parameters);
	if (!result.ok) throw new Error(`${result.fault.message}: ${result.fault.description}`);
	return result.value;
}

function part(assertion: string, index: number): unknown {
	return JSON.parse(Buffer.from(assertion.split('.')[index] ?? '', 'base64url').toString());
}

describe('known answers', () => {
	// Both made once with node:crypto alone, from the keys of RFC 7515 A.2 and RFC 8037 A.1.
	const rs256Signature =
		'LRyf12D61ovtqHJEdSoFUJ9AVIx9SZxI7_n-AF-3WB3dm6PkU77_MRAM2Pj9oRxjEd_6uLRACfQiIL0w96VFi9vBGhi8KQG' +
		'ERKMu-7TwbSD0gflZbqKVfx5exlJIUfA40B-jczJwWQleEP4-amuIJWUvnu2ZWfdyeEG16Pyur0SHE-CQWrarWei2L19Zdg' +
		'QqZybqTMawk0t-uVjkvmuZ6FY37EGi0W2zkrIC971Yy8T_pnIsOwVtpHgzFaZgfUMJsqsvIWji_EjXsieZinH7ywbY2n1Hc' +
		'IUV545e2NqKBTwNMtk2mXZ5n1cq6WgIdo-5L_Ph4UvPm7B0VB6JTaOi2w';
	const edDsaAssertion =
		'eyJhbGciOiJFZERTQSIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJjbGllbnQtMSIsInN1YiI6ImNsaWVudC0xIiwiYXVkIjo' +
		'iaHR0cHM6Ly9hdXRoLmV4YW1wbGUuY29tL3Rva2VuIiwiZXhwIjoxNzY3MzIzMTA1LCJpYXQiOjE3NjczMjMwNDUsImp0aS' +
		'I6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.GGjd4eBdhCgluHRKHCZUjO4tp_orujnYPlLcG-7IUnBlnT9l0GWiiRYALS' +
		'7dOhTM9DHzRw-_bubldqjvFLgdCQ';
	const claims =
		'{"iss":"client-1","sub":"client-1","aud":"https://auth.example.com/token","exp":1767323105,' +
		'"iat":1767323045,"jti":"BwcHBwcHBwcHBwcHBwcHBw"}';

	it('RS256 gives this header, this payload and a signature that node:crypto alone accepts', async () => {
		const { clientAssertion } = await made(jwtSettings(), frozen);
		const [header, payload, signature] = clientAssertion.split('.') as [string, string, string];
		expect(Buffer.from(header, 'base64url').toString()).toBe('{"alg":"RS256","typ":"JWT"}');
		expect(Buffer.from(payload, 'base64url').toString()).toBe(claims);
		expect(signature).toBe(rs256Signature);
		const bytes = Buffer.from(signature, 'base64url');
		expect(verify('sha256', Buffer.from(`${header}.${payload}`), createPublicKey(rsaKey), bytes)).toBe(true);
	});

	it('EdDSA gives exactly this JWS', async () => {
		const settings = jwtSettings({ algorithm: 'EdDSA', privateKey: pkcs8(ed25519Key), keyId: 'key-1', headerType: '' });
		const { clientAssertion } = await made(settings, frozen);
		expect(clientAssertion).toBe(edDsaAssertion);
	});
});

describe.each(signingAlgorithms)('%s', (algorithm) => {
	it('is accepted by an independent verifier, and only as it is', async () => {
		const key = keyFor[algorithm];
		const { clientAssertion, header } = await made(jwtSettings({ algorithm, privateKey: pkcs8(key) }));
		expect(header.alg).toBe(algorithm);
		const verified = await jwtVerify(clientAssertion, createPublicKey(key), {
			algorithms: [algorithm],
			issuer: 'client-1',
			subject: 'client-1',
			audience: 'https://auth.example.com/token',
			requiredClaims: ['exp', 'iat', 'jti'],
		});
		expect(verified.protectedHeader).toEqual({ alg: algorithm, typ: 'JWT' });
		const [head, , signature] = clientAssertion.split('.');
		const forged = `${head}.${Buffer.from('{"iss":"other"}').toString('base64url')}.${signature}`;
		await expect(compactVerify(forged, createPublicKey(key))).rejects.toThrow('signature verification failed');
	});
});

describe('header', () => {
	it('has nothing that is not set', async () => {
		const { clientAssertion } = await made(jwtSettings({ headerType: ' ' }));
		expect(part(clientAssertion, 0)).toEqual({ alg: 'RS256' });
	});

	it('has what is set', async () => {
		const settings = jwtSettings({ headerType: 'client-authentication+jwt', keyId: ' key-1 ', contentType: 'JWT' });
		const { clientAssertion, header } = await made(settings);
		expect(header).toEqual({ alg: 'RS256', typ: 'client-authentication+jwt', kid: 'key-1', cty: 'JWT' });
		expect(part(clientAssertion, 0)).toEqual(header);
	});

	it('has the SHA-256 thumbprint of the certificate, as OpenSSL prints it', async () => {
		const { header } = await made(jwtSettings({ certificate: rsaCertificate }));
		const sha256 = Buffer.from(rsaCertificateSha256.replaceAll(':', ''), 'hex').toString('base64url');
		expect(header).toEqual({ alg: 'RS256', typ: 'JWT', 'x5t#S256': sha256 });
	});

	it('has the other certificate parameters when they are asked for', async () => {
		const settings = jwtSettings({ certificate: rsaCertificate, certificateHeaders: ['x5t', 'x5c'] });
		const { header } = await made(settings);
		expect(Object.keys(header)).toEqual(['alg', 'typ', 'x5t', 'x5c']);
		expect(Buffer.from(String(header['x5t']), 'base64url')).toHaveLength(20);
		expect(header['x5c']).toEqual([rsaCertificate.replace(/-----[^-]+-----|\n/g, '')]);
	});

	it('repeats the claims that crit names, so that crit is legal', async () => {
		const settings = jwtSettings({ critical: ['exp', ' aud', 'tenant'], additionalClaims: { tenant: 'a' } });
		const { clientAssertion, header, payload } = await made(settings, frozen);
		expect(header.crit).toEqual(['exp', 'aud', 'tenant']);
		expect(header).toMatchObject({ exp: payload.exp, aud: payload.aud, tenant: 'a' });
		const verified = await compactVerify(clientAssertion, createPublicKey(rsaKey), {
			crit: { exp: true, aud: true, tenant: true },
		});
		expect(verified.protectedHeader).toEqual(header);
		await expect(compactVerify(clientAssertion, createPublicKey(rsaKey))).rejects.toThrow('is not recognized');
	});

	it.each(['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit'])(
		'never sends crit with "%s", not even when a claim has that name',
		async (name) => {
			const result = await createClientAssertion(jwtSettings({ critical: [name], additionalClaims: { [name]: 1 } }));
			expect(result).toMatchObject(fail({ message: expect.stringContaining(`"${name}"`) }));
		},
	);

	it.each([
		[['exp', 'exp'], 'twice'],
		[['tenant'], 'not part of the assertion'],
		[['b64'], 'not part of the assertion'],
		[['toString'], 'not part of the assertion'],
		[['iat', 'nbf'], 'not part of the assertion'],
	])('never sends crit %j', async (critical, reason) => {
		const result = await createClientAssertion(jwtSettings({ critical, additionalClaims: { b64: false } }));
		expect(result).toMatchObject(fail({ message: expect.stringContaining(reason) }));
	});

	it('takes crit of blanks as none', async () => {
		expect((await made(jwtSettings({ critical: ['', ' '] }))).header).toEqual({ alg: 'RS256', typ: 'JWT' });
	});
});

describe('payload', () => {
	it('leaves out iat when it is switched off, and has no nbf', async () => {
		const { payload } = await made(jwtSettings({ useIssuedAt: false }), frozen);
		expect(Object.keys(payload)).toEqual(['iss', 'sub', 'aud', 'exp', 'jti']);
	});

	it('takes issuer, subject and life from their fields', async () => {
		const { payload } = await made(jwtSettings({ issuer: 'i', subject: 's', expiresIn: 300 }), frozen);
		expect(payload).toMatchObject({ iss: 'i', sub: 's', exp: 1_767_323_045 + 300 });
	});

	it.each<[string, string | string[], string | string[]]>([
		['one value is a string', 'https://issuer.example.com/', 'https://issuer.example.com/'],
		['a list of one is a string', ['https://issuer.example.com/'], 'https://issuer.example.com/'],
		['the same value twice is a string', ['a', ' a '], 'a'],
		['several are a list in their order', ['b', 'a'], ['b', 'a']],
		['blanks are none', ['', ' '], 'https://auth.example.com/token'],
	])('aud: %s', async (_name, audience, expected) => {
		expect((await made(jwtSettings({ audience }))).payload.aud).toEqual(expected);
	});

	it('aud: the option is above the credential', async () => {
		const { payload } = await made(jwtSettings({ audience: ['a', 'b'] }), { audience: 'https://issuer.example.com' });
		expect(payload.aud).toBe('https://issuer.example.com');
	});

	it('has a new jti every time, at most 64 characters long', async () => {
		const settings = jwtSettings({ algorithm: 'EdDSA', privateKey: pkcs8(ed25519Key), jwtId: 'p'.repeat(41) });
		const ids = new Set<string>();
		for (let count = 0; count < 200; count++) ids.add((await made(settings, { now: frozen.now })).payload.jti);
		expect(ids.size).toBe(200);
		for (const id of ids) expect(id).toHaveLength(64);
	});

	it.each([
		['order', 'order-BwcHBwcHBwcHBwcHBwcHBw'],
		['order:', 'order:BwcHBwcHBwcHBwcHBwcHBw'],
		['', 'BwcHBwcHBwcHBwcHBwcHBw'],
	])('puts the prefix "%s" before jti', async (jwtId, expected) => {
		expect((await made(jwtSettings({ jwtId }), frozen)).payload.jti).toBe(expected);
	});

	it('carries further claims, whatever their names', async () => {
		const additionalClaims = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"nbf":5,"list":[1,{"a":null}]}');
		const { clientAssertion, payload } = await made(jwtSettings({ additionalClaims, critical: ['__proto__'] }));
		const sent = Buffer.from(clientAssertion.split('.')[1] ?? '', 'base64url').toString();
		expect(sent).toContain('"__proto__":{"admin":true},"constructor":1,"nbf":5,"list":[1,{"a":null}]}');
		expect((payload as { admin?: boolean }).admin).toBeUndefined();
		expect(Buffer.from(clientAssertion.split('.')[0] ?? '', 'base64url').toString()).toBe(
			'{"alg":"RS256","typ":"JWT","crit":["__proto__"],"__proto__":{"admin":true}}',
		);
	});

	it.each([
		['iss', 'Issuer'],
		['sub', 'Subject'],
		['aud', 'Audience'],
		['exp', 'Assertion Lifetime'],
		['iat', 'Use Issued At'],
		['jti', 'JWT ID Prefix'],
	])('says where to set %s instead of overriding it', async (name, field) => {
		const result = await createClientAssertion(jwtSettings({ useIssuedAt: false, additionalClaims: { [name]: 1 } }));
		expect(result).toMatchObject(
			fail({
				message: `Additional Claims sets "${name}", which has its own field`,
				description: expect.stringContaining(field),
			}),
		);
	});

	it.each([
		[{ expiresIn: 0 }, 'Assertion Lifetime'],
		[{ expiresIn: -5 }, 'Assertion Lifetime'],
		[{ expiresIn: 1.5 }, 'Assertion Lifetime'],
		[{ expiresIn: Number.NaN }, 'Assertion Lifetime'],
		[{ expiresIn: Infinity }, 'Assertion Lifetime'],
		[{ expiresIn: 86_401 }, 'Assertion Lifetime'],
		[{ clientId: '' }, 'client ID'],
		[{ accessTokenUrl: '' }, 'audience'],
		[{ jwtId: 'p'.repeat(42) }, 'JWT ID Prefix'],
		[{ additionalClaims: { nbf: 'soon' } }, 'nbf'],
	])('refuses %j', async (changes, named) => {
		const result = await createClientAssertion(jwtSettings(changes));
		expect(result).toMatchObject(fail({ message: expect.stringContaining(named) }));
	});
});
