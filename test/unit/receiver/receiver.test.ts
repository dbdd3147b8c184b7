import { Agent, request } from 'undici';
import {
	answer,
	bodiless,
	bodyKey,
	busy,
	closesUnsaid,
	commitThenHang,
	cutInHeaders,
	drip,
	endsAtSecondRequest,
	gzipBomb,
	issueCertificate,
	malformedHeaders,
	manyHeaders,
	neverEnds,
	oversized,
	Receiver,
	redirect,
	refusingUrl,
	resetAfterBody,
	resetBeforeBody,
	truncated,
	unaskedInterim,
} from '../../support/receiver';

let receiver: Receiver;
const agent = new Agent();
const post = async (url: string, body: string, dispatcher = agent) => {
	const response = await request(url, { method: 'POST', body, dispatcher, headersTimeout: 200, bodyTimeout: 200 });
	return {
		status: response.statusCode,
		headers: response.headers,
		bytes: Buffer.from(await response.body.arrayBuffer()),
	};
};
const outcomes = () => receiver.requests.map(({ outcome }) => outcome);
/** The sender sees its fault a moment before the server sees its own. */
const settled = async () => {
	while (outcomes().includes('open')) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => (receiver = await Receiver.start()));
afterEach(async () => await receiver.close());
afterAll(async () => await agent.destroy());

it('keeps the exact bytes, headers, order and connections of what it received', async () => {
	const bytes = '{"ä": "\\u0000 𝄞" }';
	await request(receiver.url('/a?q=%20'), {
		method: 'PUT',
		body: bytes,
		headers: { 'X-Own': 'Yes' },
		dispatcher: agent,
	});
	await post(receiver.url('/b'), '2');
	const [first, second] = receiver.requests;
	expect(first).toMatchObject({ index: 0, key: '/a', method: 'PUT', url: '/a?q=%20', outcome: 'acknowledged' });
	expect(first?.body.toString('utf8')).toBe(bytes);
	expect(first?.rawHeaders).toContain('X-Own');
	expect(second?.at).toBeGreaterThan(first?.at ?? Infinity);
});

it('does as the script of a key says, one behaviour a request, and then responds with 200', async () => {
	receiver
		.script('/a', busy(429, 7), answer(503))
		.choose((key, nth) => (key === '/b' && nth === 0 ? answer(500) : undefined));
	const first = await post(receiver.url('/a'), '1');
	expect([first.status, first.headers['retry-after']]).toEqual([429, '7']);
	expect((await post(receiver.url('/a'), '1')).status).toBe(503);
	expect((await post(receiver.url('/a'), '1')).status).toBe(200);
	expect((await post(receiver.url('/b'), '1')).status).toBe(500);
	expect(receiver.acknowledged()).toEqual(new Map([['/a', 1]]));
	expect(receiver.repeated()).toBe(0);
	await post(receiver.url('/a'), '1');
	expect(receiver.repeated()).toBe(1);
});

it('finds the key in the body where it is told to', async () => {
	const other = await Receiver.start({ keyOf: bodyKey('item') });
	await post(other.url(), '{"item": 3}');
	expect(other.of('3')).toHaveLength(1);
	await other.close();
});

it.each([
	['resets before the body', resetBeforeBody()],
	['resets after the body', resetAfterBody()],
	['truncates an answer that is no success', truncated(503)],
	['begins an answer that is no success', neverEnds(503)],
	['commits and hangs', commitThenHang()],
])('%s: the sender sees a fault, nothing is acknowledged', async (_name, behaviour) => {
	receiver.script('/a', behaviour);
	await expect(post(receiver.url('/a'), 'x'.repeat(100_000))).rejects.toThrow();
	await settled();
	expect(receiver.acknowledged().size).toBe(0);
	expect(receiver.requests[0]?.committed).toBe(behaviour.name.startsWith('commit'));
	expect(receiver.requests[0]?.body.length).toBe(behaviour.beforeBody ? 0 : 100_000);
});

