import { booleanField, choiceField, type CredentialData, FieldFault, filledField, textField } from './credentialFields';
import { type ClientSecretFields, sendsSecret } from './oAuth2Credential';

/** RFC 7617 section 2: user ID and password have no control characters, the user ID no colon. */
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

export const readSendEmptySecret = (data: CredentialData): boolean => booleanField(data, 'sendEmptySecret', false);

/** Form-encoded or raw, for the Basic header. */
export const readClientEncoding = (data: CredentialData): ClientSecretFields['clientEncoding'] =>
	choiceField(data, 'clientEncoding', 'Client ID and Secret Encoding', ['form', 'raw']);

/** Throws FieldFault when a Basic header cannot carry the client's ID and secret. */
export function checkBasicHeader(clientId: string, fields: ClientSecretFields): void {
	if (fields.clientAuthentication !== 'header' || fields.clientEncoding !== 'raw' || !sendsSecret(fields)) return;
	if (clientId.includes(':')) {
		throw new FieldFault(
			'Client ID contains a colon',
			'A Basic header cannot carry it as it is (RFC 7617 section 2): set Client ID and Secret Encoding to Form Encoded, or send both in the body',
		);
	}
	if (CONTROL_CHARACTER.test(clientId + fields.clientSecret)) {
		throw new FieldFault(
			'Client ID or Client Secret contains a control character',
			'A Basic header cannot carry it as it is (RFC 7617 section 2): check that nothing else was pasted with it',
		);
	}
}

/** The client's secret, and how it is sent. Throws FieldFault. */
export function readClientSecret(data: CredentialData, clientId: string): ClientSecretFields {
	const type = choiceField(data, 'clientAuthentication', 'Client Authentication Type', [
		'header',
		'body',
		'secretJwt',
		'tls',
	]);
	const clientSecret = textField(data, 'clientSecret');
	const clientEncoding = readClientEncoding(data);
	if (type === 'secretJwt') {
		if (clientId === '' || clientSecret === '') {
			throw new FieldFault(
				`${clientId === '' ? 'Client ID' : 'Client Secret'} is empty`,
				'A Client Secret JWT needs both: fill them in, or select another Client Authentication Type',
			);
		}
		return {
			clientSecret,
			clientAuthentication: 'body',
			clientEncoding,
			sendEmptySecret: false,
			secretJwt: {
				algorithm: choiceField(data, 'secretJwtAlgorithm', 'Secret JWT Algorithm', ['HS256', 'HS384', 'HS512']),
				audience: filledField(data, 'secretJwtAudience', textField(data, 'accessTokenUrl').trim()),
			},
		};
	}
	if (type === 'tls') {
		// RFC 8705 section 2: the server looks the certificate up by the client's ID. A secret would be a second method.
		if (clientId === '') {
			throw new FieldFault(
				'Client ID is empty',
				'Fill in Client ID in the credential: it is sent with the certificate',
			);
		}
		return { clientSecret: '', clientAuthentication: 'body', clientEncoding, sendEmptySecret: false };
	}
	const fields = {
		clientSecret,
		clientAuthentication: type,
		clientEncoding,
		sendEmptySecret: readSendEmptySecret(data),
	};
	checkBasicHeader(clientId, fields);
	return fields;
}
