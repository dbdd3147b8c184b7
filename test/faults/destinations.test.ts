import { runWorkflow, protectEgress } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, isFaulty, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { issueCertificate, Receiver, receiversForTest, redirect, refusingUrl } from '../support/receiver';

/** Faults of the way to the destination. */

const COUNT = 6;
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const faulty = keys.filter(isFaulty);
const table = new FaultTable(2, 'destinations');
const startReceiver = receiversForTest();
let receiver: Receiver;

beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

/** Sends the faulty items (every third) to another origin. */
const splitTo = (origin: string) => `={{ $json.item % 3 === 1 ? '${origin}' : '${receiver.origin}' }}/{{ $json.item }}`;
const codes = (run: Awaited<ReturnType<typeof runWorkflow>>) =>
	run.errorOutput.map(({ json }) => (json.details as { delivery: { code: string } }).delivery.code);

describe.each([
	{ name: 'Connection refused', origin: async () => (await refusingUrl('')).replace(/\/$/, ''), code: 'CONNECTION' },
	{ name: 'DNS failure', origin: async () => 'http://nowhere.invalid', code: 'DNS' },
	{ name: 'No TLS at the destination', origin: async () => receiver.origin.replace('http:', 'https:'), code: 'TLS' },
])('$name', ({ name, origin, code }) => {
	it('stays: the faulty items take the error output', async () => {
		const url = splitTo(await origin());
		const run = await runWorkflow({
			items,
			node: dispatchTo('', { parameters: { url }, onError: 'continueErrorOutput' }),
		});
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length });
		expect(codes(run)).toEqual(faulty.map(() => code));
	});

	it('stops the execution; its retry with another URL delivers what is missing', async () => {
		const url = splitTo(await origin());
		const first = await runWorkflow({ items, node: dispatchTo('', { parameters: { url } }) });
		expect(first.status).toBe('error');
		const run = await first.retry({ node: dispatchTo(receiver.origin) });
		const counts = account(run, [receiver], keys);
		table.add(name, counts, 2);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
	});
});

it('Connection refused: the receiver is up again at the retry of the execution', async () => {
	const origin = (await refusingUrl('')).replace(/\/$/, '');
	const first = await runWorkflow({ items, node: dispatchTo('', { parameters: { url: splitTo(origin) } }) });
	const late = await startReceiver({ port: Number(new URL(origin).port) });
	const run = await first.retry();
	const counts = account(run, [receiver, late], keys);
	table.add('Connection refused', counts, 2);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
});

describe.each([
	{ name: 'Self-signed certificate', identity: () => issueCertificate() },
	{ name: 'Expired certificate', identity: () => issueCertificate({ expired: true }) },
])('$name', ({ name, identity }) => {
	let secure: Receiver;
	beforeEach(async () => (secure = await startReceiver({ tls: identity() })));

	it('is given up at once; the retry that allows it delivers', async () => {
		const parameters = { url: splitTo(secure.origin) };
		const errors = await runWorkflow({ items, node: dispatchTo('', { parameters, onError: 'continueErrorOutput' }) });
		table.add(name, account(errors, [receiver, secure], keys));
		expect(codes(errors)).toEqual(faulty.map(() => 'TLS'));
		expect(secure.requests).toEqual([]);

		receiver.clear();
		const first = await runWorkflow({ items, node: dispatchTo('', { parameters }) });
		const allowed = dispatchTo('', { parameters: { ...parameters, options: { allowUnauthorizedCerts: true } } });
		const run = await first.retry({ node: allowed });
		const counts = account(run, [receiver, secure], keys);
		table.add(name, counts, 2);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
	});
});

