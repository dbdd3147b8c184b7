// Verifies a Standard Webhooks signature with Node.js (18 or later) and nothing else.
//
//   WEBHOOK_SECRET="whsec_..." node verify.mjs headers.txt body.bin
//
// headers.txt holds the request's headers, one `name: value` a line; body.bin the body's exact bytes.
// WEBHOOK_SECRET may hold several keys, separated by spaces, while a rotation lasts:
// `whsec_` keys check v1 signatures (HMAC-SHA256), `whpk_` public keys check v1a ones (Ed25519).
import { createHmac, createPublicKey, timingSafeEqual, verify as verifyEd25519 } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const TOLERANCE_SECONDS = 5 * 60;

/**
 * @param {Record<string, string>} headers names in lowercase, as Node's http server gives them
 * @param {Buffer} body the bytes as received, before any JSON.parse
 * @param {string[]} keys `whsec_...` or `whpk_...`
 * @param {number} now seconds since 1970
 * @returns {string | undefined} why the request is refused; undefined when it is genuine
 */
export function refusal(headers, body, keys, now = Math.floor(Date.now() / 1000)) {
	const id = headers['webhook-id'];
	const timestamp = headers['webhook-timestamp'];
	const signatures = headers['webhook-signature'];
	if (!id || !timestamp || !signatures) return 'a webhook header is missing';
	if (!/^\d{1,12}$/.test(timestamp)) return 'the timestamp is not a number';
	if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return 'the timestamp is more than 5 minutes away';

	const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
	for (const entry of signatures.split(' ')) {
		const comma = entry.indexOf(',');
		const version = entry.slice(0, comma);
		const signature = Buffer.from(entry.slice(comma + 1), 'base64');
		if (keys.some((key) => matches(key, version, signature, signed))) return undefined;
	}
	return 'no signature matches';
}

function matches(key, version, signature, signed) {
	if (version === 'v1' && key.startsWith('whsec_')) {
		const secret = Buffer.from(key.slice('whsec_'.length), 'base64');
		if (secret.length === 0) return false; // an empty key is one that everybody knows
		const expected = createHmac('sha256', secret).update(signed).digest();
		return signature.length === expected.length && timingSafeEqual(signature, expected);
	}
	if (version === 'v1a' && key.startsWith('whpk_')) {
		const x = Buffer.from(key.slice('whpk_'.length), 'base64').toString('base64url');
		const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
		return verifyEd25519(null, signed, publicKey, signature);
	}
	return false;
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
	const [headersFile, bodyFile] = process.argv.slice(2);
	const keys = (process.env.WEBHOOK_SECRET ?? '').split(' ').filter(Boolean);
	const reason = refusal(parseHeaders(readFileSync(headersFile, 'utf8')), readFileSync(bodyFile), keys);
	console.log(reason === undefined ? 'valid' : `invalid: ${reason}`);
	process.exitCode = reason === undefined ? 0 : 1;
}
