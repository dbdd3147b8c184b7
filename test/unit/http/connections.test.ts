import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

import { closeIdleDispatchers, leaseDispatcher } from '../../../lib/http/dispatchers';
import { Transport, type HttpAnswer } from '../../../lib/http/transport';

/** A server of raw bytes: told each request by its number on the connection, from 1. */
class RawServer {
	connections = 0;

	requests = 0;

	private constructor(private readonly server: Server) {}

	static async start(onRequest: (socket: Socket, nth: number) => void): Promise<RawServer> {
		const server = createServer();
		const raw = new RawServer(server);
		server.on('connection', (socket) => {
			raw.connections++;
			let nth = 0;
			let seen = '';
			socket.on('error', () => {});
			socket.on('data', (chunk) => {
				seen += chunk.toString('latin1');
				if (!seen.includes('\r\n\r\n')) return;
				seen = '';
				raw.requests++;
				onRequest(socket, ++nth);
			});
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return raw;
	}

	get url(): URL {
		return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`);
	}

	async close(): Promise<void> {
		this.server.close();
		await closeIdleDispatchers();
	}
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let server: RawServer;
afterEach(async () => await server.close());

/** Sends so many requests, so many at once, as a run does. */
async function send(count: number, concurrency: number): Promise<HttpAnswer[]> {
	const lease = leaseDispatcher(
		{ connections: concurrency, connectTimeoutMs: 5000, allowUnauthorizedCerts: false },
		undefined,
	);
	const transport = new Transport(lease.dispatcher, lease.connections);
	const answers: HttpAnswer[] = [];
	let left = count;
	const worker = async () => {
		while (left-- > 0) {
			const limits = { deadline: performance.now() + 10_000, maxResponseSize: 1000 };
			answers.push(await transport.send({ method: 'GET', url: server.url, headers: {} }, limits));
		}
	};
	await Promise.all(Array.from({ length: concurrency }, worker));
	lease.release();
	return answers;
}

const failed = (answers: HttpAnswer[]) => answers.filter(({ ok }) => !ok).length;

it.each([1, 5, 50])('connections that respond are used again, %i at once', async (concurrency) => {
	server = await RawServer.start((socket) => socket.write(OK));
	expect(failed(await send(300, concurrency))).toBe(0);
	expect(failed(await send(300, concurrency))).toBe(0);
	expect(server.connections).toBeLessThanOrEqual(concurrency);
});

it.each([1, 50])(
	'a server that ends a connection at its second request costs a handful, %i at once',
	async (concurrency) => {
		server = await RawServer.start((socket, nth) => (nth === 1 ? socket.write(OK) : socket.destroy()));
		expect(failed(await send(120, concurrency))).toBeLessThanOrEqual(5);
		// In the next run there is nothing idle to stumble over.
		expect(failed(await send(1, concurrency))).toBe(0);
	},
);

it('a server that closes a connection after its response, without saying so, costs a handful', async () => {
	server = await RawServer.start((socket) => {
		socket.write(OK);
		setImmediate(() => socket.end());
	});
	expect(failed(await send(120, 50))).toBeLessThanOrEqual(5);
});

it.each([
	['says so', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
	['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
])('one that %s and closes it costs nothing', async (_name, response) => {
	server = await RawServer.start((socket) => socket.end(response));
	expect(failed(await send(200, 20))).toBe(0);
	expect(server.connections).toBe(200);
});

it.each([
	['a 100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}`, 200, 'ok'],
	[
		'several interim responses',
		`HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${OK}`,
		200,
		'ok',
	],
	['a 204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 8\r\n\r\n', 204, ''],
	['a 204 with a length and a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 8\r\n\r\n12345678', 204, ''],
	['a 204 with chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 204, ''],
])('%s is a whole response', async (_name, response, statusCode, body) => {
	server = await RawServer.start((socket) => socket.write(response));
	const answers = await send(30, 3);
	expect(answers).toHaveLength(30);
	for (const answer of answers) expect(answer).toMatchObject({ ok: true, statusCode, body: Buffer.from(body) });
	expect(server.requests).toBe(30);
});

it.each([
	['in its fields', 'HTTP/1.1 200 OK\r\nContent-Le'],
	['in a field that is none', 'HTTP/1.1 200 OK\r\nNo colon\r\n\r\nok'],
	['in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok'],
])('the status of a response that breaks off %s is known', async (_name, response) => {
	server = await RawServer.start((socket) => socket.end(response));
	const [answer] = await send(1, 1);
	expect(answer).toMatchObject({ ok: false, code: 'CONNECTION', statusCode: 200 });
});

it('that of one whose status line breaks off is not', async () => {
	server = await RawServer.start((socket) => socket.end('HTTP/1.1 200 OK\r'));
	const [answer] = await send(1, 1);
	expect(answer).toMatchObject({ ok: false, code: 'CONNECTION' });
	expect(answer).not.toHaveProperty('statusCode');
});

it('headers of 60 KB are read, larger ones are too large, with the status', async () => {
	const sized = (bytes: number) => `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(bytes)}\r\nContent-Length: 2\r\n\r\nok`;
	server = await RawServer.start((socket) => socket.write(sized(60_000)));
	expect((await send(1, 1))[0]).toMatchObject({ ok: true, statusCode: 200 });
	await server.close();
	server = await RawServer.start((socket) => socket.write(sized(70_000)));
	expect((await send(1, 1))[0]).toMatchObject({ ok: false, code: 'RESPONSE_TOO_LARGE', statusCode: 200 });
});
