import { textField, type CredentialData } from './credentialFields';
import { readAlgorithm } from '../../keys/algorithm';
import type { KeySettings } from '../../keys/jwks';
import type { KeyFault } from '../../keys/keyFault';
import { readableFieldsFault } from './readableFields';

/**
 * Reads the fields that keys need of a JWT credential's decrypted data. The others may still be empty: a
 * key is often made before the authorisation server has a client for it.
 */
export function readKeySettings(data: CredentialData): { ok: true; settings: KeySettings } | KeyFault {
	const readable = readableFieldsFault(data);
	if (readable) return readable;
	const read = readAlgorithm(textField(data, 'algorithm', 'RS256'));
	if (!read.ok) return read;
	return {
		ok: true,
		settings: {
			algorithm: read.algorithm,
			keyId: textField(data, 'keyId').trim(),
			privateKey: textField(data, 'privateKey'),
			passphrase: textField(data, 'passphrase'),
			previousPublicKey: textField(data, 'previousPublicKey'),
		},
	};
}
