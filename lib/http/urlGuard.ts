import type { RequestFault } from '../result/requestFault';
import { fail, ok, type Result } from '../result/result';
import type { EgressFilter } from './egress';
import { networkFault, type NetworkFault } from './networkFault';

/** Says whether a URL may be connected to: before the first request and before every redirect hop. */
export type UrlGuard = (url: URL) => Promise<Result<undefined, RequestFault | NetworkFault>>;

/**
 * Joins the instance's egress rules with the domains that the credential allows.
 * An origin is asked about once a run; every new connection is checked again by the filter's own lookup.
 *
 * @param filter the instance's rules, undefined where n8n has none
 * @param checkDomains the credential's allowed domains, see {@link allowedDomainsOf}
 */
export function urlGuard(
	filter: EgressFilter | undefined,
	checkDomains: (url: URL) => RequestFault | undefined,
): UrlGuard {
	const asked = new Map<string, ReturnType<UrlGuard>>();
	return (url) => {
		let answer = asked.get(url.origin);
		if (answer === undefined) {
			answer = ask(url, filter, checkDomains);
			asked.set(url.origin, answer);
		}
		return answer;
	};
}

async function ask(
	url: URL,
	filter: EgressFilter | undefined,
	checkDomains: (url: URL) => RequestFault | undefined,
): ReturnType<UrlGuard> {
	try {
		const domainFault = checkDomains(url);
		if (domainFault !== undefined) return fail(domainFault);
		if (filter === undefined) return ok(undefined);
		const allowed = await filter.validateUrl(url);
		if (allowed.ok) return ok(undefined);
		const fault = networkFault(allowed.error);
		return fail(fault.code === 'DNS' ? fault : { ...fault, code: 'BLOCKED' as const });
	} catch (error) {
		// n8n fact (2.40): the filter rejects when a host name does not resolve. That is this host's fault alone.
		return fail(networkFault(error));
	}
}
