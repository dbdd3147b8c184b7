/**
 * A secret of fewer characters is too much like a word: taken out wherever its letters are, it would blank out
 * what only looks alike ("test" in "latest").
 */
export const SHORTEST_SECRET = 6;

const QUOTES = '"\'`\u2018\u2019\u201c\u201d\u00ab\u00bb\u2039\u203a';

/** How many characters before and after a place are looked at. */
const BEFORE = 40;
const AFTER = 12;

/** Text before and after a value; one of these pairs has to fit. */
const PLACES: ReadonlyArray<readonly [before: RegExp, after: RegExp]> = [
	// Quoted.
	[new RegExp(`[${QUOTES}]$`), new RegExp(`^[${QUOTES}]`)],
	// `Password: abc12` at the end of a line, `password=abc12&`, `{a: abc12}`, `<b>abc12</b>`.
	[/(?:[=:][ \t]{0,8}[([{]?|>)$/, new RegExp(`^[.!?]?[ \\t]{0,8}(?:$|[\\r\\n,;&<>)\\]}|${QUOTES}])`)],
	// `a=abc12 b=…`
	[/=$/, /^\s/],
	// https://user:abc12@example.com
	[/:$/, /^@/],
];

/** Whatever follows these words is a secret. */
const NAMED =
	/\b(?:pass(?:word|wd|phrase|code)?|pwd|pin|secret|token|credentials?|key)s?(?:[ \t]{1,4}(?:is|was|of))?[^\p{L}\p{N}]{1,4}$/iu;
/** Not inside of a longer word, nor of a name with dots, an address or a path. */
const WORD_BEFORE = /[\p{L}\p{N}_-]$|[\p{L}\p{N}][.@/+]$/u;
const WORD_AFTER = /^[\p{L}\p{N}_-]|^[.@/+][\p{L}\p{N}]/u;
const WORD_CHARACTER = /[\p{L}\p{N}]/u;

/** "abc12" is no word that a text has by chance; "test", "2024" and "v2" are. */
const isUnlikeAWord = (form: string) => form.length >= 4 && !/^(?:\p{L}+|\p{N}+)$/u.test(form);

/**
 * Takes short secrets out of a text where they are the whole value: as the whole text, quoted, after `=` or `:`,
 * after a word such as "password"; those that are unlike any word wherever they are a separate word.
 *
 * @param forms of the secrets, the longest first; none blank
 */
export function redactShort(text: string, forms: readonly string[], mask: string): string {
	if (forms.length === 0) return text;
	const whole = text.trim();
	return forms.reduce(
		(cleaned, form) => (whole === form.trim() ? text.replace(whole, mask) : redactForm(cleaned, form, mask)),
		text,
	);
}

function redactForm(text: string, form: string, mask: string): string {
	let found = text.indexOf(form);
	if (found === -1) return text;
	const unlikeAWord = isUnlikeAWord(form);
	const parts: string[] = [];
	let done = 0;
	while (found !== -1) {
		const end = found + form.length;
		if (isValue(text, found, end, unlikeAWord)) {
			parts.push(text.slice(done, found), mask);
			done = end;
		}
		found = text.indexOf(form, done === end ? end : found + 1);
	}
	return parts.join('') + text.slice(done);
}

function isValue(text: string, start: number, end: number, unlikeAWord: boolean): boolean {
	// Most places are inside of a word: these take no more than a look at one character.
	if (start > 0 && WORD_CHARACTER.test(text.charAt(start - 1))) return false;
	const before = text.slice(Math.max(0, start - BEFORE), start);
	const after = text.slice(end, end + AFTER);
	// The end of the piece is the end of the text only where the text ends.
	const padded = end + AFTER < text.length ? `${after}x` : after;
	if (PLACES.some(([left, right]) => left.test(before) && right.test(padded))) return true;
	if (WORD_AFTER.test(after)) return false;
	return (unlikeAWord && !WORD_BEFORE.test(before)) || NAMED.test(before);
}
