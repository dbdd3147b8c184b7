import type { IExecuteFunctions } from 'n8n-workflow';

import type { KeySettings } from '../../../../credentials/oauth2/jwks';
import type { KeyFault } from '../../../../credentials/oauth2/keyFault';
import { readKeySettings } from '../../../../credentials/oauth2/keySettings';
import { oAuth2CredentialTypes } from '../../../../credentials/oauth2/oAuth2Credential';

/** Reads the key fields of the JWT credential that is chosen in the node. */
export async function credentialKeys(context: IExecuteFunctions): Promise<
	{ ok: true; settings: KeySettings } | KeyFault
> {
	return readKeySettings(await context.getCredentials(oAuth2CredentialTypes.clientCredentialsJwt, 0));
}
