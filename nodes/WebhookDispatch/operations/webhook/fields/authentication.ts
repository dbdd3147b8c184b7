import type { INodeProperties } from 'n8n-workflow';

import { credentialsPlace, grantTypeField } from '../../fields/grantType';

const authentication: INodeProperties[] = [
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 'none', description: 'No credential, or one that you add as a header' },
			{ name: 'Basic', value: 'basic', description: 'Username and password with every request' },
			{ name: 'OAuth 2.0', value: 'oAuth2', description: 'An access token that the node fetches and renews' },
			{
				// The product's name is written so.
				// eslint-disable-next-line n8n-nodes-base/node-param-display-name-miscased
				name: 'n8n Credential',
				value: 'n8nCredential',
				description: 'A credential that the HTTP Request or Zendesk node uses, such as Header Auth or OAuth2 API',
			},
		],
		default: 'none',
		description: 'How deliveries authenticate at the destination',
	},
	{ ...grantTypeField, displayOptions: { show: { authentication: ['oAuth2'] } } },
	{
		displayName: 'Credential Type',
		name: 'n8nCredentialType',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { authentication: ['n8nCredential'] } },
		options: [
			{ name: 'Basic Auth', value: 'httpBasicAuth', description: 'User and password' },
			{ name: 'Bearer Auth', value: 'httpBearerAuth', description: 'A token in the Authorization header' },
			{ name: 'Custom Auth', value: 'httpCustomAuth', description: 'Several headers and query parameters, as JSON' },
			{ name: 'Header Auth', value: 'httpHeaderAuth', description: 'A header with a key' },
			{ name: 'OAuth2 API', value: 'oAuth2Api', description: 'An account that is connected in n8n, with any grant' },
			{ name: 'Query Auth', value: 'httpQueryAuth', description: 'A query parameter with a key' },
			{ name: 'Zendesk API', value: 'zendeskApi', description: 'Email and API token of Zendesk' },
			{ name: 'Zendesk OAuth2 API', value: 'zendeskOAuth2Api', description: 'A connected Zendesk account' },
		],
		default: 'httpHeaderAuth',
		description: 'Which of the credentials in n8n is used',
	},
];

/** For receivers that verify who sent a delivery. */
const signing: INodeProperties[] = [
	{
		displayName: 'Signing',
		name: 'signing',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 'none' },
			{
				name: 'HMAC',
				value: 'hmac',
				description: 'Adds a header as GitHub, Stripe, Slack, Shopify or Twilio do, or in your own format',
			},
			{
				name: 'HTTP Message Signatures',
				value: 'httpMessageSignatures',
				description: 'Adds Signature and Signature-Input (RFC 9421), over the body, the URL and the headers you choose',
			},
			{
				name: 'Standard Webhooks',
				value: 'standardWebhooks',
				description: 'Adds the headers of the Standard Webhooks specification, signed over the exact bytes sent',
			},
		],
		default: 'none',
		description: 'Whether and how the body is signed, so that the receiver can verify that it comes from you',
	},
];

/** Whether the delivery is signed, with which authentication, and below them the credentials that they call for. */
export const authenticationFields: INodeProperties[] = [...signing, ...authentication, credentialsPlace];
