/** Stands where a secret stood. */
const MASK = '***';

/** A base64 stretch shorter than this says too little to be a secret, and matches by chance. */
const SHORTEST_BASE64_STRETCH = 6;

/**
 * What of a secret's base64 is the same wherever the secret stands in a longer text: a Basic header
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
	const encoded = [
		encodeURIComponent(wellFormed(text)),
		new URLSearchParams([['', text]]).toString().slice(1),
	];
	return [...encoded, ...encoded.map((form) => form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

function htmlEncoded(text: string): string[] {
	const common = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
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
 * base64 text, both alphabets), percent-encoded, and escaped for JSON or HTML.
 *
 * @param secrets may hold empty strings, which are left out; a list that was given once does not change
 * @returns the text with `***` where a secret stood
 */
export function redact(text: string, secrets: readonly string[]): string {
	return formsOfAll(secrets).reduce((cleaned, form) => (cleaned.includes(form) ? cleaned.replaceAll(form, MASK) : cleaned), text);
}

/** A run asks with the same list for every answer that it gets. */
const known = new WeakMap<readonly string[], string[]>();

function formsOfAll(secrets: readonly string[]): string[] {
	const before = known.get(secrets);
	if (before !== undefined) return before;
	const forms = [...new Set(secrets.filter((secret) => secret.trim() !== '').flatMap(formsOf))]
		.filter((form) => form !== '')
		// The longest first: a shorter form may be a part of it.
		.sort((a, b) => b.length - a.length);
	known.set(secrets, forms);
	return forms;
}

/**
 * Makes text that came from a server fit for a message: secrets taken out, control and invisible
 * characters and line breaks turned into single spaces, cut to a length. n8n's panels show messages as HTML, in which
 * a server could put links of its own: angle brackets become ‹ and ›.
 *
 * @param maxLength in characters; a longer text ends in `…`
 */
export function cleanServerText(text: string, secrets: readonly string[], maxLength = 200): string {
	const oneLine = (raw: string) => wellFormed(raw).replace(/[\s\p{C}]+/gu, ' ').trim();
	// Twice: a line break inside a secret would hide it from the first pass.
	const cleaned = redact(oneLine(redact(text, secrets)), secrets).replace(/</g, '‹').replace(/>/g, '›');
	const characters = [...cleaned];
	return characters.length <= maxLength ? cleaned : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** A secret masked to its last four characters; to none when it is too short to give four away. */
export function maskToLastFour(secret: string): string {
	const characters = [...secret];
	return characters.length < 12 ? '****' : `****${characters.slice(-4).join('')}`;
}
