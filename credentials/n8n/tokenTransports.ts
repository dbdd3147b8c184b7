import type { ICredentialTestFunctions, IHttpRequestHelper } from 'n8n-workflow';

import { TOKEN_TIMEOUT_MS, type TokenTransport } from '../../lib/oauth2/token/tokenTransport';
import { tokenExchange } from './tokenExchange';

/**
 * Token requests over n8n's `helpers.httpRequest`: all that `preAuthentication` has. n8n's egress rules
 * and proxies hold. The answer comes as a stream, so the deadline covers all of it and the cap counts
 * decoded bytes. What this path cannot do, other than undici's in the node: keep connections open, and
 * limit the size of the answer's headers.
 */
export function preAuthenticationTransport({ httpRequest }: IHttpRequestHelper['helpers']): TokenTransport {
	return async ({ url, method, headers, body }, signal) =>
		await tokenExchange(
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
}

/** What a credential test asks. */
interface TestRequest {
	readonly url: string;
	readonly method: 'GET' | 'POST';
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string;
}

/**
 * One request over `helpers.request`, n8n's older helper: the only one a credential test has (no egress
 * filter to give to a client of one's own, but this helper honors the instance's rules). Same limits as
 * above; the time to the answer's headers and the time from there are limited one by one.
 */
export async function credentialTestExchange(
	{ request }: ICredentialTestFunctions['helpers'],
	{ url, method, headers, body }: TestRequest,
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
	};
	return await tokenExchange(async () => (await request(options)) as unknown, signal);
}

/** Token requests of a credential test. */
export function credentialTestTransport(helpers: ICredentialTestFunctions['helpers']): TokenTransport {
	return async (request, signal) => await credentialTestExchange(helpers, request, signal);
}
