import type { INodeProperties } from 'n8n-workflow';

export const tokenBinding: INodeProperties = {
	displayName: 'Token Binding',
	name: 'tokenBinding',
	type: 'options',
	options: [
		{ name: 'None', value: 'none', description: 'Bearer tokens: whoever has one can use it' },
		{
			name: 'DPoP',
			value: 'dpop',
			description:
				'A stolen token is useless: each request proves that this n8n has the key the token is bound to (RFC 9449, ES256)',
		},
		{
			name: 'TLS Client Certificate',
			value: 'tls',
			description:
				'A stolen token is useless: it is bound to the certificate of the TLS connection (mTLS, RFC 8705). A client that authenticates with its certificate needs no setting here.',
		},
	],
	default: 'none',
	description:
		'Whether tokens are bound to a key. DPoP tokens are always sent as Authorization: DPoP. The server and the destination must support it.',
};
