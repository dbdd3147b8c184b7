/**
 * Percent-encodes all but RFC 3986's unreserved characters (§2.3), as the HTTP Request node does (by `qs`). A space
 * becomes %20: a plus sign means one in forms only, and some receivers take it for a plus.
 */
export function percentEncoded(text: string): string {
	// Half a surrogate pair has no UTF-8: encodeURIComponent would throw.
	const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
	return encodeURIComponent(wellFormed).replace(
		/[!'()*]/g,
		(left) => `%${left.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}
