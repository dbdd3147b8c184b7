import { redactShort, SHORTEST_SECRET } from './shortSecrets';

/** Replaces a secret. */
const MASK = '***';

/** A base64 stretch shorter than this says too little to be a secret, and matches by chance. */
const SHORTEST_BASE64_STRETCH = 6;

/**
 * What of a secret's base64 is the same wherever the secret is in a longer text: a Basic header
 * holds `base64(id:secret)`, which does not contain `base64(secret)`.
 */
function base64Stretches(secret: string): string[] {
	const bytes = Buffer.from(secret, 'utf8');
	return [0, 1, 2]
		.map((offset) => {
			const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
			return shifted.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3));
		})
		.filter((stretch) => stretch.length >= SHORTEST_BASE64_STRETCH);
}

/** `encodeURIComponent` throws on a lone surrogate, and a secret may hold anything. */
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\uFFFD');

function percentEncoded(text: string): string[] {
	const encoded = [encodeURIComponent(wellFormed(text)), new URLSearchParams([['', text]]).toString().slice(1)];
	return [...encoded, ...encoded.map((form) => form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

function htmlEncoded(text: string): string[] {
	const common = text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
	return [common.replaceAll("'", '&#39;'), common.replaceAll("'", '&#x27;'), common];
}

/** Every way in which a server is likely to give a secret back. */
function formsOf(secret: string): string[] {
	const base64 = [Buffer.from(secret, 'utf8').toString('base64'), ...base64Stretches(secret)];
	const base64url = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''));
	const json = JSON.stringify(secret).slice(1, -1);
	return [
		secret,
		secret.replace(/\s+/g, ' ').trim(),
		json,
		json.replaceAll('/', '\\/'),
		...percentEncoded(secret),
		...htmlEncoded(secret),
		...base64,
		...base64url,
		...base64.flatMap(percentEncoded),
	];
}

/**
 * Takes every occurrence of the secrets out of a text: as they are, base64 (at any place in a longer
 * base64 text, both alphabets), percent-encoded, and escaped for JSON or HTML. Short secrets are taken out
 * where they are the whole value, and stay inside of longer words.
 *
 * @param secrets may hold empty strings, which are left out; a list that was given once does not change
 * @returns the text with `***` in place of secrets
 */
export function redact(text: string, secrets: readonly string[]): string {
	return redactShort(redactLong(text, secrets), formsOfAll(secrets).short, MASK);
}

/** As {@link redact}, for what is no value, such as the name of a field: short secrets stay. */
export function redactLong(text: string, secrets: readonly string[]): string {
	const { long } = formsOfAll(secrets);
	return long.reduce((cleaned, form) => (cleaned.includes(form) ? cleaned.replaceAll(form, MASK) : cleaned), text);
}

/** The forms of a list of secrets, the longest first: a shorter form may be a part of it. */
interface Forms {
	long: string[];
	/** Of secrets that are taken out only where they are the whole value. */
	short: string[];
}

/** A run asks with the same list for every response that it gets. */
const known = new WeakMap<readonly string[], Forms>();

function formsOfAll(secrets: readonly string[]): Forms {
	const before = known.get(secrets);
	if (before !== undefined) return before;
	const isShort = (secret: string) => secret.trim().length < SHORTEST_SECRET;
	const given = secrets.filter((secret) => secret.trim() !== '');
	const forms: Forms = {
		long: distinct(given.filter((secret) => !isShort(secret)).flatMap(formsOf)),
		short: distinct(given.filter(isShort).flatMap(formsOf)),
	};
	known.set(secrets, forms);
	return forms;
}

const distinct = (forms: string[]) =>
	[...new Set(forms)].filter((form) => form.trim() !== '').sort((a, b) => b.length - a.length);

/**
 * Makes text that came from a server fit for a message: secrets taken out, control and invisible
 * characters and line breaks turned into single spaces, cut to a length. n8n's panels show messages as HTML, in which
 * a server could inject links: angle brackets become ‹ and ›.
 *
 * @param maxLength in characters; a longer text ends in `…`
 */
export function cleanServerText(text: string, secrets: readonly string[], maxLength = 200): string {
	const oneLine = (raw: string) =>
		wellFormed(raw)
			.replace(/[\s\p{C}]+/gu, ' ')
			.trim();
	// Twice: a line break inside a secret would hide it from the first pass.
	const cleaned = redact(oneLine(redact(text, secrets)), secrets)
		.replace(/</g, '‹')
		.replace(/>/g, '›');
	const characters = [...cleaned];
	return characters.length <= maxLength ? cleaned : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** A secret masked to its last four characters; to none when it is too short to give four away. */
export function maskToLastFour(secret: string): string {
	const characters = [...secret];
	return characters.length < 12 ? '****' : `****${characters.slice(-4).join('')}`;
}
