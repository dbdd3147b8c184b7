import { readAlgorithm } from '../../keys/algorithm';
import type { KeySettings } from '../../keys/jwks';
import { fail, ok, type Result } from '../../result/result';
import { textField, type CredentialData } from './credentialFields';
import { readableFieldsFault } from './readableFields';

/**
 * Reads the fields that keys need of a JWT credential's decrypted data. The others may still be empty: a
 * key is often made before the authorisation server has a client for it.
 */
export function readKeySettings(data: CredentialData): Result<KeySettings> {
	const readable = readableFieldsFault(data);
	if (readable) return fail(readable);
	const algorithm = readAlgorithm(textField(data, 'algorithm', 'RS256'));
	if (!algorithm.ok) return algorithm;
	return ok({
		algorithm: algorithm.value,
		keyId: textField(data, 'keyId').trim(),
		privateKey: textField(data, 'privateKey'),
		passphrase: textField(data, 'passphrase'),
		previousPublicKey: textField(data, 'previousPublicKey'),
	});
}
