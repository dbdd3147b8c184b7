import type { INodeProperties } from 'n8n-workflow';

import { authenticateByTls } from './clientTls';

export const refreshTokenUrl: INodeProperties = {
	displayName: 'Refresh Token URL',
	name: 'refreshTokenUrl',
	type: 'string',
	default: '',
	placeholder: 'Access Token URL',
	description: 'Where a refresh token is sent when the access token expires',
};

export const scopeOnRefresh: INodeProperties = {
	displayName: 'Scope on Refresh',
	name: 'scopeOnRefresh',
	type: 'boolean',
	default: false,
	description:
		'Whether to send Scope with the refresh token, for servers that require it. When off, the scope granted before is kept.',
};

export const clientId: INodeProperties = {
	displayName: 'Client ID',
	name: 'clientId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. my-app',
};

export const clientSecret: INodeProperties = {
	displayName: 'Client Secret',
	name: 'clientSecret',
	type: 'string',
	typeOptions: { password: true },
	default: '',
	required: true,
	displayOptions: { hide: { clientAuthentication: [authenticateByTls.value] } },
};

export const scope: INodeProperties = {
	displayName: 'Scope',
	name: 'scope',
	type: 'string',
	default: '',
	placeholder: 'e.g. tickets:read tickets:write',
	description: 'Scopes to request, separated by spaces. Leave empty to let the server decide.',
};

/** How the client's ID and secret travel; not for client assertions. */
export const clientAuthentication: INodeProperties = {
	displayName: 'Client Authentication Type',
	name: 'clientAuthentication',
	type: 'options',
	options: [
		{
			name: 'Send Basic Authentication in Header',
			value: 'header',
			description: 'Client ID and secret go in the Authorization header of the token request',
		},
		{
			name: 'Send Bearer Authentication in Header (ID and Secret in Body)',
			value: 'body',
			description: 'Client ID and secret go in the body of the token request',
		},
		{
			name: 'Send Client Secret JWT',
			value: 'secretJwt',
			description:
				'A JWT signed with the secret goes in the body of the token request, and the secret is not sent (client_secret_jwt)',
		},
		authenticateByTls,
	],
	default: 'header',
	description:
		'How the client authenticates to the token endpoint. The access token always goes to the destination as Bearer, and the secret never does.',
};

/** For *Client Secret JWT*. */
export const secretJwtFields: INodeProperties[] = [
	{
		displayName: 'Secret JWT Algorithm',
		name: 'secretJwtAlgorithm',
		type: 'options',
		options: [
			{ name: 'HS256', value: 'HS256', description: 'The secret must have at least 32 bytes' },
			{ name: 'HS384', value: 'HS384', description: 'The secret must have at least 48 bytes' },
			{ name: 'HS512', value: 'HS512', description: 'The secret must have at least 64 bytes' },
		],
		default: 'HS256',
		displayOptions: { show: { clientAuthentication: ['secretJwt'] } },
	},
	{
		displayName: 'Secret JWT Audience',
		name: 'secretJwtAudience',
		type: 'string',
		default: '',
		placeholder: 'Access Token URL',
		description: 'Some servers want their issuer here',
		displayOptions: { show: { clientAuthentication: ['secretJwt'] } },
	},
];

/** For the header; not for client assertions. */
export const clientEncoding: INodeProperties = {
	displayName: 'Client ID and Secret Encoding',
	name: 'clientEncoding',
	type: 'options',
	options: [
		{
			name: 'Form Encoded',
			value: 'form',
			description: 'As RFC 6749 requires. Right for most servers, and without effect on letters and digits.',
		},
		{
			name: 'As They Are',
			value: 'raw',
			description: 'For servers that do not decode what is in the header',
		},
	],
	default: 'form',
	description:
		'Servers differ here. It matters only when ID or secret have other characters than letters, digits and <code>* - . _</code>.',
	displayOptions: { show: { clientAuthentication: ['header'] } },
};

