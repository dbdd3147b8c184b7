import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { advancedFields } from './fields/advanced';
import { advancedGrant, grantClient, jwtUse } from './fields/authorizationGrant';
import { advancedAssertion, clientAssertionFields } from './fields/clientAssertion';
import { tokenEndpointFields } from './fields/serverMetadata';
import { storedToken, tokenAnswerFields, unusedRefreshTokenPath } from './fields/tokenAnswer';
import { additionalParameters, advancedRequest, clientId, scope } from './fields/tokenRequest';
import { authenticateWithToken, fetchToken } from './n8n/authenticate';

/**
 * OAuth 2.0 Client Credentials with JWT, row A5: the client signs an assertion and has no secret. Or the JWT is the grant
 * (RFC 7523 section 2.1).
 */
export class WebhookDispatchJwtOAuth2Api implements ICredentialType {
	name = 'webhookDispatchJwtOAuth2Api';

	displayName = 'Webhook Dispatch JWT OAuth2 API';

	icon: Icon = {
		light: 'file:../nodes/WebhookDispatch/webhookDispatch.svg',
		dark: 'file:../nodes/WebhookDispatch/webhookDispatch.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#the-fields-of-the-jwt-type';

	properties: INodeProperties[] = [
		storedToken,
		jwtUse,
		...tokenEndpointFields(' With the key file of Google or Box in Private Key, leave both empty.'),
		// Not marked as required: with the mark, n8n's editor does not test a form whose key file says it.
		{
			...clientId,
			required: false,
			description: 'With the key file of Google or Box in Private Key, leave it empty',
		},
		...grantClient,
		scope,
		...clientAssertionFields,
		additionalParameters,
		...advancedFields([
			...advancedAssertion,
			...advancedGrant,
			...advancedRequest,
			...tokenAnswerFields(unusedRefreshTokenPath),
		]),
	];

	preAuthentication = fetchToken('webhookDispatchJwtOAuth2Api');

	authenticate = authenticateWithToken('webhookDispatchJwtOAuth2Api');
}
