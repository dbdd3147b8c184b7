import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { authenticateBasic } from './n8n/authenticate';

/** `Authorization: Basic`, row A2. */
export class WebhookDispatchBasicApi implements ICredentialType {
	name = 'webhookDispatchBasicApi';

	displayName = 'Webhook Dispatch Basic API';

	icon: Icon = {
		light: 'file:../nodes/WebhookDispatch/webhookDispatch.svg',
		dark: 'file:../nodes/WebhookDispatch/webhookDispatch.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#basic';

	properties: INodeProperties[] = [
		{
			displayName: 'Username',
			name: 'user',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. webhooks',
			description: 'Must not contain a colon, which separates username and password',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
		},
		{
			displayName: 'Test URL',
			name: 'testUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api.example.com/me',
			description:
				'URL that the test of this form requests by GET; the test passes on a 2xx response. Leave empty to check only the fields.',
		},
	];

	authenticate = authenticateBasic;
}
