import { inspect } from 'node:util';

import {
	readHttpMessageSigner,
	readHttpMessageVerifier,
} from '../../../../lib/signature/httpMessageSignatures/credential';
import type { OutgoingMessage } from '../../../../lib/signature/scheme';
import { secretForms } from '../../keys/canaries';
import { keyFor, passphrase, pkcs8, rsaKey } from '../../keys/fixtures';
import { algorithms, credentialFor, delivery, keyFields, secret, signedHeaders } from './credential';

/** Why a request is not signed: message and description. */
async function notSigned(data: Record<string, unknown>, changes: Partial<OutgoingMessage> = {}): Promise<string> {
	const signer = await readHttpMessageSigner(data);
	const made = signer.ok ? await signer.value.sign({ ...delivery, ...changes }) : signer;
	return made.ok ? 'signed' : `${made.fault.message}. ${made.fault.description}`;
}

describe('what is sent', () => {
	it('names the three headers as the RFCs write them', async () => {
		const signer = await readHttpMessageSigner(credentialFor('ed25519'));
		const made = signer.ok ? await signer.value.sign(delivery) : signer;
		expect(made).toMatchObject({
			ok: true,
			value: {
				headers: {
					'content-digest': 'sha-256=:a9DueXLTcuwfijzEQwLlRJdRMF1zwrabWnnGL4ikync=:',
					'signature-input':
						'sig1=("@method" "@target-uri" "content-digest" "content-type");created=1767323045;keyid="key-1"',
				},
				headerNames: {
					'content-digest': 'Content-Digest',
					'signature-input': 'Signature-Input',
					signature: 'Signature',
				},
			},
		});
	});

	it('a stream is digested, and not read again', async () => {
		let opened = 0;
		const chunks = [Buffer.from('{"name":'), Buffer.from('"Zoë"}')];
		const body = {
			length: Buffer.concat(chunks).length,
			async *open() {
				opened++;
				yield* chunks;
			},
		};
		const data = credentialFor('ed25519', { coveredComponents: '@method, content-digest, content-length' });
		expect(await signedHeaders(data, { ...delivery, body })).toEqual(await signedHeaders(data));
		expect(opened).toBe(1);
	});

	it('without content-digest among the components, the body is not signed and not read', async () => {
		const body = {
			open(): never {
				throw new Error('read');
			},
		};
		const data = credentialFor('ed25519', { coveredComponents: '@method @authority' });
		expect(Object.keys(await signedHeaders(data, { ...delivery, body }))).not.toContain('content-digest');
	});

	it('a Host header that was set by hand is the authority', async () => {
		const data = credentialFor('ed25519', { coveredComponents: '@authority @target-uri @path' });
		const proxied = {
			...delivery,
			url: new URL('http://10.0.0.1:8080/in/ü?a=b'),
			headers: { host: 'hooks.example.com' },
		};
		const direct = { ...delivery, url: new URL('http://hooks.example.com/in/ü?a=b'), headers: {} };
		expect((await signedHeaders(data, proxied)).signature).toBe((await signedHeaders(data, direct)).signature);
	});

	it('without a Key ID, keyid is the kid of the JWK', async () => {
		const jwk = JSON.stringify({ ...keyFor.EdDSA.export({ format: 'jwk' }), kid: 'own' });
		expect((await signedHeaders(credentialFor('ed25519', { privateKey: jwk, keyId: '' })))['signature-input']).toMatch(
			/;keyid="own"$/,
		);
	});

	it.each([
		['@method,@target-uri', '"@method" "@target-uri"'],
		['("@method"  "@target-uri")', '"@method" "@target-uri"'],
		['X-Tenant\n@query-param;name="a"', '"x-tenant" "@query-param";name="a"'],
		['\'@path\', Content-Digest;key="sha-256"', '"@path" "content-digest";key="sha-256"'],
		['content-digest;sf', '"content-digest";sf'],
	])('Covered Components %j are %s', async (coveredComponents, covered) => {
		const headers = await signedHeaders(credentialFor('ed25519', { coveredComponents }));
		expect(headers['signature-input']).toContain(`sig1=(${covered});`);
	});

	it('a key under a passphrase signs', async () => {
		const privateKey = rsaKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
		expect(await notSigned(credentialFor('rsa-pss-sha512', { privateKey, passphrase }))).toBe('signed');
		expect(await notSigned(credentialFor('rsa-pss-sha512', { privateKey }))).toMatch(/passphrase/i);
	});
});

