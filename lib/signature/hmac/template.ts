import { ok, refused, type Result } from '../../result/result';
import { quoted } from '../../text/quoted';

/**
 * The placeholders, and the part of the request that replaces each. Fixed: there is no template engine.
 *
 * @internal exported for the test that the docs have them all
 */
export const PLACEHOLDERS = {
	id: "the delivery's ID",
	timestamp: 'the time of the attempt, in seconds since 1970',
	timestampMs: 'the same in milliseconds',
	method: 'the method, in capitals',
	url: 'the whole URL as it is sent',
	path: 'its path',
	query: 'its query, without the question mark',
	body: 'the body, byte for byte',
	bodySha256: 'the SHA-256 of the body, in lowercase hex',
	form: 'names and values of a form body, sorted by name and joined without separators',
	signature: 'the signature',
} as const;

export type Placeholder = keyof typeof PLACEHOLDERS;

/** A text with placeholders, read once: texts and placeholders in turn. */
export type Template = ReadonlyArray<string | { readonly placeholder: Placeholder }>;

/** What a placeholder looks like, and what somebody may have taken for one: `{ body }`, `{Body}`, `{{body}}`. */
const LOOKS_LIKE_ONE = /\{\{[^{}]*\}\}|\{\s*[\p{L}_$][^{}]*\}/gu;

/**
 * Reads a text with placeholders. Braces around anything that is no word are left as they are (`{"a":"{id}"}`); a word in
 * braces that is none of the placeholders is refused: it would be signed as it is written, and match at no receiver.
 *
 * @param label what messages call the field
 * @param allowed the placeholders that mean something in this field
 */
export function readTemplate(text: string, label: string, allowed: readonly Placeholder[]): Result<Template> {
	const parts: Array<string | { placeholder: Placeholder }> = [];
	let end = 0;
	for (const { 0: found, index } of text.matchAll(LOOKS_LIKE_ONE)) {
		const placeholder = allowed.find((name) => found === `{${name}}`);
		if (placeholder === undefined) {
			return refused(
				`${label} has the placeholder ${quoted(found)}, which does not exist there`,
				`Use ${allowed.map((name) => `{${name}}`).join(' ')}, written exactly so.`,
			);
		}
		if (index > end) parts.push(text.slice(end, index));
		parts.push({ placeholder });
		end = index + found.length;
	}
	if (end < text.length) parts.push(text.slice(end));
	return ok(parts);
}

/** Whether a template has a placeholder. */
export const has = (template: Template, name: Placeholder): boolean =>
	template.some((part) => typeof part !== 'string' && part.placeholder === name);

/** The text of a template, each placeholder by its value. */
export const written = (template: Template, valueOf: (name: Placeholder) => string): string =>
	template.map((part) => (typeof part === 'string' ? part : valueOf(part.placeholder))).join('');

/**
 * A pattern that a text written by the template matches as a whole, with a group for each placeholder; of a placeholder that
 * is there twice the first counts.
 */
export function patternOf(template: Template): RegExp {
	const known = new Set<Placeholder>();
	const parts = template.map((part) => {
		if (typeof part === 'string') return part.replace(/[$()*+.?[\\\]^{|}/-]/g, '\\$&');
		if (known.has(part.placeholder)) return '.*?';
		known.add(part.placeholder);
		return `(?<${part.placeholder}>.+?)`;
	});
	return new RegExp(`^${parts.join('')}$`);
}
