import { isHttpToken } from '../../text/httpToken';
import { type CredentialData, FieldFault, rowsField } from './credentialFields';

/** RFC 9110 section 5.5, without obs-text: clients differ in how they write characters beyond ASCII. */
const HEADER_VALUE = /^[\t\x20-\x7e]+$/;

/**
 * Headers that the request, the client authentication or the connection sets (RFC 9110 sections 7.6.1 and 8,
 * RFC 9112 section 6): a second one would contradict the first.
 */
const RESERVED_HEADERS: readonly string[] = [
	'accept',
	'accept-encoding',
	'authorization',
	'connection',
	'content-encoding',
	'content-length',
	'content-type',
	'dpop',
	'expect',
	'host',
	'keep-alive',
	'proxy-authorization',
	'proxy-connection',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
	'user-agent',
];

/**
 * Reads the headers that a credential adds to every token request, such as the API key of a gateway. Blank rows
 * are left out.
 *
 * @returns pairs in order, each name once in whatever letter case
 * @throws FieldFault that says which row it is about, and quotes neither its value nor a name of the user's: a key
 * may have been pasted there
 */
export function readTokenRequestHeaders(data: CredentialData): Array<[string, string]> {
	const headers: Array<[string, string]> = [];
	const seen = new Set<string>();
	for (const [index, [name, text]] of rowsField(data, 'tokenRequestHeaders').entries()) {
		if (name === '' && text.trim() === '') continue;
		// Spaces around a value are no part of it. Line breaks stay, to be refused.
		const value = text.replace(/^[\t ]+|[\t ]+$/g, '');
		const header = `Header ${index + 1} in Token Request Headers`;
		if (name === '') throw new FieldFault(`${header} has no name`, 'Enter the name, or remove the header');
		if (!isHttpToken(name)) {
			throw new FieldFault(`${header} has an invalid name`, 'Use letters, digits and hyphens, e.g. X-Api-Key');
		}
		const lowercase = name.toLowerCase();
		if (RESERVED_HEADERS.includes(lowercase)) {
			throw new FieldFault(
				`Token Request Headers must not contain ${lowercase}`,
				'Remove this header: the token request sets it itself',
			);
		}
		if (seen.has(lowercase)) {
			throw new FieldFault(`${header} has the name of another header`, 'Remove one of the two: each name is sent once');
		}
		if (value === '') throw new FieldFault(`${header} has no value`, 'Enter the value, or remove the header');
		if (!HEADER_VALUE.test(value)) {
			throw new FieldFault(
				`${header} has a value with line breaks, control characters or characters beyond ASCII`,
				'Enter the value again, on one line and in plain characters',
			);
		}
		seen.add(lowercase);
		headers.push([name, value]);
	}
	return headers;
}
