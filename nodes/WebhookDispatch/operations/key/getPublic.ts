import type { IExecuteFunctions } from 'n8n-workflow';

import { publicKeysOf } from '../../../../lib/keys/jwks';
import { oneItem } from '../../n8n/oneItem';
import type { Operation } from '../operation';
import { credentialKeys } from './credentialKeys';

/** Shows the public key of the credential (mission row K1), and the JWK Set while a rotation lasts (K2). */
export const getPublic: Operation = {
	option: {
		name: 'Get Public',
		value: 'getPublic',
		description: 'Get the public key of the credential as PEM, JWK and JWKS',
		action: 'Get the public key',
	},
	fields: [
		{
			displayName:
				'Gives the public half of Private Key of the credential, and in jwks beside it the key in Previous (or Next) Public Key. To serve the JWKS at a URL that an authorisation server reads, import the workflow jwks-endpoint.json of this package.',
			name: 'getPublicNotice',
			type: 'notice',
			default: '',
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions) {
	const read = await credentialKeys(context);
	const keys = read.ok ? await publicKeysOf(read.value) : read;
	return oneItem(context, keys, ({ algorithm, keyId, publicKey, jwk, jwks }) => ({
		keyId,
		publicKey,
		jwk: { ...jwk },
		jwks,
		algorithm,
	}));
}
