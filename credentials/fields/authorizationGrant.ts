import type { INodeProperties } from 'n8n-workflow';

import { authenticateByTls, clientTlsFields } from './clientTls';
import { clientEncoding, clientSecret } from './tokenRequest';

const forGrant = { jwtUse: ['authorizationGrant'] };

export const jwtUse: INodeProperties = {
	displayName: 'Use JWT As',
	name: 'jwtUse',
	type: 'options',
	options: [
		{
			name: 'Client Assertion',
			value: 'clientAssertion',
			description:
				'The JWT authenticates the client in place of a secret (private_key_jwt). For Entra ID, Okta, Auth0, Keycloak.',
		},
		{
			name: 'Authorization Grant',
			value: 'authorizationGrant',
			description:
				'The JWT is exchanged for a token (JWT bearer). For Google service accounts, Salesforce, DocuSign, Box.',
		},
	],
	default: 'clientAssertion',
	description: 'What the signed JWT is to the token endpoint',
};

/** How the client authenticates beside a grant, for the servers that want it. */
export const grantClient: INodeProperties[] = [
	{
		displayName: 'Client Authentication Type',
		name: 'clientAuthentication',
		type: 'options',
		options: [
			{
				name: 'None',
				value: 'none',
				description: 'Only the JWT is sent. With the key file of Box, also its client ID and secret in the body.',
			},
			{
				name: 'Send Client ID in Body',
				value: 'id',
				description: 'The client ID is sent in the body, without a secret',
			},
			{
				name: 'Send Basic Authentication in Header',
				value: 'header',
				description: 'Client ID and secret go in the Authorization header of the token request',
			},
			{
				name: 'Send ID and Secret in Body',
				value: 'body',
				description: 'Client ID and secret go in the body of the token request, as Box wants them',
			},
			authenticateByTls,
		],
		default: 'none',
		description: 'How the client authenticates to the token endpoint, beside the JWT',
		displayOptions: { show: forGrant },
	},
	{
		...clientSecret,
		required: false,
		displayOptions: { show: { ...forGrant, clientAuthentication: ['header', 'body'] } },
	},
	...clientTlsFields(forGrant),
];

/** What of the grant most servers do not need. */
export const advancedGrant: INodeProperties[] = [
	{
		displayName: 'Send Scope In',
		name: 'scopeLocation',
		type: 'options',
		options: [
			{
				name: 'Automatic',
				value: 'automatic',
				description: 'In the JWT with the key file of Google, otherwise in both',
			},
			{ name: 'Both', value: 'both', description: 'As a parameter and as a claim' },
			{ name: 'JWT', value: 'assertion', description: 'As the claim scope, as Google and DocuSign want it' },
			{ name: 'Request', value: 'request', description: 'As the parameter scope of the token request (RFC 7521)' },
		],
		default: 'automatic',
		description: 'Where the token request states the Scope',
		displayOptions: { show: forGrant },
	},
	{ ...clientEncoding, displayOptions: { show: { ...forGrant, clientAuthentication: ['header'] } } },
];
