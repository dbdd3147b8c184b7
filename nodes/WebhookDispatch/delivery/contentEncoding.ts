import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Buffer;

const DECODERS: Record<string, Decoder> = {
	gzip: gunzipSync,
	'x-gzip': gunzipSync,
	// RFC 9110 §8.4.1.2 means zlib's format; some servers send the bare stream.
	deflate: (body, options) => ((body[0] ?? 0) & 0x0f) === 8 ? inflateSync(body, options) : inflateRawSync(body, options),
	br: brotliDecompressSync,
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
		const decoder = DECODERS[coding.trim()];
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
