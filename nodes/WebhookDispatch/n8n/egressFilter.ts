import type { IExecuteFunctions } from 'n8n-workflow';

import { letsNothingPass, type EgressFilter } from '../../../lib/http/egress';

/**
 * The instance's rules on where nodes may connect to (`N8N_SSRF_PROTECTION_ENABLED` and its lists).
 *
 * @returns undefined on an n8n that has no such filter yet (before 2.30), unless the instance asks for the
 * protection: nothing may be sent then, as the rules could not be kept
 * @source n8n: a node with its own HTTP client honor the rules through `helpers.getSecureEgressFilter()`
 */
export function egressFilterOf(context: IExecuteFunctions): EgressFilter | undefined {
	const helpers = context.helpers as Partial<Pick<IExecuteFunctions['helpers'], 'getSecureEgressFilter'>>;
	return helpers.getSecureEgressFilter?.() ?? (isProtectionAskedFor() ? letsNothingPass : undefined);
}

/** As n8n reads its settings, `true` or `1`; named to be read from a file, it is taken for a yes. */
function isProtectionAskedFor(): boolean {
	const { N8N_SSRF_PROTECTION_ENABLED: value, N8N_SSRF_PROTECTION_ENABLED_FILE: file } = process.env;
	return ['true', '1'].includes(value?.trim().toLowerCase() ?? '') || Boolean(file);
}
