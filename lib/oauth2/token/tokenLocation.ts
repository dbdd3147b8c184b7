import { valueAt } from '../../text/responsePath';
import type { CommonOAuth2Credential } from '../credential/oAuth2Credential';
import type { TokenHttpResponse } from './tokenTransport';

/** RFC 6749 appendix A.12: a token is made of printable ASCII; spaces at its ends would be lost in a header. */
const TOKEN_TEXT = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** A text with spaces is prose, one in brackets a document; longer ones fit in no header (servers take 8 to 16 KiB). */
const PLAIN_TOKEN = /^[\x21\x23-\x3b\x3d-\x5a\x5c-\x7a\x7c\x7e][\x21-\x7e]{0,16383}$/;

/** What a server puts before a token in its own header; *Header Prefix* says what deliveries have there. */
const SCHEME = /^bearer\s+/i;

/** What a response has in the place of the token: the token, or what cannot be one. */
export interface PlacedToken {
	/** The token; undefined when there is none. */
	readonly token: string | undefined;
	/** Whether there is something in its place. */
	readonly isThere: boolean;
}

const placed = (value: unknown, pattern: RegExp): PlacedToken => ({
	token: typeof value === 'string' && pattern.test(value) ? value : undefined,
	isThere: value !== undefined && value !== null && value !== '',
});

/** The values of a header, by its name in whatever letter case. */
function headerValue({ headers }: TokenHttpResponse, wanted: string): string | undefined {
	const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted.toLowerCase()) ?? [];
	const values = [value ?? []].flat().filter((one) => one.trim() !== '');
	return values.length === 0 ? undefined : values.join(', ').trim();
}

/**
 * Finds the access token of a response where the credential says that it is.
 *
 * @param body the parsed body; anything else when it is no JSON
 */
export function placedToken(
	{ tokenLocation, accessTokenPath, accessTokenHeader }: CommonOAuth2Credential,
	response: TokenHttpResponse,
	body: unknown,
): PlacedToken {
	switch (tokenLocation) {
		case 'json':
			return placed(valueAt(body, accessTokenPath), TOKEN_TEXT);
		case 'header':
			return placed(headerValue(response, accessTokenHeader)?.replace(SCHEME, ''), PLAIN_TOKEN);
		case 'text':
			// Some frameworks write a text that is all of the response as JSON, in quotation marks.
			return placed(typeof body === 'string' ? body : response.body.trim(), PLAIN_TOKEN);
	}
}

/** Names of headers that are likely to hold a token. */
const TOKEN_HEADER = /^(?:authorization|(?:[a-z]+-)*(?:token|jwt)(?:-[a-z]+)*)$/i;

/** Where else the token may be, when it is not where it was looked for; a sentence, or empty. Shows names alone. */
export function otherLocation(
	{ tokenLocation, accessTokenPath }: CommonOAuth2Credential,
	response: TokenHttpResponse,
	body: unknown,
): string {
	if (tokenLocation !== 'json') {
		return placed(valueAt(body, accessTokenPath), TOKEN_TEXT).token === undefined
			? ''
			: 'The token seems to be in the JSON of the response: set Access Token Location to JSON Field';
	}
	const header = Object.keys(response.headers).find((name) => TOKEN_HEADER.test(name));
	if (header !== undefined) {
		return `If the token is in the header ${header.slice(0, 40)}, set Access Token Location to Response Header`;
	}
	const text = typeof body === 'string' ? body : response.body.trim();
	return typeof body !== 'object' && PLAIN_TOKEN.test(text) && text.length >= SHORTEST_PLAIN_TOKEN
		? 'If this text is the token, set Access Token Location to Response Text'
		: '';
}

/** A shorter text is a word. */
const SHORTEST_PLAIN_TOKEN = 16;
