import { parseUrl } from '../../text/parseUrl';

/**
 * Where the metadata of an issuer may be, in the order in which to look: RFC 8414 section 3.1 inserts its path between host
 * and path, section 5 does the same for OpenID Connect's document, and OpenID Connect Discovery section 4.1 appends it.
 *
 * @param issuer a URL without query and fragment; a slash at its end is dropped
 * @returns each URL once; none for what is no URL
 */
export function wellKnownUrls(issuer: string): string[] {
	const url = parseUrl(issuer);
	if (url === undefined) return [];
	const path = url.pathname.replace(/\/$/, '');
	return [
		...new Set([
			`${url.origin}/.well-known/oauth-authorization-server${path}`,
			`${url.origin}/.well-known/openid-configuration${path}`,
			`${url.origin}${path}/.well-known/openid-configuration`,
		]),
	];
}
