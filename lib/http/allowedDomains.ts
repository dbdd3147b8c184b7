import { parseUrl } from '../text/parseUrl';

/** A host name as it is compared: lower case, without the dot of the root. */
const comparable = (host: string) => host.trim().toLowerCase().replace(/\.$/, '');

/**
 * Whether a URL's host is on a list of domains, read as n8n reads a credential's *Allowed Domains*:
 * `*.example.com` means the subdomains and not `example.com` itself.
 *
 * @param allowedDomains `undefined` allows every host
 */
export function isAllowedDomain(url: string, allowedDomains: readonly string[] | undefined): boolean {
	if (allowedDomains === undefined) return true;
	const host = comparable(parseUrl(url)?.hostname ?? '');
	if (host === '') return false;
	return allowedDomains.map(comparable).some((domain) => {
		if (!domain.startsWith('*.')) return domain !== '' && host === domain;
		return domain.length > 2 && host.endsWith(domain.slice(1));
	});
}
