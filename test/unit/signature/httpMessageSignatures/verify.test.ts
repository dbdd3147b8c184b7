import { createPublicKey } from 'node:crypto';

import fc from 'fast-check';

import type { IncomingMessage } from '../../../../lib/signature/scheme';
import { seedFrom } from '../../../support/random';
import { keyFor, pkcs8 } from '../../keys/fixtures';
import { algorithms, credentialFor, delivery, keyFields, now, secret, signedHeaders, verified } from './credential';

const seed = seedFrom('MESSAGE_SIGNATURE_SEED');
const body = Buffer.from(delivery.body as string);

const received = async (more: Record<string, unknown> = {}, algorithm = algorithms[0]!): Promise<IncomingMessage> => ({
	method: delivery.method,
	url: delivery.url,
	headers: await signedHeaders(credentialFor(algorithm, more)),
	body,
});

/** One bit of a text of visible ASCII or of bytes, flipped. */
const flippedText = (text: string, at: number): string => {
	const index = at % text.length;
	const code = text.charCodeAt(index) ^ 1;
	return text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
};
const flippedBytes = (bytes: Buffer, at: number): Buffer => {
	const copy = Buffer.from(bytes);
	copy[(at >> 3) % copy.length]! ^= 1 << (at & 7);
	return copy;
};

describe.each(algorithms)('%s', (algorithm) => {
	it(`takes no request with a changed bit (MESSAGE_SIGNATURE_SEED=${seed})`, async () => {
		const data = credentialFor(algorithm);
		const genuine = await received({}, algorithm);
		expect(await verified(data, genuine)).toBe('genuine');
		const signed = ['signature', 'signature-input', 'content-digest', 'content-type'];
		await fc.assert(
			fc.asyncProperty(fc.constantFrom('body', 'method', 'url', ...signed), fc.nat(), async (what, at) => {
				const changed = { ...genuine };
				if (what === 'body') changed.body = flippedBytes(body, at);
				else if (what === 'method') changed.method = flippedText(genuine.method, at);
				else if (what === 'url') {
					const query = flippedText(delivery.url.search.slice(1), at);
					changed.url = new URL(`${delivery.url.origin}${delivery.url.pathname}?${query}`);
					if (changed.url.href === delivery.url.href) return;
				} else {
					const value = genuine.headers[what] ?? '';
					const other = flippedText(value, at);
					// The last bits of Base64 before its padding, say, are no part of the signature.
					if (what === 'signature' && sameBytes(value, other)) return;
					changed.headers = { ...genuine.headers, [what]: other };
				}
				expect(await verified(data, changed)).not.toBe('genuine');
			}),
			{ seed, numRuns: 300 },
		);
	});
});

const sameBytes = (one: string, other: string) =>
	[one, other]
		.map((text) => /^sig1=:([^:]*):$/.exec(text)?.[1])
		.every(
			(base64, _index, [first]) =>
				base64 !== undefined && Buffer.from(base64, 'base64').equals(Buffer.from(first ?? '', 'base64')),
		);

describe('the time', () => {
	it.each([
		[0, 'genuine'],
		[300, 'genuine'],
		[-300, 'genuine'],
		[301, 'TOO_OLD: The request was signed 301 seconds ago, 300 are allowed'],
		[-301, 'TOO_OLD: The request was signed 301 seconds ahead of now, 300 are allowed'],
	])('%d seconds after it was signed: %s', async (after, result) => {
		expect(await verified(credentialFor('ed25519'), await received(), now + after)).toBe(result);
	});

	it('ends with expires', async () => {
		const message = await received({ signatureExpiresIn: 60 });
		expect(await verified(credentialFor('ed25519'), message, now + 60)).toBe('genuine');
		expect(await verified(credentialFor('ed25519'), message, now + 61)).toBe(
			'TOO_OLD: The signature expired 1 seconds ago',
		);
	});
});

describe('keys', () => {
	const publicPem = (key: string) => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
	const jwk = (key: string, kid: string) => ({ ...createPublicKey(key).export({ format: 'jwk' }), kid });
	const pem = keyFields.ed25519.privateKey ?? '';
	const other = keyFields['ecdsa-p256-sha256'].privateKey ?? '';

	it.each(algorithms.filter((name) => name !== 'hmac-sha256'))(
		'a public key as PEM is enough to verify %s',
		async (algorithm) => {
			const publicKeys = publicPem(keyFields[algorithm].privateKey ?? '');
			const data = { scheme: 'httpMessageSignatures', signatureAlgorithm: algorithm, publicKeys };
			expect(await verified(data, await received({}, algorithm))).toBe('genuine');
		},
	);

	it.each([
		['of its ID in a JWK Set counts', { keys: [jwk(other, 'ec'), jwk(pem, 'key-1')] }, 'genuine'],
		[
			'of another ID does not',
			{ keys: [jwk(pem, 'key-2')] },
			'UNKNOWN_KEY: The signature names a key that the signing credential does not have: "key-1"',
		],
		[
			'that is for encryption does not',
			{ keys: [{ ...jwk(pem, 'key-1'), use: 'enc' }, jwk(pem, 'key-2')] },
			/^UNKNOWN_KEY/,
		],
	])('a key %s', async (_what, jwks, result) => {
		const data = { signatureAlgorithm: 'ed25519', publicKeys: JSON.stringify(jwks) };
		const message = await received();
		if (typeof result === 'string') expect(await verified(data, message)).toBe(result);
		else expect(await verified(data, message)).toMatch(result);
	});

	it('while a rotation lasts, both keys count', async () => {
		const before = await received();
		const rotated = { privateKey: pkcs8(keyFor.EdDSA), keyId: 'key-2', publicKeys: JSON.stringify(jwk(pem, 'key-1')) };
		expect(await verified(credentialFor('ed25519', rotated), before)).toBe('genuine');
		expect(await verified(credentialFor('ed25519', rotated), await received(rotated))).toBe('genuine');
		const secrets = { secret: Buffer.alloc(32, 1).toString('base64'), previousSecret: secret, keyId: 'key-2' };
		const withSecret = await received({}, 'hmac-sha256');
		expect(await verified(credentialFor('hmac-sha256', secrets), withSecret)).toBe('genuine');
		expect(await verified(credentialFor('hmac-sha256', { ...secrets, previousSecret: '' }), withSecret)).toMatch(
			/^UNKNOWN_KEY/,
		);
	});

	it('the sender names its key by its thumbprint where the credential has no Key ID', async () => {
		const message = await received({ keyId: '' });
		expect(message.headers['signature-input']).toMatch(/;keyid="kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"$/);
		expect(await verified({ signatureAlgorithm: 'ed25519', publicKeys: JSON.stringify(jwk(pem, 'x')) }, message)).toBe(
			'genuine',
		);
	});
});

