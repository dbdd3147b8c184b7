import type { IExecuteFunctions, NodeEgressFilter } from 'n8n-workflow';

/** What of n8n's egress filter this package uses. */
export type EgressFilter = Pick<
	NodeEgressFilter,
	'validateUrl' | 'validateConnectionHost' | 'createSecureLookup'
>;

/**
 * The instance's rules on where nodes may connect to (`N8N_SSRF_PROTECTION_ENABLED` and its lists).
 *
 * @returns undefined on an n8n that has no such filter yet
 * @source n8n: a node with its own HTTP client honours the rules through `helpers.getSecureEgressFilter()`
 */
export function egressFilterOf(context: IExecuteFunctions): EgressFilter | undefined {
	const helpers = context.helpers as Partial<Pick<IExecuteFunctions['helpers'], 'getSecureEgressFilter'>>;
	return helpers.getSecureEgressFilter?.() ?? undefined;
}

/**
 * Whether an error comes from the egress rules. Recognised by name: n8n does not export its classes.
 */
export function isBlockedByEgress(error: unknown): boolean {
	for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
		if (cause.constructor.name.startsWith('SsrfBlocked') || cause.name.startsWith('SsrfBlocked')) return true;
	}
	return false;
}
