import type { KeyFault } from '../../keys/keyFault';
import { privateKeyInField, readableLabels } from '../../keys/privateKeyInField';
import { textField, type CredentialData } from './credentialFields';

/** Looks for private keys in the fields of a JWT credential that n8n gives back in clear; gives the fault, if any. */
export function readableFieldsFault(data: CredentialData): KeyFault | undefined {
	return (
		privateKeyInField(textField(data, 'certificate'), readableLabels.certificate) ??
		privateKeyInField(textField(data, 'previousPublicKey'), readableLabels.previousPublicKey)
	);
}
