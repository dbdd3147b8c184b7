import { redact } from '../../text/redaction';
import { valueAt } from '../../text/responsePath';
import type { CommonOAuth2Credential } from '../credential/oAuth2Credential';
import { nameOfField } from '../credential/responseFields';

/** Of one field, in characters: it is a URL, an ID or a date. */
const LONGEST_FIELD = 2000;

/** What the credential names of a token response beside the token. */
export type FurtherFields = Readonly<Record<string, string | number | boolean>>;

/**
 * Picks the fields that a credential names (*Response Fields*), under the last names of their paths. Objects, lists and
 * fields that are not there are left out.
 *
 * @param secrets redacted, should a server repeat one there
 * @returns undefined when the credential names none
 */
export function furtherFields(
	{ responseFields }: CommonOAuth2Credential,
	body: unknown,
	secrets: readonly string[],
): FurtherFields | undefined {
	if (responseFields.length === 0) return undefined;
	const fields = responseFields.flatMap((path): Array<[string, string | number | boolean]> => {
		const value = valueAt(body, path);
		if (typeof value === 'string') return [[nameOfField(path), redact(value.slice(0, LONGEST_FIELD), secrets)]];
		return typeof value === 'number' || typeof value === 'boolean' ? [[nameOfField(path), value]] : [];
	});
	return Object.fromEntries(fields);
}
