import { Readable } from 'node:stream';

import type { Content } from './content';

/** Called with how much of a content has been sent. */
export interface BodyProgress {
	/** Right before the first bytes are handed to undici, which writes the head of the request before it returns. */
	begins(): void;
	/** Right after it. */
	hasBegun(): void;
	/** More bytes were handed over: undici takes them as fast as the destination does. */
	goesOn(): void;
}

/**
 * A content as undici sends it: opened when undici first reads it, closed when the stream is destroyed. What reading it throws
 * is the stream's error.
 */
export function bodyStream(content: Content, progress: BodyProgress): Readable {
	const stream = Readable.from(content.open(), { objectMode: false });
	const emit = stream.emit.bind(stream);
	let hasBegun = false;
	// By what it emits and not by a listener: one for `data` would set it flowing before undici is there.
	stream.emit = (event: string | symbol, ...given: unknown[]): boolean => {
		if (event !== 'data') return emit(event, ...given);
		progress.goesOn();
		if (hasBegun) return emit(event, ...given);
		hasBegun = true;
		progress.begins();
		const hasListeners = emit(event, ...given);
		progress.hasBegun();
		return hasListeners;
	};
	// After its request is over nobody else listens.
	stream.on('error', () => undefined);
	return stream;
}
