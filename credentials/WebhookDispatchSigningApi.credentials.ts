import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Secrets that deliveries are signed with, after Standard Webhooks. */
export class WebhookDispatchSigningApi implements ICredentialType {
	name = 'webhookDispatchSigningApi';

	displayName = 'Webhook Dispatch Signing API';

	icon: Icon = {
		light: 'file:../nodes/WebhookDispatch/webhookDispatch.svg',
		dark: 'file:../nodes/WebhookDispatch/webhookDispatch.dark.svg',
	};

	documentationUrl = 'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. whsec_…',
			description:
				'Shared with the receiver: whsec_ and 24 to 64 random bytes in base64. To make one: <code>echo whsec_$(openssl rand -base64 32)</code>.',
		},
		{
			displayName: 'Previous Secret',
			name: 'previousSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'While secrets are rotated: deliveries are signed with both, so that either is good at the receiver',
		},
	];
}
