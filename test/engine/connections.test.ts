import { createPrivateKey } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { INodeParameters } from 'n8n-workflow';
import { closeIdleDispatchers } from '../../lib/http/dispatchers';
import { protectEgress, type NodeSettings } from '../support/engine';
import type { CredentialData } from '../support/engine/credentialsHelper';
import { issueCertificate, Receiver } from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';
import { TestProxy } from './support/proxy';

/** The way out: proxies, TLS, client certificates, the instance's egress rules. */

const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
const authority = issueCertificate({ name: 'Authority', authority: true });
const tls = issueCertificate({ name: 'receiver', issuer: authority });
let environment: NodeJS.ProcessEnv;
let plain: Receiver;
let secure: Receiver;
let proxy: TestProxy;

beforeAll(async () => {
	environment = { ...process.env };
	for (const name of VARIABLES) delete process.env[name];
	[plain, secure, proxy] = await Promise.all([Receiver.start(), Receiver.start({ tls }), TestProxy.start()]);
});
afterEach(async () => {
	for (const name of VARIABLES) delete process.env[name];
	protectEgress();
	plain.clear();
	secure.clear();
	proxy.passages.length = 0;
	proxy.refuseTunnels = false;
	await closeIdleDispatchers();
});
afterAll(async () => {
	Object.assign(process.env, environment);
	await Promise.all([plain.close(), secure.close(), proxy.close()]);
});

const send = async (
	url: string,
	options: INodeParameters = {},
	settings: NodeSettings = {},
	credentials: CredentialData = {},
) => await dispatch({ items: [{ a: 1 }], parameters: { url, options }, settings, credentials });
const errorOutput = { onError: 'continueErrorOutput' } as const;
const host = (receiver: Receiver) => new URL(receiver.origin).host;

describe('a proxy', () => {
	it.each([
		['http', false, () => plain],
		['https', true, () => secure],
	])('of the node: %s goes through it, in a tunnel: %p', async (_scheme, tunnel, receiver) => {
		const run = await send(receiver().url('/p'), { proxy: `http://${proxy.address}`, allowUnauthorizedCerts: true });
		expect(run.error?.description).toBeUndefined();
		expect(receiver().requests).toHaveLength(1);
		expect(receiver().requests[0]?.body.toString()).toBe('{"a":1}');
		expect(proxy.passages).toEqual([{ to: host(receiver()), authorization: undefined, tunnel }]);
	});

	it.each(['node', 'environment'])(
		'of the %s that makes tunnels to port 443 alone takes http destinations',
		async (whose) => {
			proxy.refuseTunnels = true;
			if (whose === 'environment') process.env.HTTP_PROXY = `http://${proxy.address}`;
			const run = await send(plain.url('/p?q=1'), whose === 'node' ? { proxy: `http://${proxy.address}` } : {});
			expect(run.status).toBe('success');
			expect(plain.requests[0]).toMatchObject({ url: '/p?q=1', headers: { host: host(plain) } });
			expect(proxy.passages).toEqual([{ to: host(plain), authorization: undefined, tunnel: false }]);
		},
	);

	it('that refuses a tunnel is reported', async () => {
		proxy.refuseTunnels = true;
		const run = await send(secure.url(), { proxy: `http://${proxy.address}` }, errorOutput);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'CONNECTION', attempts: 1 });
		expect(run.errorOutput[0]!.json.message).toContain('the proxy refused the connection (403)');
	});

	it('gets its own credentials, and the destination does not', async () => {
		const run = await send(plain.url(), { proxy: `http://user:hunter2-secret@${proxy.address}` });
		expect(proxy.passages[0]?.authorization).toBe(`Basic ${Buffer.from('user:hunter2-secret').toString('base64')}`);
		expect(plain.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
		expect(JSON.stringify(run.output())).not.toContain('hunter2-secret');
	});

	it.each([
		['HTTP_PROXY', 'http', true],
		['http_proxy', 'http', true],
		['ALL_PROXY', 'http', true],
		['HTTPS_PROXY', 'http', false],
		['HTTPS_PROXY', 'https', true],
		['https_proxy', 'https', true],
		['ALL_PROXY', 'https', true],
		['HTTP_PROXY', 'https', false],
	])('of the environment: %s, %s: through it %p', async (name, scheme, through) => {
		process.env[name] = `http://${proxy.address}`;
		const receiver = scheme === 'https' ? secure : plain;
		const run = await send(receiver.url(), { allowUnauthorizedCerts: true });
		expect(run.status).toBe('success');
		expect(proxy.passages).toHaveLength(through ? 1 : 0);
	});

	it('is left out where NO_PROXY says so, but not the node’s own', async () => {
		process.env.ALL_PROXY = `http://${proxy.address}`;
		process.env.NO_PROXY = '127.0.0.1';
		await send(plain.url());
		expect(proxy.passages).toHaveLength(0);
		await send(plain.url(), { proxy: `http://${proxy.address}` });
		expect(proxy.passages).toHaveLength(1);
	});

	it('that is not there is a connection that was not made, and its password is not shown', async () => {
		const gone = await TestProxy.start();
		const { address } = gone;
		await gone.close();
		const run = await send(plain.url(), { proxy: `http://user:hunter2-secret@${address}` }, errorOutput);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'CONNECTION', retryable: true });
		expect(JSON.stringify(run.errorOutput)).not.toContain('hunter2-secret');
	});
});

