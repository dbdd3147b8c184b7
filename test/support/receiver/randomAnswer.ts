import type { Random } from '../random';
import type { RawAnswer } from './rawServer';
import { acknowledges, StatusLineReader } from './statusLine';

/** Random HTTP/1.1 responses, and what only looks like one. */

type StatusKind = 'success' | 'other' | 'odd' | 'malformed';

const latin1 = (random: Random, length: number, from = 0x20, to = 0xff) =>
	String.fromCharCode(...Array.from({ length }, () => random.whole(from, to))).replace(/\x7f/g, ' ');
const token = (random: Random) =>
	Array.from({ length: random.whole(1, 12) }, () => random.pick([...'abcXYZ019-_!#~'])).join('');

function reason(random: Random): string {
	const length = random.pick([0, 2, 2, 10, 300]);
	return random.pick(['', ' ', ' OK', ` ${latin1(random, length, 0x20, 0x7e)}`, ` ${latin1(random, length, 0x80)}`]);
}

const version = (random: Random) => (random.chance(0.9) ? 'HTTP/1.1' : 'HTTP/1.0');

/** Lines that a strict reader refuses and a lenient one takes for a success. */
const odd = (random: Random) =>
	random.pick([
		'\r\nHTTP/1.1 200 OK',
		'\n\nHTTP/1.1 204 OK',
		'http/1.1 200 OK',
		'HTTP/1.1  200 OK',
		'HTTP/1.1\t200 OK',
		'HTTP/2.0 200 OK',
		'HTTP/9.9 200 OK',
		'HTTP/1.1 200OK',
		'HTTP/1.1 200 O\0K',
		'HTTP/1.1 200 \x1b[2J',
		'HTTP/1.10 200 OK',
		' HTTP/1.1 200 OK',
		'HTTP/1.1 101 Switching Protocols',
		'HTTP/1.1 200\tOK',
		`HTTP/1.1 200 ${'r'.repeat(10_000)}`,
		'HTTP/1.1 200 OK\rX',
	]);

/** Lines that nobody may take for a success. */
const malformed = (random: Random) =>
	random.pick([
		'ICY 200 OK',
		'HTTP/1.1 abc OK',
		'HTTP/1.1 20 OK',
		'HTTP/1.1 2000 OK',
		'200 OK',
		'HTTP/1.1 000 Zero',
		'HTTP/1.1 099 Low',
		'HTTP/1.1 -200 OK',
		'HTTP/1.1 2e2 OK',
		'HTTP/1.1',
		'HTTP',
		'',
		'{"ok":true}',
		'SSH-2.0-OpenSSH_9.6',
		'HTTP/1.1 OK 200',
		'HTTP/1.1 ２００ OK',
		latin1(random, random.whole(1, 60), 0x80),
		'\x15\x03\x01\x00\x02\x02\x46',
		'HTTP/1.1 0200 OK',
		'HTTP/1.1 0x200 OK',
	]);

function statusLine(random: Random, kind: StatusKind): string {
	if (kind === 'odd') return odd(random);
	if (kind === 'malformed') return malformed(random);
	const status =
		kind === 'success'
			? random.pick([200, 200, 200, 201, 202, 204, 204, 205, 206, 226, random.whole(200, 299)])
			: random.pick([
					301,
					302,
					304,
					307,
					400,
					404,
					408,
					409,
					410,
					425,
					429,
					500,
					502,
					503,
					503,
					504,
					529,
					599,
					random.whole(300, 599),
				]);
	return `${version(random)} ${status}${reason(random)}`;
}

const retryAfters = [
	'0',
	'1',
	'-1',
	'',
	'soon',
	'1.5',
	'0.001',
	'1e3',
	'99999999999999999999',
	'0x10',
	'Thu, 01 Jan 1970 00:00:00 GMT',
	'0, 0',
	'１',
	'Sat, 13 Sep 275760 00:00:00 GMT',
	'Sun, 14 Sep 275760 00:00:00 GMT',
	'Fri, 31 Dec 9999 23:59:59 GMT',
	'Sunday, 06-Nov-94 08:49:37 GMT',
];

