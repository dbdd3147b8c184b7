import { signingAlgorithms } from '../../keys/algorithm';
import { certificateHeaders } from '../../keys/certificate';
import { ok, refused, type Result } from '../../result/result';
import { readCommonFields } from './commonFields';
import {
	booleanField,
	choiceField,
	choicesField,
	type CredentialData,
	FieldFault,
	filledField,
	listField,
	numberField,
	objectField,
	requiredField,
	textField,
} from './credentialFields';
import {
	type ClientCredentialsCredential,
	type ClientSecretFields,
	type JwtCredential,
	type OAuth2Credential,
	oAuth2CredentialTypes,
	type PasswordCredential,
	sendsSecret,
} from './oAuth2Credential';
import { readableFieldsFault } from './readableFields';
import { checkTokenUrl } from './tokenUrl';

/** An assertion that is good for longer than a day is a mistake in the unit. */
const LONGEST_ASSERTION_SECONDS = 86_400;

/** RFC 7617 section 2: user ID and password hold no control characters, the user ID no colon. */
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** Of the two fields where a token request goes, the checked text. */
function readTokenUrl(data: CredentialData, name: string, label: string): string {
	const text = requiredField(data, name, label);
	const url = checkTokenUrl(label, text, booleanField(data, 'allowInsecureTokenUrl', false));
	if (!url.ok) throw new FieldFault(url.fault.message, url.fault.description);
	return url.value;
}

const readSendEmptySecret = (data: CredentialData) => booleanField(data, 'sendEmptySecret', false);

function readClientSecret(data: CredentialData, clientId: string): ClientSecretFields {
	const clientSecret = textField(data, 'clientSecret');
	const clientAuthentication = choiceField(data, 'clientAuthentication', 'Client Authentication Type', [
		'header',
		'body',
	]);
	const clientEncoding = choiceField(data, 'clientEncoding', 'Client ID and Secret Encoding', ['form', 'raw']);
	const fields = { clientSecret, clientAuthentication, clientEncoding, sendEmptySecret: readSendEmptySecret(data) };
	if (clientAuthentication === 'header' && clientEncoding === 'raw' && sendsSecret(fields)) {
		if (clientId.includes(':')) {
			throw new FieldFault(
				'Client ID holds a colon',
				'A Basic header cannot carry it as it is (RFC 7617 section 2): set Client ID and Secret Encoding to Form Encoded, or send both in the body',
			);
		}
		if (CONTROL_CHARACTER.test(clientId + clientSecret)) {
			throw new FieldFault(
				'Client ID or Client Secret holds a control character',
				'A Basic header cannot carry it as it is (RFC 7617 section 2): check that nothing else was pasted with it',
			);
		}
	}
	return fields;
}

function readPassword(data: CredentialData): PasswordCredential {
	const accessTokenUrl = readTokenUrl(data, 'accessTokenUrl', 'Access Token URL');
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
	if (!readSendEmptySecret(data)) requiredField(data, 'clientSecret', 'Client Secret');
	return {
		grant: 'clientCredentials',
		...readCommonFields(data),
		accessTokenUrl: readTokenUrl(data, 'accessTokenUrl', 'Access Token URL'),
		clientId,
		...readClientSecret(data, clientId),
	};
}

function readJwt(data: CredentialData): JwtCredential {
	const accessTokenUrl = readTokenUrl(data, 'accessTokenUrl', 'Access Token URL');
	const clientId = requiredField(data, 'clientId', 'Client ID');
	const readable = readableFieldsFault(data);
	if (readable) throw new FieldFault(readable.message, readable.description);
	const audiences = listField(data, 'audience', 'Audience', /\s+/);
	return {
		grant: 'clientCredentialsJwt',
		...readCommonFields(data),
		accessTokenUrl,
		clientId,
		privateKey: requiredField(data, 'privateKey', 'Private Key'),
		passphrase: textField(data, 'passphrase'),
		previousPublicKey: textField(data, 'previousPublicKey'),
		algorithm: choiceField(data, 'algorithm', 'Algorithm', signingAlgorithms),
		keyId: textField(data, 'keyId').trim(),
		headerType: textField(data, 'headerType', 'JWT').trim(),
		contentType: textField(data, 'contentType').trim(),
		critical: listField(data, 'critical', 'Critical (crit)', /[\s,]+/),
		issuer: filledField(data, 'issuer', clientId),
		subject: filledField(data, 'subject', clientId),
		audience: audiences.length > 1 ? audiences : (audiences[0] ?? accessTokenUrl),
		expiresIn: numberField(data, 'expiresIn', 'Assertion Lifetime', {
			fallback: 60,
			min: 1,
			max: LONGEST_ASSERTION_SECONDS,
		}),
		useIssuedAt: booleanField(data, 'useIssuedAt', true),
		jwtId: textField(data, 'jwtId').trim(),
		additionalClaims: objectField(data, 'additionalClaims', 'Additional Claims'),
		certificate: textField(data, 'certificate'),
		certificateHeaders: choicesField(data, 'certificateHeaders', 'Certificate Headers', certificateHeaders, [
			'x5t#S256',
		]),
	};
}

const readers: Record<string, ((data: CredentialData) => OAuth2Credential) | undefined> = {
	[oAuth2CredentialTypes.password]: readPassword,
	[oAuth2CredentialTypes.clientCredentials]: readClientCredentials,
	[oAuth2CredentialTypes.clientCredentialsJwt]: readJwt,
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
		return refused(
			'This credential is of no OAuth2 type of Webhook Dispatch',
			'Choose the credential again in the node',
		);
	}
	try {
		return ok(reader(data));
	} catch (refusal) {
		return refusal instanceof FieldFault
			? refused(refusal.message, refusal.description)
			: refused('The credential could not be read', 'Open the credential, check its fields and save it again');
	}
}
