import type { INodeProperties } from 'n8n-workflow';

import { SECRET_ENCODINGS } from '../../lib/signature/sharedSecret';

/** The secret that both sides have, and how it is written, for the schemes that take any bytes. */
export function sharedSecretFields(show: Record<string, string[]>): INodeProperties[] {
	return [
		{
			displayName: 'Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show },
			description:
				'The secret that the receiver has, exactly as it is there. To make one: <code>openssl rand -hex 32</code>.',
		},
		{
			displayName: 'Secret Encoding',
			name: 'secretEncoding',
			type: 'options',
			noDataExpression: true,
			options: Object.entries(SECRET_ENCODINGS).map(([value, name]) => ({ name, value })),
			default: 'text',
			displayOptions: { show },
			description:
				'How Secret is written. Text uses its characters as the key, which is what most receivers do; Hex and Base64 decode it first.',
		},
		{
			displayName: 'Previous Secret',
			name: 'previousSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show },
			description:
				'While secrets are rotated: signs as well where the signature has room for two, and is accepted by Signature: Verify',
		},
	];
}
