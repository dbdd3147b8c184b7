/** A name and a value, as query, header and body parameters are given. */
export interface Pair {
	name: string;
	value: unknown;
}

/**
 * A parameter's value as text: strings as they are, nothing as the empty string, objects as JSON.
 */
export function asText(value: unknown): string {
	if (typeof value === 'string') return value;
	if (value === undefined || value === null) return '';
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
