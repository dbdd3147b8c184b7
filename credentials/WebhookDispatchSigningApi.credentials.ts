import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { advancedFields } from './fields/advanced';
import { hmacFields } from './fields/hmac';
import { advancedMessageSignature, httpMessageSignatureFields } from './fields/httpMessageSignatures';

/** Secrets and keys that deliveries are signed with, and what comes in is verified with: first the scheme, then its fields. */
export class WebhookDispatchSigningApi implements ICredentialType {
	name = 'webhookDispatchSigningApi';

	displayName = 'Webhook Dispatch Signing API';

	icon: Icon = {
		light: 'file:../nodes/WebhookDispatch/webhookDispatch.svg',
		dark: 'file:../nodes/WebhookDispatch/webhookDispatch.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#the-signing-type';

	properties: INodeProperties[] = [
		{
			displayName: 'Scheme',
			name: 'scheme',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'HMAC',
					value: 'hmac',
					description: 'As GitHub, Stripe, Slack, Shopify or Twilio sign, or in your own format',
				},
				{
					name: 'HTTP Message Signatures',
					value: 'httpMessageSignatures',
					description: 'RFC 9421, with a key pair or a secret',
				},
				{
					name: 'Standard Webhooks',
					value: 'standardWebhooks',
					description: 'The headers webhook-id, webhook-timestamp and webhook-signature',
				},
			],
			default: 'standardWebhooks',
			description: 'How deliveries are signed. Signing in the node must name the same scheme.',
		},
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show: { scheme: ['standardWebhooks'] } },
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
			displayOptions: { show: { scheme: ['standardWebhooks'] } },
			description:
				'While secrets are rotated: deliveries are signed with both, so that the receiver can verify with either',
		},
		...hmacFields,
		...httpMessageSignatureFields,
		...advancedFields(advancedMessageSignature, { scheme: ['httpMessageSignatures'] }),
	];
}
