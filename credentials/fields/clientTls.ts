import type { INodeProperties } from 'n8n-workflow';

/** One of the values of *Client Authentication Type*. */
export const authenticateByTls = {
	name: 'Use TLS Client Certificate',
	value: 'tls',
	description:
		'The client ID goes in the body, and the client authenticates with the certificate of its TLS connection (mTLS, RFC 8705)',
};

const fields: INodeProperties[] = [
	{
		displayName: 'TLS Certificate',
		name: 'tlsCertificate',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. -----BEGIN CERTIFICATE-----',
		description:
			'The client certificate in PEM, with its chain if it has one. It is presented to the token endpoint and to the destination, which it lets verify tokens that are bound to it.',
	},
	{
		displayName: 'TLS Passphrase',
		name: 'tlsPassphrase',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		description: 'Decrypts TLS Private Key. Leave empty if the key is not encrypted.',
	},
	{
		displayName: 'TLS Private Key',
		name: 'tlsPrivateKey',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		placeholder: 'e.g. -----BEGIN PRIVATE KEY-----',
		description: 'The private key of TLS Certificate in PEM',
	},
	{
		displayName: 'TLS CA',
		name: 'tlsCa',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. -----BEGIN CERTIFICATE-----',
		description:
			'Certificates of private authorities to trust as well, in PEM. Leave empty to trust the authorities that n8n trusts.',
	},
];

const shown = (displayOptions: INodeProperties['displayOptions']) =>
	fields.map((field) => ({ ...field, displayOptions }));

/**
 * The certificate of a client that authenticates with it.
 *
 * @param more conditions under which *Client Authentication Type* itself is shown
 */
export const clientTlsFields = (more: Record<string, string[]> = {}): INodeProperties[] =>
	shown({ show: { ...more, clientAuthentication: [authenticateByTls.value] } });

/** The certificate of a client that authenticates otherwise, and whose tokens are bound to it. Advanced. */
export const boundTlsFields = shown({
	show: { tokenBinding: ['tls'] },
	hide: { clientAuthentication: [authenticateByTls.value] },
});
