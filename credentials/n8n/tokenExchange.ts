import { Readable } from 'node:stream';

import { CANCELLED, networkFault, TIMED_OUT, TOO_LARGE } from '../../lib/http/networkFault';
import { MAX_TOKEN_RESPONSE_SIZE, TOKEN_TIMEOUT_MS, type TokenTransport } from '../../lib/oauth2/token/tokenTransport';
import { fail, ok } from '../../lib/result/result';

/** What n8n's helpers give when asked for the whole response as a stream. */
interface HelperAnswer {
	statusCode: number;
	headers: Record<string, string | string[] | undefined>;
	body: unknown;
}

function isHelperAnswer(value: unknown): value is HelperAnswer {
	return typeof value === 'object' && value !== null && 'statusCode' in value && typeof value.statusCode === 'number';
}

/** The body as text; `undefined` when it is larger than allowed. */
async function readText(body: unknown, signal: AbortSignal): Promise<string | undefined> {
	if (!(body instanceof Readable)) {
		const text = typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body ?? '');
		return text.length > MAX_TOKEN_RESPONSE_SIZE ? undefined : body === undefined || body === null ? '' : text;
	}
	const end = () => body.destroy(new Error('The time is up'));
	if (signal.aborted) end();
	signal.addEventListener('abort', end, { once: true });
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of body as AsyncIterable<Buffer>) {
		size += chunk.length;
		// Leaving the loop destroys the stream, and with it the connection.
		if (size > MAX_TOKEN_RESPONSE_SIZE) return undefined;
		chunks.push(chunk);
	}
	signal.removeEventListener('abort', end);
	return Buffer.concat(chunks).toString('utf8');
}

/**
 * Runs one exchange over one of n8n's request helpers under a deadline over the whole response and a cap on
 * its decoded bytes. n8n's own limit (300 s) is one on silence and never ends a response that drips.
 *
 * @param ask calls the helper; must ask for the full response, any status, no redirects, and a stream
 * @param signal the caller's cancellation
 * @returns never rejects
 */
export async function tokenExchange(
	ask: (signal: AbortSignal) => Promise<unknown>,
	signal?: AbortSignal,
): ReturnType<TokenTransport> {
	const controller = new AbortController();
	const end = () => controller.abort();
	const timer = setTimeout(end, TOKEN_TIMEOUT_MS);
	signal?.addEventListener('abort', end, { once: true });
	if (signal?.aborted) end();
	try {
		const answer = await ask(controller.signal);
		if (!isHelperAnswer(answer)) return fail({ code: 'CONNECTION', cause: 'n8n gave no response to read' });
		const body = await readText(answer.body, controller.signal);
		if (body === undefined) return fail(TOO_LARGE);
		return ok({ statusCode: answer.statusCode, headers: answer.headers, body });
	} catch (error) {
		if (signal?.aborted) return fail(CANCELLED);
		return fail(controller.signal.aborted ? TIMED_OUT : networkFault(error));
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', end);
	}
}
