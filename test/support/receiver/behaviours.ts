import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ReceivedRequest } from './receiver';

/** What the receiver does with one request. */
export interface Behaviour {
	/** For reports, e.g. `reset after body`. */
	name: string;
	/** Whether it acts when the headers are there, without reading the body (the request must be known by its URL or headers). */
	beforeBody?: boolean;
	/** Whether its 2xx means no, so that nothing is acknowledged by it. */
	refuses?: boolean;
	/** Acts; a 2xx status line that is written counts as an acknowledgment, whatever follows it. */
	act: (response: ServerResponse, request: ReceivedRequest) => void;
}

/** Responds in full: `body` as it is (text), or as JSON. */
export function answer(status = 200, body: unknown = { ok: true }, headers: OutgoingHttpHeaders = {}): Behaviour {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return {
		name: `status ${status}`,
		act: (response) => {
			const type = typeof body === 'string' ? 'text/plain' : 'application/json';
			const hasBody = status !== 204 && status !== 304;
			response.writeHead(status, { ...(hasBody && { 'content-type': type }), ...headers });
			response.end(hasBody ? text : undefined);
		},
	};
}

/** Responds with 200 and says in the body that it did not accept. */
export function saysNo(body: unknown = { ok: false, error: 'not_now' }): Behaviour {
	return { ...answer(200, body), name: '200 that means no', refuses: true };
}

/** Responds that it is busy. @param retryAfter seconds as a number, or the header as text (an HTTP date) */
export function busy(status = 429, retryAfter?: number | string): Behaviour {
	const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
	return { ...answer(status, { busy: true }, headers), name: `busy ${status}` };
}

/** Reads the request and never responds. */
export function hang(): Behaviour {
	return { name: 'hang', act: () => {} };
}

/** Does what it is asked to do (`request.committed`), and never says so: the sender times out on a done deed. */
export function commitThenHang(): Behaviour {
	return {
		name: 'commit, then hang',
		act: (_response, request) => {
			request.committed = true;
		},
	};
}

/** Resets the connection (RST) as soon as the headers are there. */
export function resetBeforeBody(): Behaviour {
	return { name: 'reset before body', beforeBody: true, act: (response) => response.socket?.resetAndDestroy() };
}

/** Resets the connection (RST) when the whole request was read. */
export function resetAfterBody(): Behaviour {
	return { name: 'reset after body', act: (response) => response.socket?.resetAndDestroy() };
}

/** Ends the connection in the middle of a response that announced more. */
export function truncated(status = 200): Behaviour {
	return {
		name: 'truncated response',
		act: (response) => {
			response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
			response.write('{"ok": tr', () => response.socket?.end());
		},
	};
}

/** Begins a response and never ends it. */
export function neverEnds(status = 200): Behaviour {
	return {
		name: 'answer that never ends',
		act: (response) => {
			response.writeHead(status, { 'content-type': 'application/json' });
			response.write('{"ok":');
		},
	};
}

/** Sends one byte of its response every `intervalMs`, for as long as someone listens. */
export function drip(intervalMs = 20, status = 200): Behaviour {
	return {
		name: 'drip',
		act: (response) => {
			response.writeHead(status, { 'content-type': 'text/plain' });
			const timer = setInterval(() => response.write('.'), intervalMs);
			response.on('close', () => clearInterval(timer));
		},
	};
}

/** Sends a response of `bytes` bytes. */
export function oversized(bytes = 8 * 1024 * 1024, status = 200): Behaviour {
	return { ...answer(status, 'x'.repeat(bytes)), name: 'oversized answer' };
}

const bombs = new Map<number, Buffer>();

/** Sends a response that is small on the wire and `bytes` bytes when it is decoded. */
export function gzipBomb(bytes = 64 * 1024 * 1024, status = 200): Behaviour {
	// Packed once and beforehand: it takes long enough to make other requests run into their timeout.
	const packed = bombs.get(bytes) ?? gzipSync(Buffer.alloc(bytes, 0x20));
	bombs.set(bytes, packed);
	return {
		name: 'gzip bomb',
		act: (response) => {
			response.writeHead(status, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
			response.end(packed);
		},
	};
}

/** Sends the caller elsewhere; a relative address stays with the receiver. */
export function redirect(to: string, status = 302): Behaviour {
	return { ...answer(status, '', { location: to }), name: `redirect ${status}` };
}

/** Interim responses that nobody asked for (RFC 9110 section 15.2), and then a response in full. */
export function unaskedInterim(interim: number[] = [100, 103, 102, 100], status = 200): Behaviour {
	return {
		name: `${interim.join(', ')}, then ${status}`,
		act: (response, request) => {
			for (const one of interim) response.socket?.write(`HTTP/1.1 ${one} Interim\r\n\r\n`);
			answer(status).act(response, request);
		},
	};
}

/** A status that has no body (204, 304), with a length or transfer coding that says otherwise (RFC 9112 section 6.3). */
export function bodiless(status = 204, framing: OutgoingHttpHeaders = { 'content-length': 8 }): Behaviour {
	return { ...answer(status, '', framing), name: `${status} with ${Object.keys(framing).join(', ')}` };
}

/** A response with `bytes` bytes of headers. */
export function manyHeaders(bytes = 20_000, status = 200): Behaviour {
	const fields = Array.from({ length: Math.ceil(bytes / 1000) }, (_, index) => [`x-${index}`, 'h'.repeat(1000)]);
	return { ...answer(status, { ok: true }, Object.fromEntries(fields)), name: `${bytes} bytes of headers` };
}

/** A good status line with fields behind it that are none. */
export function malformedHeaders(status = 200): Behaviour {
	return { ...raw(responseText(status, 'no field at all\r\n: nameless\r\nA B: c\r\n')), name: 'malformed headers' };
}

/** Ends the connection right behind the status line and a part of a header. */
export function cutInHeaders(status = 200): Behaviour {
	return { ...raw(`HTTP/1.1 ${status} OK\r\nContent-Ty`), name: 'cut inside the headers' };
}

/** Responds in full and closes the connection right behind it, without having said so. */
export function closesUnsaid(status = 200): Behaviour {
	return { ...raw(responseText(status)), name: 'response, then an end that was not announced' };
}

/** Responds to the first request of each connection, and ends the connection without notice at the second. */
export function endsAtSecondRequest(): Behaviour {
	const used = new WeakSet<object>();
	return {
		name: 'connection that ends at its second request',
		act: (response, request) => {
			const { socket } = response;
			if (socket === null || used.has(socket)) socket?.end();
			else {
				used.add(socket);
				answer().act(response, request);
			}
		},
	};
}

/** A small JSON response as text. @param fields whole lines, added to the headers */
function responseText(status: number, fields = ''): string {
	return `HTTP/1.1 ${status} OK\r\nContent-Type: application/json\r\n${fields}Content-Length: 11\r\n\r\n{"ok":true}`;
}

/** Writes bytes that Node's HTTP server would not write, and ends the connection behind them. */
function raw(bytes: string): Behaviour {
	return {
		name: 'raw',
		act: ({ socket }) => {
			// Written first: what an end brings along does not pass through `write`, where acknowledgments are counted.
			socket?.write(bytes, 'latin1');
			socket?.end();
		},
	};
}
