import { isIP } from 'node:net';

import type { IExecuteFunctions, NodeEgressFilter } from 'n8n-workflow';

/** What of n8n's egress filter this package uses. `validateConnectionHost` is newer than the others. */
export type EgressFilter = Pick<NodeEgressFilter, 'validateUrl' | 'createSecureLookup'> &
	Partial<Pick<NodeEgressFilter, 'validateConnectionHost'>>;

/**
 * The instance's rules on where nodes may connect to (`N8N_SSRF_PROTECTION_ENABLED` and its lists).
 *
 * @returns undefined on an n8n that has no such filter yet (before 2.30), unless the instance asks for the
 * protection: nothing may be sent then, as the rules could not be kept
 * @source n8n: a node with its own HTTP client honours the rules through `helpers.getSecureEgressFilter()`
 */
export function egressFilterOf(context: IExecuteFunctions): EgressFilter | undefined {
	const helpers = context.helpers as Partial<Pick<IExecuteFunctions['helpers'], 'getSecureEgressFilter'>>;
	return helpers.getSecureEgressFilter?.() ?? (isProtectionAskedFor() ? letsNothingPass : undefined);
}

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

/** As n8n reads its settings, `true` or `1`; named to be read from a file, it is taken for a yes. */
function isProtectionAskedFor(): boolean {
	const { N8N_SSRF_PROTECTION_ENABLED: value, N8N_SSRF_PROTECTION_ENABLED_FILE: file } = process.env;
	return ['true', '1'].includes(value?.trim().toLowerCase() ?? '') || Boolean(file);
}

/** Stands in for the filter of an n8n that is asked for protection and has none for nodes like this one. */
class NoEgressFilter extends Error {
	constructor() {
		super('SSRF protection is on, which n8n can apply to this node from 2.30 on');
	}
}

const letsNothingPass: EgressFilter = {
	validateUrl: async () => ({ ok: false, error: new NoEgressFilter() }),
	validateConnectionHost: () => ({ ok: false, error: new NoEgressFilter() }),
	createSecureLookup: () => (_hostname, _options, callback) => callback(new NoEgressFilter(), '', 0),
};

/** What may be said of an error that comes from the egress rules, undefined for any other. */
export function blockedByEgress(error: unknown): string | undefined {
	for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
		if (cause instanceof NoEgressFilter) return cause.message;
		// Recognised by name, as n8n does not export its classes; its message may tell of the network.
		if (cause.constructor.name.startsWith('SsrfBlocked') || cause.name.startsWith('SsrfBlocked')) {
			return 'the rules of this n8n instance forbid it';
		}
	}
	return undefined;
}
