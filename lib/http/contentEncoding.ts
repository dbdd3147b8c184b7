import * as zlib from 'node:zlib';

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Buffer;

const { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } = zlib;

/** RFC 8878; Node.js has it since 22.15 (n8n runs on 24), and types of Node.js 20 do not know it. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Decoder };

const DECODERS: Record<string, Decoder | undefined> = {
	gzip: gunzipSync,
	'x-gzip': gunzipSync,
	// RFC 9110 §8.4.1.2 means zlib's format; some servers send the bare stream.
	deflate: (body, options) =>
		((body[0] ?? 0) & 0x0f) === 8 ? inflateSync(body, options) : inflateRawSync(body, options),
	br: brotliDecompressSync,
	zstd: zstdDecompressSync,
};

/**
 * Undoes `Content-Encoding` (RFC 9110 §8.4) without ever holding more than the cap.
 *
 * @param maxSize bytes of the decoded body
 * @returns the decoded body; the body as it came when the encoding is unknown or broken; `'too large'` over the cap
 */
export function decodeBody(
	body: Buffer,
	contentEncoding: string | string[] | undefined,
	maxSize: number,
): Buffer | 'too large' {
	if (contentEncoding === undefined || body.length === 0) return body;
	let decoded = body;
	for (const coding of String(contentEncoding).toLowerCase().split(',').reverse()) {
		const name = coding.trim();
		const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
		if (decoder === undefined) continue;
		try {
			decoded = decoder(decoded, { maxOutputLength: Math.max(1, maxSize) });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'too large';
			return body;
		}
	}
	return decoded;
}
