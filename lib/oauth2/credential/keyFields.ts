import { type CredentialData, FieldFault, textField } from './credentialFields';
import { readGeneratedKey } from './generatedKey';
import { type KeyFile, readKeyFile } from './keyFile';

/** The key of a JWT credential, and the key file that it was pasted with. */
interface KeyFields {
	/** The key alone, or the text as it was pasted. */
	readonly privateKey: string;
	readonly passphrase: string;
	readonly keyId: string;
	readonly file?: KeyFile;
}

/**
 * Reads Private Key, Passphrase and Key ID. What is empty of the last two comes from a provider's key file in Private Key, or
 * from the output of Key: Generate there. Throws FieldFault when a field and the file contradict each other.
 */
export function readKeyFields(data: CredentialData): KeyFields {
	const pasted = textField(data, 'privateKey');
	const passphrase = textField(data, 'passphrase');
	const keyId = textField(data, 'keyId').trim();
	const generated = readGeneratedKey(pasted);
	if (generated) {
		return {
			privateKey: generated.privateKey,
			passphrase,
			keyId: agreed(keyId, generated.keyId, 'Key ID (Kid)', { name: 'the output of Key: Generate' }),
		};
	}
	const file = readKeyFile(pasted);
	if (!file) return { privateKey: pasted, passphrase, keyId };
	return {
		privateKey: file.privateKey,
		// A file without one has a key without encryption; the passphrase then is for the keys that Key: Generate makes.
		passphrase: file.passphrase === '' ? passphrase : agreed(passphrase, file.passphrase, 'Passphrase', file),
		keyId: agreed(keyId, file.keyId, 'Key ID (Kid)', file),
		file,
	};
}

/** A field's value, else what the key file says. Throws FieldFault when both are there and differ. */
export function agreed(own: string, ofFile: string, label: string, file: Pick<KeyFile, 'name'>): string {
	if (own !== '' && ofFile !== '' && own !== ofFile) {
		throw new FieldFault(
			`${label} contradicts ${file.name} in Private Key`,
			`Leave ${label} empty to use the value in Private Key, or paste only the private key there`,
		);
	}
	return own || ofFile;
}
