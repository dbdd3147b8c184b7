import { fail } from '../../result/result';
import type { TokenHttpRequest, TokenTransport } from './tokenTransport';

/** How to ask an authorization server. */
export interface ServerAccess {
	readonly transport: TokenTransport;
	readonly signal?: AbortSignal;
}

/** One request. A transport must not throw; one that does must not take secrets along in its stack. */
export async function exchange(
	{ transport, signal }: ServerAccess,
	request: TokenHttpRequest,
): ReturnType<TokenTransport> {
	try {
		return await transport(request, signal);
	} catch {
		return fail({ code: 'CONNECTION', cause: 'the request could not be made' });
	}
}
