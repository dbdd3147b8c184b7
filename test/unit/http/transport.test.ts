import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { Agent } from 'undici';

import { Transport, type HttpRequest } from '../../../lib/http/transport';
import {
	answer,
	drip,
	gzipBomb,
	hang,
	neverEnds,
	oversized,
	Receiver,
	resetAfterBody,
	truncated,
} from '../../support/receiver/index';

let receiver: Receiver;
let agent: Agent;
let transport: Transport;

beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => {
	receiver.clear();
	agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
	transport = new Transport(agent);
});
afterEach(async () => await agent.destroy());

const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({
	method: 'POST',
	url: new URL(receiver.url('/a?b=c%20d')),
	headers: { 'content-type': 'text/plain' },
	body: 'body',
	...more,
});
const send = async (more: Partial<HttpRequest> = {}, { timeout = 30_000, maxResponseSize = 100_000 } = {}) =>
	await transport.send(request(more), { deadline: performance.now() + timeout, maxResponseSize });

it('sends method, path, headers and the exact bytes', async () => {
	const body = 'Grüße 🎉 \ud800\r\n';
	await send({
		method: 'PATCH',
		body,
		headers: { 'content-type': 'text/plain', 'x-latin': 'Gr\xfc\xdfe', ['__proto__']: 'x' },
	});
	const [received] = receiver.requests;
	expect(received).toMatchObject({ method: 'PATCH', url: '/a?b=c%20d' });
	expect(received?.body).toEqual(Buffer.from(body, 'utf8'));
	expect(received?.headers['content-length']).toBe(String(Buffer.byteLength(body)));
	expect(received?.headers['x-latin']).toBe('Gr\xfc\xdfe');
	expect(received?.rawHeaders).toContain('__proto__');
});

it('sends no body when there is none', async () => {
	const { body: _, ...get } = request({ method: 'GET' });
	await transport.send(get, { deadline: performance.now() + 30_000, maxResponseSize: 1000 });
	expect(receiver.requests[0]?.headers['content-length']).toBeUndefined();
	expect(receiver.requests[0]?.headers['transfer-encoding']).toBeUndefined();
});

it('gives status, headers and the whole response', async () => {
	receiver.script('/a', answer(207, 'x'.repeat(70_000), { 'x-a': '1', 'set-cookie': ['a', 'b'] }));
	const got = await send();
	expect(got).toMatchObject({ ok: true, statusCode: 207, headers: { 'x-a': '1', 'set-cookie': ['a', 'b'] } });
	expect(got.ok && got.body.length).toBe(70_000);
});

it.each([204, 304])('gives a %i, which has no body', async (status) => {
	receiver.script('/a', answer(status));
	expect(await send()).toMatchObject({ ok: true, statusCode: status, body: Buffer.alloc(0) });
});

it('follows no redirect', async () => {
	receiver.script('/a', answer(302, '', { location: '/b' }));
	expect(await send()).toMatchObject({ statusCode: 302 });
	expect(receiver.requests).toHaveLength(1);
});

it('uses one connection for one request after the other', async () => {
	const before = receiver.connections;
	const single = new Agent({ connections: 1, pipelining: 1 });
	const limits = { deadline: performance.now() + 30_000, maxResponseSize: 1000 };
	for (let index = 0; index < 5; index += 1) await new Transport(single).send(request(), limits);
	await single.destroy();
	expect(receiver.connections - before).toBe(1);
});

describe('the deadline covers all, from the start to the last byte', () => {
	it.each([
		['no answer', hang(), undefined],
		['an answer that never ends', neverEnds(200), 200],
		['a drip', drip(5, 503), 503],
	])('%s', async (_name, behaviour, statusCode) => {
		receiver.script('/a', behaviour);
		const got = await send({}, { timeout: 150 });
		expect(got).toMatchObject({ ok: false, code: 'TIMEOUT', ...(statusCode === undefined ? {} : { statusCode }) });
	});

	it('a connection that is not made', async () => {
		const silent = createNetServer().listen(0, '127.0.0.1');
		await once(silent, 'listening');
		const { port } = silent.address() as AddressInfo;
		const accepted = once(silent, 'connection') as Promise<[Socket]>;
		const got = await send({ url: new URL(`https://127.0.0.1:${port}/`) }, { timeout: 100 });
		// A connection that is being made outlives the agent: it has its own timeout.
		(await accepted)[0].destroy();
		silent.close();
		expect(got).toMatchObject({ ok: false, code: 'TIMEOUT' });
	});

	it('one that has passed sends nothing that gets a response', async () => {
		receiver.choose(() => hang());
		expect(await send({}, { timeout: -1000 })).toMatchObject({ code: 'TIMEOUT' });
	});
});