describe('the instance’s egress rules', () => {
	const blocked = { code: 'BLOCKED', retryable: false, attempts: 0 };

	it('keep the node from an address', async () => {
		protectEgress({});
		const run = await send(plain.url(), {}, errorOutput);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject(blocked);
		expect([plain.requests.length, plain.connections]).toEqual([0, plain.connections]);
	});

	it('keep the node from a proxy that is an IP address', async () => {
		const inside = await TestProxy.start('127.0.0.2');
		protectEgress({ allowedIpRanges: ['127.0.0.1/32'] });
		const run = await send(plain.url(), { proxy: `http://${inside.address}` }, errorOutput);
		await inside.close();
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'BLOCKED', retryable: false });
		expect([inside.passages.length, plain.requests.length]).toEqual([0, 0]);
	});

	it.each(['socks5://127.0.0.2:1080', 'ftp://127.0.0.1'])(
		'%s, which they could not be asked about, is no proxy',
		async (address) => {
			expect((await send(plain.url(), { proxy: address })).error?.message).toBe(
				'Proxy in the options is not the URL of an HTTP proxy',
			);
		},
	);

	it('let pass what they allow', async () => {
		protectEgress({ allowedIpRanges: ['127.0.0.1/32'] });
		expect((await send(plain.url())).status).toBe('success');
		expect((await send(plain.url(), { proxy: `http://${proxy.address}` })).status).toBe('success');
	});
});

describe('TLS', () => {
	it('refuses a certificate of an unknown authority, and is not retried', async () => {
		const run = await send(secure.url(), {}, { ...errorOutput, retryOnFail: true });
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'TLS', retryable: false, attempts: 1 });
		expect(secure.requests).toHaveLength(0);
	});

	it('takes it where the check is switched off; what it then has open is not shared with others', async () => {
		expect((await send(secure.url(), { allowUnauthorizedCerts: true })).status).toBe('success');
		expect((await send(secure.url())).status).toBe('error');
	});

	it('keeps its connections open', async () => {
		const before = secure.connections;
		for (let index = 0; index < 3; index += 1)
			await send(secure.url(), { allowUnauthorizedCerts: true, concurrency: 1 });
		expect(secure.connections - before).toBe(1);
	});
});

describe('a client certificate (n8n’s SSL Certificates credential)', () => {
	const client = issueCertificate({ name: 'the client', issuer: authority });
	const presented: Array<string | undefined> = [];
	let picky: Receiver;
	beforeAll(async () => {
		picky = await Receiver.start({
			tls: { ...tls, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
			otherwise: {
				name: 'looks at the client',
				act: (response, _request) => {
					presented.push((response.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined);
					response.end();
				},
			},
		});
	});
	afterAll(async () => await picky.close());
	beforeEach(() => (presented.length = 0));

	const withCertificate = async (data: Record<string, string>, options: INodeParameters = {}) =>
		await send(picky.url(), { useClientCertificate: true, ...options }, {}, { httpSslAuth: data });

	it('is presented, and its CA is trusted', async () => {
		const run = await withCertificate({ ca: authority.cert, cert: client.cert, key: client.key });
		expect(run.error?.description).toBeUndefined();
		expect(presented).toEqual(['the client']);
	});

	it('may have lost its line breaks in the form', async () => {
		const flat = (pem: string) => pem.trim().replaceAll('\n', ' ');
		await withCertificate({ ca: flat(authority.cert), cert: flat(client.cert), key: flat(client.key) });
		await withCertificate({
			ca: authority.cert.replaceAll('\n', '\\n'),
			cert: client.cert.replaceAll('\n', '\\n'),
			key: client.key.replaceAll('\n', '\\n'),
		});
		expect(presented).toEqual(['the client', 'the client']);
	});

	it('is presented to the destination behind a proxy, too', async () => {
		await withCertificate(
			{ ca: authority.cert, cert: client.cert, key: client.key },
			{ proxy: `http://${proxy.address}` },
		);
		expect([presented, proxy.passages.length]).toEqual([['the client'], 1]);
	});

	it('that is not presented is a TLS fault', async () => {
		const run = await send(picky.url(), { allowUnauthorizedCerts: true }, errorOutput);
		expect(presented).toEqual([]);
		expect(['TLS', 'CONNECTION']).toContain(deliveryOf(run.errorOutput[0]!.json).code);
	});

	it('that is none, or whose key is none, sends nothing and shows nothing of it', async () => {
		const run = await withCertificate({ ca: authority.cert, cert: client.cert, key: 'hunter2-secret, no key' });
		expect(run.status).toBe('error');
		expect(presented).toEqual([]);
		expect(JSON.stringify(run.data.resultData.error)).not.toContain('hunter2-secret');
	});

	it('whose passphrase is wrong names the passphrase, not the destination, and sends nothing', async () => {
		const encrypted = createPrivateKey(client.key).export({
			type: 'pkcs8',
			format: 'pem',
			cipher: 'aes-256-cbc',
			passphrase: 'right',
		}) as string;
		const before = picky.connections;
		const run = await withCertificate({
			ca: authority.cert,
			cert: client.cert,
			key: encrypted,
			passphrase: 'hunter2-secret',
		});
		expect(run.error).toMatchObject({
			message: 'SSL Certificates credential: The passphrase does not decrypt the private key',
			description: expect.stringContaining('Check Passphrase') as string,
		});
		expect(JSON.stringify(run.data.resultData)).not.toContain('hunter2-secret');
		expect(picky.connections).toBe(before);
		await withCertificate({ ca: authority.cert, cert: client.cert, key: encrypted, passphrase: 'right' });
		expect(presented).toEqual(['the client']);
	});
});
