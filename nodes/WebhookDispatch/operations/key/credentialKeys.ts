import type { IExecuteFunctions } from 'n8n-workflow';

import type { KeySettings } from '../../../../lib/keys/jwks';
import { readKeySettings } from '../../../../lib/oauth2/credential/keySettings';
import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import type { Result } from '../../../../lib/result/result';
import { readRunCredential } from '../../n8n/itemCredential';

/** Reads the key fields of the JWT credential that is chosen in the node. */
export async function credentialKeys(context: IExecuteFunctions): Promise<Result<KeySettings>> {
	const data = await readRunCredential(context, oAuth2CredentialTypes.clientCredentialsJwt);
	return data.ok ? readKeySettings(data.value) : data;
}
