import { readableLabels } from '../../keys/privateKeyInField';
import { textField, type CredentialData, FieldFault } from './credentialFields';
import type { ClientTlsFields } from './oAuth2Credential';

/** What the forms call the fields of a client certificate. */
export const clientTlsLabels = {
	ca: readableLabels.tlsCa,
	cert: readableLabels.tlsCertificate,
	key: 'TLS Private Key',
} as const;

/**
 * Reads the certificate that the client presents in TLS (RFC 8705), when the credential uses one: to authenticate by it
 * (Client Authentication Type), or to have tokens bound to it (Token Binding). Throws FieldFault when it is incomplete.
 */
export function readClientTls(data: CredentialData): ClientTlsFields | undefined {
	const isUsed = (name: string) => textField(data, name).trim() === 'tls';
	if (!isUsed('clientAuthentication') && !isUsed('tokenBinding')) return undefined;
	const required = (name: string, label: string) => {
		const value = textField(data, name);
		if (value.trim() !== '') return value;
		throw new FieldFault(
			`${label} is empty`,
			`Fill in ${label} in the credential: the client authenticates with a certificate and its private key`,
		);
	};
	return {
		certificate: required('tlsCertificate', clientTlsLabels.cert),
		privateKey: required('tlsPrivateKey', clientTlsLabels.key),
		passphrase: textField(data, 'tlsPassphrase'),
		ca: textField(data, 'tlsCa'),
	};
}
