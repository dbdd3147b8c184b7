import { redact, redactLong } from '../text/redaction';
import { decodeText } from '../http/charset';
import type { HttpHeaders } from '../http/transport';

/**
 * The destination's response as it is output: parsed when it is JSON, text otherwise.
 * Some destinations echo what they were sent: the credential's secrets are redacted,
 * Base64 and percent-encoded ones as well.
 *
 * @param secrets what must not appear
 */
export function responseBody(body: Buffer, headers: HttpHeaders, secrets: string[] = []): unknown {
	if (body.length === 0) return '';
	const text = decodeText(body, headers['content-type']);
	if (secrets.length === 0) return parsed(text);
	// Behind escapes (\/, \u00e4) a secret is not seen in the text.
	const mayHoldSecrets = text.includes('\\') || redact(text, secrets) !== text;
	// In the text itself a redacted number would leave no JSON.
	return mayHoldSecrets ? blankedOut(parsed(text), secrets) : parsed(text);
}

/** The headers of the response as they are output, secrets redacted. */
export function responseHeaders(headers: HttpHeaders, secrets: string[]): HttpHeaders {
	return secrets.length === 0 ? headers : (blankedOut(headers, secrets) as HttpHeaders);
}

function blankedOut(value: unknown, secrets: string[]): unknown {
	if (typeof value === 'string') return redact(value, secrets);
	if (Array.isArray(value)) return value.map((inner) => blankedOut(inner, secrets));
	if (typeof value === 'number') return blankedOutNumber(value, secrets);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => [redactLong(key, secrets), blankedOut(inner, secrets)]),
	);
}

/** A secret of digits; one of three or fewer says too little, and is anybody's count. */
function blankedOutNumber(value: number, secrets: string[]): unknown {
	const text = String(value);
	if (text.length < 4) return value;
	const cleaned = redact(text, secrets);
	return cleaned === text ? value : cleaned;
}

function parsed(text: string): unknown {
	const start = text.trimStart().charAt(0);
	// Numbers and bare words stay text: "00123" is no number to the one who reads it.
	if ((start !== '{' && start !== '[') || isTooDeep(text)) return text;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** Deeper ones are text: V8 reads what nothing after it could copy, search or store without running out of stack. */
const MAX_DEPTH = 500;

function isTooDeep(text: string): boolean {
	if (text.length <= MAX_DEPTH) return false;
	let depth = 0;
	let inString = false;
	for (let index = 0; index < text.length; index++) {
		const character = text[index];
		if (inString) {
			if (character === '\\') index++;
			else if (character === '"') inString = false;
		} else if (character === '"') inString = true;
		else if (character === '[' || character === '{') {
			if (++depth > MAX_DEPTH) return true;
		} else if (character === ']' || character === '}') depth--;
	}
	return false;
}