it.each([
	['truncates', truncated()],
	['never ends', neverEnds()],
	['cuts inside the headers', cutInHeaders()],
	['writes malformed headers', malformedHeaders()],
	['writes too many headers', manyHeaders()],
	['gives a 204 a length', bodiless()],
])('%s: the sender sees a fault, but the status line is an acknowledgment', async (_name, behaviour) => {
	receiver.script('/a', behaviour);
	await expect(post(receiver.url('/a'), '1')).rejects.toThrow();
	expect(receiver.acknowledged()).toEqual(new Map([['/a', 1]]));
	expect(receiver.requests[0]).toMatchObject({ outcome: 'acknowledged', committed: true });
});

it.each([
	['interim answers that nobody asked for', unaskedInterim([103, 102]), 200],
	['an end that was not announced', closesUnsaid(), 200],
])('%s: one acknowledgment', async (_name, behaviour, status) => {
	receiver.script('/a', behaviour);
	expect((await post(receiver.url('/a'), '1')).status).toBe(status);
	expect(receiver.acknowledged()).toEqual(new Map([['/a', 1]]));
});

it('an interim response acknowledges nothing', async () => {
	receiver.script('/a', unaskedInterim([102, 103], 503));
	expect((await post(receiver.url('/a'), '1')).status).toBe(503);
	expect(outcomes()).toEqual(['answered']);
});

it('ends a connection at its second request, without notice', async () => {
	const single = new Agent({ connections: 1 });
	const ends = endsAtSecondRequest();
	receiver.choose(() => ends);
	expect((await post(receiver.url('/a'), '1', single)).status).toBe(200);
	await expect(post(receiver.url('/b'), '1', single)).rejects.toThrow();
	await settled();
	expect(outcomes()).toEqual(['acknowledged', 'cut']);
	await single.destroy();
});

it('drips for as long as someone listens', async () => {
	receiver.script('/a', drip(5));
	const response = await request(receiver.url('/a'), { dispatcher: agent });
	const seen = await new Promise<number>((resolve) => {
		let count = 0;
		response.body.on('data', () => ((count += 1) === 5 ? resolve(count) : undefined)).on('error', () => {});
	});
	response.body.destroy();
	await settled();
	expect([seen, outcomes()]).toEqual([5, ['acknowledged']]);
});

it('sends responses that are large, on the wire or when decoded', async () => {
	receiver.script('/a', oversized(3_000_000), gzipBomb(5_000_000), redirect('/b', 303));
	expect((await post(receiver.url('/a'), '')).bytes).toHaveLength(3_000_000);
	const bomb = await post(receiver.url('/a'), '');
	expect([bomb.headers['content-encoding'], bomb.bytes.length < 50_000]).toEqual(['gzip', true]);
	expect((await post(receiver.url('/a'), '')).headers.location).toBe('/b');
});

it('serves TLS with certificates that are trusted, expired or unknown, and asks for the client’s', async () => {
	const authority = issueCertificate({ name: 'Test authority', authority: true });
	const client = issueCertificate({ name: 'client', issuer: authority });
	const trusting = new Agent({ connect: { ca: authority.cert, cert: client.cert, key: client.key } });
	const serve = async (tls: object, dispatcher: Agent) => {
		const server = await Receiver.start({ tls });
		const result = await post(server.url(), '', dispatcher).then(
			({ status }) => status,
			(error: NodeJS.ErrnoException) => error.code,
		);
		await server.close();
		return result;
	};
	const good = issueCertificate({ issuer: authority });
	expect(await serve(good, trusting)).toBe(200);
	expect(await serve({ ...good, ca: authority.cert, requestCert: true }, trusting)).toBe(200);
	expect(await serve(issueCertificate({ issuer: authority, expired: true }), trusting)).toBe('CERT_HAS_EXPIRED');
	expect(await serve(issueCertificate(), trusting)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
	await trusting.destroy();
});

it('knows an address that refuses', async () => {
	await expect(post(await refusingUrl(), '')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
