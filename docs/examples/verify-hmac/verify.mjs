// Verifies an HMAC signature over the time and the body with Node.js (18 or later) and nothing else.
//
//   WEBHOOK_SECRET="..." node verify.mjs headers.txt body.bin
//
// For the Custom preset as it is filled in at first: `X-Signature: sha256=<hex>` over `<X-Timestamp>.<body>`.
// headers.txt holds the request's headers, one `name: value` a line; body.bin the body's exact bytes.
// PREVIOUS_SECRET may hold the secret before this one while a rotation lasts.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const TOLERANCE_SECONDS = 5 * 60;

/**
 * @param {Record<string, string>} headers names in lowercase, as Node's http server gives them
 * @param {Buffer} body the bytes as received, before any JSON.parse
 * @param {string[]} secrets as they are in the sender's credential
 * @param {number} now seconds since 1970
 * @returns {string | undefined} why the request is refused; undefined when it is genuine
 */
export function refusal(headers, body, secrets, now = Math.floor(Date.now() / 1000)) {
	const timestamp = headers['x-timestamp'];
	const signature = headers['x-signature'];
	if (!timestamp || !signature) return 'a signature header is missing';
	if (!/^\d{1,12}$/.test(timestamp)) return 'the timestamp is not a number';
	if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return 'the timestamp is more than 5 minutes away';

	const given = Buffer.from(signature);
	for (const secret of secrets) {
		if (secret === '') continue; // an empty key is one that everybody knows
		const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
		const right = Buffer.from(`sha256=${hmac}`);
		if (given.length === right.length && timingSafeEqual(given, right)) return undefined;
	}
	return 'no signature matches';
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
	const secrets = [process.env.WEBHOOK_SECRET ?? '', process.env.PREVIOUS_SECRET ?? ''];
	const reason = refusal(parseHeaders(readFileSync(headersFile, 'utf8')), readFileSync(bodyFile), secrets);
	console.log(reason === undefined ? 'valid' : `invalid: ${reason}`);
	process.exitCode = reason === undefined ? 0 : 1;
}