describe('Redirects that are followed', () => {
	const follow = { options: { followRedirects: true } };
	let other: Receiver;
	beforeEach(async () => (other = await startReceiver()));

	it('Redirect loop: is given up', async () => {
		receiver.choose((key) => (isFaulty(key) ? redirect(key, 307) : undefined));
		const run = await runWorkflow({
			items,
			node: dispatchTo(receiver.origin, { parameters: follow, onError: 'continueErrorOutput' }),
		});
		const counts = account(run, [receiver], keys);
		table.add('Redirect loop', counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length });
		expect(codes(run)).toEqual(faulty.map(() => 'REDIRECT'));
		expect(receiver.of(faulty[0] ?? '').length).toBeLessThanOrEqual(22);
	});

	it.each([307, 308, 303, 302, 301])(
		'Redirect %i to another origin: delivered there, without credentials',
		async (status) => {
			receiver.choose((key) => (isFaulty(key) ? redirect(other.url(key), status) : undefined));
			const run = await runWorkflow({
				items,
				node: dispatchTo(receiver.origin, {
					parameters: {
						...follow,
						authentication: 'basic',
						headerParameters: { parameters: [{ name: 'X-Api-Key', value: 'k' }] },
					},
				}),
				credentials: { webhookDispatchBasicApi: { user: 'u', password: 'p' } },
			});
			const counts = account(run, [receiver, other], keys);
			table.add('Redirect to another origin', counts);
			expect(counts).toMatchObject({ ...kept, delivered: COUNT });
			expect(receiver.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true);
			expect(other.requests).toHaveLength(faulty.length);
			for (const { key, method, headers, body } of other.requests) {
				expect([headers.authorization, headers['x-api-key']]).toEqual([undefined, undefined]);
				expect([method, body.length > 0]).toEqual(status === 303 ? ['GET', false] : ['POST', true]);
				// Who is sent elsewhere must still be able to recognize a repetition.
				expect(headers['idempotency-key']).toBe(receiver.of(key)[0]?.headers['idempotency-key']);
			}
		},
	);
});

describe('Redirect to a private address', () => {
	let inner: Receiver;
	beforeEach(async () => {
		inner = await startReceiver({ host: '127.0.0.2' });
		protectEgress({ allowedIpRanges: ['127.0.0.1/32'] });
	});
	afterEach(() => protectEgress());

	it('is not followed, nor is such an address reached directly', async () => {
		receiver.choose((key) => (isFaulty(key) ? redirect(inner.url(key), 307) : undefined));
		const parameters = { options: { followRedirects: true } };
		const run = await runWorkflow({
			items,
			node: dispatchTo(receiver.origin, { parameters, onError: 'continueErrorOutput' }),
		});
		const counts = account(run, [receiver, inner], keys);
		table.add('Redirect to a private address', counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length });
		expect(codes(run)).toEqual(faulty.map(() => 'BLOCKED'));

		receiver.clear();
		const direct = await runWorkflow({
			items,
			node: dispatchTo('', { parameters: { url: splitTo(inner.origin) }, onError: 'continueErrorOutput' }),
		});
		table.add('Private address', account(direct, [receiver, inner], keys));
		expect(codes(direct)).toEqual(faulty.map(() => 'BLOCKED'));
		expect(inner.connections).toBe(0);
	});
});

describe('DNS failure, with protection against requests into the private network', () => {
	const name = 'DNS failure, with SSRF protection';
	/** n8n's guard does not respond that such a name is refused: it rejects. */
	const oneUnresolved = (unresolved: number) =>
		`={{ $json.item === ${unresolved} ? 'http://nowhere.invalid' : '${receiver.origin}' }}/{{ $json.item }}`;
	beforeEach(() => protectEgress({ allowedIpRanges: ['127.0.0.1/32'] }));
	afterEach(() => protectEgress());

	it.each([
		[4, 0],
		[4, 3],
		[500, 250],
	])('of %i items number %i fails, all others are delivered with one request each', async (count, unresolved) => {
		const run = await runWorkflow({
			items: itemsOf(count),
			node: dispatchTo('', {
				maxTries: 3,
				parameters: { url: oneUnresolved(unresolved) },
				onError: 'continueErrorOutput',
			}),
		});
		const counts = account(run, [receiver], keysOf(count));
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, requests: count - 1, delivered: count - 1, failed: 1 });
		expect(codes(run)).toEqual(['DNS']);
		expect(run.errorOutput[0]?.json.item).toBe(unresolved);
	});

	it('stops the execution when all else is delivered; its retry sends what is missing, and nothing else', async () => {
		const first = await runWorkflow({
			items,
			node: dispatchTo('', { maxTries: 3, parameters: { url: oneUnresolved(1) } }),
		});
		expect(first.status).toBe('error');
		// Nothing goes out when the node has ended.
		expect(receiver.requests).toHaveLength(COUNT - 1);
		const run = await first.retry({ node: dispatchTo(receiver.origin) });
		const counts = account(run, [receiver], keys);
		table.add(name, counts, 2);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
	});

	it('that a redirect leads to fails its item alone', async () => {
		receiver.choose((key) => (isFaulty(key) ? redirect(`http://nowhere.invalid${key}`, 307) : undefined));
		const node = dispatchTo(receiver.origin, {
			parameters: { options: { followRedirects: true } },
			onError: 'continueErrorOutput',
		});
		const run = await runWorkflow({ items, node });
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - faulty.length, failed: faulty.length });
		expect(codes(run)).toEqual(faulty.map(() => 'DNS'));
	});
});
