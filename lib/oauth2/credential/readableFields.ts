import { privateKeyInField, readableLabels } from '../../keys/privateKeyInField';
import type { Fault } from '../../result/result';
import { textField, type CredentialData } from './credentialFields';

/** Looks for private keys in the fields of a JWT credential that n8n gives back in clear; gives the fault, if any. */
export function readableFieldsFault(data: CredentialData): Fault | undefined {
	return (
		privateKeyInField(textField(data, 'certificate'), readableLabels.certificate) ??
		privateKeyInField(textField(data, 'previousPublicKey'), readableLabels.previousPublicKey)
	);
}
