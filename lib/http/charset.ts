import { TextDecoder } from 'node:util';

/**
 * Text from bytes. A byte order mark decides first, as in browsers (WHATWG Encoding §6), then the charset of
 * `Content-Type`, then, for JSON in UTF-16 that names none, where the zero bytes are (RFC 4627 §3); else UTF-8.
 *
 * @param contentType as the response names it
 * @returns the text without its byte order mark, which JSON.parse would stumble over; bytes that are none in the
 * charset become U+FFFD
 */
export function decodeText(bytes: Buffer, contentType: string | string[] | undefined): string {
	const charset = charsetOfMark(bytes) ?? charsetOf(String(contentType ?? ''));
	const decoder = decoderOf(
		charset === undefined || charset === 'utf-16' ? (charsetOfJson(bytes) ?? charset) : charset,
	);
	return decoder === undefined ? bytes.toString('utf8').replace(/^\ufeff/, '') : decoder.decode(bytes);
}

function charsetOfMark(bytes: Buffer): string | undefined {
	if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : undefined;
}

/** RFC 9110 §8.3.2; some servers use single quotes, or spaces around the equals sign. */
function charsetOf(contentType: string): string | undefined {
	return /(?:^|[;\s,])charset\s*=\s*["']?\s*([^\s"';,]+)/i.exec(contentType)?.[1]?.toLowerCase();
}

/** The first character of JSON is an ASCII one: its other byte is zero. */
function charsetOfJson(bytes: Buffer): string | undefined {
	const isStart = (byte: number | undefined) => byte === 0x7b || byte === 0x5b;
	if (bytes[0] === 0 && isStart(bytes[1])) return 'utf-16be';
	return isStart(bytes[0]) && bytes[1] === 0 ? 'utf-16le' : undefined;
}

/** Names that servers use and the WHATWG list has not: those of Windows, Java and MySQL. */
const ALIASES: Record<string, string> = {
	utf8mb4: 'utf-8',
	utf16: 'utf-16',
	utf16be: 'utf-16be',
	utf16le: 'utf-16le',
	cp936: 'gbk',
	ms936: 'gbk',
	cp932: 'shift_jis',
	ms932: 'shift_jis',
	cp949: 'euc-kr',
	ms949: 'euc-kr',
	cp950: 'big5',
	ms950: 'big5',
	cp65001: 'utf-8',
};

/** @returns undefined for UTF-8, and for a charset that is not known */
function decoderOf(charset: string | undefined): TextDecoder | undefined {
	if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return undefined;
	const alias = Object.hasOwn(ALIASES, charset) ? ALIASES[charset] : undefined;
	for (const name of [alias ?? charset, charset.replaceAll('_', '-'), charset.replace(/^latin[-_]/, 'latin')]) {
		try {
			return new TextDecoder(name);
		} catch {
			// Not known under this name.
		}
	}
	return undefined;
}
