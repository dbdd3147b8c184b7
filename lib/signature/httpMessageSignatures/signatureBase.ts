import { fail, ok, type Result } from '../../result/result';
import { componentValue, type Component, type ComponentFault, type MessageParts } from './components';
import { serializeInnerList, type Parameters } from './structuredFields';

/** What is signed, and the value of the signature's entry in Signature-Input. */
export interface SignatureBase {
	readonly base: string;
	readonly signatureParams: string;
}

/**
 * Makes the signature base of a request (RFC 9421 §2.5).
 *
 * @param parameters of the signature, in their order
 */
export function signatureBase(
	message: MessageParts,
	components: readonly Component[],
	parameters: Parameters,
): Result<SignatureBase, ComponentFault> {
	const lines = new Map<string, string>();
	for (const component of components) {
		if (lines.has(component.identifier)) return fail({ component, why: 'malformed' });
		const value = componentValue(component, message);
		if (!value.ok) return value;
		lines.set(component.identifier, value.value);
	}
	const signatureParams = serializeInnerList({ items: components.map(({ item }) => item), parameters });
	const base = [...lines, ['"@signature-params"', signatureParams]]
		.map(([identifier, value]) => `${identifier}: ${value}`)
		.join('\n');
	return ok({ base, signatureParams });
}
