import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Agent, request } from 'undici';

import { networkFault, type NetworkFault } from '../../../lib/http/networkFault';
import {
	issueCertificate,
	neverEnds,
	Receiver,
	refusingUrl,
	resetAfterBody,
	truncated,
} from '../../support/receiver/index';

type Code = NetworkFault['code'];

const coded = (code: string, more: object = {}) => Object.assign(new Error('hunter2secret'), { code, ...more });

describe('by error code', () => {
	it.each<[string, Code, string]>([
		['ECONNREFUSED', 'CONNECTION', 'the connection was refused'],
		['ECONNRESET', 'CONNECTION', 'the connection was reset'],
		['EPIPE', 'CONNECTION', 'the connection was closed while the request was sent'],
		['EHOSTUNREACH', 'CONNECTION', 'the host cannot be reached'],
		['ENETUNREACH', 'CONNECTION', 'the network cannot be reached'],
		['UND_ERR_SOCKET', 'CONNECTION', 'the connection was closed before the whole response had arrived'],
		['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'CONNECTION', 'the response was shorter or longer than announced'],
		['HPE_INVALID_CONSTANT', 'CONNECTION', 'the connection broke (HPE_INVALID_CONSTANT)'],
		['EADDRNOTAVAIL', 'CONNECTION', 'the connection broke (EADDRNOTAVAIL)'],
		['ETIMEDOUT', 'TIMEOUT', 'no connection within the timeout'],
		['UND_ERR_CONNECT_TIMEOUT', 'TIMEOUT', 'no connection within the timeout'],
		['UND_ERR_HEADERS_TIMEOUT', 'TIMEOUT', 'no connection within the timeout'],
		['UND_ERR_HEADERS_OVERFLOW', 'RESPONSE_TOO_LARGE', 'the headers of the response are too large'],
		['HPE_HEADER_OVERFLOW', 'RESPONSE_TOO_LARGE', 'the headers of the response are too large'],
		['CERT_HAS_EXPIRED', 'TLS', 'the certificate has expired'],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS', 'the certificate is self-signed'],
		['SELF_SIGNED_CERT_IN_CHAIN', 'TLS', 'a certificate in the chain is self-signed'],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS', 'the certificate was issued by an unknown authority'],
		['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'TLS', 'the certificate was issued by an unknown authority'],
		['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS', 'the certificate is for another host name'],
		['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS', 'no TLS connection (ERR_SSL_WRONG_VERSION_NUMBER)'],
		[
			'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
			'TLS',
			'no TLS connection (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
		],
		['ERR_OSSL_PEM_NO_START_LINE', 'TLS', 'no TLS connection (ERR_OSSL_PEM_NO_START_LINE)'],
		['EPROTO', 'TLS', 'no TLS connection (EPROTO)'],
		['CERT_NOT_YET_VALID', 'TLS', 'no TLS connection (CERT_NOT_YET_VALID)'],
		['HOSTNAME_MISMATCH', 'TLS', 'no TLS connection (HOSTNAME_MISMATCH)'],
	])('%s is %s', (code, expected, cause) => {
		expect(networkFault(coded(code))).toEqual({ code: expected, cause });
	});

	it.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL', 'ENODATA', 'ESERVFAIL'])(
		'%s is DNS',
		(code) => {
			expect(networkFault(coded(code))).toEqual({
				code: 'DNS',
				cause: `the host name could not be resolved (${code})`,
			});
		},
	);

	it.each([undefined, null, 'text', 5, {}, new Error('x'), { code: 7 }, { code: 'hunter2 secret' }, { code: '' }])(
		'%p, which says nothing, is a broken connection',
		(error) => {
			expect(networkFault(error)).toEqual({ code: 'CONNECTION', cause: 'the connection broke' });
		},
	);
});

describe('along the causes', () => {
	it('the first code counts', () => {
		const error = new TypeError('fetch failed', { cause: coded('ENOTFOUND') });
		expect(networkFault(error).code).toBe('DNS');
		expect(networkFault(coded('ECONNRESET', { cause: coded('ENOTFOUND') })).code).toBe('CONNECTION');
	});

	it('one error for each address that was tried: the first', () => {
		expect(networkFault(new AggregateError([coded('ETIMEDOUT'), coded('ECONNREFUSED')])).code).toBe('TIMEOUT');
		expect(
			networkFault(Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' })).code,
		).toBe('CONNECTION');
	});

	it('a proxy’s failed handshake says less than its cause', () => {
		const cause = coded('CERT_HAS_EXPIRED');
		expect(networkFault(coded('UND_ERR_PRX_TLS', { cause }))).toEqual({
			code: 'TLS',
			cause: 'the certificate has expired',
		});
		expect(networkFault(coded('UND_ERR_PRX_TLS')).code).toBe('TLS');
	});

	it('circles end', () => {
		const error: Error & { cause?: unknown } = new Error('x');
		error.cause = error;
		expect(networkFault(error).code).toBe('CONNECTION');
	});

	it('n8n’s egress rules are known by their name, at any depth', () => {
		class SsrfBlockedIpError extends Error {}
		const blocked = { code: 'BLOCKED', cause: 'the rules of this n8n instance forbid it' };
		expect(networkFault(new SsrfBlockedIpError('10.0.0.1'))).toEqual(blocked);
		expect(networkFault(coded('ENOTFOUND', { cause: new SsrfBlockedIpError('10.0.0.1') }))).toEqual(blocked);
		expect(networkFault(Object.assign(new Error('x'), { name: 'SsrfBlockedHostnameError' }))).toEqual(blocked);
		expect(networkFault(new AggregateError([new SsrfBlockedIpError('10.0.0.1')]))).toEqual(blocked);
	});

	it('a code that says nothing gives way to a cause that does', () => {
		expect(networkFault(coded('ERR_NETWORK', { cause: coded('ECONNREFUSED') }))).toEqual({
			code: 'CONNECTION',
			cause: 'the connection was refused',
		});
		expect(networkFault(coded('ERR_NETWORK', { cause: coded('EADDRNOTAVAIL') }))).toEqual({
			code: 'CONNECTION',
			cause: 'the connection broke (ERR_NETWORK)',
		});
	});
});

/** axios keeps the code of what it wraps, and n8n's helpers throw what axios throws. */
class AxiosError extends Error {
	readonly isAxiosError = true;

	constructor(
		readonly code: string,
		message: string,
		cause?: Error,
	) {
		super(message, { cause });
		this.name = 'AxiosError';
	}
}

describe('what n8n’s helpers throw reads as what undici throws', () => {
	it.each([
		'ECONNREFUSED',
		'ECONNRESET',
		'EPIPE',
		'EHOSTUNREACH',
		'ENETUNREACH',
		'ETIMEDOUT',
		'ENOTFOUND',
		'EAI_AGAIN',
		'EPROTO',
		'CERT_HAS_EXPIRED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		'EADDRNOTAVAIL',
	])('%s', (code) => {
		const byNode = coded(code);
		const byUndici = new TypeError('fetch failed', { cause: byNode });
		const byAxios = new AxiosError(code, 'hunter2secret', byNode);
		const byAxiosPerAddress = new AxiosError('', 'hunter2secret', new AggregateError([byNode, coded('EACCES')]));
		const expected = networkFault(byNode);
		for (const error of [byUndici, byAxios, byAxiosPerAddress]) expect(networkFault(error)).toEqual(expected);
	});

	it.each([
		['ECONNABORTED', 'timeout of 10000ms exceeded'],
		['ERR_CANCELED', 'canceled'],
	])('a deadline that ran out, by axios: %s', (code, message) => {
		expect(networkFault(new AxiosError(code, message))).toEqual({
			code: 'TIMEOUT',
			cause: 'no complete response within the timeout',
		});
	});

	it.each(['socket hang up', 'aborted'])(
		'a connection that was closed, which Node’s own client calls a reset: %s',
		(message) => {
			const closed = networkFault(coded('UND_ERR_SOCKET'));
			expect(networkFault(coded('ECONNRESET', { message }))).toEqual(closed);
			expect(networkFault(new AxiosError('ECONNRESET', message, coded('ECONNRESET', { message })))).toEqual(closed);
			expect(networkFault(coded('ECONNRESET', { message: `read ${message}` })).cause).toBe('the connection was reset');
		},
	);

	it.each([coded('ERR_INVALID_URL'), new AxiosError('ERR_INVALID_URL', 'Invalid URL')])('no URL: %p', (error) => {
		expect(networkFault(error)).toEqual({ code: 'INVALID_URL', cause: 'it is not a URL' });
	});

	it.each([
		'Domain not allowed: This credential is restricted from accessing a.example.',
		'No allowed domains specified. Configure allowed domains or change restriction setting.',
	])('the Allowed Domains of a credential: %s', (message) => {
		const expected = { code: 'BLOCKED', cause: 'the Allowed Domains of the credential leave this host out' };
		expect(networkFault(new Error(message))).toEqual(expected);
		expect(networkFault(new AxiosError('ERR_NETWORK', 'x', new Error(message)))).toEqual(expected);
		expect(networkFault(new Error(`It says: ${message}`)).code).toBe('CONNECTION');
	});
});

describe('a proxy that refuses a tunnel is reported with its status', () => {
	const refusal = coded('UND_ERR_ABORTED', { message: 'Proxy response (403) !== 200 when HTTP Tunneling' });

	it.each([refusal, new TypeError('fetch failed', { cause: refusal })])('%p', (error) => {
		expect(networkFault(error)).toEqual({ code: 'CONNECTION', cause: 'the proxy refused the connection (403)' });
	});
});

it('never repeats what the error says', () => {
	for (const error of [coded('ECONNRESET'), coded('X'), new Error('hunter2secret'), { code: 'hunter2secret' }]) {
		expect(JSON.stringify(networkFault(error))).not.toContain('hunter2secret');
	}
});

describe('real errors of real sockets', () => {
	const faultOf = async (url: string, options: Agent.Options = {}) => {
		const agent = new Agent(options);
		try {
			const { body } = await request(url, { method: 'POST', body: '{}', dispatcher: agent });
			await body.text();
			return 'no error';
		} catch (error) {
			return networkFault(error);
		} finally {
			await agent.destroy();
		}
	};
	const withReceiver = async (receiver: Receiver, options?: Agent.Options) => {
		const fault = await faultOf(receiver.url(), options);
		await receiver.close();
		return fault;
	};

	it('refused', async () => {
		expect(await faultOf(await refusingUrl())).toEqual({ code: 'CONNECTION', cause: 'the connection was refused' });
	});

	it('reset', async () => {
		expect(await withReceiver(await Receiver.start({ otherwise: resetAfterBody() }))).toMatchObject({
			code: 'CONNECTION',
		});
	});

	it('closed in the middle of the response', async () => {
		expect(await withReceiver(await Receiver.start({ otherwise: truncated() }))).toMatchObject({ code: 'CONNECTION' });
	});

	it('a name that there is not', async () => {
		expect(await faultOf('http://webhook-dispatch.invalid/')).toMatchObject({ code: 'DNS' });
	});

	it('no response', async () => {
		const receiver = await Receiver.start({ otherwise: neverEnds() });
		expect(await withReceiver(receiver, { bodyTimeout: 20 })).toMatchObject({ code: 'CONNECTION' });
	});

	it.each([
		['self-signed', () => issueCertificate(), 'the certificate is self-signed'],
		['expired', () => issueCertificate({ expired: true }), 'the certificate '],
		[
			'of an unknown authority',
			() => issueCertificate({ issuer: issueCertificate({ name: 'Authority', authority: true }) }),
			'the certificate was issued by an unknown authority',
		],
	])('a certificate that is %s', async (_name, tls, cause) => {
		const fault = await withReceiver(await Receiver.start({ tls: tls() }));
		expect(fault).toMatchObject({ code: 'TLS', cause: expect.stringContaining(cause) as string });
	});

	it.each([
		['something that is not HTTP', 'http', 'SSH-2.0-OpenSSH_9.2\r\n', 'CONNECTION'],
		['plain HTTP where TLS is expected', 'https', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'TLS'],
	] as const)('%s', async (_name, scheme, greeting, code) => {
		const server = createServer((socket) => socket.on('error', () => {}).end(greeting)).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const fault = await faultOf(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		server.close();
		expect(fault).toMatchObject({ code });
	});
});
