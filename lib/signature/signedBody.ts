/** A body that is read in pieces, from its beginning each time it is opened. */
export interface StreamedBody {
	/** In bytes, where that is known. */
	readonly length?: number;
	open(): AsyncIterable<Uint8Array | string> | Promise<AsyncIterable<Uint8Array | string>>;
}

/** Exactly what is sent: text (as UTF-8), bytes, or a stream of them. */
export type SignedBody = string | Uint8Array | StreamedBody;

/** Whether a body has to be read before it can be digested. */
export function isStreamed(body: SignedBody): body is StreamedBody {
	return typeof body !== 'string' && !(body instanceof Uint8Array);
}

/** What takes a body in pieces: a Hash or an Hmac of node:crypto, say. */
export interface Digest {
	update(chunk: Uint8Array | string): unknown;
}

/**
 * Feeds a body to digests that are made at the same time, chunk by chunk.
 *
 * @returns at once, unless the body is a stream
 * @throws what reading the stream throws
 */
export function digestBody(body: SignedBody, digests: readonly Digest[]): void | Promise<void> {
	if (isStreamed(body)) return digestStream(body, digests);
	for (const digest of digests) digest.update(body);
}

async function digestStream(body: StreamedBody, digests: readonly Digest[]): Promise<void> {
	for await (const chunk of await body.open()) {
		for (const digest of digests) digest.update(chunk);
	}
}
