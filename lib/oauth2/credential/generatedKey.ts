import { jsonObjectIn, textOf } from './pastedJson';

/** A key and its ID, as the operation *Key: Generate* puts them out. */
export interface GeneratedKey {
	/** PEM, encrypted with the credential's passphrase. */
	readonly privateKey: string;
	readonly keyId: string;
}

/**
 * Reads the output item of *Key: Generate*, pasted whole in place of the key: so the ID comes along with it.
 *
 * @param text Private Key as it was pasted; n8n copies an item as a list of one
 * @returns undefined for anything else
 */
export function readGeneratedKey(text: string): GeneratedKey | undefined {
	const item = jsonObjectIn(text);
	const privateKey = textOf(item?.['encryptedPrivateKey']);
	return privateKey === '' ? undefined : { privateKey, keyId: textOf(item?.['keyId']) };
}
