import type { INodeProperties } from 'n8n-workflow';

import { ALGORITHMS } from '../../lib/signature/httpMessageSignatures/algorithms';
import { DEFAULT_COMPONENTS, LONGEST_LIFE } from '../../lib/signature/httpMessageSignatures/credential';
import { sharedSecretFields } from './sharedSecret';

/** Algorithms with a pair of keys; the other one takes Secret. */
const pairAlgorithms = Object.keys(ALGORITHMS).filter((name) => name !== 'hmac-sha256');

const forScheme = { scheme: ['httpMessageSignatures'] };
const forPairs = { ...forScheme, signatureAlgorithm: pairAlgorithms };

/** The fields of HTTP Message Signatures (RFC 9421) in the signing credential's form. */
export const httpMessageSignatureFields: INodeProperties[] = [
	{
		displayName: 'Algorithm',
		name: 'signatureAlgorithm',
		type: 'options',
		options: Object.entries(ALGORITHMS).map(([value, { label }]) => ({ name: label, value })),
		default: 'ed25519',
		displayOptions: { show: forScheme },
		description: 'The algorithm of RFC 9421 that both sides use. HMAC uses Secret, every other a key pair.',
	},
	...sharedSecretFields({ ...forScheme, signatureAlgorithm: ['hmac-sha256'] }),
	{
		displayName: 'Passphrase',
		name: 'passphrase',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		displayOptions: { show: forPairs },
		description: 'Decrypts the private key. Leave empty if it is not encrypted.',
	},
	{
		displayName: 'Private Key',
		name: 'privateKey',
		type: 'string',
		typeOptions: { password: true, rows: 4 },
		default: '',
		placeholder: 'e.g. -----BEGIN PRIVATE KEY-----',
		displayOptions: { show: forPairs },
		description:
			'Signs deliveries: PEM (PKCS#8, PKCS#1, SEC1, OpenSSH), JWK or JWKS. Leave empty if the credential only verifies.',
	},
	{
		displayName: 'Key ID (Kid)',
		name: 'keyId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-11',
		displayOptions: { show: forScheme },
		description:
			'Sent as keyid, so that the receiver finds the key. Leave empty to use the kid of the JWK, or the thumbprint that Key: Get Public shows.',
	},
	{
		displayName: 'Public Keys',
		name: 'publicKeys',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'e.g. -----BEGIN PUBLIC KEY-----',
		displayOptions: { show: forPairs },
		description:
			"For Signature: Verify: the sender's public keys as PEM, JWK or JWKS. In the sender's own credential: the previous (or next) key while keys are rotated.",
	},
	{
		displayName: 'Covered Components',
		name: 'coveredComponents',
		type: 'string',
		default: DEFAULT_COMPONENTS,
		displayOptions: { show: forScheme },
		description:
			'What the signature covers, separated by commas: names of headers, @method, @target-uri, @authority, @scheme, @request-target, @path, @query, or "@query-param";name="ID". Signature: Verify rejects a signature that covers less.',
	},
];

/** What most receivers do not need. */
export const advancedMessageSignature: INodeProperties[] = [
	{
		displayName: 'Digest Algorithm',
		name: 'digestAlgorithm',
		type: 'options',
		options: [
			{ name: 'SHA-256', value: 'sha-256' },
			{ name: 'SHA-512', value: 'sha-512' },
		],
		default: 'sha-256',
		displayOptions: { show: forScheme },
		description: 'The digest of the body in the header Content-Digest, sent where content-digest is covered',
	},
	{
		displayName: 'Expires In (Seconds)',
		name: 'signatureExpiresIn',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: LONGEST_LIFE },
		default: 0,
		displayOptions: { show: forScheme },
		description: 'Time until the signature expires, sent as expires. 0 sends none.',
	},
	{
		displayName: 'Include Algorithm',
		name: 'includeAlgorithm',
		type: 'boolean',
		default: false,
		displayOptions: { show: forScheme },
		description: 'Whether to send the algorithm as alg. Receivers usually know it from the key.',
	},
	{
		displayName: 'Include Nonce',
		name: 'includeNonce',
		type: 'boolean',
		default: false,
		displayOptions: { show: forScheme },
		description: 'Whether to send a random nonce, by which the receiver can recognize a repeated request',
	},
	{
		displayName: 'Tag',
		name: 'signatureTag',
		type: 'string',
		default: '',
		displayOptions: { show: forScheme },
		description: 'Sent as tag, if the receiver requires one. Signature: Verify then accepts only signatures with it.',
	},
	{
		displayName: 'Label',
		name: 'signatureLabel',
		type: 'string',
		default: 'sig1',
		displayOptions: { show: forScheme },
		description: 'The name of the signature in the headers Signature and Signature-Input',
	},
];
