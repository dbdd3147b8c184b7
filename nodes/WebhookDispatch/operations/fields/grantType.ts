import type { INodeProperties } from 'n8n-workflow';

/** Which OAuth 2.0 credential is used; `displayOptions` are the caller's. */
export const grantTypeField: INodeProperties = {
	displayName: 'Grant Type',
	name: 'grantType',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Client Credentials',
			value: 'clientCredentials',
			description: 'Client ID and secret (CleverTap: Client Credentials without JWT)',
		},
		{
			name: 'Client Credentials with JWT',
			value: 'clientCredentialsJwt',
			description: 'Client ID and a signed client assertion instead of a secret',
		},
		{
			name: 'Password Credentials',
			value: 'password',
			description: 'Username and password, in addition to client ID and secret',
		},
	],
	default: 'clientCredentials',
	description: 'How the access token is obtained',
};

/** Where the editor shows the credentials that the fields before it call for; at the top of the panel without it. */
export const credentialsPlace: INodeProperties = {
	displayName: 'Credentials',
	name: 'credentials',
	type: 'credentials',
	default: '',
};
