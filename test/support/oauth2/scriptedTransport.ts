import type { TokenHttpRequest, TokenHttpResponse, TokenTransport } from '../../../lib/oauth2/token/tokenTransport';
import { ok } from '../../../lib/result/result';

/** What a token request comes to. */
export type TokenAnswer = Awaited<ReturnType<TokenTransport>>;

/** A response of a token endpoint. */
export const tokenResponse = (
	statusCode: number,
	body: unknown,
	headers: Record<string, string> = {},
): TokenHttpResponse => ({ statusCode, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

/** The same, as a transport gives it. */
export const answered = (...response: Parameters<typeof tokenResponse>): TokenAnswer => ok(tokenResponse(...response));

/** A transport that keeps what was asked, and responds when and how the test says. */
export interface ScriptedTransport {
	readonly transport: TokenTransport;
	readonly requests: TokenHttpRequest[];
	readonly signals: Array<AbortSignal | undefined>;
	/** Responds to a request that waits: the one that has waited longest, or one that came after it. */
	answer(answer: TokenAnswer, index?: number): void;
}

export function scriptedTransport(): ScriptedTransport {
	const requests: TokenHttpRequest[] = [];
	const signals: Array<AbortSignal | undefined> = [];
	const waiting: Array<(answer: TokenAnswer) => void> = [];
	return {
		requests,
		signals,
		transport: async (request, signal) => {
			requests.push(request);
			signals.push(signal);
			return await new Promise((resolve) => waiting.push(resolve));
		},
		answer(answer, index = 0) {
			const [resolve] = waiting.splice(index, 1);
			if (!resolve) throw new Error('No token request is waiting');
			resolve(answer);
		},
	};
}

/** A transport that responds at once: the given responses one after the other, the last one for ever. */
export function answering(...answers: TokenAnswer[]): { transport: TokenTransport; requests: TokenHttpRequest[] } {
	const requests: TokenHttpRequest[] = [];
	return {
		requests,
		transport: async (request) => {
			const answer = answers[Math.min(requests.length, answers.length - 1)]!;
			requests.push(request);
			return answer;
		},
	};
}

/** The parameters of a form-encoded token request. */
export const formOf = (request: TokenHttpRequest | undefined) => Object.fromEntries(new URLSearchParams(request?.body));
