/** The value of an `Authorization` header with a user and a password. */
export interface BasicHeader {
	readonly value: string;
	/** The Base64 in it, which is as good as the password: to appear in no message. */
	readonly encoded: string;
}

/**
 * Basic authentication in UTF-8 (RFC 7617 §2, §2.1).
 *
 * @param user without a colon, at which the server would begin the password
 */
export function basicHeader(user: string, password: string): BasicHeader {
	const encoded = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
	return { value: `Basic ${encoded}`, encoded };
}
