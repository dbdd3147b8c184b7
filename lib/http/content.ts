import type { Fault } from '../result/result';

/**
 * A body that is not held in memory, such as a file. Its bytes are opened for each use: for every attempt, for a redirect that
 * takes the body along, and for a signature.
 */
export interface Content {
	/** How many bytes; one more or less while they are read is a fault of the content. */
	readonly length: number;
	/** SHA-256 of the bytes, as hex. */
	readonly digest: string;
	/**
	 * The bytes from the first to the last.
	 *
	 * @throws UnreadableContent while they are read; it is left to pass to `attempt`, which makes the item's fault of it
	 */
	open(): AsyncIterable<Uint8Array>;
}

/** What a body is made of: text (sent as UTF-8), or bytes that are opened for each use. */
export type BodyBytes = string | Content;

/** Why a content could not be read: the item's fault, not the destination's. */
export interface ContentFault extends Fault {
	/** Whether reading it once more may go well. */
	readonly retryable: boolean;
}

/** What reading a content throws: a stream has no other way to report it. */
export class UnreadableContent extends Error {
	constructor(readonly fault: ContentFault) {
		super(fault.message);
		this.name = 'UnreadableContent';
	}
}

/** Whether a body is opened for each use. */
export const isContent = (body: BodyBytes | undefined): body is Content => typeof body === 'object';

/** What a delivery's ID is derived from: the text itself, or what represents the bytes. */
export const identityOf = (body: BodyBytes | undefined): string =>
	isContent(body) ? `sha256:${body.digest}` : (body ?? '');
