import { type CredentialData, FieldFault, pairsField, rowsField } from './credentialFields';
import type { CommonOAuth2Credential } from './oAuth2Credential';

/** Parameters that the grants and the client authentications write themselves. */
const RESERVED_PARAMETERS: readonly string[] = [
	'grant_type',
	'client_id',
	'client_secret',
	'client_assertion',
	'client_assertion_type',
	'username',
	'password',
	'refresh_token',
	'scope',
];

function checkNames(label: string, pairs: ReadonlyArray<readonly [name: string, value: string]>): void {
	const reserved = pairs.find(([name]) => RESERVED_PARAMETERS.includes(name.toLowerCase()));
	if (reserved) {
		throw new FieldFault(
			`${label} contains ${reserved[0].toLowerCase()}`,
			reserved[0].toLowerCase() === 'grant_type'
				? 'Remove it, and enter the grant type in Custom Grant Type under Advanced Settings'
				: 'This parameter has its own field in the credential: use that field',
		);
	}
}

/** Rows of the masked list. One without a name cannot be seen in the form, so it is not left out in silence. */
function readSecretParameters(data: CredentialData): Array<[string, string]> {
	const rows = rowsField(data, 'secretParameters').filter(([name, value]) => name !== '' || value !== '');
	const nameless = rows.findIndex(([name]) => name === '');
	if (nameless >= 0) {
		throw new FieldFault(
			`Parameter ${nameless + 1} in Secret Parameters has no name`,
			'Enter the name, or remove the parameter',
		);
	}
	return rows;
}

/**
 * Reads Additional Parameters, and Secret Parameters, whose values n8n masks in the form.
 *
 * @returns all of them in order, and those that must appear in no message
 * @throws FieldFault that quotes no value
 */
export function readAdditionalParameters(
	data: CredentialData,
): Pick<CommonOAuth2Credential, 'additionalParameters' | 'secretParameters'> {
	const plain = pairsField(data, 'additionalParameters');
	const secretParameters = readSecretParameters(data);
	checkNames('Additional Parameters', plain);
	checkNames('Secret Parameters', secretParameters);
	return { additionalParameters: [...plain, ...secretParameters], secretParameters };
}