describe('the cap on the decoded response', () => {
	it.each([
		['announced', oversized(200_000)],
		['not announced', answer(200, 'x'.repeat(200_000), { 'transfer-encoding': 'chunked' })],
		['packed', gzipBomb(5_000_000)],
	])('%s: the status is known', async (_name, behaviour) => {
		receiver.script('/a', behaviour);
		expect(await send()).toMatchObject({ ok: false, code: 'RESPONSE_TOO_LARGE', statusCode: 200 });
	});

	it('holds to the byte', async () => {
		receiver.choose(() => answer(200, 'x'.repeat(100)));
		expect(await send({}, { maxResponseSize: 100 })).toMatchObject({ ok: true });
		expect(await send({}, { maxResponseSize: 99 })).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
	});

	it('of 0 takes an empty response', async () => {
		receiver.choose(() => answer(204));
		expect(await send({}, { maxResponseSize: 0 })).toMatchObject({ ok: true });
	});
});

it('unpacks a response', async () => {
	receiver.script('/a', {
		name: 'packed',
		act: (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello')),
	});
	const got = await send();
	expect(got.ok && got.body.toString()).toBe('hello');
});

it.each([
	['cut in the middle', truncated(200), 200],
	['reset', resetAfterBody(), undefined],
])('a response %s is a broken connection', async (_name, behaviour, statusCode) => {
	receiver.script('/a', behaviour);
	const got = await send();
	expect(got).toMatchObject({ ok: false, code: 'CONNECTION' });
	expect(got.statusCode).toBe(statusCode);
});

it('takes what lies before the response for what it is', async () => {
	const server = createNetServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', () =>
			socket.end('HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
		);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const got = await send({ url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`) });
	server.close();
	expect(got).toMatchObject({ ok: true, statusCode: 200, body: Buffer.from('ok') });
});

it.each([
	['a method that is none', { method: 'GET /x HTTP/1.1\r\nX:' }],
	['a header with a line break', { headers: { 'x-a': 'b\r\nx-c: d' } }],
	['a header name with a space', { headers: { 'x a': 'b' } }],
])('%s never reaches the wire', async (_name, more) => {
	expect(await send(more)).toMatchObject({ ok: false });
	expect(receiver.requests).toHaveLength(0);
});

describe('cancelled', () => {
	it('ends all in flight, and begins no further one', async () => {
		receiver.choose(() => hang());
		const sending = [send(), send(), send()];
		await receiver.arrived(3);
		transport.cancel();
		const cancelled = { ok: false, code: 'CANCELLED' };
		expect(await Promise.all(sending)).toMatchObject([cancelled, cancelled, cancelled]);
		expect(await send()).toMatchObject(cancelled);
		expect(receiver.requests).toHaveLength(3);
	});

	it('one that waits for a connection is not sent later', async () => {
		const single = new Agent({ connections: 1, pipelining: 1 });
		const waiting = new Transport(single);
		const limits = { deadline: performance.now() + 30_000, maxResponseSize: 1000 };
		let answerFirst: () => void = () => {};
		receiver.choose(() => ({ name: 'late', act: (response) => (answerFirst = () => response.end('ok')) }));
		const other = new Transport(single);
		const first = other.send(request(), limits);
		const second = waiting.send(request({ body: 'second' }), limits);
		await receiver.arrived(1);
		waiting.cancel();
		expect(await second).toMatchObject({ code: 'CANCELLED' });
		answerFirst();
		expect(await first).toMatchObject({ ok: true });
		receiver.choose(() => answer());
		expect(await other.send(request({ body: 'third' }), limits)).toMatchObject({ ok: true });
		expect(receiver.requests.map(({ body }) => body.toString())).toEqual(['body', 'third']);
		await single.destroy();
	});
});
