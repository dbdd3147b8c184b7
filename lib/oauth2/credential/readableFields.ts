import { textField, type CredentialData } from './credentialFields';
import { keyFault, type KeyFault } from '../../keys/keyFault';
import { holdsPrivateKey } from '../../keys/pastedKey';

/** What the fields for public keys and certificates are called in the form. */
export const readableLabels = {
	certificate: 'Certificate',
	previousPublicKey: 'Previous (or Next) Public Key',
} as const;

/** A private key in a field that n8n does not mask: refused, not used, however well it would work. */
export function privateKeyInField(field: string): KeyFault {
	return keyFault(
		`${field} holds a private key`,
		`Remove it: n8n stores and shows that field in readable form. Paste only the public part there${
			field === readableLabels.certificate
				? ' ("-----BEGIN CERTIFICATE-----")'
				: ' (the operation Key > Get Public gives it as jwk)'
		}, and replace the key if others may have seen it.`,
	);
}

/** Looks for private keys in the fields of a JWT credential that n8n gives back in clear; gives the fault, if any. */
export function readableFieldsFault(data: CredentialData): KeyFault | undefined {
	for (const name of ['certificate', 'previousPublicKey'] as const) {
		if (holdsPrivateKey(textField(data, name))) return privateKeyInField(readableLabels[name]);
	}
	return undefined;
}
