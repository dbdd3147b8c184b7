import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ReceivedRequest } from './receiver';

/** What the receiver does with one request. */
export interface Behaviour {
	/** For reports, e.g. `reset after body`. */
	name: string;
	/** Whether it acts when the headers are there, without reading the body (the request must be known by its URL or headers). */
	beforeBody?: boolean;
	/** Acts; an answer that is ended in full with a 2xx status counts as acknowledged. */
	act: (response: ServerResponse, request: ReceivedRequest) => void;
}

/** Answers in full: `body` as it is (text), or as JSON. */
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

/** Answers that it is busy. @param retryAfter seconds as a number, or the header as text (an HTTP date) */
export function busy(status = 429, retryAfter?: number | string): Behaviour {
	const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
	return { ...answer(status, { busy: true }, headers), name: `busy ${status}` };
}

/** Reads the request and never answers. */
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

/** Ends the connection in the middle of an answer that announced more. */
export function truncated(status = 200): Behaviour {
	return {
		name: 'truncated answer',
		act: (response) => {
			response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
			response.write('{"ok": tr', () => response.socket?.end());
		},
	};
}

/** Begins an answer and never ends it. */
export function neverEnds(status = 200): Behaviour {
	return {
		name: 'answer that never ends',
		act: (response) => {
			response.writeHead(status, { 'content-type': 'application/json' });
			response.write('{"ok":');
		},
	};
}

/** Sends one byte of its answer every `intervalMs`, for as long as someone listens. */
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

/** Sends an answer of `bytes` bytes. */
export function oversized(bytes = 8 * 1024 * 1024, status = 200): Behaviour {
	return { ...answer(status, 'x'.repeat(bytes)), name: 'oversized answer' };
}

const bombs = new Map<number, Buffer>();

/** Sends an answer that is small on the wire and `bytes` bytes when it is decoded. */
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
