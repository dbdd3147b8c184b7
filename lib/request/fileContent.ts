import { createHash } from 'node:crypto';

import { UnreadableContent, type Content, type ContentFault } from '../http/content';
import { fail, ok, type Result } from '../result/result';
import { quoted } from '../text/quoted';
import { steadyChunks } from './steadyChunks';

/** Bytes in pieces. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A file of an item, wherever n8n keeps it. */
export interface ItemFile {
	/** As the node's field names it. */
	readonly field: string;
	/** Its media type by n8n; empty where there is none. */
	readonly type: string;
	/** Its name by n8n; empty where there is none. */
	readonly name: string;
	/**
	 * Its bytes from the beginning.
	 *
	 * @throws what n8n or its storage throws; then, or while they are read
	 */
	open(): Chunks | Promise<Chunks>;
}

/** What is found out about a file when it is read for the first time. */
interface Measure {
	readonly length: number;
	readonly digest: string;
}

/**
 * Reads a file once, for its length and its hash: it is there, all of it can be read, and what is sent later is compared with
 * it. At most a chunk of it is in memory.
 *
 * @returns a fault for a file that cannot be read, or is empty
 */
export async function fileContent(file: ItemFile): Promise<Result<Content, ContentFault>> {
	const measured = await measure(file);
	if (!measured.ok) return measured;
	if (measured.value.length === 0) {
		return fail({
			message: `The file in ${quoted(file.field)} is empty`,
			description: 'Check the node that makes the file, or remove such items with a Filter node.',
			retryable: false,
		});
	}
	return ok({ ...measured.value, open: () => checkedBytes(file, measured.value) });
}

async function measure(file: ItemFile): Promise<Result<Measure, ContentFault>> {
	const hash = createHash('sha256');
	let length = 0;
	try {
		for await (const chunk of steadyChunks(() => file.open())) {
			hash.update(chunk);
			length += chunk.length;
		}
	} catch (error) {
		return fail(unreadable(file, error));
	}
	return ok({ length, digest: hash.digest('hex') });
}

/**
 * The bytes once more. What was announced as so many must not end before, nor go on: its last bytes follow when that is sure,
 * so that a destination never has all that it waits for of a file that has changed.
 */
async function* checkedBytes(file: ItemFile, { length }: Measure): AsyncGenerator<Uint8Array> {
	let left = length;
	let held: Uint8Array | undefined;
	let fault: ContentFault | undefined;
	try {
		for await (const chunk of steadyChunks(() => file.open())) {
			if (chunk.length === 0) continue;
			left -= chunk.length;
			if (left < 0) break;
			if (held !== undefined) yield held;
			held = chunk;
		}
	} catch (error) {
		fault = unreadable(file, error);
	}
	if (left !== 0) fault ??= changed(file, length, left);
	if (fault !== undefined) throw new UnreadableContent(fault);
	if (held !== undefined) yield held;
}

/** What the storage says is not passed on, but for a code: paths and keys may be in it. */
function unreadable({ field }: ItemFile, error: unknown): ContentFault {
	const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
	const isGone = [code, name, message].some((text) =>
		/^(ENOENT|FileNotFoundError|NoSuchKey|File not found)/.test(String(text)),
	);
	if (isGone) {
		return {
			message: `The file in ${quoted(field)} no longer exists`,
			description:
				'n8n deletes files with the execution that they belong to. Run the workflow again from the node that makes the file.',
			retryable: false,
		};
	}
	const why = [code, name].find((text) => typeof text === 'string' && /^\w{2,40}$/.test(text));
	return {
		message: `The file in ${quoted(field)} could not be read${why === undefined ? '' : ` (${String(why)})`}`,
		description: `${CHECK_STORAGE} ${TRY_AGAIN}`,
		retryable: true,
	};
}

function changed({ field }: ItemFile, length: number, left: number): ContentFault {
	return {
		message:
			left > 0
				? `The file in ${quoted(field)} could not be read to its end: ${length - left} of ${length} bytes`
				: `The file in ${quoted(field)} became longer than its ${length} bytes while it was sent`,
		description: `It was not delivered. ${CHECK_STORAGE} ${TRY_AGAIN}`,
		retryable: true,
	};
}

const CHECK_STORAGE = 'Check the storage in which n8n keeps binary data.';
const TRY_AGAIN = "Turn on Retry On Fail in the node's settings to read it again.";
