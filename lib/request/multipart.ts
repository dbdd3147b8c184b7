import { createHash } from 'node:crypto';

import { isContent, type BodyBytes, type Content } from '../http/content';

/** One part of a form: a text, or a file. */
export interface MultipartPart {
	readonly name: string;
	readonly body: BodyBytes;
	/** Of a file. */
	readonly file?: { readonly name: string; readonly type: string };
}

/** Parts as one body, and what separates them. */
export interface Multipart {
	readonly content: Content;
	readonly boundary: string;
}

/**
 * Writes parts as multipart/form-data (RFC 7578, with names as the HTML standard writes them, "Multipart form data"). Texts
 * travel as they are: a browser would write their line breaks as CRLF, which would change a text that is signed, or no form's.
 *
 * The boundary is made of all that is between: the same parts give the same bytes in each attempt, in a retry of the
 * execution and on another worker, and no part can have its own boundary in it.
 */
export function multipart(parts: readonly MultipartPart[]): Multipart {
	const written = parts.map((part) => ({ head: headOf(part), body: part.body }));
	const hash = createHash('sha256');
	for (const { head, body } of written) {
		hash.update(`${JSON.stringify([head, isContent(body) ? { sha256: body.digest, length: body.length } : body])}\n`);
	}
	const digest = hash.digest('hex');
	const boundary = `----WebhookDispatch${digest.slice(0, 32)}`;
	const pieces = joined([
		...written.flatMap(({ head, body }) => [`--${boundary}\r\n${head}\r\n\r\n`, body, '\r\n']),
		`--${boundary}--\r\n`,
	]);
	const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
	return { boundary, content: { length, digest, open: () => bytesOf(pieces) } };
}

async function* bytesOf(pieces: ReadonlyArray<Buffer | Content>): AsyncGenerator<Uint8Array> {
	for (const piece of pieces) {
		if (piece instanceof Uint8Array) yield piece;
		else yield* piece.open();
	}
}

/** Texts that follow each other as one piece of bytes. */
function joined(bodies: readonly BodyBytes[]): Array<Buffer | Content> {
	const pieces: Array<Buffer | Content> = [];
	let text = '';
	const end = () => {
		if (text !== '') pieces.push(Buffer.from(text));
		text = '';
	};
	for (const body of bodies) {
		if (!isContent(body)) {
			text += body;
			continue;
		}
		end();
		pieces.push(body);
	}
	end();
	return pieces;
}

function headOf({ name, file }: MultipartPart): string {
	const disposition = `Content-Disposition: form-data; name="${escaped(name.replace(/\r\n?|\n/g, '\r\n'))}"`;
	if (file === undefined) return disposition;
	return `${disposition}; filename="${escaped(file.name)}"\r\nContent-Type: ${file.type}`;
}

/** HTML standard, "Multipart form data": these three and no others, everything else as UTF-8. */
const ESCAPES: Record<string, string> = { '\n': '%0A', '\r': '%0D', '"': '%22' };

const escaped = (text: string) => text.replace(/[\n\r"]/g, (sign) => ESCAPES[sign]!);
