import { closeIdleDispatchers, leaseDispatcher, type ConnectionSettings } from '../../../lib/http/dispatchers';
import type { EgressFilter } from '../../../lib/http/egress';

const settings: ConnectionSettings = { connections: 5, connectTimeoutMs: 1000, allowUnauthorizedCerts: false };
const filter: EgressFilter = {
	validateUrl: async () => ({ ok: true, result: undefined }),
	validateConnectionHost: () => ({ ok: true, result: undefined }),
	createSecureLookup: () => () => {},
};
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
const leased = (more: Partial<ConnectionSettings> = {}, egress?: EgressFilter) => {
	const lease = leaseDispatcher({ ...settings, ...more }, egress);
	lease.release();
	return lease.dispatcher;
};

let environment: NodeJS.ProcessEnv;
beforeEach(() => {
	environment = { ...process.env };
	for (const name of PROXIES) delete process.env[name];
});
afterEach(async () => {
	Object.assign(process.env, environment);
	for (const name of PROXIES) if (environment[name] === undefined) delete process.env[name];
	jest.useRealTimers();
	await closeIdleDispatchers();
});

it('the same settings get the same connections one after the other, and their own at the same time', () => {
	const first = leaseDispatcher(settings, undefined);
	const second = leaseDispatcher({ ...settings }, undefined);
	expect(second.dispatcher).not.toBe(first.dispatcher);
	first.release();
	second.release();
	expect(leased()).toBe(second.dispatcher);
	const [again, more] = [leaseDispatcher(settings, undefined), leaseDispatcher(settings, undefined)];
	expect(new Set([again.dispatcher, more.dispatcher])).toEqual(new Set([first.dispatcher, second.dispatcher]));
	again.release();
	more.release();
});

it.each<[string, Partial<ConnectionSettings>]>([
	['connections', { connections: 6 }],
	['timeout', { connectTimeoutMs: 2000 }],
	['no check of certificates', { allowUnauthorizedCerts: true }],
	['a proxy', { proxy: 'http://127.0.0.1:3128' }],
	['a client certificate', { clientCertificate: { passphrase: 'x' } }],
])('other ones with another setting: %s', (_name, more) => {
	expect(leased(more)).not.toBe(leased());
	expect(leased(more)).toBe(leased(more));
});

it('other ones under egress rules, and with other proxies in the environment', () => {
	const plain = leased();
	expect(leased({}, filter)).not.toBe(plain);
	process.env.HTTPS_PROXY = 'http://127.0.0.1:3128';
	const proxied = leased();
	expect(proxied).not.toBe(plain);
	process.env.NO_PROXY = '*';
	expect(leased()).not.toBe(proxied);
	delete process.env.HTTPS_PROXY;
	delete process.env.NO_PROXY;
	expect(leased()).toBe(plain);
});

describe('a dispatcher that nobody uses', () => {
	beforeEach(() => jest.useFakeTimers());

	const isClosed = (dispatcher: unknown) => (dispatcher as { closed: boolean }).closed;

	it('is closed after a minute', async () => {
		const dispatcher = leased();
		await jest.advanceTimersByTimeAsync(59_999);
		expect(isClosed(dispatcher)).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		expect(isClosed(dispatcher)).toBe(true);
		expect(leased()).not.toBe(dispatcher);
	});

	it('stays when it is used again before', async () => {
		const dispatcher = leased();
		await jest.advanceTimersByTimeAsync(59_000);
		const again = leaseDispatcher(settings, undefined);
		await jest.advanceTimersByTimeAsync(600_000);
		expect([again.dispatcher === dispatcher, isClosed(dispatcher)]).toEqual([true, false]);
		again.release();
	});

	it('is not closed while someone has it, and given back twice it is there once', async () => {
		const mine = leaseDispatcher(settings, undefined);
		const theirs = leaseDispatcher(settings, undefined);
		theirs.release();
		theirs.release();
		const again = leaseDispatcher(settings, undefined);
		const another = leaseDispatcher(settings, undefined);
		expect(new Set([mine, again, another].map(({ dispatcher }) => dispatcher)).size).toBe(3);
		await jest.advanceTimersByTimeAsync(600_000);
		expect([mine, again, another].map(({ dispatcher }) => isClosed(dispatcher))).toEqual([false, false, false]);
		for (const lease of [mine, again, another]) lease.release();
	});

	it('makes room when there are many, those in use stay', () => {
		const used = leaseDispatcher({ ...settings, connections: 999 }, undefined);
		const idle = Array.from({ length: 60 }, (_, index) => leased({ connections: index + 1 }));
		expect(idle.filter((dispatcher) => !isClosed(dispatcher)).length).toBeLessThanOrEqual(50);
		expect([isClosed(used.dispatcher), isClosed(idle[0]), isClosed(idle[59])]).toEqual([false, true, false]);
		used.release();
	});
});
