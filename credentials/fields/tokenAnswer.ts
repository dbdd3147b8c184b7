import type { INodeProperties } from 'n8n-workflow';

import { boundTlsFields } from './clientTls';
import { tokenBinding } from './tokenBinding';

const tokenPlace: INodeProperties[] = [
	{
		displayName: 'Access Token Location',
		name: 'tokenLocation',
		type: 'options',
		options: [
			{ name: 'JSON Field', value: 'json', description: 'A field of the JSON response. Required by OAuth 2.0.' },
			{ name: 'Response Header', value: 'header', description: 'A header of the response, such as X-Auth-Token' },
			{ name: 'Response Text', value: 'text', description: 'The response is the token alone, as text' },
		],
		default: 'json',
		description: 'Where the response has the access token',
	},
	{
		displayName: 'Access Token Field',
		name: 'accessTokenPath',
		type: 'string',
		default: 'access_token',
		placeholder: 'e.g. data.token',
		description: 'Path to the access token in the response. Use dots for nested fields.',
		displayOptions: { show: { tokenLocation: ['json'] } },
	},
	{
		displayName: 'Access Token Header',
		name: 'accessTokenHeader',
		type: 'string',
		default: '',
		placeholder: 'e.g. X-Auth-Token',
		description: 'The response header that has the access token. A leading Bearer is removed.',
		displayOptions: { show: { tokenLocation: ['header'] } },
	},
];

const responseFields: INodeProperties = {
	displayName: 'Response Fields',
	name: 'responseFields',
	type: 'string',
	default: '',
	placeholder: 'e.g. instance_url',
	description:
		'Other fields of the response that Access Token: Get outputs, separated by commas, for use in later nodes as <code>{{ $json.instance_url }}</code>. Not for secrets.',
};

/** For the password grant. */
export const refreshTokenPath: INodeProperties = {
	displayName: 'Refresh Token Field',
	name: 'refreshTokenPath',
	type: 'string',
	default: 'refresh_token',
	placeholder: 'e.g. data.refreshToken',
	description: 'Path to the refresh token in the response',
};

/** For the grants that have no refresh token (RFC 6749 section 4.4.3). */
export const unusedRefreshTokenPath: INodeProperties = {
	displayName: 'Refresh Token Field',
	name: 'refreshTokenPath',
	type: 'hidden',
	default: 'refresh_token',
};

const tokenTypeCheck: INodeProperties = {
	displayName: 'Token Type Check',
	name: 'tokenTypeCheck',
	type: 'options',
	options: [
		{
			name: 'Strict',
			value: 'strict',
			description: 'Accept Bearer, or a response without a token type. Required by OAuth 2.0.',
		},
		{
			name: 'Any',
			value: 'any',
			description:
				'Accept any word, such as BearerToken or bot. MAC tokens are still refused, and DPoP tokens unless Token Binding is DPoP.',
		},
	],
	default: 'strict',
	description:
		'Which token types (token_type) are accepted in the response. The token is always sent with Header Prefix.',
};

const expiry: INodeProperties[] = [
	{
		displayName: 'Token Expiry',
		name: 'expiryMode',
		type: 'options',
		options: [
			{
				name: 'From the Response',
				value: 'response',
				description: 'As the response says. 5 minutes if it has no usable number.',
			},
			{ name: 'Fixed Time', value: 'fixed', description: 'Always the same time' },
			{ name: 'Never', value: 'never', description: 'Until a destination refuses the token' },
		],
		default: 'response',
		description: 'Lifetime of an access token. It is renewed a minute before it expires.',
	},
	{
		displayName: 'Expiry Field',
		name: 'expiryPath',
		type: 'string',
		default: 'expires_in',
		placeholder: 'e.g. data.expiresIn',
		description: 'Path to the time in the response. Use dots for nested fields.',
		displayOptions: { show: { expiryMode: ['response'] } },
	},
	{
		displayName: 'Expiry Value',
		name: 'expiryValue',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 3600,
		displayOptions: { show: { expiryMode: ['fixed'] } },
	},
	{
		displayName: 'Expiry Unit',
		name: 'expiryUnit',
		type: 'options',
		options: [
			{ name: 'Seconds', value: 'seconds' },
			{ name: 'Minutes', value: 'minutes' },
			{ name: 'Hours', value: 'hours' },
			{ name: 'Days', value: 'days' },
		],
		default: 'seconds',
		displayOptions: { show: { expiryMode: ['response', 'fixed'] } },
	},
];

const tokenUse: INodeProperties[] = [
	{
		displayName: 'Header Name',
		name: 'headerName',
		type: 'string',
		default: 'Authorization',
		placeholder: 'e.g. X-Access-Token',
		description: 'The header that takes the access token to the destination',
	},
	{
		displayName: 'Header Prefix',
		name: 'headerPrefix',
		type: 'string',
		default: 'Bearer',
		description: 'Text before the access token. Leave empty to send the token alone.',
	},
	{
		displayName: 'Expired Token Status Codes',
		name: 'expiredStatusCodes',
		type: 'string',
		default: '401',
		placeholder: 'e.g. 401, 403',
		description:
			'Response statuses that mean the token has expired: a new one is fetched and the delivery sent once more',
	},
	{
		displayName: 'Expired When',
		name: 'expiredWhen',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Condition',
		default: {},
		options: [
			{
				displayName: 'Condition',
				name: 'rules',
				values: [
					{
						displayName: 'Response Field',
						name: 'path',
						type: 'string',
						default: '',
						placeholder: 'e.g. errors.code',
						description: 'Path in the JSON response of the destination. In a list, each entry is checked.',
					},
					{
						displayName: 'Values',
						name: 'values',
						type: 'string',
						default: '',
						placeholder: 'e.g. 601, 602',
						description: 'Values that mean the token has expired, separated by commas',
					},
				],
			},
		],
		description:
			'For destinations that report an expired token in the body, whatever the status: a new token is fetched and the delivery sent once more',
	},
];

/** Mapping, expiry, and where the token goes: the same for all three grants but for the refresh token's field. Advanced. */
export function tokenAnswerFields(refreshTokenField: INodeProperties): INodeProperties[] {
	return [
		...tokenPlace,
		refreshTokenField,
		tokenTypeCheck,
		...expiry,
		responseFields,
		tokenBinding,
		...boundTlsFields,
		...tokenUse,
	];
}

/**
 * What n8n knows a type with `preAuthentication` by. Empty, so that n8n asks for a token before each request; versions
 * up to 0.1.0 had n8n keep the token here, so it is masked: the editor would receive it unmasked.
 */
export const storedToken: INodeProperties = {
	displayName: 'Access Token',
	name: 'accessToken',
	type: 'hidden',
	typeOptions: { expirable: true, password: true },
	default: '',
};
