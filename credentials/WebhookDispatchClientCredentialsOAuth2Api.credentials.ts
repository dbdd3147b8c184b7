import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { advancedFields } from './fields/advanced';
import { clientTlsFields } from './fields/clientTls';
import { tokenEndpointFields } from './fields/serverMetadata';
import { storedToken, tokenAnswerFields, unusedRefreshTokenPath } from './fields/tokenAnswer';
import {
	additionalParameters,
	advancedRequest,
	clientAuthentication,
	clientEncoding,
	clientId,
	clientSecret,
	scope,
	secretJwtFields,
	sendEmptySecret,
} from './fields/tokenRequest';
import { authenticateWithToken, fetchToken } from './n8n/authenticate';

/** OAuth 2.0 Client Credentials without JWT, row A4. */
export class WebhookDispatchClientCredentialsOAuth2Api implements ICredentialType {
	name = 'webhookDispatchClientCredentialsOAuth2Api';

	displayName = 'Webhook Dispatch Client Credentials OAuth2 API';

	icon: Icon = {
		light: 'file:../nodes/WebhookDispatch/webhookDispatch.svg',
		dark: 'file:../nodes/WebhookDispatch/webhookDispatch.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#client-credentials';

	properties: INodeProperties[] = [
		storedToken,
		...tokenEndpointFields(),
		clientId,
		// Not marked as required: with the mark, n8n's editor does not test a form that is right without it.
		{ ...clientSecret, required: false, description: 'Required, unless Send Empty Secret is on' },
		scope,
		clientAuthentication,
		...secretJwtFields,
		...clientTlsFields(),
		additionalParameters,
		...advancedFields([
			clientEncoding,
			{
				...sendEmptySecret,
				description: 'Whether to send the Client Secret even when it is empty. When off, Client Secret is required.',
			},
			...advancedRequest,
			...tokenAnswerFields(unusedRefreshTokenPath),
		]),
	];

	preAuthentication = fetchToken('webhookDispatchClientCredentialsOAuth2Api');

	authenticate = authenticateWithToken('webhookDispatchClientCredentialsOAuth2Api');
}
