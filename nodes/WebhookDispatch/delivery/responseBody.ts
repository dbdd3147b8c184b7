import type { HttpHeaders } from './transport';

const HIDDEN = '***';

/**
 * The destination's answer as it flows on: parsed when it is JSON, text otherwise.
 * Some destinations echo what they were sent: the credential's secrets are blanked out.
 *
 * @param secrets what must not appear, longest first
 */
export function responseBody(body: Buffer, headers: HttpHeaders, secrets: string[] = []): unknown {
	if (body.length === 0) return '';
	let text = decodeText(body, headers);
	for (const secret of secrets) {
		if (text.includes(secret)) text = text.replaceAll(secret, HIDDEN);
	}
	return parsed(text);
}

function parsed(text: string): unknown {
	const start = text.trimStart().charAt(0);
	// Numbers and bare words stay text: "00123" is no number to the one who reads it.
	if (start !== '{' && start !== '[') return text;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function decodeText(body: Buffer, headers: HttpHeaders): string {
	const charset = /charset="?([\w-]+)/i.exec(String(headers['content-type'] ?? ''))?.[1]?.toLowerCase();
	if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return body.toString('utf8');
	try {
		return new TextDecoder(charset).decode(body);
	} catch {
		return body.toString('utf8');
	}
}

/** The first words of an answer, for a message: JSON's usual fields first, never markup. */
export function serverWords(response: unknown): string {
	if (typeof response === 'string') return /^\s*</.test(response) ? '' : response;
	if (typeof response !== 'object' || response === null) return '';
	const fields = response as Record<string, unknown>;
	const words = ['error_description', 'message', 'description', 'detail', 'title', 'error', 'errors', 'details']
		.map((key) => (Object.hasOwn(fields, key) ? fields[key] : undefined))
		.filter((value) => value !== undefined && value !== null && value !== '')
		.slice(0, 2)
		.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
	return words.length > 0 ? words.join(': ') : JSON.stringify(response);
}
