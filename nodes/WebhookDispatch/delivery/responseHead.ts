/** What reads of a connection's bytes before undici's parser does. */
export interface HeadReader {
	/**
	 * Takes the next bytes of the connection.
	 *
	 * @returns what is handed on to the parser; empty while a head is not complete
	 */
	read(chunk: Buffer): Buffer;
	/** Whether a byte of the response has been read. */
	readonly began: boolean;
}

/** A status line as RFC 9112 §4 has it, as far as it decides: version, status, and where the line ends. */
const STATUS_LINE = /^HTTP\/\d\.\d ([1-9]\d\d)(?:[ \t][^\r\n]*)?\r?\n/;

/** Longer lines and heads are left to the parser, which refuses them. */
const LONGEST_LINE = 8 * 1024;
const LONGEST_HEAD = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Reads the head of one response for what undici's parser makes a broken connection of, although the message is
 * complete and clear:
 *
 * - the status is told as soon as its line is complete: a destination that answered with success has taken the
 *   delivery, whatever becomes of the rest;
 * - interim responses are skipped, also those that nobody asked for (RFC 9110 §15.2: a client must be able to parse
 *   them and may ignore them; undici ends the connection at a 100);
 * - 204 and 304 have no body, whatever their header fields say (RFC 9112 §6.3 rule 1): these fields are taken out, and
 *   what follows on the connection is not read.
 *
 * @param onStatus called once with the final status (not 1xx), when its line has arrived
 */
export function headReader(onStatus: (statusCode: number) => void): HeadReader {
	let state: 'head' | 'body' | 'ended' = 'head';
	let held: Buffer = NOTHING;
	let told = false;
	let began = false;

	const pass = (): Buffer => {
		const bytes = held;
		held = NOTHING;
		state = 'body';
		return bytes;
	};
	const readHead = (): Buffer => {
		for (;;) {
			held = withoutLeadingBreaks(held);
			const lineEnd = held.indexOf('\n');
			if (lineEnd === -1 && mayBecomeStatusLine(held)) return NOTHING;
			const line = STATUS_LINE.exec(held.toString('latin1', 0, Math.min(lineEnd + 1, LONGEST_LINE)));
			if (line === null) return pass();
			const statusCode = Number(line[1]);
			const isInterim = statusCode < 200 && statusCode !== 101;
			if (!isInterim && !told) {
				told = true;
				onStatus(statusCode);
			}
			if (!isInterim && statusCode !== 204 && statusCode !== 304) return pass();
			const end = endOfHead(held);
			if (end === -1) return held.length > LONGEST_HEAD ? pass() : NOTHING;
			if (isInterim) {
				held = held.subarray(end);
				continue;
			}
			const head = held.toString('latin1', 0, end);
			if (!FRAMING.test(head)) return pass();
			held = NOTHING;
			state = 'ended';
			return Buffer.from(withoutFraming(head), 'latin1');
		}
	};
	return {
		read(chunk) {
			began = true;
			if (state === 'body') return chunk;
			if (state === 'ended') return NOTHING;
			held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
			return readHead();
		},
		get began() {
			return began;
		},
	};
}

/** Empty lines before a message are skipped (RFC 9112 §2.2). */
function withoutLeadingBreaks(bytes: Buffer): Buffer {
	let start = 0;
	while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++;
	return start === 0 ? bytes : bytes.subarray(start);
}

/** Whether more bytes could make a status line of these. */
function mayBecomeStatusLine(bytes: Buffer): boolean {
	if (bytes.length > LONGEST_LINE) return false;
	const start = bytes.toString('latin1', 0, PROTOCOL.length);
	return PROTOCOL.startsWith(start);
}

const PROTOCOL = 'HTTP/';

/** Where the body would begin; -1 while the head is not complete. */
function endOfHead(bytes: Buffer): number {
	const match = /\n\r?\n/.exec(bytes.toString('latin1'));
	return match === null ? -1 : match.index + match[0].length;
}

/** The fields that announce a body; with a break before them, so that they stand at the start of a line. */
const FRAMING = /\n(?:content-length|transfer-encoding)[ \t]*:/i;
const FRAMING_FIELDS = /\n(?:content-length|transfer-encoding|connection|keep-alive)[ \t]*:[^\n]*(?=\n)/gi;

/** The head without a body's announcement; the connection ends with it, as more bytes may follow. */
function withoutFraming(head: string): string {
	return head.replace(FRAMING_FIELDS, '').replace(/\n/, '\nConnection: close\r\n');
}
