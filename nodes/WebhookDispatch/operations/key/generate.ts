import type { IExecuteFunctions } from 'n8n-workflow';

import { generateKey, modulusLengths, type GeneratedKey } from '../../../../credentials/oauth2/keyGeneration';
import { oneItem } from '../oneItem';
import type { Operation } from '../operation';
import { credentialKeys } from './credentialKeys';

/** Makes a pair for the credential (mission rows K1 and K2); the private key comes out encrypted only. */
export const generate: Operation = {
	option: {
		name: 'Generate',
		value: 'generate',
		description: 'Generate a key pair for client assertions',
		action: 'Generate a key pair',
	},
	fields: [
		{
			displayName:
				'Makes a pair for the <b>Algorithm</b> of the credential. The private key comes out encrypted under its <b>Passphrase</b>: copy <code>encryptedPrivateKey</code> into <b>Private Key</b> and <code>keyId</code> into <b>Key ID</b> of the credential, and give the authorisation server <code>publicKey</code>, <code>jwk</code> or <code>jwks</code>. The credential itself is not changed.',
			name: 'generateNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName:
				'To replace a key without an interruption: 1. Run this, and make the new public key known beside the old one: <code>jwks</code> holds both. Where the server reads your JWKS URL, put the new <code>jwk</code> into <b>Previous Public Key</b> of the credential, and wait until the server has read it. 2. Copy the new private key and key ID into the credential, and the old <code>jwk</code> (from Get Public, before you save) into <b>Previous Public Key</b>. 3. Some minutes later, empty <b>Previous Public Key</b> and remove the old key at the server: it is then invalid. To invalidate a key at once, remove it at the server first.',
			name: 'rotationNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'RSA Key Length',
			name: 'modulusLength',
			type: 'options',
			options: modulusLengths.map((bits) => ({ name: `${bits} Bits`, value: bits })),
			default: 2048,
			description: 'How long an RSA key becomes. The length of EC and Ed25519 keys follows from the algorithm.',
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions) {
	const read = await credentialKeys(context);
	const modulusLength = Number(context.getNodeParameter('modulusLength', 0, modulusLengths[0]));
	const made = read.ok ? await generateKey(read.settings, modulusLength) : read;
	return oneItem<GeneratedKey>(context, made, ({ algorithm, keyId, publicKey, jwk, jwks, encryptedPrivateKey }) => ({
		algorithm,
		keyId,
		publicKey,
		jwk: { ...jwk },
		jwks,
		encryptedPrivateKey,
	}));
}
