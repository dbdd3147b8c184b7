import type { IExecuteFunctions } from 'n8n-workflow';

import { leaseDispatcher } from '../../../lib/http/dispatchers';
import { NOT_A_URL, type NetworkFault } from '../../../lib/http/networkFault';
import { Transport, type HttpAnswer } from '../../../lib/http/transport';
import { urlGuard } from '../../../lib/http/urlGuard';
import {
	MAX_TOKEN_RESPONSE_SIZE,
	TOKEN_TIMEOUT_MS,
	type TokenHttpResponse,
	type TokenTransport,
} from '../../../lib/oauth2/token/tokenTransport';
import { fail, ok, type Result } from '../../../lib/result/result';
import { parseUrl } from '../../../lib/text/parseUrl';
import { egressFilterOf } from './egressFilter';

/**
 * The node's way to a token endpoint: undici, through the instance's egress rules and proxies, no redirect
 * followed, one deadline over the whole response, a cap on its decoded bytes.
 *
 * @param proxy the node's own proxy; without it those of the environment count
 */
export function createTokenTransport(context: IExecuteFunctions, proxy?: string): TokenTransport {
	const filter = egressFilterOf(context);
	const guard = urlGuard(filter, () => undefined);
	return async (request, signal) => {
		const url = parseUrl(request.url);
		if (url === undefined) return fail(NOT_A_URL);
		const allowed = await guard(url);
		if (!allowed.ok) {
			const { fault } = allowed;
			return fail('cause' in fault ? fault : { code: 'BLOCKED', cause: fault.message });
		}
		const lease = leaseDispatcher(
			{
				connections: 4,
				connectTimeoutMs: TOKEN_TIMEOUT_MS,
				allowUnauthorizedCerts: false,
				...(proxy === undefined ? {} : { proxy }),
				...(request.clientCertificate && { clientCertificate: request.clientCertificate }),
			},
			filter,
		);
		const transport = new Transport(lease.dispatcher, lease.connections);
		const cancel = () => transport.cancel();
		if (signal?.aborted) cancel();
		signal?.addEventListener('abort', cancel, { once: true });
		const answer = await transport.send(
			{ method: request.method, url, headers: request.headers, body: request.body },
			{ deadline: performance.now() + TOKEN_TIMEOUT_MS, maxResponseSize: MAX_TOKEN_RESPONSE_SIZE },
		);
		signal?.removeEventListener('abort', cancel);
		lease.release();
		return asTokenResponse(answer);
	};
}

/** The status counts first: a 503 whose body never ends is a 503. */
function asTokenResponse(answer: HttpAnswer): Result<TokenHttpResponse, NetworkFault> {
	if (answer.ok) {
		return ok({ statusCode: answer.statusCode, headers: answer.headers, body: answer.body.toString('utf8') });
	}
	if (
		answer.statusCode !== undefined &&
		answer.code !== 'CANCELLED' &&
		(answer.statusCode < 200 || answer.statusCode > 299)
	) {
		return ok({ statusCode: answer.statusCode, headers: answer.headers ?? {}, body: '' });
	}
	return fail({ code: answer.code, cause: answer.cause });
}
