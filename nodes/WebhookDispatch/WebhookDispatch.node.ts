import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { credentialTests } from '../../credentials/n8n/credentialTests';
import { markFailedItems } from './n8n/errorOutput';
import { failedOperation } from './n8n/failedOperation';
import type { Operation } from './operations/operation';
import { operationOf, properties } from './operations/resources';
import { withoutIdleTries } from './n8n/engineRules';

/** Delivers webhooks. Thin: the operations hold what it does. */
export class WebhookDispatch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Webhook Dispatch',
		name: 'webhookDispatch',
		icon: { light: 'file:webhookDispatch.svg', dark: 'file:webhookDispatch.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			// The host alone: a path can be a secret, as Slack's is.
			'={{ $parameter["resource"] === "webhook" ? ($parameter["operation"] === "sendTest" ? "test: " : "") + $parameter["method"] + " " + ((String($parameter["url"]).match(/^\\s*https?:\\/\\/([^\\/?#@\\s]+)(?=[\\/?#\\s]|$)/i) || [])[1] || "") : $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Deliver webhooks, authenticated, signed and retried. What was delivered is not sent again.',
		defaults: { name: 'Webhook Dispatch' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// The slash (from the node's root) says the same as without, but n8n's editor takes a parameter that is named here
		// plainly, and all that it depends on, for a part of the credential form, and hides it from the node's panel.
		credentials: [
			{
				name: 'webhookDispatchBasicApi',
				required: true,
				testedBy: 'webhookDispatchBasicTest',
				displayOptions: { show: { '/authentication': ['basic'] } },
			},
			{
				name: 'webhookDispatchPasswordOAuth2Api',
				required: true,
				testedBy: 'webhookDispatchOAuth2PasswordTest',
				displayOptions: { show: { '/grantType': ['password'] } },
			},
			{
				name: 'webhookDispatchClientCredentialsOAuth2Api',
				required: true,
				testedBy: 'webhookDispatchOAuth2ClientCredentialsTest',
				displayOptions: { show: { '/grantType': ['clientCredentials'] } },
			},
			{
				name: 'webhookDispatchJwtOAuth2Api',
				required: true,
				testedBy: 'webhookDispatchOAuth2JwtTest',
				displayOptions: { show: { '/grantType': ['clientCredentialsJwt'] } },
			},
			// n8n's own types: the project wants the credentials that people have in n8n already, as its HTTP Request node uses
			// them (issue 15). They go out as their form says, within the domains that it allows.
			/* eslint-disable @n8n/community-nodes/no-credential-reuse, @n8n/community-nodes/valid-credential-references */
			{
				name: 'httpBasicAuth',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['httpBasicAuth'] } },
			},
			{
				name: 'httpBearerAuth',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['httpBearerAuth'] } },
			},
			{
				name: 'httpCustomAuth',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['httpCustomAuth'] } },
			},
			{
				name: 'httpHeaderAuth',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['httpHeaderAuth'] } },
			},
			{
				name: 'oAuth2Api',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['oAuth2Api'] } },
			},
			{
				name: 'httpQueryAuth',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['httpQueryAuth'] } },
			},
			{
				name: 'zendeskApi',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['zendeskApi'] } },
			},
			{
				name: 'zendeskOAuth2Api',
				required: true,
				displayOptions: { show: { '/n8nCredentialType': ['zendeskOAuth2Api'] } },
			},
			/* eslint-enable @n8n/community-nodes/no-credential-reuse, @n8n/community-nodes/valid-credential-references */
			{
				name: 'webhookDispatchSigningApi',
				required: true,
				testedBy: 'webhookDispatchSigningTest',
				displayOptions: { show: { '/signing': ['standardWebhooks', 'hmac', 'httpMessageSignatures'] } },
			},
			{
				// n8n's own type, which every n8n has: the issue asks for client certificates from there.
				// eslint-disable-next-line @n8n/community-nodes/no-credential-reuse, @n8n/community-nodes/valid-credential-references
				name: 'httpSslAuth',
				required: true,
				displayOptions: { show: { '/options.useClientCertificate': [true] } },
			},
		],
		properties,
	};

	methods = { credentialTest: credentialTests };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0) as string;
		const name = this.getNodeParameter('operation', 0) as string;
		const operation = operationOf(resource, name);
		if (operation === undefined) {
			throw new NodeOperationError(this.getNode(), `There is no operation "${name}" of "${resource}"`, {
				description: 'Select the resource and operation again.',
			});
		}
		const { output, isFinal } = await run(this, operation);
		markFailedItems(this, output);
		return isFinal ? output.map(withoutIdleTries) : output;
	}
}

async function run(
	context: IExecuteFunctions,
	operation: Operation,
): Promise<{ output: INodeExecutionData[][]; isFinal: boolean }> {
	try {
		return { output: await operation.execute(context), isFinal: operation.isFinal !== undefined };
	} catch (error) {
		return { output: failedOperation(context, error), isFinal: operation.isFinal === 'always' };
	}
}
