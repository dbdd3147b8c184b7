/** A host name as it is compared: lowercase, without the dot of the root. */
const comparable = (host: string) => host.trim().toLowerCase().replace(/\.$/, '');

/**
 * Whether a host is on a list of domains, read as n8n reads a credential's *Allowed Domains*: `*.example.com` means the
 * subdomains and not `example.com` itself. Written out here because `isDomainAllowed` of n8n-workflow takes its arguments
 * in two ways, by version.
 *
 * @param hostname as a URL has it; an empty one is on no list
 * @param allowedDomains `undefined` allows every host
 */
export function isAllowedDomain(hostname: string, allowedDomains: readonly string[] | undefined): boolean {
	if (allowedDomains === undefined) return true;
	const host = comparable(hostname);
	if (host === '') return false;
	return allowedDomains
		.map(comparable)
		.some((domain) =>
			domain.startsWith('*.') ? domain.length > 2 && host.endsWith(domain.slice(1)) : host === domain,
		);
}
