import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

import {
	fittingKey,
	matchesBase,
	signBase,
	type HttpSignatureAlgorithm,
} from '../../../../lib/signature/httpMessageSignatures/algorithms';
import { componentOfItem, type Component } from '../../../../lib/signature/httpMessageSignatures/components';
import type { SignatureSettings } from '../../../../lib/signature/httpMessageSignatures/settings';
import { signatureBase } from '../../../../lib/signature/httpMessageSignatures/signatureBase';
import { isInnerList, parseDictionary } from '../../../../lib/signature/httpMessageSignatures/structuredFields';
import { verifyHttpMessage } from '../../../../lib/signature/httpMessageSignatures/verify';
import { cases, keys, proxied, sharedSecret, testRequest, transformed, twice } from './rfc9421';

const secret = createSecretKey(Buffer.from(sharedSecret, 'base64'));

/** A request as RFC 9421 writes it. */
function parseRequest(text: string, scheme = 'https') {
	const [head = '', body = ''] = text.split(/\n\n+/);
	const [start = '', ...lines] = head.split('\n');
	const [method = '', target = ''] = start.split(' ');
	const headers: Record<string, string> = {};
	for (const line of lines) {
		const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
		const before = headers[name.toLowerCase()];
		headers[name.toLowerCase()] = before === undefined ? value : `${before}, ${value}`;
	}
	return { method, url: new URL(target, `${scheme}://${headers.host}`), headers, body: Buffer.from(body) };
}

const fieldsOf = (text: string) => parseRequest(`GET / HTTP/1.1\nHost: none\n${text}`).headers;

/** The one signature of two fields. */
function signatureIn(headers: Record<string, string>, label?: string) {
	const inputs = parseDictionary(headers['signature-input'] ?? '');
	const name = label ?? [...(inputs?.keys() ?? [])][0] ?? '';
	const input = inputs?.get(name);
	const value = parseDictionary(headers.signature ?? '')?.get(name);
	if (!input || !isInnerList(input) || !value || isInnerList(value) || value.item.type !== 'bytes') {
		throw new Error(`no signature ${name}`);
	}
	return {
		components: input.items.map(componentOfItem) as Component[],
		parameters: input.parameters,
		signature: value.item.value,
	};
}

const privateKeyOf = (name: keyof typeof keys | 'secret', algorithm: HttpSignatureAlgorithm): KeyObject => {
	if (name === 'secret') return secret;
	const key = fittingKey(createPrivateKey(keys[name].privateKey), algorithm, 'x');
	if (!key.ok) throw new Error(key.fault.message);
	return key.value;
};
const publicKeyOf = (name: keyof typeof keys | 'secret'): KeyObject =>
	name === 'secret' ? secret : createPublicKey(keys[name].publicKey);

const isDeterministic = (algorithm: HttpSignatureAlgorithm) =>
	['ed25519', 'hmac-sha256', 'rsa-v1_5-sha256'].includes(algorithm);

/** How a request is verified long after it was made, whatever it covers. */
const settings = (algorithm: HttpSignatureAlgorithm): SignatureSettings => ({
	algorithm,
	components: [],
	digest: 'sha-256',
	expiresIn: 0,
	includesAlgorithm: false,
	includesNonce: false,
	tag: '',
	label: 'sig1',
});
const rules = { toleranceSeconds: 300, nowSeconds: 1_618_884_480 };

describe('RFC 9421, appendix B', () => {
	it.each(cases)('$name: the signature is right', async ({ algorithm, key, base, fields }) => {
		const { signature } = signatureIn(fieldsOf(fields));
		expect(matchesBase(algorithm, publicKeyOf(key), base, signature)).toBe(true);
		expect(matchesBase(algorithm, publicKeyOf(key), `${base} `, signature)).toBe(false);
		const made = await signBase(algorithm, privateKeyOf(key, algorithm), base);
		expect(matchesBase(algorithm, publicKeyOf(key), base, made)).toBe(true);
		expect(made.equals(signature)).toBe(isDeterministic(algorithm));
	});

	// B.2.4 signs a response.
	it.each(cases.filter(({ name }) => name !== 'B.2.4'))(
		'$name: the base is made of the request, and the request verified',
		({ algorithm, key, base, fields }) => {
			const request = parseRequest(testRequest);
			const { components, parameters } = signatureIn(fieldsOf(fields));
			const made = signatureBase(request, components, parameters);
			expect(made.ok && made.value.base).toBe(base);
			const message = { ...request, headers: { ...request.headers, ...fieldsOf(fields) } };
			const verificationKeys = [{ key: publicKeyOf(key), ids: [] }];
			expect(verifyHttpMessage(message, rules, settings(algorithm), verificationKeys)).toMatchObject({
				ok: true,
				value: { timestampSeconds: 1_618_884_473 },
			});
		},
	);

	it('B.3: the signature of a proxy that ends TLS', () => {
		const request = parseRequest(proxied.message);
		const { components, parameters } = signatureIn(request.headers);
		const made = signatureBase(request, components, parameters);
		expect(made.ok && made.value.base).toBe(proxied.base);
		const verificationKeys = [{ key: publicKeyOf('p256'), ids: ['test-key-ecc-p256'] }];
		expect(verifyHttpMessage(request, rules, settings('ecdsa-p256-sha256'), verificationKeys).ok).toBe(true);
	});

	it.each(transformed)('B.4: a message $name is genuine: $isGenuine', ({ message, isGenuine }) => {
		const verificationKeys = [{ key: publicKeyOf('ed25519'), ids: [] }];
		const made = verifyHttpMessage(parseRequest(message), rules, settings('ed25519'), verificationKeys);
		expect(made.ok).toBe(isGenuine);
		if (!made.ok) expect(made.fault.reason).toBe('NO_MATCH');
	});

	it('§4.3: of two signatures, the one of a known key counts', async () => {
		const request = parseRequest(twice.message);
		const proxy = signatureIn(request.headers, 'proxy_sig');
		const made = signatureBase(request, proxy.components, proxy.parameters);
		expect(made.ok && made.value.base).toBe(twice.base);
		const again = await signBase('rsa-v1_5-sha256', privateKeyOf('rsa', 'rsa-v1_5-sha256'), twice.base);
		expect(again.equals(proxy.signature)).toBe(true);

		const ofProxy = [{ key: publicKeyOf('rsa'), ids: ['test-key-rsa'] }];
		expect(verifyHttpMessage(request, rules, settings('rsa-v1_5-sha256'), ofProxy).ok).toBe(true);
		const ofClient = [{ key: publicKeyOf('p256'), ids: ['test-key-ecc-p256'] }];
		const client = settings('ecdsa-p256-sha256');
		// It was made for another authority.
		expect(verifyHttpMessage(request, rules, client, ofClient)).toMatchObject({ fault: { reason: 'NO_MATCH' } });
		const asSigned = { ...request, url: new URL('https://example.com/foo?param=Value&Pet=dog') };
		expect(verifyHttpMessage(asSigned, rules, client, ofClient).ok).toBe(true);
		expect(verifyHttpMessage(asSigned, rules, client, [{ ...ofClient[0]!, ids: ['other'] }])).toMatchObject({
			fault: { reason: 'UNKNOWN_KEY' },
		});
	});
});
