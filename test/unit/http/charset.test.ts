import { decodeText } from '../../../lib/http/charset';
import { randomOf, seedFrom } from '../../support/random';

const JSON_TEXT = '{"a":"Gü 你好"}';
const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();
const gbk = Buffer.from([0xc4, 0xe3, 0xba, 0xc3]);
const MARK = '\ufeff';

describe('the charset of Content-Type', () => {
	it.each([
		["text/plain; charset='gbk'", gbk, '你好'],
		['text/plain; charset="gbk"', gbk, '你好'],
		['text/plain;charset=GBK', gbk, '你好'],
		['text/plain; Charset = "GBK" ; x=y', gbk, '你好'],
		["text/plain; charset=' gbk '", gbk, '你好'],
		['text/plain; charset=cp936', gbk, '你好'],
		['text/plain; charset=gb2312', gbk, '你好'],
		['text/plain; charset=gb18030', gbk, '你好'],
		['application/json; charset=UTF-16BE', utf16be(JSON_TEXT), JSON_TEXT],
		['application/json; charset=utf-16le', utf16le(JSON_TEXT), JSON_TEXT],
		['application/json; charset=UTF-16', utf16be(JSON_TEXT), JSON_TEXT],
		['application/json; charset=utf16', utf16le(JSON_TEXT), JSON_TEXT],
		['text/plain; charset=UTF-16', utf16le('Gü'), 'Gü'],
		['text/plain; charset=iso_8859_1', Buffer.from([0x47, 0xfc]), 'Gü'],
		['text/plain; charset=latin-1', Buffer.from([0x47, 0xfc]), 'Gü'],
		['text/plain; charset=windows-1251', Buffer.from([0xcf, 0xf0]), 'Пр'],
		['text/plain; charset=Shift_JIS', Buffer.from([0x82, 0xa0]), 'あ'],
		['text/plain; charset=MS932', Buffer.from([0x82, 0xa0]), 'あ'],
		['text/plain; charset=euc-kr', Buffer.from([0xb0, 0xa1]), '가'],
		['text/plain; charset=utf_8', Buffer.from('Gü'), 'Gü'],
		['text/plain; charset=utf8mb4', Buffer.from('Gü'), 'Gü'],
		['text/plain; charset=no-such-charset', Buffer.from('Gü'), 'Gü'],
		['text/plain; charset=constructor', Buffer.from('Gü'), 'Gü'],
		['text/plain; charset=', Buffer.from('Gü'), 'Gü'],
		['text/plain; charset=""', Buffer.from('Gü'), 'Gü'],
		['text/plain; x-charset=gbk', Buffer.from('Gü'), 'Gü'],
		['charset', Buffer.from('Gü'), 'Gü'],
		['', Buffer.from('Gü'), 'Gü'],
	])('%s is read', (contentType, bytes, text) => {
		expect(decodeText(bytes, contentType)).toBe(text);
		expect(decodeText(bytes, [contentType])).toBe(text);
	});
});

describe('a byte order mark', () => {
	it.each([
		['UTF-8', Buffer.from(MARK + JSON_TEXT)],
		['UTF-16LE', utf16le(MARK + JSON_TEXT)],
		['UTF-16BE', utf16be(MARK + JSON_TEXT)],
	])('of %s decides, whatever the charset says, and is left out', (_name, bytes) => {
		for (const contentType of [
			undefined,
			'application/json',
			'application/json; charset=gbk',
			'application/json; charset=utf-8',
		]) {
			expect(decodeText(bytes, contentType)).toBe(JSON_TEXT);
		}
	});
});

it('JSON in UTF-16 without a mark and a charset is read', () => {
	expect(decodeText(utf16le(JSON_TEXT), 'application/json')).toBe(JSON_TEXT);
	expect(decodeText(utf16be('[1]'), undefined)).toBe('[1]');
});

it('whatever bytes and charset come, it is a text', () => {
	const seed = seedFrom('CHARSET_SEED');
	const { whole, pick } = randomOf(seed);
	const charsets = [
		'gbk',
		'utf-16',
		'utf-16be',
		'iso-2022-jp',
		'x-user-defined',
		'utf-7',
		'replacement',
		'gb18030',
		'%00',
		'a"b',
	];
	for (let round = 0; round < 2000; round++) {
		const bytes = Buffer.from(Array.from({ length: whole(0, 20) }, () => pick([0xff, 0xfe, 0, 0x7b, whole(0, 255)])));
		const charset = pick(charsets);
		expect([seed, charset, bytes, typeof decodeText(bytes, `a/b; charset=${charset}`)]).toEqual([
			seed,
			charset,
			bytes,
			'string',
		]);
	}
});
