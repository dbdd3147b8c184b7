import type { IExecuteFunctions } from 'n8n-workflow';

import type { TokenHttpAnswer, TokenTransport } from '../../../lib/oauth2/token/tokenTransport';
import { leaseDispatcher } from '../../../lib/http/dispatchers';
import { egressFilterOf } from './egressFilter';
import { parseUrl } from '../../../lib/text/parseUrl';
import { Transport, type HttpAnswer } from '../../../lib/http/transport';
import { urlGuard } from '../../../lib/http/urlGuard';

/** Milliseconds a token endpoint has for its whole answer. */
const TIMEOUT = 10_000;
/** Decoded bytes of a token endpoint's answer. */
const MAX_RESPONSE_SIZE = 1024 * 1024;

/**
 * The node's way to a token endpoint: undici, through the instance's egress rules and proxies, no redirect
 * followed, one deadline over the whole answer, a cap on its decoded bytes.
 *
 * @param proxy the node's own proxy; without it those of the environment count
 */
export function createTokenTransport(context: IExecuteFunctions, proxy?: string): TokenTransport {
	const filter = egressFilterOf(context);
	const guard = urlGuard(filter, () => undefined);
	return async (request, signal) => {
		const url = parseUrl(request.url);
		if (url === undefined) return { ok: false, code: 'INVALID_URL', message: 'it is not a URL' };
		const allowed = await guard(url);
		if (!allowed.ok) {
			const { fault } = allowed;
			return 'cause' in fault
				? { ok: false, code: fault.code, message: fault.cause }
				: { ok: false, code: 'BLOCKED', message: fault.message };
		}
		const lease = leaseDispatcher(
			{
				connections: 4,
				connectTimeout: TIMEOUT,
				allowUnauthorizedCerts: false,
				...(proxy === undefined ? {} : { proxy }),
			},
			filter,
		);
		const transport = new Transport(lease.dispatcher, lease.connections);
		const cancel = () => transport.cancel();
		if (signal?.aborted) cancel();
		signal?.addEventListener('abort', cancel, { once: true });
		const answer = await transport.send(
			{ method: request.method, url, headers: request.headers, body: request.body },
			{ deadline: performance.now() + TIMEOUT, maxResponseSize: MAX_RESPONSE_SIZE },
		);
		signal?.removeEventListener('abort', cancel);
		lease.release();
		return asTokenAnswer(answer);
	};
}

/** The status counts first: a 503 whose body never ends is a 503. */
function asTokenAnswer(answer: HttpAnswer): TokenHttpAnswer {
	if (answer.ok) {
		return { ok: true, status: answer.statusCode, headers: answer.headers, body: answer.body.toString('utf8') };
	}
	if (
		answer.statusCode !== undefined &&
		answer.code !== 'CANCELLED' &&
		(answer.statusCode < 200 || answer.statusCode > 299)
	) {
		return { ok: true, status: answer.statusCode, headers: answer.headers ?? {}, body: '' };
	}
	return { ok: false, code: answer.code, message: answer.cause };
}
