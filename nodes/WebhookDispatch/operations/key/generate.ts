import type { IExecuteFunctions } from 'n8n-workflow';

import { generateKey, modulusLengths } from '../../../../lib/keys/keyGeneration';
import { oneItem } from '../../n8n/oneItem';
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
				'Makes a pair for the Algorithm of the credential, which itself is not changed. Copy encryptedPrivateKey (encrypted under the Passphrase of the credential) into its Private Key and keyId into its Key ID (Kid), and give the authorisation server publicKey, jwk or jwks. <a href="https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#the-life-of-a-key" target="_blank">How to replace a key without an interruption</a>',
			name: 'generateNotice',
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
	const made = read.ok ? await generateKey(read.value, modulusLength) : read;
	return oneItem(context, made, ({ algorithm, keyId, publicKey, jwk, jwks, encryptedPrivateKey }) => ({
		algorithm,
		keyId,
		publicKey,
		jwk: { ...jwk },
		jwks,
		encryptedPrivateKey,
	}));
}
