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
 * - the status is reported as soon as its line is complete: a destination that responded with success has accepted the
 *   delivery, whatever becomes of the rest;
 * - interim responses are skipped, also those that nobody asked for (RFC 9110 §15.2: a client must be able to parse
 *   them and may ignore them; undici ends the connection at a 100);
 * - 204 and 304 have no body, whatever their header fields say (RFC 9112 §6.3 rule 1): these fields are taken out, and
 *   what follows on the connection is not read.
 */
export class HeadReader {
	/** Whether a byte of the response has been read. */
	began = false;

	private state: 'head' | 'body' | 'ended' = 'head';

	private held: Buffer = NOTHING;

	private told = false;

	/** @param listener called with the final status (not 1xx) once, when its line has arrived */
	constructor(private readonly listener: { onStatus(statusCode: number): void }) {}

	/**
	 * Takes the next bytes of the connection.
	 *
	 * @returns what is handed on to the parser; empty while a head is not complete
	 */
	read(chunk: Buffer): Buffer {
		this.began = true;
		if (this.state === 'body') return chunk;
		if (this.state === 'ended') return NOTHING;
		this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
		return this.readHead();
	}

	private pass(): Buffer {
		const bytes = this.held;
		this.held = NOTHING;
		this.state = 'body';
		return bytes;
	}

	private readHead(): Buffer {
		for (;;) {
			this.held = withoutLeadingBreaks(this.held);
			const lineEnd = this.held.indexOf(LINE_FEED);
			if (lineEnd === -1 && mayBecomeStatusLine(this.held)) return NOTHING;
			const line = STATUS_LINE.exec(this.held.toString('latin1', 0, Math.min(lineEnd + 1, LONGEST_LINE)));
			if (line === null) return this.pass();
			const statusCode = Number(line[1]);
			const isInterim = statusCode < 200 && statusCode !== 101;
			if (!isInterim && !this.told) {
				this.told = true;
				this.listener.onStatus(statusCode);
			}
			if (!isInterim && statusCode !== 204 && statusCode !== 304) return this.pass();
			const end = endOfHead(this.held);
			if (end === -1) return this.held.length > LONGEST_HEAD ? this.pass() : NOTHING;
			if (isInterim) {
				this.held = this.held.subarray(end);
				continue;
			}
			const head = this.held.toString('latin1', 0, end);
			if (!FRAMING.test(head)) return this.pass();
			this.held = NOTHING;
			this.state = 'ended';
			return Buffer.from(withoutFraming(head), 'latin1');
		}
	}
}

const LINE_FEED = 0x0a;

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

/** The fields that announce a body; with a break before them, so that they are at the start of a line. */
const FRAMING = /\n(?:content-length|transfer-encoding)[ \t]*:/i;
const FRAMING_FIELDS = /\n(?:content-length|transfer-encoding|connection|keep-alive)[ \t]*:[^\n]*(?=\n)/gi;

/** The head without a body's announcement; the connection ends with it, as more bytes may follow. */
function withoutFraming(head: string): string {
	return head.replace(FRAMING_FIELDS, '').replace(/\n/, '\nConnection: close\r\n');
}
