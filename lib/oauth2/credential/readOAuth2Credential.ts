import { fail, ok, refused, type Result } from '../../result/result';
import { readClientSecret, readSendEmptySecret } from './clientSecretFields';
import { readCommonFields } from './commonFields';
import { booleanField, type CredentialData, FieldFault, requiredField, textField } from './credentialFields';
import {
	type ClientCredentialsCredential,
	type OAuth2Credential,
	oAuth2CredentialTypes,
	type PasswordCredential,
} from './oAuth2Credential';
import { readJwtCredential } from './readJwtCredential';
import { readableFieldsFault } from './readableFields';
import { readAccessTokenUrl, readTokenUrl } from './readTokenUrl';

function readPassword(data: CredentialData): PasswordCredential {
	const accessTokenUrl = readAccessTokenUrl(data);
	// Some servers with a password grant know no clients: then both fields stay empty.
	const clientId = textField(data, 'clientId');
	if (clientId === '' && textField(data, 'clientSecret') !== '') {
		throw new FieldFault('Client ID is empty', 'Fill in Client ID in the credential: there is a Client Secret');
	}
	if (clientId === '' && readSendEmptySecret(data)) {
		throw new FieldFault('Client ID is empty', 'Fill in Client ID in the credential, or turn off Send Empty Secret');
	}
	return {
		grant: 'password',
		...readCommonFields(data),
		accessTokenUrl,
		refreshTokenUrl:
			textField(data, 'refreshTokenUrl').trim() === ''
				? accessTokenUrl
				: readTokenUrl(data, 'refreshTokenUrl', 'Refresh Token URL'),
		scopeOnRefresh: booleanField(data, 'scopeOnRefresh', false),
		clientId,
		...readClientSecret(data, clientId),
		username: requiredField(data, 'username', 'Username'),
		password: requiredField(data, 'password', 'Password'),
	};
}

function readClientCredentials(data: CredentialData): ClientCredentialsCredential {
	const clientId = requiredField(data, 'clientId', 'Client ID');
	if (!readSendEmptySecret(data) && textField(data, 'clientAuthentication').trim() !== 'tls') {
		requiredField(data, 'clientSecret', 'Client Secret');
	}
	return {
		grant: 'clientCredentials',
		...readCommonFields(data),
		accessTokenUrl: readAccessTokenUrl(data),
		clientId,
		...readClientSecret(data, clientId),
	};
}

const readers: Record<string, ((data: CredentialData) => OAuth2Credential) | undefined> = {
	[oAuth2CredentialTypes.password]: readPassword,
	[oAuth2CredentialTypes.clientCredentials]: readClientCredentials,
	[oAuth2CredentialTypes.clientCredentialsJwt]: readJwtCredential,
};

/**
 * Reads the decrypted data of an OAuth2 credential and checks it field by field. Private Key is not looked
 * into: that is the assertion's. A private key in another field is refused.
 *
 * @param credentialTypeName one of `oAuth2CredentialTypes`
 * @param data decrypted credential data; missing fields have their form's defaults
 * @returns the credential, or a fault whose message names the field
 */
export function readOAuth2Credential(credentialTypeName: string, data: CredentialData): Result<OAuth2Credential> {
	const reader = Object.hasOwn(readers, credentialTypeName) ? readers[credentialTypeName] : undefined;
	if (!reader) {
		return refused('This is not a Webhook Dispatch OAuth2 credential', 'Select the credential again in the node');
	}
	const readable = readableFieldsFault(data);
	if (readable) return fail(readable);
	try {
		return ok(reader(data));
	} catch (refusal) {
		return refusal instanceof FieldFault
			? refused(refusal.message, refusal.description)
			: refused('The credential could not be read', 'Open the credential, check its fields and save it again');
	}
}
