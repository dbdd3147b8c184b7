import { createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';
import { decodeProtectedHeader, jwtVerify, EmbeddedJWK } from 'jose';

import { keyThumbprint } from '../../../../lib/keys/publicKey';
import { accessTokenHash, DpopBinding, targetUri } from '../../../../lib/oauth2/dpop/dpopBinding';
import { DpopNonces } from '../../../../lib/oauth2/dpop/dpopNonces';
import { dpopRefusal, proofAdvice } from '../../../../lib/oauth2/dpop/proofRefusal';
import { ProofVerifier } from '../../../support/dpop/proofVerifier';

const url = new URL('https://resource.example.org/protectedresource?x=1#y');

describe('known answers', () => {
	it('the token hash and the key thumbprint of RFC 9449 §7.1 and §6.1', () => {
		expect(accessTokenHash('Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU')).toBe(
			'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo',
		);
		const jwk = {
			kty: 'EC',
			x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
			y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
			crv: 'P-256',
		};
		expect(keyThumbprint(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(
			'0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
		);
	});

	it('the key thumbprint of RFC 7638 §3.1', () => {
		const n =
			'0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn' +
			'jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM' +
			'QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJ' +
			'zKnqDKgw';
		expect(keyThumbprint(createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' }))).toBe(
			'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
		);
	});

	it.each([
		['https://api.example.com', 'https://api.example.com/'],
		['https://API.example.com:443/a%7eb/../c?q=1&r=#frag', 'https://api.example.com/c'],
		['http://[::1]:8080/a b', 'http://[::1]:8080/a%20b'],
		['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
	])('%s is %s in a proof', (given, target) => {
		expect(targetUri(new URL(given))).toBe(target);
	});
});

describe('a proof', () => {
	it('is one that jose verifies, with the public key alone and nothing but what RFC 9449 §4.2 has', async () => {
		const binding = new DpopBinding();
		const before = Math.floor(Date.now() / 1000);
		const proof = binding.withToken('token').proof('PUT', url);
		const { payload } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] });
		expect(Object.keys(decodeProtectedHeader(proof)).sort()).toEqual(['alg', 'jwk', 'typ']);
		expect(Object.keys(decodeProtectedHeader(proof).jwk ?? {}).sort()).toEqual(['crv', 'kty', 'x', 'y']);
		expect(payload).toEqual({
			jti: expect.stringMatching(/^[\da-f-]{36}$/) as string,
			htm: 'PUT',
			htu: 'https://resource.example.org/protectedresource',
			iat: expect.any(Number) as number,
			ath: accessTokenHash('token'),
		});
		expect(payload.iat).toBeGreaterThanOrEqual(before);
		expect(payload.iat).toBeLessThanOrEqual(Date.now() / 1000);
	});

	it('has no token hash at the token endpoint', async () => {
		const verifier = new ProofVerifier();
		const binding = new DpopBinding();
		const proof = binding.atTokenEndpoint.proof('POST', url);
		await expect(verifier.verify({ proof, method: 'POST', url: url.href })).resolves.toMatchObject({
			jkt: binding.thumbprint,
		});
	});

	it('is another one each time', () => {
		const prover = new DpopBinding().withToken('token');
		const proofs = Array.from({ length: 1000 }, () => prover.proof('POST', url));
		expect(new Set(proofs.map((proof) => proof.split('.')[1])).size).toBe(1000);
	});

	it('is of a key that no one has but its binding', () => {
		const [one, other] = [new DpopBinding(), new DpopBinding()];
		expect(one.thumbprint).not.toBe(other.thumbprint);
		const shown = [JSON.stringify(one), inspect(one, { depth: Infinity, showHidden: true, getters: true })].join();
		expect(shown).not.toMatch(/PrivateKey|privateKey|"d"|\bd:/);
	});
});

describe('nonces', () => {
	const payloadOf = (proof: string) =>
		JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

	it('are those of the origin, and of one kind of server', () => {
		const binding = new DpopBinding();
		const [one, two] = [binding.withToken('one'), binding.withToken('two')];
		expect(one.note(url, { 'dpop-nonce': 'n-1' })).toBe('n-1');
		expect(payloadOf(one.proof('POST', url)).nonce).toBe('n-1');
		expect(payloadOf(two.proof('POST', new URL('/other', url))).nonce).toBe('n-1');
		expect(payloadOf(one.proof('POST', new URL('https://other.example'))).nonce).toBeUndefined();
		expect(payloadOf(binding.atTokenEndpoint.proof('POST', url)).nonce).toBeUndefined();
		expect(payloadOf(new DpopBinding().withToken('one').proof('POST', url)).nonce).toBeUndefined();
		expect(payloadOf(one.proof('POST', url, 'just-given')).nonce).toBe('just-given');
	});

	it('count until another one comes', () => {
		const nonces = new DpopNonces();
		nonces.note('https://a.example', { 'dpop-nonce': 'first' });
		nonces.note('https://a.example', {});
		expect(nonces.of('https://a.example')).toBe('first');
		nonces.note('https://a.example', { 'dpop-nonce': 'second' });
		expect(nonces.of('https://a.example')).toBe('second');
	});

	it.each([
		['empty', ''],
		['with a quote', 'a"b'],
		['with a space', 'a b'],
		['with a line break', 'a\r\nb'],
		['with a backslash', 'a\\b'],
		['beyond ASCII', 'ä'],
		['very long', 'a'.repeat(2049)],
		['two of them', ['a', 'b']],
		['two of them in one', 'a, b'],
	])('that are none are left out: %s', (_, value) => {
		const nonces = new DpopNonces();
		nonces.note('https://a.example', { 'dpop-nonce': 'good' });
		expect(nonces.note('https://a.example', { 'dpop-nonce': value })).toBeUndefined();
		expect(nonces.of('https://a.example')).toBe('good');
	});

	it('are kept for so many origins, those that gave one last', () => {
		const nonces = new DpopNonces();
		for (let n = 0; n <= 500; n++) nonces.note(`https://${n}.example`, { 'dpop-nonce': String(n) });
		expect([nonces.of('https://0.example'), nonces.of('https://1.example')]).toEqual([undefined, '1']);
	});
});

describe('what a destination says', () => {
	it.each<[string | string[], ReturnType<typeof dpopRefusal>]>([
		['DPoP error="use_dpop_nonce"', { proofError: 'use_dpop_nonce', words: 'use_dpop_nonce' }],
		['dpop error=use_dpop_nonce', { proofError: 'use_dpop_nonce', words: 'use_dpop_nonce' }],
		[
			'Bearer realm="a, DPoP error=x", DPoP algs="ES256 PS256", error = "invalid_dpop_proof" , error_description="iat \\"old\\""',
			{ proofError: 'invalid_dpop_proof', words: 'invalid_dpop_proof: iat "old"' },
		],
		[
			['Bearer error="invalid_token"', 'DPoP error="use_dpop_nonce", Basic realm="x"'],
			{ proofError: 'use_dpop_nonce', words: 'use_dpop_nonce' },
		],
		[
			'DPoP error="use_dpop_nonce", Bearer error="invalid_token"',
			{ proofError: 'use_dpop_nonce', words: 'use_dpop_nonce' },
		],
		['DPoP error="invalid_token"', { words: 'invalid_token' }],
		['DPoP', { words: '' }],
		['Bearer error="use_dpop_nonce"', undefined],
		['Negotiate abc==, Basic realm="DPoP"', undefined],
		['', undefined],
	])('%s', (field, read) => {
		expect(dpopRefusal({ 'www-authenticate': field })).toEqual(read);
	});

	it('is read in time, whatever it is', () => {
		const before = performance.now();
		for (const field of [
			'DPoP ' + '"\\'.repeat(50_000),
			'a'.repeat(100_000),
			' \t'.repeat(50_000),
			'=,'.repeat(50_000),
		]) {
			dpopRefusal({ 'www-authenticate': field });
			dpopRefusal({ 'www-authenticate': `DPoP error="${field}` });
		}
		expect(performance.now() - before).toBeLessThan(2000);
	});

	const now = Date.parse('2026-11-30T12:00:00Z');
	const at = (time: string) => ({ date: new Date(Date.parse(time)).toUTCString() });

	it.each([
		['behind', '2026-11-30T12:02:00Z', /^The clock of n8n is 120 s behind the server's: set it/],
		['ahead', '2026-11-30T11:00:00Z', /^The clock of n8n is 3600 s ahead of the server's: set it/],
		['right', '2026-11-30T12:00:03Z', /^Check that the clock of n8n is right/],
	])('a clock that is %s', (_, time, advice) => {
		expect(proofAdvice('invalid_dpop_proof', at(time), now)).toMatch(advice);
	});

	it('nothing of the time', () => {
		expect(proofAdvice('invalid_dpop_proof', {}, now)).toMatch(/^Check that the clock/);
		expect(proofAdvice('invalid_dpop_proof', { date: 'soon' }, now)).toMatch(/^Check that the clock/);
	});

	it('a nonce that is missing, and one that does not help', () => {
		expect(proofAdvice('use_dpop_nonce', {}, now)).toMatch(/does not send one in DPoP-Nonce/);
		expect(proofAdvice('use_dpop_nonce', { 'dpop-nonce': 'n' }, now)).toMatch(/does not accept the nonce/);
	});
});
