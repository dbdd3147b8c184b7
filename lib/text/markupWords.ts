/** What is looked at: error pages and faults are short, and begin with what matters. */
const MAX_TEXT = 20_000;

/** Elements whose text nobody sees. */
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'svg']);

/** Names of XML elements that have words, the most informative first; lowercase, without prefix, hyphens and underscores. */
const XML_WORDS = [
	'errordescription',
	'faultstring',
	'longmessage',
	'message',
	'errormessage',
	'description',
	'detail',
	'reason',
	'text',
	'msg',
	'errmsg',
	'details',
	'shortmessage',
	'title',
	'error',
];

/** Titles of error pages that say nothing; what follows on the page may. */
const SAYS_LITTLE = /^(?:error|oops|whoops)\b.{0,20}$|^(?:http )?(?:status )?(?:error )?\d{3}\b/i;

interface Piece {
	/** The element that the text is in, lowercase, without its prefix; empty after a closing tag. */
	element: string;
	text: string;
}

/** The texts of markup, in order. Each character is looked at once or twice, whatever the markup is like. */
function piecesOf(markup: string): Piece[] {
	const pieces: Piece[] = [];
	const lower = markup.toLowerCase();
	const add = (element: string, raw: string) => {
		const text = raw.replace(/\s+/g, ' ').trim();
		if (text !== '') pieces.push({ element, text });
	};
	/** Behind the next `end`, or at the end of all. */
	const behind = (end: string, from: number) => {
		const found = lower.indexOf(end, from);
		return found < 0 ? markup.length : found + end.length;
	};
	let element = '';
	let position = 0;
	while (position < markup.length) {
		const open = markup.indexOf('<', position);
		const end = open < 0 ? markup.length : open;
		add(element, withoutEntities(markup.slice(position, end)));
		if (open < 0) break;
		if (lower.startsWith('<!--', open)) position = behind('-->', open);
		else if (lower.startsWith('<![cdata[', open)) {
			position = behind(']]>', open);
			add(element, markup.slice(open + 9, position).replace(/\]\]>$/, ''));
		} else {
			const name = /^<([a-z][\w.-]{0,60}:)?([a-z][\w.-]{0,60})/.exec(lower.slice(open, open + 130))?.[2] ?? '';
			position = behind('>', open);
			element = name;
			if (UNSEEN.has(name)) position = behind(`</${name}`, position);
		}
	}
	return pieces;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function withoutEntities(text: string): string {
	return text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,4});/gi, (whole, name: string) => {
		if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
		const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
		return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
	});
}

/** SOAP faults, the errors of S3 and Azure, problem+xml: general words, and the next ones. */
function xmlWords(pieces: Piece[]): string {
	const texts = XML_WORDS.flatMap(
		(name) => pieces.find(({ element }) => element.replace(/[-_]/g, '') === name)?.text ?? [],
	);
	return [...new Set(texts)].slice(0, 2).join(': ');
}

/** The title of a page, with its first paragraph where the title says little; all of a page that is short. */
function htmlWords(pieces: Piece[]): string {
	const title = pieces.find(({ element }) => element === 'title' || element === 'h1')?.text;
	if (title === undefined) {
		const all = pieces.map(({ text }) => text).join(' ');
		return all.length <= 240 ? all : '';
	}
	const paragraph = SAYS_LITTLE.test(title)
		? pieces.find(({ element, text }) => /^(?:p|pre|div|h[1-6])$/.test(element) && !title.includes(text))?.text
		: undefined;
	return paragraph === undefined ? title : `${title}: ${paragraph}`;
}

/**
 * What an XML or HTML response says about a refusal, for a message.
 *
 * @param markup begins with `<`
 * @returns the raw words, to be cleaned and cut for showing; empty for none
 */
export function markupWords(markup: string): string {
	const text = markup.slice(0, MAX_TEXT);
	const pieces = piecesOf(text);
	return /^\s*<(?:!doctype html|html|head|body|title|h\d|p|div|center|pre)\b/i.test(text)
		? htmlWords(pieces)
		: xmlWords(pieces);
}