function fields(random: Random, kind: StatusKind): string[] {
	const all = Array.from(
		{ length: random.pick([0, 1, 2, 5, 20]) },
		() => `${token(random)}: ${latin1(random, random.whole(0, 60), 0x21)}`,
	);
	if (kind === 'other' && random.chance(0.4)) {
		all.push(
			`${random.pick(['Retry-After', 'RateLimit-Reset', 'X-RateLimit-Reset', 'retry-after-ms'])}: ${random.pick(retryAfters)}`,
		);
	}
	if (kind === 'other' && random.chance(0.5)) {
		all.push(
			`Location: ${random.pick(['', '/', '//', 'http://', 'http://[', '?again', 'javascript:0', 'https:', '\xff', 'x'.repeat(5000)])}`,
		);
	}
	if (random.chance(0.5)) {
		all.push(
			`Content-Type: ${random.pick(['application/json', 'text/plain; charset=utf-16', 'text/html; charset="', ';', 'application/json; charset=x-none', 'é'])}`,
		);
	}
	if (random.chance(0.1))
		all.push(
			`Content-Encoding: ${random.pick(['gzip', 'br', 'zstd', 'deflate', 'gzip, gzip, gzip', 'none', 'identity', ','])}`,
		);
	if (random.chance(0.1))
		all.push(`Connection: ${random.pick(['close', 'keep-alive', 'Upgrade', 'close, keep-alive', ''])}`);
	if (random.chance(0.05))
		all.push(`Keep-Alive: ${random.pick(['timeout=0', 'timeout=-1', 'timeout=1', 'max=0', '='])}`);
	if (random.chance(0.1)) {
		all.splice(
			random.whole(0, all.length),
			0,
			random.pick(['no colon', ': nameless', 'A B: c', 'X : y', ' folded', 'N: \0', '\x7f: x', 'É: x', 'X: a\rb']),
		);
	}
	if (random.chance(0.03))
		all.push(
			...Array.from({ length: 20 }, (_, index) => `X-Large-${index}: ${'h'.repeat(random.pick([400, 1000, 5000]))}`),
		);
	return all;
}

const bodies = [
	'',
	'{"ok":true}',
	'{"error":"x"}',
	'[]',
	'null',
	'"text"',
	'{"a":',
	'plain',
	'<html>',
	'\xff\xfe\xfd',
	'x'.repeat(3000),
	'y'.repeat(40_000),
];

/** The fields that announce a body, and the body as it is on the wire; `whole`: the connection can go on behind it. */
function framed(random: Random): { fields: string[]; body: string; whole: boolean } {
	const body = random.pick(bodies);
	const size = body.length;
	const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
	return random.pick([
		() => ({ fields: [`Content-Length: ${size}`], body, whole: true }),
		() => ({ fields: [`Content-Length: ${size}`], body, whole: true }),
		() => ({ fields: [`Content-Length: ${size}`], body, whole: true }),
		() => ({ fields: ['Transfer-Encoding: chunked'], body: `${size > 0 ? chunk(body) : ''}0\r\n\r\n`, whole: true }),
		() => ({
			fields: ['Transfer-Encoding: chunked'],
			body: `${size > 0 ? chunk(body) : ''}0\r\nX-Trailer: t\r\n\r\n`,
			whole: true,
		}),
		() => ({ fields: [], body, whole: false }),
		() => ({ fields: [`Content-Length: ${size + random.whole(1, 50)}`], body, whole: false }),
		() => ({ fields: [`Content-Length: ${Math.max(0, size - random.whole(1, 50))}`], body, whole: false }),
		() => ({ fields: [`Content-Length: ${size}`, `Content-Length: ${size + random.whole(0, 1)}`], body, whole: false }),
		() => ({
			fields: [`Content-Length: ${random.pick(['', '-1', 'abc', '1e2', '99999999999999999999', '0x5', '5, 5', '+5'])}`],
			body,
			whole: false,
		}),
		() => ({
			fields: ['Transfer-Encoding: chunked', `Content-Length: ${size}`],
			body: `${chunk(body)}0\r\n\r\n`,
			whole: false,
		}),
		() => ({
			fields: [`Transfer-Encoding: ${random.pick(['gzip', 'chunked, gzip', 'chunked, chunked', 'xchunked', ''])}`],
			body,
			whole: false,
		}),
		() => ({
			fields: ['Transfer-Encoding: chunked'],
			body: random.pick([
				'zz\r\nx\r\n0\r\n\r\n',
				'5\r\nab\r\n0\r\n\r\n',
				'-1\r\n',
				'ffffffffffffffff\r\nx',
				'3;ext="\r\nabc\r\n0\r\n\r\n',
				'1\nx\n0\n\n',
				'0\r\n',
			]),
			whole: false,
		}),
	])();
}

