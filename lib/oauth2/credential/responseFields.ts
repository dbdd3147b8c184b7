import { type CredentialData, FieldFault, listField } from './credentialFields';

/** What an execution stores unencrypted must be no secret. */
const SECRET_NAME = /token|secret|passw|assertion|private|credential/i;

/** Names that *Access Token: Get* outputs already. */
const OWN_NAMES: readonly string[] = ['tokenType', 'scope', 'expiresIn', 'expiresAt', 'accessToken', 'jkt', 'error'];

/** The name under which a field is output: the last one of its path. */
export const nameOfField = (path: string): string => path.split('.').at(-1) ?? path;

/**
 * Reads *Response Fields*: further fields of the token response that *Access Token: Get* outputs, e.g. Salesforce's
 * `instance_url`.
 *
 * @returns dotted paths, with a different last name each
 */
export function readResponseFields(data: CredentialData): string[] {
	const paths = [...new Set(listField(data, 'responseFields', 'Response Fields', /[\s,;]+/))];
	const names = paths.map(nameOfField);
	for (const [index, name] of names.entries()) {
		if (paths[index]?.split('.').includes('')) {
			throw new FieldFault('Response Fields contains an empty name', 'Enter paths such as instance_url or data.domain');
		}
		if (SECRET_NAME.test(name)) {
			throw new FieldFault(
				'Response Fields contains the name of a secret',
				'Remove it: n8n stores what a node outputs. The access token is sent by the credential itself',
			);
		}
		if (OWN_NAMES.includes(name) || names.indexOf(name) !== index) {
			throw new FieldFault(
				`Response Fields contains ${OWN_NAMES.includes(name) ? 'a name that Access Token: Get uses itself' : 'two fields with the same name'}`,
				'Remove one of them',
			);
		}
	}
	return paths;
}
