import {
	type ClientCredentialsCredential,
	type JwtCredential,
	type OAuth2Credential,
	oAuth2CredentialTypes,
	type PasswordCredential,
} from '../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../lib/oauth2/credential/readOAuth2Credential';

export const TOKEN_URL = 'https://login.example.com/oauth/token';

/** Secrets with everything in them that encodings trip over. */
export const AWKWARD_ID = 'app:42-a b+c%d&e=fü';
export const AWKWARD_SECRET = 'se:cr-et /+%20&=ß"\'<';

function read(type: string, data: Record<string, unknown>): OAuth2Credential {
	const result = readOAuth2Credential(type, data);
	if (!result.ok) throw new Error(result.fault.message);
	return result.value;
}

/** Credentials as they are read from a form in which only the needed fields are filled in. */
export const passwordCredential = (data: Record<string, unknown> = {}) =>
	read(oAuth2CredentialTypes.password, {
		accessTokenUrl: TOKEN_URL,
		clientId: 'my-app',
		clientSecret: 'client-secret',
		username: 'ada',
		password: 'user-password',
		...data,
	}) as PasswordCredential;

export const clientCredential = (data: Record<string, unknown> = {}) =>
	read(oAuth2CredentialTypes.clientCredentials, {
		accessTokenUrl: TOKEN_URL,
		clientId: 'my-app',
		clientSecret: 'client-secret',
		...data,
	}) as ClientCredentialsCredential;

export const jwtCredential = (data: Record<string, unknown> = {}) =>
	read(oAuth2CredentialTypes.clientCredentialsJwt, {
		accessTokenUrl: TOKEN_URL,
		clientId: 'my-app',
		privateKey:
			'-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----',
		...data,
	}) as JwtCredential;
