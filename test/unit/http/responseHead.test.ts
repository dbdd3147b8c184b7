import { HeadReader } from '../../../lib/http/responseHead';

/** Reads a response in slices of a size; gives the statuses that were reported and what the parser gets. */
function read(response: string, size = Infinity) {
	const statuses: number[] = [];
	const reader = new HeadReader({ onStatus: (statusCode) => statuses.push(statusCode) });
	const bytes = Buffer.from(response, 'latin1');
	const passed: Buffer[] = [];
	for (let at = 0; at < bytes.length; at += Math.min(size, bytes.length))
		passed.push(reader.read(bytes.subarray(at, at + size)));
	return { statuses, passed: Buffer.concat(passed).toString('latin1') };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const SIZES = [1, 2, 3, 7, 16, Infinity];

describe.each(SIZES)('in slices of %d bytes', (size) => {
	it.each([
		['a plain response', OK],
		['one without a reason', 'HTTP/1.1 201\r\n\r\n'],
		['one with line feeds alone', 'HTTP/1.0 200 OK\nA: b\n\nbody'],
		['a 101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
		['a 204 as it should be', 'HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n'],
		['a 404', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
	])('%s is passed on as it is, and its status reported once', (_name, response) => {
		expect(read(response, size)).toEqual({ statuses: [Number(response.slice(9, 12))], passed: response });
	});

	it.each([
		'HTTP/1.1 100 C\n\r\n',
		'HTTP/1.1 100 C\r\nA: b\n\r\n',
		'HTTP/1.1 102 C\nA: b\r\n\n',
		'HTTP/1.1 100 Continue\r\n\r\n',
		'HTTP/1.1 100 Continue\r\nA: b\r\n\r\n',
		'HTTP/1.1 103 Early Hints\nLink: x\n\n',
	])('the interim response %j is skipped, as often as it comes', (interim) => {
		expect(read(interim + interim + OK, size)).toEqual({ statuses: [200], passed: OK });
		expect(read(interim, size)).toEqual({ statuses: [], passed: '' });
	});

	it.each([204, 304])('a %i has no body, whatever its fields say, and its connection ends', (status) => {
		const head = `HTTP/1.1 ${status} X\r\nA: b\r\nContent-Length: 8\r\nTRANSFER-ENCODING: chunked\r\nConnection: keep-alive\r\nC: d\r\n\r\n`;
		expect(read(`${head}12345678`, size)).toEqual({
			statuses: [status],
			passed: `HTTP/1.1 ${status} X\r\nConnection: close\r\nA: b\r\nC: d\r\n\r\n`,
		});
	});

	it('what is no HTTP is left to the parser', () => {
		for (const response of [
			'hello\r\n',
			'HTTP/1.1 2000 OK\r\n',
			'HTTP/1.1 20 OK\r\n\r\n',
			'HTTP/x 200 OK\r\n',
			'\0\0\0\0\0\0',
		]) {
			expect(read(response, size)).toEqual({ statuses: [], passed: response });
		}
	});

	it('empty lines before a response are skipped', () => {
		expect(read(`\r\n\n${OK}`, size)).toEqual({ statuses: [200], passed: OK });
	});

	it('a status line that is cut says nothing, a whole one does', () => {
		for (let length = 0; length < 'HTTP/1.1 200 OK\r\n'.length; length++)
			expect(read(OK.slice(0, length), size).statuses).toEqual([]);
		expect(read('HTTP/1.1 200 OK\r\n', size).statuses).toEqual([200]);
		expect(read('HTTP/1.1 204 No Content\r\nCont', size)).toEqual({ statuses: [204], passed: '' });
	});
});

it('says whether a byte has arrived', () => {
	const reader = new HeadReader({ onStatus: () => {} });
	expect(reader.began).toBe(false);
	reader.read(Buffer.from('H'));
	expect(reader.began).toBe(true);
});

it('does not hold more than a head may have', () => {
	const head = `HTTP/1.1 204 No Content\r\nA: ${'x'.repeat(100_000)}`;
	expect(read(head, 10_000).passed).toBe(head);
	const line = `HTTP/1.1 200 ${'x'.repeat(20_000)}`;
	expect(read(line, 1000).passed).toBe(line);
});
