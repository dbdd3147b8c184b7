const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether a text is a `token` of HTTP (RFC 9110 §5.6.2), as the name of a header field must be (§5.1). */
export function isHttpToken(text: string): boolean {
	return TOKEN.test(text);
}
