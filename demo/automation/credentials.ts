'use strict';

/** The types of this package that the demonstration fills in. */
const TYPES = {
	basic: 'webhookDispatchBasicApi',
	clientCredentials: 'webhookDispatchClientCredentialsOAuth2Api',
	jwt: 'webhookDispatchJwtOAuth2Api',
};

const SCOPE = 'tickets:write';

/**
 * The credentials for the ticket desk, one for each way in.
 * @param {{ secrets: import('../servers/secrets').Secrets, authorizationServer: { tokenUrl: string } }} servers
 * @returns {Array<{ name: string, type: string, data: Record<string, unknown> }>}
 */
function deskCredentials({ secrets, authorizationServer }) {
	const { automation, automationJwt, agent } = secrets;
	const { tokenUrl: accessTokenUrl } = authorizationServer;
	return [
		{
			name: 'Ticket Desk (Client Credentials)',
			type: TYPES.clientCredentials,
			data: { accessTokenUrl, ...automation, scope: SCOPE },
		},
		{
			name: 'Ticket Desk (Client Credentials with JWT)',
			type: TYPES.jwt,
			data: {
				accessTokenUrl,
				clientId: automationJwt.clientId,
				privateKey: automationJwt.privateKey,
				keyId: automationJwt.keyId,
				algorithm: 'RS256',
				scope: SCOPE,
			},
		},
		{ name: 'Ticket Desk (Basic)', type: TYPES.basic, data: agent },
	];
}

/**
 * Makes n8n's credentials be these, whether they were there or not.
 * @param {ReturnType<import('../../tools/n8n/restClient').createRestClient>} client
 * @param {Parameters<typeof deskCredentials>[0]} servers
 * @returns {Promise<Record<string, { id: string, name: string }>>} by type, as nodes refer to them
 */
async function importCredentials(client, servers) {
	const byType = {};
	for (const credential of deskCredentials(servers)) {
		const { id, name } = await client.credentials.put(credential);
		byType[credential.type] = { id, name };
	}
	return byType;
}

module.exports = { importCredentials, deskCredentials, TYPES };
