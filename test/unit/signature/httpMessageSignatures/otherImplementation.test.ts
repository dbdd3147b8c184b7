import { constants, createPrivateKey, createPublicKey, createSecretKey, verify } from 'node:crypto';

import { createSigner, createVerifier, httpbis } from 'http-message-signatures';

import { signBase, type HttpSignatureAlgorithm } from '../../../../lib/signature/httpMessageSignatures/algorithms';
import { contentDigest } from '../../../../lib/signature/httpMessageSignatures/contentDigest';
import { algorithms, credentialFor, delivery, keyFields, secret, signedHeaders, verified } from './credential';

/** `http-message-signatures`, which no one here wrote, at the other end. */
const keyOf = (algorithm: HttpSignatureAlgorithm) =>
	algorithm === 'hmac-sha256'
		? createSecretKey(Buffer.from(secret, 'base64'))
		: createPrivateKey(keyFields[algorithm].privateKey ?? '');
const publicKeyOf = (algorithm: HttpSignatureAlgorithm) =>
	algorithm === 'hmac-sha256' ? keyOf(algorithm) : createPublicKey(keyOf(algorithm));

const accepted = async (
	algorithm: HttpSignatureAlgorithm,
	request: { method: string; url: string; headers: Record<string, string> },
	requiredFields?: string[],
) =>
	await httpbis.verifyMessage(
		{
			keyLookup: async ({ keyid }) =>
				await Promise.resolve(
					keyid === 'key-1'
						? { id: keyid, algs: [algorithm], verify: createVerifier(publicKeyOf(algorithm), algorithm) }
						: null,
				),
			requiredParams: ['created', 'keyid'],
			requiredFields,
			notAfter: new Date('2100-01-01'),
		},
		request,
	);

describe.each(algorithms)('%s', (algorithm) => {
	const fields = ['@method', '@target-uri', 'content-digest', 'content-type'];

	it('what is signed here is taken there', async () => {
		const headers = await signedHeaders(credentialFor(algorithm));
		const request = { method: 'POST', url: delivery.url.href, headers };
		expect(headers['signature-input']).toBe(
			'sig1=("@method" "@target-uri" "content-digest" "content-type");created=1767323045;keyid="key-1"',
		);
		expect(await accepted(algorithm, request, fields)).toBe(true);
		for (const other of [
			{ ...request, method: 'PUT' },
			{ ...request, url: `${request.url}&e` },
			{ ...request, headers: { ...headers, 'content-type': 'text/plain' } },
			{ ...request, headers: { ...headers, 'content-digest': String(contentDigest('{}', 'sha-256')) } },
		]) {
			expect(await accepted(algorithm, other, fields)).toBe(false);
		}
	});

	it('what covers all kinds of components, with all parameters, is taken there', async () => {
		const coveredComponents =
			'"@authority" "@scheme" "@request-target" "@path" "@query" "@query-param";name="a" "content-length" "x-tenant" "content-digest";key="sha-512"';
		const data = credentialFor(algorithm, {
			coveredComponents,
			digestAlgorithm: 'sha-512',
			includeNonce: true,
			includeAlgorithm: true,
			signatureExpiresIn: 3_000_000_000,
			signatureTag: 'app "1"',
			signatureLabel: 'own-1',
		});
		const headers = await signedHeaders({ ...data, signatureExpiresIn: 86_400 });
		expect(headers['signature-input']).toMatch(
			new RegExp(
				`^own-1=\\(.*\\);created=1767323045;expires=1767409445;keyid="key-1";alg="${algorithm}";nonce="[\\w-]{22}";tag="app \\\\"1\\\\""$`,
			),
		);
		const withoutEnd = await signedHeaders({ ...data, signatureExpiresIn: 0 });
		const request = { method: 'POST', url: delivery.url.href, headers: { ...withoutEnd, 'content-length': '15' } };
		expect(await accepted(algorithm, request)).toBe(true);
	});

	it('what is signed there is taken here', async () => {
		const digest = String(contentDigest(delivery.body as string, 'sha-512'));
		const { headers } = await httpbis.signMessage(
			{
				key: createSigner(keyOf(algorithm), algorithm, 'key-1'),
				fields: [...fields].reverse(),
				name: 'theirs',
				params: ['keyid', 'alg', 'created', 'expires', 'nonce', 'tag'],
				paramValues: {
					created: new Date(1_767_323_045_000),
					expires: new Date(1_767_323_345_000),
					nonce: 'n',
					tag: 't',
				},
			},
			{ method: 'POST', url: delivery.url.href, headers: { ...delivery.headers, 'content-digest': digest } },
		);
		const lower = Object.fromEntries(
			Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
		);
		const message = { method: 'POST', url: delivery.url, headers: lower, body: Buffer.from(delivery.body as string) };
		expect(await verified(credentialFor(algorithm), message)).toBe('genuine');
		expect(await verified(credentialFor(algorithm, { signatureTag: 't' }), message)).toBe('genuine');
		expect(await verified(credentialFor(algorithm, { signatureTag: 'other' }), message)).toMatch(
			/^NO_MATCH: .* "other"$/,
		);
		expect(await verified(credentialFor(algorithm), { ...message, body: Buffer.from('{}') })).toMatch(/Content-Digest/);
	});
});

it('the salt of RSA-PSS has 64 bytes, as RFC 9421 says (3.3.1)', async () => {
	const key = createPrivateKey(keyFields['rsa-pss-sha512'].privateKey ?? '');
	const made = await signBase('rsa-pss-sha512', key, 'base');
	const padding = constants.RSA_PKCS1_PSS_PADDING;
	const publicKey = createPublicKey(key);
	expect(verify('sha512', Buffer.from('base'), { key: publicKey, padding, saltLength: 64 }, made)).toBe(true);
});
