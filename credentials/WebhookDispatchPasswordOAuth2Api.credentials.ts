import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { advancedFields } from './fields/advanced';
import { clientTlsFields } from './fields/clientTls';
import { tokenEndpointFields } from './fields/serverMetadata';
import { refreshTokenPath, storedToken, tokenAnswerFields } from './fields/tokenAnswer';
import {
	additionalParameters,
	advancedRequest,
	clientAuthentication,
	clientEncoding,
	clientId,
	clientSecret,
	refreshTokenUrl,
	scope,
	secretJwtFields,
	scopeOnRefresh,
	sendEmptySecret,
} from './fields/tokenRequest';
import { authenticateWithToken, fetchToken } from './n8n/authenticate';

/** OAuth 2.0 Password Credentials, row A3. */
export class WebhookDispatchPasswordOAuth2Api implements ICredentialType {
	name = 'webhookDispatchPasswordOAuth2Api';

	displayName = 'Webhook Dispatch Password OAuth2 API';

	icon: Icon = {
		light: 'file:../nodes/WebhookDispatch/webhookDispatch.svg',
		dark: 'file:../nodes/WebhookDispatch/webhookDispatch.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#password-credentials';

	properties: INodeProperties[] = [
		storedToken,
		...tokenEndpointFields(),
		refreshTokenUrl,
		{ ...clientId, required: false, description: 'Leave empty if the server has no clients' },
		{ ...clientSecret, required: false, description: 'Leave empty for a public client' },
		{
			displayName: 'Username',
			name: 'username',
			type: 'string',
			default: '',
			required: true,
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		scope,
		clientAuthentication,
		...secretJwtFields,
		...clientTlsFields(),
		additionalParameters,
		...advancedFields([
			clientEncoding,
			sendEmptySecret,
			scopeOnRefresh,
			...advancedRequest,
			...tokenAnswerFields(refreshTokenPath),
		]),
	];

	preAuthentication = fetchToken('webhookDispatchPasswordOAuth2Api');

	authenticate = authenticateWithToken('webhookDispatchPasswordOAuth2Api');
}
