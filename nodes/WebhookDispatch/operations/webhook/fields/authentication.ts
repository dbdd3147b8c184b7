import type { INodeProperties } from 'n8n-workflow';

import { credentialsPlace, grantTypeField } from '../../fields/grantType';

const authentication: INodeProperties[] = [
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 'none', description: 'No credential, or one that you put into the headers' },
			{ name: 'Basic', value: 'basic', description: 'User name and password with every request' },
			{ name: 'OAuth 2.0', value: 'oAuth2', description: 'An access token that is fetched and renewed for you' },
		],
		default: 'none',
		description: 'How deliveries authenticate at the destination',
	},
	{ ...grantTypeField, displayOptions: { show: { authentication: ['oAuth2'] } } },
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
				name: 'Standard Webhooks',
				value: 'standardWebhooks',
				description: 'Adds the headers of the Standard Webhooks specification, signed over the exact bytes sent',
			},
		],
		default: 'none',
		description: 'Whether and how the body is signed, so that the receiver can tell that it comes from you',
	},
];

/** With which authentication, whether the delivery is signed, and the credentials for both below them. */
export const authenticationFields: INodeProperties[] = [...authentication, ...signing, credentialsPlace];
