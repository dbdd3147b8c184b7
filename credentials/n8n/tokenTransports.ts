import type { ICredentialTestFunctions, IHttpRequestHelper } from 'n8n-workflow';

import type { ClientCertificate } from '../../lib/http/dispatchers';
import { TOKEN_TIMEOUT_MS, type TokenTransport } from '../../lib/oauth2/token/tokenTransport';
import type { NetworkFault } from '../../lib/http/networkFault';
import { fail } from '../../lib/result/result';
import { tokenExchange } from './tokenExchange';

/**
 * Token requests over n8n's `helpers.httpRequest`: all that `preAuthentication` has. n8n's egress rules
 * and proxies hold. The response comes as a stream, so the deadline covers all of it and the cap counts
 * decoded bytes. What this path cannot do, other than undici's in the node: keep connections open, and
 * limit the size of the response's headers.
 *
 * A client certificate goes over n8n's older helper, which is there, too: n8n-core 2.0 drops `agentOptions` in `httpRequest`
 * without notice.
 */
export function preAuthenticationTransport(helpers: IHttpRequestHelper['helpers']): TokenTransport {
	const { httpRequest } = helpers;
	return async (request, signal) => {
		const { url, method, headers, body, clientCertificate } = request;
		if (clientCertificate !== undefined) {
			if (!hasRequest(helpers)) return fail(NO_CERTIFICATES);
			return await credentialTestExchange(helpers, request, signal);
		}
		return await tokenExchange(
			async (abortSignal) =>
				await httpRequest({
					url,
					method,
					headers: { ...headers },
					body,
					encoding: 'stream',
					returnFullResponse: true,
					ignoreHttpStatusErrors: true,
					disableFollowRedirect: true,
					timeout: TOKEN_TIMEOUT_MS,
					abortSignal,
				}),
			signal,
		);
	};
}

const NO_CERTIFICATES: NetworkFault = { code: 'TLS', cause: 'this n8n cannot present a client certificate' };

/** `helpers.request`: all of the node's helpers are handed on, whatever the type says (n8n 2.0 to 2.41). */
const hasRequest = (helpers: object): helpers is ICredentialTestFunctions['helpers'] =>
	'request' in helpers && typeof helpers.request === 'function';

/** What a credential test asks. */
interface TestRequest {
	readonly url: string;
	readonly method: 'GET' | 'POST';
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
	readonly clientCertificate?: ClientCertificate;
}

/**
 * One request over `helpers.request`, n8n's older helper: the only one a credential test has (no egress
 * filter to give to a client of one's own, but this helper honors the instance's rules). Same limits as
 * above; the time to the response's headers and the time from there are limited one by one.
 */
export async function credentialTestExchange(
	{ request }: ICredentialTestFunctions['helpers'],
	{ url, method, headers, body, clientCertificate }: TestRequest,
	signal?: AbortSignal,
): ReturnType<TokenTransport> {
	const options = {
		uri: url,
		method,
		headers: { ...headers },
		...(body === undefined ? {} : { body }),
		useStream: true,
		resolveWithFullResponse: true,
		simple: false,
		followRedirect: false,
		timeout: TOKEN_TIMEOUT_MS,
		...(clientCertificate === undefined ? {} : { agentOptions: clientCertificate }),
	};
	return await tokenExchange(async () => (await request(options)) as unknown, signal);
}

/** Token requests of a credential test. */
export function credentialTestTransport(helpers: ICredentialTestFunctions['helpers']): TokenTransport {
	return async (request, signal) => await credentialTestExchange(helpers, request, signal);
}
