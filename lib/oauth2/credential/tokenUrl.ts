import { ok, refused, type Result } from '../../result/result';
import { parseUrl } from '../../text/parseUrl';

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host is the machine itself (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
function isLoopback(hostname: string): boolean {
	return LOOPBACK.test(hostname);
}

/**
 * Judges a token endpoint's URL: absolute, https unless loopback or opted in (RFC 6749 section 3.2),
 * no fragment (ditto), no user name or password inside.
 *
 * @param field the field's display name, for the message
 * @param text what the field holds
 * @returns the URL as it was written, without spaces around it
 */
export function checkTokenUrl(field: string, text: string, allowInsecure: boolean): Result<string> {
	const url = text.trim();
	const parsed = parseUrl(url);
	if (!parsed) {
		return refused(`${field} is not a URL`, 'Enter the whole address, e.g. https://login.example.com/oauth/token');
	}
	if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
		return refused(
			`${field} must start with https://`,
			`Tokens cannot be requested over ${parsed.protocol.slice(0, -1)}`,
		);
	}
	if (parsed.username !== '' || parsed.password !== '') {
		return refused(
			`${field} contains a user name or password`,
			'Remove it from the URL: the client ID and the client secret have their own fields',
		);
	}
	if (parsed.hash !== '') {
		return refused(
			`${field} has a part after #`,
			'Remove it from the URL: a token endpoint has none (RFC 6749 section 3.2)',
		);
	}
	if (parsed.protocol === 'http:' && !allowInsecure && !isLoopback(parsed.hostname)) {
		return refused(
			`${field} is not encrypted`,
			'Secrets could be read on the way. Use https://, or turn on Allow Insecure Token URL if you trust the network',
		);
	}
	return ok(url);
}

/** A URL as it may be shown: origin and path, without query, user name and password. Empty for what is no URL. */
export function endpointLabel(url: string): string {
	const parsed = parseUrl(url);
	return parsed === undefined || parsed.origin === 'null' ? '' : `${parsed.origin}${parsed.pathname}`;
}
