import { acknowledges, StatusLineReader } from '../../support/receiver/statusLine';

const statusOf = (text: string, size = text.length) => {
	const reader = new StatusLineReader();
	for (let at = 0; at < text.length; at += size) reader.push(Buffer.from(text.slice(at, at + size), 'latin1'));
	return reader.status;
};

it.each([
	['HTTP/1.1 200 OK\r\n', 200],
	['HTTP/1.0 204\r\n', 204],
	['HTTP/1.1 299 \r\n', 299],
	['HTTP/1.1 200 Très bien\n', 200],
	['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nX', 201],
	['HTTP/1.1 503 No\r\n\r\nHTTP/1.1 200 OK\r\n', 503],
	['HTTP/1.1 200 OK', undefined],
	['HTTP/1.1 200 OK\r', undefined],
	['HTTP/1.1 100 Continue\r\nHTTP/1.1 200 OK\r\n', undefined],
	['HTTP/1.1 2000 OK\r\n', undefined],
	['ICY 200 OK\r\nHTTP/1.1 200 OK\r\n', undefined],
	['\r\nHTTP/1.1 200 OK\r\n', undefined],
])('%j is %p, in one piece and byte by byte', (text, status) => {
	expect([statusOf(text), statusOf(text, 1)]).toEqual([status, status]);
});

it('only 2xx acknowledges', () => {
	expect([undefined, 199, 200, 299, 300].map(acknowledges)).toEqual([false, false, true, true, false]);
});
