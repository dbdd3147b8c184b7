/** A status line as RFC 9112 section 4 writes it; the reason may be missing, and a lone LF may end it (section 2.2). */
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/**
 * Follows what a server writes as its response to one request, and knows its status from the moment the final status line is
 * complete: interim responses (1xx, RFC 9110 section 15.2) are passed over up to the empty line that ends each.
 */
export class StatusLineReader {
	private text = '';

	private inInterimHead = false;

	private over = false;

	/** The final status; undefined while its line is incomplete, and for good after a line that is no status line. */
	status: number | undefined;

	/** Takes the bytes that were written next. */
	push(bytes: Uint8Array): void {
		if (this.over) return;
		this.text += Buffer.from(bytes).toString('latin1');
		for (let end = this.text.indexOf('\n'); end !== -1 && !this.over; end = this.text.indexOf('\n')) {
			this.take(this.text.slice(0, end).replace(/\r$/, ''));
			this.text = this.text.slice(end + 1);
		}
	}

	private take(line: string): void {
		if (this.inInterimHead) {
			this.inInterimHead = line !== '';
			return;
		}
		const status = Number(STATUS_LINE.exec(line)?.[1] ?? NaN);
		if (status >= 100 && status < 200) {
			this.inInterimHead = true;
			return;
		}
		this.over = true;
		if (status >= 200) this.status = status;
	}
}

/** Whether a status acknowledges what was sent: all of 2xx. */
export const acknowledges = (status: number | undefined): boolean =>
	status !== undefined && status >= 200 && status < 300;
