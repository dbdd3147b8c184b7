import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { publicKeysOf, type PublicKeys } from '../../../../lib/keys/jwks';
import { refused, type Result } from '../../../../lib/result/result';
import { readPublicKeysOf } from '../../../../lib/signature/readSigning';
import { readRunCredential } from '../../n8n/itemCredential';
import { oneItem } from '../../n8n/oneItem';
import type { Operation } from '../operation';
import { credentialKeys } from './credentialKeys';

/** Which credential's key is shown; above the credential itself. */
export const keyCredentialField: INodeProperties = {
	displayName: 'Key Of',
	name: 'keyCredential',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'JWT OAuth2 Credential',
			value: 'jwt',
			description: 'The key that client assertions are signed with, for an authorization server',
		},
		{
			name: 'Signing Credential',
			value: 'signing',
			description: 'The key that HTTP Message Signatures are made with, for a receiver',
		},
	],
	default: 'jwt',
	description: 'The credential whose public key is shown',
};

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
				'Outputs the public key of Private Key in the credential, and in jwks also the key in Previous (or Next) Public Key, or those in Public Keys. To serve the JWKS at a URL that an authorization server reads, import the workflow jwks-endpoint.json of this package.',
			name: 'getPublicNotice',
			type: 'notice',
			default: '',
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions) {
	return oneItem(context, await readKeys(context), ({ algorithm, keyId, publicKey, jwk, jwks }) => ({
		keyId,
		publicKey,
		jwk: { ...jwk },
		jwks,
		algorithm,
	}));
}

async function readKeys(context: IExecuteFunctions): Promise<Result<PublicKeys>> {
	switch (context.getNodeParameter('keyCredential', 0, 'jwt')) {
		case 'jwt': {
			const read = await credentialKeys(context);
			return read.ok ? await publicKeysOf(read.value) : read;
		}
		case 'signing': {
			const data = await readRunCredential(context, 'webhookDispatchSigningApi');
			return data.ok ? await readPublicKeysOf(data.value) : data;
		}
		default:
			return refused('Key Of has a value that does not exist', 'Select a credential under Key Of in the node.');
	}
}