/** Interim responses in front; `clear`: each is well-formed. */
function interim(random: Random, end: () => string): { text: string; clear: boolean } {
	if (random.chance(0.75)) return { text: '', clear: true };
	const clear = random.chance(0.9);
	const one = () =>
		`HTTP/1.1 ${random.pick([100, 100, 102, 103, 110, 199])}${reason(random)}${end()}${random.chance(0.3) ? `Link: </x>${end()}` : ''}${end()}`;
	const text = Array.from({ length: random.pick([1, 1, 2, 5, 30]) }, one).join('');
	return clear
		? { text, clear }
		: {
				text:
					text +
					random.pick(['HTTP/1.1 100', '\r\n', 'HTTP/1.1 100 Continue\r\nno colon\r\n\r\n', 'HTTP/1.1 100 X\r\n']),
				clear,
			};
}

/**
 * One random response.
 *
 * @param random its own series
 * @param hangs how often (0 to 1) the connection is left open although the response is not whole: only the sender's timeout ends it
 */
export function randomAnswer(random: Random, hangs: number): RawAnswer {
	const kind = random.pick<StatusKind>([
		'success',
		'success',
		'success',
		'success',
		'other',
		'other',
		'odd',
		'malformed',
	]);
	// A lone LF ends a line, too, each for itself (RFC 9112 section 2.2).
	const lone = random.pick([0, 0, 0, 0, 0, 0, 0, 0.3, 1]);
	const end = () => (random.chance(lone) ? '\n' : '\r\n');
	const before = interim(random, end);
	const { fields: framing, body, whole } = framed(random);
	const head = [statusLine(random, kind), ...fields(random, kind), ...framing].map((line) => line + end()).join('');
	const all = Buffer.from(`${before.text}${head}${end()}${body}`, 'latin1');
	const isCut = random.chance(0.3);
	// As many cuts before the body as in it, which can be much longer.
	const headSize = all.length - body.length;
	const bytes = isCut
		? all.subarray(0, random.chance(0.7) ? random.whole(0, headSize) : random.whole(0, all.length))
		: all;
	const step = random.pick([1, 1, 7, 40, 1000, 100_000]);
	const cuts: number[] = [];
	// Somewhere, so many in a row: more would take longer than a sender waits, and whether it then read the line no one knows.
	for (
		let at = random.whole(0, Math.min(headSize, bytes.length));
		at < bytes.length && cuts.length < 30;
		at += random.whole(1, step)
	)
		cuts.push(at);
	const isClear = before.clear && kind !== 'odd';
	const isWhole = isClear && whole && !isCut && bytes.includes('HTTP/1.1');
	const then = random.chance(hangs) || (isWhole && random.chance(0.8)) ? 'keep' : ending(random, bytes);
	return { bytes, cuts, then, ...(isClear ? {} : { ambiguous: true }) };
}

/** A reset can take with it what the sender has not read yet: only where there is no acknowledgment to lose. */
function ending(random: Random, bytes: Buffer): RawAnswer['then'] {
	const reader = new StatusLineReader();
	reader.push(bytes);
	return !acknowledges(reader.status) && random.chance(0.3) ? 'rst' : 'fin';
}
