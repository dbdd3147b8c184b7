import { readAlgorithm } from '../../keys/algorithm';
import type { KeySettings } from '../../keys/jwks';
import { fail, ok, refused, type Result } from '../../result/result';
import { FieldFault, textField, type CredentialData } from './credentialFields';
import { readKeyFields } from './keyFields';
import { readableFieldsFault } from './readableFields';

/**
 * Reads the fields that keys need of a JWT credential's decrypted data. The others may still be empty: a
 * key is often made before the authorization server has a client for it.
 */
export function readKeySettings(data: CredentialData): Result<KeySettings> {
	const readable = readableFieldsFault(data);
	if (readable) return fail(readable);
	const algorithm = readAlgorithm(textField(data, 'algorithm', 'RS256'));
	if (!algorithm.ok) return algorithm;
	try {
		const { privateKey, passphrase, keyId } = readKeyFields(data);
		const previousPublicKey = textField(data, 'previousPublicKey');
		return ok({ algorithm: algorithm.value, keyId, privateKey, passphrase, previousPublicKey });
	} catch (refusal) {
		if (refusal instanceof FieldFault) return refused(refusal.message, refusal.description);
		return refused('The credential could not be read', 'Open the credential, check its fields and save it again');
	}
}
