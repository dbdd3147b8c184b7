import type { Fault } from '../result/result';
import { holdsPrivateKey } from './pastedKey';

/** What the credential's form calls the fields for certificates and public keys, which n8n shows unmasked. */
export const readableLabels = {
	certificate: 'Certificate',
	previousPublicKey: 'Previous (or Next) Public Key',
	publicKeys: 'Public Keys',
	tlsCa: 'TLS CA',
	tlsCertificate: 'TLS Certificate',
} as const;

/** One of those fields, by its label. */
export type ReadableLabel = (typeof readableLabels)[keyof typeof readableLabels];

/**
 * Looks for a private key in a field that n8n does not mask: it is refused, not used, however well it would work.
 *
 * @param text what was pasted into the field
 * @returns the fault, or undefined when there is none; it shows nothing of the text
 */
export function privateKeyInField(text: string, label: ReadableLabel): Fault | undefined {
	if (!holdsPrivateKey(text)) return undefined;
	return {
		message: `${label} contains a private key`,
		description: `Remove it: n8n stores and shows that field in plain text. Paste only the public part there${
			label === readableLabels.certificate
				? ' ("-----BEGIN CERTIFICATE-----")'
				: ' (the operation Key: Get Public gives it as jwk)'
		}, and replace the key if others may have seen it.`,
	};
}
