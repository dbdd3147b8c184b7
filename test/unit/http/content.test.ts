import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { UnreadableContent, type Content } from '../../../lib/http/content';
import { closeIdleDispatchers, leaseDispatcher, type Lease } from '../../../lib/http/dispatchers';
import { Transport, type HttpRequest } from '../../../lib/http/transport';
import { answer, cutInHeaders, hang, Receiver, resetBeforeBody } from '../../support/receiver/index';

/** Bodies that are opened for each request, over watched connections as a run has them. */

let receiver: Receiver;
let lease: Lease | undefined;
let transport: Transport;

beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => {
	receiver.clear();
	open(5);
});
afterEach(async () => {
	lease?.release();
	await closeIdleDispatchers();
});

/** A way out with so many connections. */
function open(connections: number): void {
	lease?.release();
	lease = leaseDispatcher({ connections, connectTimeoutMs: 5000, allowUnauthorizedCerts: false }, undefined);
	transport = new Transport(lease.dispatcher, lease.connections);
}

/** A content that a test can look into. */
class TestContent implements Content {
	readonly digest = '';
	opened = 0;
	closed = 0;

	constructor(
		readonly length: number,
		private readonly bytes: () => AsyncGenerator<Uint8Array>,
	) {}

	async *open(): AsyncGenerator<Uint8Array> {
		this.opened += 1;
		try {
			yield* this.bytes();
		} finally {
			this.closed += 1;
		}
	}
}

const filled = (length: number, step = 65_536, before: () => Promise<unknown> = async () => undefined) =>
	new TestContent(length, async function* () {
		await before();
		for (let left = length; left > 0; left -= step) yield Buffer.alloc(Math.min(step, left), 'x');
	});

const send = async (body: Content | string, path = '/content', timeout = 5000, method = 'POST') => {
	const request: HttpRequest = { method, url: new URL(receiver.url(path)), headers: {}, body };
	return await transport.send(request, { deadline: performance.now() + timeout, timeout, maxResponseSize: 10_000 });
};

/** Streams are closed in their own turns; jest's timeout ends a wait that is in vain. */
async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s says the length and sends so many bytes', async (method) => {
	const content = filled(200_000);
	expect(await send(content, '/content', 5000, method)).toMatchObject({ ok: true, statusCode: 200 });
	const [request] = receiver.requests;
	expect([request?.method, request?.body.length, request?.headers['content-length']]).toEqual([
		method,
		200_000,
		'200000',
	]);
	expect([content.opened, content.closed]).toEqual([1, 1]);
});

it('is not opened where nothing is connected', async () => {
	const content = filled(10);
	const url = new URL('http://127.0.0.1:1/');
	const limits = { deadline: performance.now() + 5000, timeout: 5000, maxResponseSize: 1000 };
	const result = await transport.send({ method: 'POST', url, headers: {}, body: content }, limits);
	expect(result).toMatchObject({ ok: false, code: 'CONNECTION' });
	expect(content.opened).toBe(0);
});

it('that cannot be read says so, and is no broken connection', async () => {
	const fault = { message: 'gone', description: '', retryable: false };
	const content = new TestContent(200_000, async function* () {
		yield Buffer.alloc(100_000);
		await sleep(5);
		throw new UnreadableContent(fault);
	});
	open(1);
	const before = receiver.connections;
	expect(await send('text')).toMatchObject({ ok: true });
	expect(await send(content)).toMatchObject({ ok: false, unreadable: fault });
	// It was on a connection that had been used before.
	expect(receiver.connections - before).toBe(1);
	expect(lease?.connections.wantsFresh(receiver.origin)).toBe(false);
	expect(await send(filled(1000))).toMatchObject({ ok: true });
});

