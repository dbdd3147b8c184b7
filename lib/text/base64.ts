/**
 * Decodes Base64 of the standard alphabet (RFC 4648 §4), padded or not.
 *
 * @returns undefined for anything else, where Buffer would read on
 */
export function decodeStandardBase64(text: string): Buffer | undefined {
	const bare = text.replace(/=+$/, '');
	if (!/^[A-Za-z0-9+/]+$/.test(bare) || bare.length % 4 === 1) return undefined;
	if (text !== bare && text.length % 4 !== 0) return undefined;
	return Buffer.from(bare, 'base64');
}

/**
 * Decodes Base64 as people paste it: of either alphabet (RFC 4648 §4 and §5), whatever its padding, also when its end is
 * missing.
 *
 * @returns undefined where a character belongs to neither alphabet, or nothing is there
 */
export function decodePastedBase64(text: string): Buffer | undefined {
	return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
