import type { INodeProperties } from 'n8n-workflow';

import { signingAlgorithms } from '../../lib/keys/algorithm';
import { certificateHeaders } from '../../lib/keys/certificate';
import { heading } from './tokenRequest';

const keys: INodeProperties[] = [
	heading(
		'keyNotice',
		'Key',
		'the Key resource of the Webhook Dispatch node generates a pair and shows the public key as PEM, JWK and JWKS for the authorization server.',
	),
	{
		displayName: 'Private Key',
		name: 'privateKey',
		type: 'string',
		typeOptions: { password: true, rows: 4 },
		default: '',
		placeholder: 'e.g. -----BEGIN PRIVATE KEY-----',
		description:
			'PEM (PKCS#8, PKCS#1, SEC1 or OpenSSH, encrypted or not, with line breaks or on one line), a JWK, a JWK Set, or the whole key file (JSON) of a Google service account or a Box app. Leave it empty until you have generated one.',
	},
	{
		displayName: 'Passphrase',
		name: 'passphrase',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		description: 'Opens an encrypted private key, and encrypts the ones that the Key resource generates',
	},
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
];

const header: INodeProperties[] = [
	heading('headerNotice', 'Header of the Client Assertion', 'fields left empty are left out.'),
	{
		displayName: 'Algorithm (Alg)',
		name: 'algorithm',
		type: 'options',
		options: signingAlgorithms.map((algorithm) => ({ name: algorithm, value: algorithm })),
		default: 'RS256',
		description: 'Must fit the key: RS and PS an RSA key, ES256 P-256, ES384 P-384, ES512 P-521, EdDSA Ed25519',
	},
	{
		displayName: 'Key ID (Kid)',
		name: 'keyId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-11',
		description:
			'Under which the server knows the public key. When empty, the kid of a JWK. Of several keys in Private Key, the one with this ID signs. Entra ID goes by the certificate instead.',
	},
];

const payload: INodeProperties[] = [
	heading(
		'payloadNotice',
		'Payload of the Client Assertion',
		'servers differ in the Audience: Okta and Entra ID want their token URL (the default), newer servers their issuer, Auth0 the tenant URL with a slash at the end.',
	),
	{
		displayName: 'Issuer (Iss)',
		name: 'issuer',
		type: 'string',
		default: '',
		placeholder: 'Client ID',
		description: 'Leave empty to use the one in the key file, or the Client ID',
	},
	{
		displayName: 'Subject (Sub)',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'e.g. nathan@example.com',
		description:
			'For an authorization grant, the user whom the token is for; when empty, none (Google: the service account itself) or the one in the key file. For a client assertion, when empty, the Client ID.',
	},
	{
		displayName: 'Audience (Aud)',
		name: 'audience',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://login.example.com/',
		description: 'When empty, the Access Token URL, to the letter. Several with spaces between, or as a JSON array.',
	},
];

/** What of the client assertion most servers do not need. */
export const advancedAssertion: INodeProperties[] = [
	heading('assertionNotice', 'Client Assertion', 'the rest of its header and payload. Fields left empty are left out.'),
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
			'Extensions that the server must understand, with commas between. Those named are put in the header, too. Most servers refuse an assertion that has it: better left empty.',
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
			'How the certificate is told to the server, with commas between: x5t#S256 (its SHA-256 thumbprint), x5t (SHA-1) or x5c (the whole chain)',
	},
	{
		displayName: 'Assertion Lifetime',
		name: 'expiresIn',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 60,
		description: 'Seconds until the assertion expires (exp). Many servers refuse more than 300.',
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

/** The client assertion, in the order of its parts. */
export const clientAssertionFields: INodeProperties[] = [...keys, ...header, ...payload];
