import { isIP } from 'node:net';

import type { NodeEgressFilter } from 'n8n-workflow';

/** What of n8n's egress filter this package uses. `validateConnectionHost` is newer than the others. */
export type EgressFilter = Pick<NodeEgressFilter, 'validateUrl' | 'createSecureLookup'> &
	Partial<Pick<NodeEgressFilter, 'validateConnectionHost'>>;

/**
 * Asks about a host that is connected to without a lookup, an IP address: of a proxy.
 *
 * @param host a name or an address, an IPv6 one with or without brackets
 * @returns what speaks against it; a name is let pass, as its addresses are checked when it is looked up
 */
export async function refusedHost(filter: EgressFilter, host: string): Promise<Error | undefined> {
	const address = host.replace(/^\[|\]$/g, '');
	if (filter.validateConnectionHost === undefined && isIP(address) === 0) return undefined;
	const allowed =
		filter.validateConnectionHost?.(host) ??
		(await filter.validateUrl(`http://${isIP(address) === 6 ? `[${address}]` : address}/`));
	return allowed.ok ? undefined : allowed.error;
}

/** An n8n that is asked for protection has none for nodes like this one. */
class NoEgressFilter extends Error {
	constructor() {
		super('SSRF protection is on, which n8n can apply to this node from 2.30 on');
	}
}

/** Replaces the filter of such an n8n: nothing may be sent, as the rules could not be kept. */
export const letsNothingPass: EgressFilter = {
	validateUrl: async () => ({ ok: false, error: new NoEgressFilter() }),
	validateConnectionHost: () => ({ ok: false, error: new NoEgressFilter() }),
	createSecureLookup: () => (_hostname, _options, callback) => callback(new NoEgressFilter(), '', 0),
};

/**
 * What may be said of an error that comes from the egress rules.
 *
 * @param error one error, of whichever realm; its causes are for the caller to look into
 * @returns a few words that reveal nothing of the network, as the error's own message may; undefined for any other error
 * @source n8n-core 2.40: `SsrfBlockedIpError` and `SsrfBlockedHostnameError`, which it does not export, so by name
 */
export function blockedByEgress(error: object): string | undefined {
	if (error instanceof NoEgressFilter) return error.message;
	const { name } = error as { name?: unknown };
	return [name, error.constructor?.name].some((text) => typeof text === 'string' && text.startsWith('Ssrf'))
		? 'the rules of this n8n instance forbid it'
		: undefined;
}
