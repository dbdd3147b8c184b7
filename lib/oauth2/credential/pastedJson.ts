import { decodePastedBase64 } from '../../text/base64';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text, or a number as one (an enterprise ID). */
export function textOf(value: unknown): string {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' ? value.trim() : '';
}

/**
 * The object in a text that was pasted: JSON, also as a list of one, as a JSON string, as Base64, or with the line breaks in
 * its strings written out.
 *
 * @returns undefined for anything else
 */
export const jsonObjectIn = (text: string): JsonObject | undefined => jsonObject(text.replace(/^\ufeff/, '').trim());

/** No key file is nested deeper. */
function jsonObject(text: string, depth = 0): JsonObject | undefined {
	if (depth > 2 || text === '') return undefined;
	if (/^[{"[]/.test(text)) {
		const value = parsed(text);
		if (typeof value === 'string') return jsonObject(value.trim(), depth + 1);
		const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
		return isObject(only) ? only : undefined;
	}
	const inner = decodePastedBase64(text.replace(/\s/g, ''))?.toString('utf8').trim() ?? '';
	return inner.startsWith('{') ? jsonObject(inner, depth + 1) : undefined;
}

/** JSON, also when the line breaks inside its strings were written out on the way (by a shell, or a template). */
function parsed(text: string): unknown {
	const repaired = text.replace(/"(?:[^"\\]|\\[^])*"/g, (literal) => literal.replace(/\r?\n/g, '\\n'));
	for (const candidate of [text, repaired]) {
		try {
			return JSON.parse(candidate) as unknown;
		} catch {
			continue;
		}
	}
	return undefined;
}
