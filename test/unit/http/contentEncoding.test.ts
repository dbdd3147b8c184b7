import * as zlib from 'node:zlib';

import { decodeBody } from '../../../lib/http/contentEncoding';

const { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } = zlib;
const TEXT = 'Grüße '.repeat(100);
const plain = Buffer.from(TEXT);
const decoded = (body: Buffer, encoding: string | string[] | undefined, maxSize = 10_000) => {
	const result = decodeBody(body, encoding, maxSize);
	return result === 'too large' ? result : result.toString();
};

it.each([
	['gzip', gzipSync(plain)],
	['x-gzip', gzipSync(plain)],
	['GZIP', gzipSync(plain)],
	['deflate', deflateSync(plain)],
	['deflate', deflateRawSync(plain)],
	['br', brotliCompressSync(plain)],
	['gzip, br', brotliCompressSync(gzipSync(plain))],
	['deflate , gzip', gzipSync(deflateSync(plain))],
	['identity', plain],
	['identity, gzip', gzipSync(plain)],
])('undoes %s', (encoding, body) => {
	expect(decoded(body, encoding)).toBe(TEXT);
});

it('takes a header that came twice as a list', () => {
	expect(decoded(brotliCompressSync(gzipSync(plain)), ['gzip', 'br'])).toBe(TEXT);
});

it.each([undefined, 'unknown', 'zstd', '', 'constructor', '__proto__'])('leaves a body alone with %p', (encoding) => {
	expect(decoded(plain, encoding)).toBe(TEXT);
});

it('leaves an empty body alone, whatever its encoding', () => {
	expect(decoded(Buffer.alloc(0), 'gzip')).toBe('');
});

it.each(['gzip', 'deflate', 'br'])('gives a body that is no %s as it came', (encoding) => {
	expect(decoded(Buffer.from('{"not": "packed"}'), encoding)).toBe('{"not": "packed"}');
});

it('gives a broken gzip as it came', () => {
	const broken = gzipSync(plain).subarray(0, 20);
	expect(decodeBody(broken, 'gzip', 10_000)).toEqual(broken);
});

describe('zstd', () => {
	/** TEXT, compressed by Node.js 24: Node.js 20 can do neither. */
	const packed = Buffer.from('KLUv/WAgAn0AAEBHcsO8w59lIAEAFVcVLg==', 'base64');
	const isKnown = 'zstdDecompressSync' in zlib;

	it('is undone where Node.js can, and given as it came elsewhere', () => {
		expect(decodeBody(packed, 'zstd', 10_000)).toEqual(isKnown ? plain : packed);
		expect(decodeBody(packed, ' ZSTD , identity', 10_000)).toEqual(isKnown ? plain : packed);
		expect(decodeBody(gzipSync(packed), ['zstd', 'gzip'], 10_000)).toEqual(isKnown ? plain : packed);
	});

	it('holds to the cap', () => {
		expect(decodeBody(packed, 'zstd', plain.length - 1)).toEqual(isKnown ? 'too large' : packed);
	});

	it('that is broken is given as it came', () => {
		const broken = Buffer.concat([packed.subarray(0, 8), Buffer.from('garbled')]);
		expect(decodeBody(broken, 'zstd', 10_000)).toEqual(broken);
	});
});

describe('the cap', () => {
	it('holds to the byte', () => {
		expect(decoded(gzipSync(plain), 'gzip', plain.length)).toBe(TEXT);
		expect(decoded(gzipSync(plain), 'gzip', plain.length - 1)).toBe('too large');
	});

	it.each([
		['gzip', gzipSync(Buffer.alloc(32 * 1024 * 1024))],
		['deflate', deflateSync(Buffer.alloc(32 * 1024 * 1024))],
		['br', brotliCompressSync(Buffer.alloc(32 * 1024 * 1024))],
		['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(32 * 1024 * 1024)))],
	])('stops a bomb of %s before it is unpacked', (encoding, bomb) => {
		const before = process.memoryUsage().arrayBuffers;
		expect(decoded(bomb, encoding, 64 * 1024)).toBe('too large');
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
	});

	it('of 0 lets nothing through', () => {
		expect(decoded(gzipSync(plain), 'gzip', 0)).toBe('too large');
	});
});
