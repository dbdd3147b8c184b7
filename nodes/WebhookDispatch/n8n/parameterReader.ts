import type { IExecuteFunctions, NodeParameterValueType } from 'n8n-workflow';

import type { ParameterReader } from '../../../lib/request/requestBuilder';

/**
 * A reader that evaluates what has no expression once for all items. n8n needs about 0.6 ms for an
 * expression and item, and about 2 µs for a value without one: over 1,000 items and a dozen fields both count.
 */
export function parameterReader(context: IExecuteFunctions): ParameterReader {
	const { parameters } = context.getNode();
	const constants = new Map<string, unknown>();
	return {
		read(name, itemIndex, fallback) {
			if (constants.has(name)) return constants.get(name);
			const value = context.getNodeParameter(name, itemIndex, fallback as NodeParameterValueType, WITHOUT_SEARCH);
			// A dotted name lies within the parameter that its first part names.
			const given = parameters[name.split('.')[0]!];
			// Without one the value is this caller's fallback, and another caller may have another.
			if (given !== undefined && !holdsExpression(given)) constants.set(name, value);
			return value;
		},
	};
}

/** No field has a `validateType`; to find that out n8n searches all fields, for every item again. */
const WITHOUT_SEARCH = { skipValidation: true };

/** n8n marks a value as an expression by a leading equals sign, at any depth. */
function holdsExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	if (typeof value !== 'object' || value === null) return false;
	return Object.values(value).some(holdsExpression);
}
