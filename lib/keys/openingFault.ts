import type { Fault } from '../result/result';
import type { OpeningFailure } from './openOffThread';

/** What Private Key takes, for descriptions. */
export const expectedKey =
	'Private Key takes PEM ("-----BEGIN PRIVATE KEY-----", "… ENCRYPTED PRIVATE KEY", "… RSA PRIVATE KEY", ' +
	'"… EC PRIVATE KEY", "… OPENSSH PRIVATE KEY") or a JWK.';

export const damagedKey: Fault = {
	message: 'The private key is damaged or of an unsupported type',
	description: `Paste it again, from its BEGIN line to its END line. ${expectedKey}`,
};

export const missingPassphrase: Fault = {
	message: 'The private key is encrypted, and no passphrase is filled in',
	description: 'Fill in Passphrase in the credential, or paste the key without encryption.',
};

export const wrongPassphrase: Fault = {
	message: 'The passphrase does not decrypt the private key',
	description: 'Check Passphrase in the credential, and that the key was pasted from its BEGIN line to its END line.',
};

/** The thread that opens keys gave no result. */
export function brokenOpening(reason: OpeningFailure['reason']): Fault {
	return reason === 'timeout'
		? {
				message: 'The private key was not decrypted in time',
				description: 'Run the workflow again when this n8n is less busy, or encrypt the key again with fewer rounds.',
			}
		: {
				message: 'The private key was not decrypted: the thread that does it stopped',
				description: 'Run the workflow again. If it happens again, check the memory of this n8n.',
			};
}
