// Verifies an HTTP Message Signature (RFC 9421) with Node.js (18 or later) and the library http-message-signatures.
//
//   PUBLIC_KEY="$(cat public.pem)" node verify.mjs POST https://hooks.example.com/in headers.txt body.bin
//
// The URL is the one that the sender calls. headers.txt holds the request's headers, one `name: value` a line;
// body.bin the body's exact bytes. PUBLIC_KEY is an Ed25519 key, as PEM.
import { createHash, createPublicKey, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { createVerifier, httpbis } from 'http-message-signatures';

const TOLERANCE_SECONDS = 5 * 60;

/**
 * @param {{ method: string, url: string, headers: Record<string, string>, body: Buffer }} request header names in
 *   lowercase, the body as received, before any JSON.parse
 * @param {import('node:crypto').KeyObject} publicKey
 * @returns {Promise<string | undefined>} why the request is refused; undefined when it is genuine
 */
export async function refusal({ method, url, headers, body }, publicKey) {
	if (!headers['signature-input'] || !headers.signature) return 'a signature header is missing';
	const fields = ['@method', '@target-uri', 'content-digest', ...(body.length > 0 ? ['content-type'] : [])];
	try {
		const isGenuine = await httpbis.verifyMessage(
			{
				keyLookup: async () => ({ algs: ['ed25519'], verify: createVerifier(publicKey, 'ed25519') }),
				requiredFields: fields,
				requiredParams: ['created'],
				// The library takes the tolerance off `created` before it looks at the age (1.0.6).
				maxAge: 2 * TOLERANCE_SECONDS,
				tolerance: TOLERANCE_SECONDS,
			},
			{ method, url, headers },
		);
		if (!isGenuine) return 'the signature does not match';
	} catch {
		return 'the signature is too old, or does not cover enough';
	}
	// The library verifies that the digest was signed, and leaves it to us whether it is that of the body.
	return isDigestOf(body, headers['content-digest']) ? undefined : 'the body is not the one that was signed';
}

function isDigestOf(body, contentDigest) {
	const [, name, base64] = /(?:^|,)\s*(sha-256|sha-512)=:([A-Za-z0-9+/=]*):/.exec(contentDigest) ?? [];
	if (name === undefined) return false;
	const right = createHash(name.replace('-', '')).update(body).digest();
	const given = Buffer.from(base64, 'base64');
	return given.length === right.length && timingSafeEqual(given, right);
}

function parseHeaders(text) {
	const headers = {};
	for (const line of text.split(/\r?\n/)) {
		const colon = line.indexOf(':');
		if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
	}
	return headers;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const [method, url, headersFile, bodyFile] = process.argv.slice(2);
	const headers = parseHeaders(readFileSync(headersFile, 'utf8'));
	const publicKey = createPublicKey(process.env.PUBLIC_KEY ?? '');
	const reason = await refusal({ method, url, headers, body: readFileSync(bodyFile) }, publicKey);
	console.log(reason === undefined ? 'valid' : `invalid: ${reason}`);
	process.exitCode = reason === undefined ? 0 : 1;
}