/** Not for client assertions. */
export const sendEmptySecret: INodeProperties = {
	displayName: 'Send Empty Secret',
	name: 'sendEmptySecret',
	type: 'boolean',
	default: false,
	description:
		'Whether to send the Client Secret even when it is empty. When off, a client without a secret sends only its ID, in the body.',
};

const customGrantType: INodeProperties = {
	displayName: 'Custom Grant Type',
	name: 'customGrantType',
	type: 'string',
	default: '',
	placeholder: 'e.g. account_credentials',
	description:
		'Sent as <code>grant_type</code> in place of the standard one. Put what else the grant needs into Additional Parameters. Leave empty to use the standard grant.',
};

const tokenRequestMethod: INodeProperties = {
	displayName: 'Token Request Method',
	name: 'tokenRequestMethod',
	type: 'options',
	options: [
		{ name: 'GET', value: 'GET', description: 'All parameters, secrets included, go in the query of the URL' },
		{ name: 'POST', value: 'POST', description: 'Required by OAuth 2.0' },
	],
	default: 'POST',
	description:
		'GET is for servers that accept nothing else. URLs are often logged: prefer POST, and authenticate in the header.',
};

const tokenRequestFormat: INodeProperties = {
	displayName: 'Token Request Format',
	name: 'tokenRequestFormat',
	type: 'options',
	options: [
		{ name: 'Form', value: 'form', description: 'Required by OAuth 2.0' },
		{ name: 'JSON', value: 'json', description: 'What some servers want, such as Zendesk' },
	],
	default: 'form',
	displayOptions: { show: { tokenRequestMethod: ['POST'] } },
};

/** A list of pairs with a name and a value. */
function pairs({
	row,
	namePlaceholder,
	value,
	...field
}: Pick<INodeProperties, 'displayName' | 'name' | 'placeholder' | 'description'> & {
	/** What one pair is called. */
	row: string;
	namePlaceholder: string;
	/** What the field of the value has besides. */
	value: Partial<INodeProperties>;
}): INodeProperties {
	return {
		...field,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		options: [
			{
				displayName: row,
				name: 'parameters',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: namePlaceholder },
					{ displayName: 'Value', name: 'value', type: 'string', default: '', ...value },
				],
			},
		],
	};
}

export const additionalParameters = pairs({
	displayName: 'Additional Parameters',
	name: 'additionalParameters',
	row: 'Parameter',
	placeholder: 'Add Parameter',
	namePlaceholder: 'e.g. audience',
	value: { placeholder: 'e.g. https://api.example.com' },
	description:
		'Sent along with the token request. Auth0 wants an <code>audience</code>; <code>resource</code> may be given more than once. n8n does not mask these values: use Secret Parameters (Advanced Settings) for keys and passwords.',
});

const masked: Partial<INodeProperties> = { typeOptions: { password: true } };

const secretParameters = pairs({
	displayName: 'Secret Parameters',
	name: 'secretParameters',
	row: 'Parameter',
	placeholder: 'Add Secret Parameter',
	namePlaceholder: 'e.g. api_key',
	value: masked,
	description:
		'Additional parameters of the token request whose values are masked. After you remove one, enter the values of the others again.',
});

const tokenRequestHeaders = pairs({
	displayName: 'Token Request Headers',
	name: 'tokenRequestHeaders',
	row: 'Header',
	placeholder: 'Add Header',
	namePlaceholder: 'e.g. X-Api-Key',
	value: masked,
	description:
		'Headers to add to every token request, such as the API key of a gateway. After you remove one, enter the values of the others again.',
});

const allowInsecureTokenUrl: INodeProperties = {
	displayName: 'Allow Insecure Token URL',
	name: 'allowInsecureTokenUrl',
	type: 'boolean',
	default: false,
	description: 'Whether to allow token requests over unencrypted http://. Loopback addresses are always allowed.',
};

/** What of the token request most servers do not need, for all three grants. */
export const advancedRequest: INodeProperties[] = [
	customGrantType,
	tokenRequestMethod,
	tokenRequestFormat,
	secretParameters,
	tokenRequestHeaders,
	allowInsecureTokenUrl,
];
