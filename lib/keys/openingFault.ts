import { keyFault, type KeyFault } from './keyFault';

/** What Private Key takes, for descriptions. */
export const expectedKey =
	'Private Key takes PEM ("-----BEGIN PRIVATE KEY-----", "… ENCRYPTED PRIVATE KEY", "… RSA PRIVATE KEY", ' +
	'"… EC PRIVATE KEY", "… OPENSSH PRIVATE KEY") or a JWK.';

export function damagedKey(): KeyFault {
	return keyFault(
		'The private key is damaged or of a kind that cannot be read',
		`Paste it again, from its BEGIN line to its END line. ${expectedKey}`,
	);
}

export function missingPassphrase(): KeyFault {
	return keyFault(
		'The private key is encrypted, and no passphrase is filled in',
		'Fill in Passphrase in the credential, or paste the key without encryption.',
	);
}

export function wrongPassphrase(): KeyFault {
	return keyFault(
		'The passphrase does not decrypt the private key',
		'Check Passphrase in the credential, and that the key was pasted from its BEGIN line to its END line.',
	);
}

/** The thread that opens keys gave no result. */
export function brokenOpening(reason: 'refused' | 'timeout' | 'broken'): KeyFault {
	return reason === 'timeout'
		? keyFault(
				'The private key was not decrypted in time',
				'Run the workflow again when this n8n has less to do, or encrypt the key again with fewer rounds.',
			)
		: keyFault(
				'The private key was not decrypted: the thread that does it stopped',
				'Run the workflow again. If it happens again, check the memory that this n8n has.',
			);
}