describe('what a signature has to cover', () => {
	it.each([
		['@method, content-digest, content-type', '@target-uri'],
		['@target-uri, content-digest, content-type', '@method'],
		['@method, @target-uri, content-type', 'content-digest'],
		['@method, @target-uri, content-digest', 'content-type'],
		['@method, @authority, @path, content-digest, content-type', '@target-uri'],
	])('%s: not taken, for %s is missing', async (coveredComponents, missing) => {
		expect(await verified(credentialFor('ed25519'), await received({ coveredComponents }))).toBe(
			`NOT_COVERED: The signature does not cover ${missing}`,
		);
	});

	it.each(['@authority, @request-target', '@authority, @path, @query'])(
		'%s say what @target-uri says',
		async (parts) => {
			const message = await received({ coveredComponents: `@method, ${parts}, content-digest, content-type` });
			expect(await verified(credentialFor('ed25519'), message)).toBe('genuine');
		},
	);

	it('a request without a body is signed and taken without content-type', async () => {
		const empty = { ...delivery, method: 'GET', headers: {}, body: '' };
		const headers = await signedHeaders(credentialFor('ed25519'), empty);
		expect(headers['signature-input']).toMatch(/^sig1=\("@method" "@target-uri" "content-digest"\);/);
		const message = { method: 'GET', url: delivery.url, headers, body: Buffer.alloc(0) };
		expect(await verified(credentialFor('ed25519'), message)).toBe('genuine');
		expect(await verified(credentialFor('ed25519'), { ...message, body })).toMatch(/^NOT_COVERED: .* content-type$/);
		const typed = { ...message, headers: { ...headers, 'content-type': 'text/plain' } };
		expect(await verified(credentialFor('ed25519'), typed)).toMatch(/^NOT_COVERED: .* content-type$/);
	});
});

describe('what is not written as it should be', () => {
	const inputs = (change: (input: string) => string) => async () => {
		const message = await received();
		return {
			...message,
			headers: { ...message.headers, 'signature-input': change(message.headers['signature-input'] ?? '') },
		};
	};
	const without = (name: string) => async () => {
		const {
			headers: { [name]: _gone, ...headers },
			...message
		} = await received();
		return { ...message, headers };
	};
	it.each<[string, () => Promise<IncomingMessage>, RegExp]>([
		['no Signature-Input', without('signature-input'), /^MISSING_HEADER: The request has no Signature-Input header$/],
		['no Signature', without('signature'), /^MISSING_HEADER: The request has no Signature header$/],
		['no Content-Digest', without('content-digest'), /^MISSING_HEADER: The request has no content-digest header$/],
		['no URL', async () => ({ ...(await received()), url: undefined }), /^MALFORMED: .* @target-uri, and the URL/],
		['another label', inputs((input) => input.replace('sig1', 'sig2')), /^MALFORMED: The Signature header/],
		['no dictionary', inputs((input) => `${input},`), /^MALFORMED: The Signature-Input header/],
		['no list', inputs(() => 'sig1="x"'), /^MALFORMED: The Signature-Input header/],
		['tokens', inputs((input) => input.replace('"@method"', 'method')), /^MALFORMED/],
		['no created', inputs((input) => input.replace(/created=\d+;/, '')), /^MALFORMED: The Signature-Input header/],
		['created as text', inputs((input) => input.replace(/created=(\d+)/, 'created="$1"')), /^MALFORMED/],
		['another algorithm', inputs((input) => `${input};alg="hmac-sha256"`), /^NO_MATCH: The signature says .* HMAC/],
		['unknown algorithm', inputs((input) => `${input};alg="none"`), /^NO_MATCH: The signature says .* "none"/],
		[
			'a component twice',
			inputs((input) => input.replace('"@method"', '"@method" "@method"')),
			/^MALFORMED: .* @method, which/,
		],
		[
			'a component of a response',
			inputs((input) => input.replace('"@method"', '"@method" "@status"')),
			/^MALFORMED: .* @status/,
		],
		['a component with req', inputs((input) => input.replace('"@method"', '"@method" "@method";req')), /^MALFORMED/],
		['its own field', inputs((input) => input.replace('"@method"', '"@method" "signature"')), /^MALFORMED/],
		[
			'a field that is not there',
			inputs((input) => input.replace('"@method"', '"@method" "x-other"')),
			/^MISSING_HEADER: The request has no x-other/,
		],
		[
			'too many',
			inputs((input) => Array.from({ length: 9 }, (_, at) => `s${at}=${input.slice(5)}`).join(', ')),
			/^MALFORMED: The Signature-Input header/,
		],
	])('%s', async (_what, make, result) => {
		expect(await verified(credentialFor('ed25519'), await make())).toMatch(result);
	});
});
