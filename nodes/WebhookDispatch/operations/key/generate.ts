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
			// Of HTML, a notice shows a, ul and li only (n8n fact).
			displayName:
				'Generates a key pair for the Algorithm of the credential, encrypted with its Passphrase. The credential is not changed.<ul><li>Step 1: Execute the step.</li><li>Step 2: Copy the output as JSON into Private Key of the credential; or encryptedPrivateKey alone, and keyId into Key ID (Kid).</li><li>Step 3: Register publicKey, jwk or jwks at the authorization server.</li><li>Step 4: Test the credential.</li></ul><a href="https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main/docs/credential-guides.md#the-life-of-a-key" target="_blank">How to replace a key without interruption</a>',
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
			description: 'Length of a new RSA key. The algorithm sets the length of EC and Ed25519 keys.',
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions) {
	const read = await credentialKeys(context);
	const modulusLength = Number(context.getNodeParameter('modulusLength', 0, modulusLengths[0]));
	const made = read.ok ? await generateKey(read.value, modulusLength) : read;
	return oneItem(context, made, ({ algorithm, keyId, publicKey, jwk, jwks, encryptedPrivateKey }) => ({
		// In the order in which they are copied.
		keyId,
		encryptedPrivateKey,
		publicKey,
		jwk: { ...jwk },
		jwks,
		algorithm,
	}));
}
