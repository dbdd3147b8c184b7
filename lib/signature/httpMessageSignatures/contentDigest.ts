import { createHash, timingSafeEqual } from 'node:crypto';

import { digestBody, type SignedBody } from '../signedBody';
import { bytes, isInnerList, noParameters, parseDictionary, serializeDictionary } from './structuredFields';

/** The algorithms of the registry that are not deprecated (RFC 9530 §5), by the name that node:crypto has for them. */
export const DIGESTS = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const;

export type DigestAlgorithm = keyof typeof DIGESTS;

/**
 * The value of Content-Digest for a body (RFC 9530 §2).
 *
 * @returns at once, unless the body is a stream
 * @throws what reading the stream throws
 */
export function contentDigest(body: SignedBody, algorithm: DigestAlgorithm): string | Promise<string> {
	const hash = createHash(DIGESTS[algorithm]);
	const value = () =>
		serializeDictionary(new Map([[algorithm, { item: bytes(hash.digest()), parameters: noParameters }]]));
	const reading = digestBody(body, [hash]);
	return reading === undefined ? value() : reading.then(value);
}

/** What a Content-Digest says of a body. */
export type DigestCheck = 'matches' | 'differs' | 'malformed' | 'unknown algorithm';

/** Holds a received body against Content-Digest: each digest of a known algorithm has to be right, and one has to be there. */
export function checkContentDigest(value: string, body: Uint8Array): DigestCheck {
	const dictionary = parseDictionary(value);
	if (dictionary === undefined) return 'malformed';
	let known = 0;
	for (const [name, member] of dictionary) {
		if (!Object.hasOwn(DIGESTS, name)) continue;
		if (isInnerList(member) || member.item.type !== 'bytes') return 'malformed';
		const right = createHash(DIGESTS[name as DigestAlgorithm])
			.update(body)
			.digest();
		const given = member.item.value;
		if (given.length !== right.length || !timingSafeEqual(given, right)) return 'differs';
		known++;
	}
	return known > 0 ? 'matches' : 'unknown algorithm';
}
