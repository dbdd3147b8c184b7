import type { INodeProperties } from 'n8n-workflow';

import { signingAlgorithms } from '../../lib/keys/algorithm';
import { certificateHeaders } from '../../lib/keys/certificate';

/** The key of the client, and what its tokens are for: what nearly every server needs. */
export const clientAssertionFields: INodeProperties[] = [
	{
		displayName: 'Algorithm (Alg)',
		name: 'algorithm',
		type: 'options',
		options: signingAlgorithms.map((algorithm) => ({ name: algorithm, value: algorithm })),
		default: 'RS256',
		description: 'Must fit the key: RS and PS an RSA key, ES256 P-256, ES384 P-384, ES512 P-521, EdDSA Ed25519',
	},
	{
		displayName: 'Passphrase',
		name: 'passphrase',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		description: 'Decrypts the private key, and encrypts the one that Key: Generate makes',
	},
	{
		displayName: 'Private Key',
		name: 'privateKey',
		type: 'string',
		typeOptions: { password: true, rows: 4 },
		default: '',
		placeholder: 'e.g. -----BEGIN PRIVATE KEY-----',
		description:
			'PEM (PKCS#8, PKCS#1, SEC1 or OpenSSH, encrypted or not, with line breaks or on one line), a JWK, a JWK Set, or the whole key file (JSON) of a Google service account or a Box app. To make a key: leave empty, save, and run Key: Generate in the Webhook Dispatch node.',
	},
	{
		displayName: 'Key ID (Kid)',
		name: 'keyId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-11',
		description:
			'The ID under which the server knows the public key. Of several keys in Private Key, the one with this ID signs. Leave empty to use the kid of the JWK, or for Entra ID, which goes by Certificate (Advanced Settings).',
	},
	{
		displayName: 'Subject (Sub)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'e.g. nathan@example.com',
		displayOptions: { show: { jwtUse: ['authorizationGrant'] } },
		description:
			'The user whom the token is for. Leave empty to use the one in the key file, or none (Google: the service account itself).',
	},
	{
		displayName: 'Audience (Aud)',
		name: 'audience',
		type: 'string',
		default: '',
		placeholder: 'Access Token URL',
		description:
			'Okta and Entra ID want their token URL, newer servers their issuer, Auth0 the tenant URL with a slash at the end. Separate several values by spaces, or enter a JSON array.',
	},
];

/** What of the key and the JWT most servers do not need. */
export const advancedAssertion: INodeProperties[] = [
	{
		displayName: 'Previous (or Next) Public Key',
		name: 'previousPublicKey',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'e.g. -----BEGIN PUBLIC KEY-----',
		description:
			'While keys are rotated: the public key before or after this one, as PEM or JWK. It is added to the JWKS.',
	},
	{
		displayName: 'Certificate',
		name: 'certificate',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'e.g. -----BEGIN CERTIFICATE-----',
		description:
			'For servers that know the key by its certificate, such as Entra ID: its thumbprint goes in the header. Never put a private key here: n8n does not mask this field.',
	},
	{
		displayName: 'Certificate Headers',
		name: 'certificateHeaders',
		// Not a list to choose from: with one, n8n's form believes that something was changed whenever it is opened.
		type: 'string',
		default: 'x5t#S256',
		placeholder: `e.g. ${certificateHeaders.join(', ')}`,
		displayOptions: { hide: { certificate: [''] } },
		description:
			'How the server identifies the certificate, separated by commas: x5t#S256 (its SHA-256 thumbprint), x5t (SHA-1) or x5c (the whole chain)',
	},
	{
		displayName: 'Issuer (Iss)',
		name: 'issuer',
		type: 'string',
		default: '',
		placeholder: 'Client ID',
	},
	{
		displayName: 'Subject (Sub)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'Client ID',
		displayOptions: { show: { jwtUse: ['clientAssertion'] } },
	},
	{
		displayName: 'Type (Typ)',
		name: 'headerType',
		type: 'string',
		default: 'JWT',
		placeholder: 'e.g. client-authentication+jwt',
	},
	{
		displayName: 'Content Type (Cty)',
		name: 'contentType',
		type: 'string',
		default: '',
		description: 'Means a nested token when it is JWT, and some servers refuse it: better left empty',
	},
	{
		displayName: 'Critical (Crit)',
		name: 'critical',
		type: 'string',
		default: '',
		placeholder: 'e.g. exp, aud',
		description:
			'Extensions that the server must understand, separated by commas. They are also put in the header. Most servers refuse an assertion that has it: better left empty.',
	},
	{
		displayName: 'Assertion Lifetime (Seconds)',
		name: 'expiresIn',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 60,
		description: 'Time until the assertion expires (exp). Many servers refuse more than 300.',
	},
	{
		displayName: 'Use Issued At',
		name: 'useIssuedAt',
		type: 'boolean',
		default: true,
		description: 'Whether the assertion says when it was made (iat)',
	},
	{
		displayName: 'JWT ID Prefix (Jti)',
		name: 'jwtId',
		type: 'string',
		default: '',
		description: 'Text before the random ID of each assertion. Leave empty to send the random ID alone.',
	},
	{
		displayName: 'Additional Claims',
		name: 'additionalClaims',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '{}',
		placeholder: 'e.g. {"tenant": "acme"}',
	},
];