describe('what is not signed says why', () => {
	it.each<[string, Record<string, unknown>, Partial<OutgoingMessage>, RegExp]>([
		[
			'a header that is not there',
			{ coveredComponents: '@method, x-other' },
			{},
			/^The request has no x-other, which is to be signed\. Add it/,
		],
		['a body without a type', {}, { headers: {} }, /^The request has no content-type/],
		[
			'a query parameter that is not there',
			{ coveredComponents: '"@query-param";name="z"' },
			{},
			/^The request has no "@query-param";name="z"/,
		],
		[
			'a query parameter that is there twice',
			{ coveredComponents: '"@query-param";name="d"' },
			{},
			/more than once.* Use @query/,
		],
		[
			'a member that is not there',
			{ coveredComponents: 'content-digest;key="md5"' },
			{},
			/^The request has no "content-digest";key="md5"/,
		],
		[
			'a value beyond ASCII',
			{ coveredComponents: 'x-tenant' },
			{ headers: { 'x-tenant': 'Zoë' } },
			/^The value of x-tenant has characters beyond ASCII/,
		],
		[
			'a member of what is no dictionary',
			{ coveredComponents: 'x-tenant;key="a"' },
			{ headers: { 'x-tenant': '(' } },
			/not a structured field/,
		],
		[
			'a Signature of the user',
			{},
			{ headers: { ...delivery.headers, signature: 'x' } },
			/^The header Signature is set by the signature itself/,
		],
		[
			'a Signature-Input of the user',
			{},
			{ headers: { ...delivery.headers, 'signature-input': 'x' } },
			/^The header Signature-Input is set/,
		],
		[
			'a Content-Digest of the user',
			{},
			{ headers: { ...delivery.headers, 'content-digest': 'x' } },
			/^The header Content-Digest is set/,
		],
		[
			'an unknown component',
			{ coveredComponents: '@method @status' },
			{},
			/^Covered Components of the signing credential names a component that cannot be signed: "@status"/,
		],
		['the signature itself', { coveredComponents: 'signature' }, {}, /cannot be signed: "signature"/],
		['a component of a request', { coveredComponents: '"@method";req' }, {}, /cannot be signed/],
		['bytes', { coveredComponents: '"x-tenant";bs' }, {}, /cannot be signed/],
		['a name that is none', { coveredComponents: 'x(tenant' }, {}, /cannot be signed/],
		['a component twice', { coveredComponents: '@method, @METHOD' }, {}, /names "@METHOD" twice/],
		[
			'another algorithm',
			{ signatureAlgorithm: 'none' },
			{},
			/^Algorithm of the signing credential has a value that does not exist/,
		],
		['another digest', { digestAlgorithm: 'md5' }, {}, /^Digest Algorithm/],
		['a life that is none', { signatureExpiresIn: 'soon' }, {}, /^Expires In/],
		['a life that is too long', { signatureExpiresIn: 86_401 }, {}, /from 0 to 86400/],
		['a label that is none', { signatureLabel: 'Sig 1' }, {}, /^Label/],
		['a tag beyond ASCII', { signatureTag: 'ü' }, {}, /^Tag/],
		['a Key ID beyond ASCII', { keyId: 'ü' }, {}, /^Key ID/],
		['no key', { privateKey: '' }, {}, /^The private key is empty/],
		[
			'a key of another kind',
			{ privateKey: keyFields['rsa-v1_5-sha256'].privateKey },
			{},
			/^Private Key contains a key that does not fit the algorithm Ed25519\. It takes an Ed25519 key/,
		],
	])('%s', async (_what, fields, changes, text) => {
		expect(await notSigned(credentialFor('ed25519', fields), changes)).toMatch(text);
	});

	it.each([
		['keyId', 'Key ID (Kid)'],
		['publicKeys', 'Public Keys'],
		['coveredComponents', 'Covered Components'],
		['signatureTag', 'Tag'],
	])('a private key in %s, which n8n shows', async (field, label) => {
		const data = credentialFor('ed25519', { [field]: keyFields.ed25519.privateKey });
		expect(await notSigned(data)).toMatch(`${label} contains a private key. Remove it`);
	});

	it('a key for RSA-PSS alone does not sign by another algorithm', async () => {
		const data = credentialFor('rsa-v1_5-sha256', { privateKey: keyFields['rsa-pss-sha512'].privateKey });
		expect(await notSigned(data)).toMatch(/^Private Key contains a key that does not fit/);
	});

	it('an empty secret neither signs nor verifies', async () => {
		for (const field of ['', ' ', undefined]) {
			const data = credentialFor('hmac-sha256', { secret: field });
			expect(await notSigned(data)).toMatch(/secret/i);
			expect((await readHttpMessageVerifier(data)).ok).toBe(false);
		}
	});
});

describe('verifying without a key', () => {
	it.each([
		[{}, 'The signing credential has no key'],
		[{ publicKeys: 'x' }, 'Public Keys contains something other than public keys for signatures'],
		[{ publicKeys: keyFields.ed25519.privateKey }, 'Public Keys contains a private key'],
		[
			{ publicKeys: JSON.stringify({ keys: [rsaKey.export({ format: 'jwk' })] }) },
			'Public Keys contains a private key',
		],
	])('%j: %s', async (fields, message) => {
		const read = await readHttpMessageVerifier({ signatureAlgorithm: 'ed25519', ...fields });
		expect(read.ok ? 'read' : read.fault.message).toBe(message);
	});
});

it.each(algorithms)('%s: nothing of a key can be seen at signer, verifier and headers', async (algorithm) => {
	const data = credentialFor(algorithm);
	const seen = inspect(
		[await readHttpMessageSigner(data), await readHttpMessageVerifier(data), await signedHeaders(data)],
		{ depth: Infinity, showHidden: true },
	);
	const secrets = secretForms([secret, ...Object.values(keyFields[algorithm]), pkcs8(rsaKey)]).filter(
		(form) => form !== 'base64',
	);
	expect(secrets.filter((form) => seen.includes(form))).toEqual([]);
});
