import type { INodeProperties } from 'n8n-workflow';

import { heading } from './tokenRequest';

const accessTokenPath: INodeProperties = {
	displayName: 'Access Token Field',
	name: 'accessTokenPath',
	type: 'string',
	default: 'access_token',
	placeholder: 'e.g. data.token',
	description: 'Where the access token stands in the answer. Dots lead into nested fields.',
};

/** For the password grant. */
export const refreshTokenPath: INodeProperties = {
	displayName: 'Refresh Token Field',
	name: 'refreshTokenPath',
	type: 'string',
	default: 'refresh_token',
	placeholder: 'e.g. data.refreshToken',
	description: 'Where the refresh token stands in the answer',
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
				'Accept any word, such as BearerToken or bot. DPoP and MAC tokens are still refused: they cannot be sent.',
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
				description: 'The answer says it. Without a usable number in it, 5 minutes.',
			},
			{ name: 'Fixed Time', value: 'fixed', description: 'Always the same time' },
			{ name: 'Never', value: 'never', description: 'Until a destination refuses the token' },
		],
		default: 'response',
		description: 'How long an access token is used. A new one is asked for a minute before it expires.',
	},
	{
		displayName: 'Expiry Field',
		name: 'expiryPath',
		type: 'string',
		default: 'expires_in',
		placeholder: 'e.g. data.expiresIn',
		description: 'Where the time stands in the answer. Dots lead into nested fields.',
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
		description: 'Stands before the access token. When empty, the token stands alone.',
	},
	{
		displayName: 'Expired Token Status Codes',
		name: 'expiredStatusCodes',
		type: 'string',
		default: '401',
		placeholder: 'e.g. 401, 403',
		description:
			'Answers of the destination that mean the token is no longer good: a new one is fetched and the delivery sent once more',
	},
];

/** Mapping, expiry, and where the token goes: the same for all three grants but for the refresh token's field. Advanced. */
export function tokenAnswerFields(refreshTokenField: INodeProperties): INodeProperties[] {
	return [
		heading(
			'mappingNotice',
			'Mapping and Expiry',
			'which fields of the answer are what. The defaults are those of OAuth 2.0.',
		),
		accessTokenPath,
		refreshTokenField,
		tokenTypeCheck,
		...expiry,
		heading('useNotice', 'Using the Token', 'how deliveries carry it.'),
		...tokenUse,
	];
}

/**
 * What n8n knows a type with `preAuthentication` by. Empty, so that n8n asks for a token before each request; versions
 * up to 0.1.0 had n8n keep the token here, so it is masked: the editor would receive it in clear.
 */
export const storedToken: INodeProperties = {
	displayName: 'Access Token',
	name: 'accessToken',
	type: 'hidden',
	typeOptions: { expirable: true, password: true },
	default: '',
};
