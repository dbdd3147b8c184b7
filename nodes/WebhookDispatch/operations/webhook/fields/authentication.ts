import type { INodeProperties } from 'n8n-workflow';

import { grantTypeField } from '../../grantType';

/** With which authentication, and whether the delivery is signed. */
export const authenticationFields: INodeProperties[] = [
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
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

/** Signed deliveries, for receivers that verify who sent them. */
export const signingFields: INodeProperties[] = [
	{
		displayName: 'Signing',
		name: 'signing',
		type: 'options',
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