it.each<[string, string]>([
	['the connection breaks', '/reset'],
	['the response comes early', '/early'],
])('is closed when %s', async (_when, path) => {
	receiver.script('/reset', resetBeforeBody());
	receiver.script('/early', { ...answer(413), beforeBody: true });
	const content = filled(20_000_000);
	expect(await send(content, path)).not.toHaveProperty('unreadable');
	await until(() => content.closed === 1);
	expect(content.opened).toBe(1);
});

describe('the timeout', () => {
	it('begins again with each part that is taken: a file may take longer', async () => {
		const content = new TestContent(100, async function* () {
			for (let part = 0; part < 10; part += 1) {
				await sleep(60);
				yield Buffer.alloc(10);
			}
		});
		const startedAt = performance.now();
		expect(await send(content, '/content', 300)).toMatchObject({ ok: true });
		expect(performance.now() - startedAt).toBeGreaterThan(400);
	});

	it('that a storage runs into is not the fault of the destination', async () => {
		const never = new Promise<void>(() => undefined);
		const content = new TestContent(20, async function* () {
			yield Buffer.alloc(10);
			await never;
		});
		const fault = { message: 'The file could not be read within the timeout', retryable: true };
		expect(await send(content, '/content', 300)).toMatchObject({ ok: false, unreadable: fault });
	});

	it('that runs out when the file has been sent is that of the destination', async () => {
		receiver.script('/content', hang());
		const result = await send(filled(100_000), '/content', 300);
		expect(result).toMatchObject({ ok: false, code: 'TIMEOUT' });
		expect(result).not.toHaveProperty('unreadable');
	});

	it('ends what a destination does not take', async () => {
		const server = createServer((socket) => socket.pause().on('error', () => {}));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const content = filled(100_000_000);
		const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		const limits = { deadline: performance.now() + 300, timeout: 300, maxResponseSize: 1000 };
		const result = await transport.send({ method: 'POST', url, headers: {}, body: content }, limits);
		server.close();
		expect(result).toMatchObject({ ok: false, code: 'TIMEOUT' });
		await until(() => content.closed === 1);
	});
});

it('is closed when the execution is cancelled', async () => {
	const content = new TestContent(10_000_000, async function* () {
		for (;;) {
			await sleep(5);
			yield Buffer.alloc(10);
		}
	});
	const sending = send(content);
	await until(() => content.opened === 1);
	transport.cancel();
	expect(await sending).toMatchObject({ ok: false, code: 'CANCELLED' });
	await until(() => content.closed === 1);
});

it('has its response for its own, whatever else is written before its first bytes', async () => {
	let pass = () => {};
	const gate = new Promise<void>((resolve) => (pass = resolve));
	receiver.script('/content', cutInHeaders());
	const sending = send(filled(1000, 1000, async () => await gate));
	for (let text = 0; text < 5; text += 1) expect(await send('text', '/text')).toMatchObject({ ok: true });
	pass();
	// Its status line arrived: who else's would it be?
	expect(await sending).toMatchObject({ ok: false, statusCode: 200 });
});

it('leaves the responses of others to them, as long as none of its bytes are written', async () => {
	let pass = () => {};
	const gate = new Promise<void>((resolve) => (pass = resolve));
	let begin = () => {};
	const begun = new Promise<void>((resolve) => (begin = resolve));
	let goOn = () => {};
	const going = new Promise<void>((resolve) => (goOn = resolve));
	receiver.script('/other', cutInHeaders());
	const other = send(
		new TestContent(20, async function* () {
			yield Buffer.alloc(10);
			begin();
			await going;
			yield Buffer.alloc(10);
		}),
		'/other',
	);
	await begun;
	let start = () => {};
	const started = new Promise<void>((resolve) => (start = resolve));
	const opens = async () => {
		start();
		await gate;
	};
	const sending = send(filled(1000, 1000, opens));
	await started;
	goOn();
	expect(await other).toMatchObject({ ok: false, statusCode: 200 });
	pass();
	expect(await sending).toMatchObject({ ok: true });
});
