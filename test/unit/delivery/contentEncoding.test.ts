import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { decodeBody } from '../../../nodes/WebhookDispatch/delivery/contentEncoding';

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

it.each([undefined, 'unknown', 'zstd', ''])('leaves a body alone with %p', (encoding) => {
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
