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

	documentationUrl = 'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. webhooks',
			description: 'Holds no colon: the server could not tell where the password begins',
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
				'Used by the test of this form alone: a GET with user and password must be answered with 2xx. When empty, only the fields are checked.',
		},
	];

	authenticate = authenticateBasic;
}
