import type { IExecuteFunctions } from 'n8n-workflow';

import type { Result } from '../../../../lib/result/result';
import { readVerifier } from '../../../../lib/signature/readSigning';
import { openCredential } from '../../n8n/itemCredential';

type ReadVerifier = Awaited<ReturnType<typeof readVerifier>>;

/**
 * The signing credential as a verifier, for each item as its fields have it. Equal content is read once.
 *
 * @returns a function that throws what n8n throws when the credential cannot be read for an item
 */
export async function credentialVerifiers(
	context: IExecuteFunctions,
): Promise<(itemIndex: number) => Promise<ReadVerifier extends Result<infer V> ? Result<V> : never>> {
	const source = await openCredential(context, 'webhookDispatchSigningApi');
	const made = new Map<string, Promise<ReadVerifier>>();
	return async (itemIndex) => {
		const data = await source.read(itemIndex);
		const content = JSON.stringify(data);
		let verifier = made.get(content);
		if (verifier === undefined) made.set(content, (verifier = readVerifier(data)));
		return await verifier;
	};
}
