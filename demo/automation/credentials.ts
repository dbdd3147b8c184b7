import type { Credential, CredentialReference } from '../../tools/n8n/rest/credentials';
import type { RestClient } from '../../tools/n8n/restClient';
import type { Secrets } from '../servers/secrets';

/** The types of this package that the demonstration fills in. */
export const TYPES = {
	basic: 'webhookDispatchBasicApi',
	clientCredentials: 'webhookDispatchClientCredentialsOAuth2Api',
	jwt: 'webhookDispatchJwtOAuth2Api',
};

/** What the credentials point at. */
export interface DeskAccess {
	secrets: Secrets;
	authorizationServer: { tokenUrl: string };
}

/** Credentials as nodes refer to them, by type. */
export type CredentialsByType = Record<string, Pick<CredentialReference, 'id' | 'name'>>;

const SCOPE = 'tickets:write';

/** The credentials for the ticket desk, one for each way in. */
function deskCredentials({ secrets, authorizationServer }: DeskAccess): Credential[] {
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
		{ name: 'Ticket Desk (Basic)', type: TYPES.basic, data: { ...agent } },
	];
}

/** Makes n8n's credentials be these, whether they were there or not. */
export async function importCredentials(client: RestClient, servers: DeskAccess): Promise<CredentialsByType> {
	const byType: CredentialsByType = {};
	for (const credential of deskCredentials(servers)) {
		const { id, name } = await client.credentials.put(credential);
		byType[credential.type] = { id, name };
	}
	return byType;
}
