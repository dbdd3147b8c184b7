import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';

import { invalidRequest, type RequestFault } from '../../../lib/result/requestFault';
import { ok, type Result } from '../../../lib/result/result';
import { readsItem } from './itemExpression';

/**
 * Reads a credential for a run. One whose fields hold expressions over the item (n8n allows that in every field) is refused
 * as soon as there is more than one item: read once, it would send the first item's secrets for all of them.
 *
 * @throws what n8n throws when there is no such credential, or it cannot be read
 */
export async function readRunCredential(
	context: IExecuteFunctions,
	type: string,
): Promise<Result<ICredentialDataDecryptedObject, RequestFault>> {
	const count = context.getInputData().length;
	const watched = watchExpressions(context);
	const data = await watched.context.getCredentials<ICredentialDataDecryptedObject>(type, 0);
	if (count < 2 || !(watched.readsItem() ?? (await differsByItem(context, type, data, count)))) return ok(data);
	return invalidRequest(
		'The credential has an expression that reads the item',
		"With several items it would send the first item's values for all of them. Put fixed values into the credential, or send one item per run, e.g. with Loop Over Items and a batch size of 1.",
	);
}

/** Where n8n does not let a node see more: whether another item gets another credential. */
async function differsByItem(
	context: IExecuteFunctions,
	type: string,
	data: ICredentialDataDecryptedObject,
	count: number,
): Promise<boolean> {
	const first = JSON.stringify(data);
	for (let itemIndex = 1; itemIndex < count; itemIndex++) {
		if (JSON.stringify(await context.getCredentials(type, itemIndex)) !== first) return true;
	}
	return false;
}

/** n8n's resolver of expressions, as far as it is used here. */
interface Resolver {
	getParameterValue(value: unknown, ...others: unknown[]): unknown;
}

/**
 * A context that tells what expressions it was asked to resolve. There is no public way to see whether a credential holds
 * one, and a second reading of it (`getDecrypted` with `raw`) would double the cost of the most frequent case.
 *
 * @source n8n 2.0 to 2.41: `getCredentials` resolves the stored fields by `workflow.expression.getParameterValue`
 */
function watchExpressions(context: IExecuteFunctions): {
	context: IExecuteFunctions;
	/** Whether one of them reads the item; undefined where none was asked for, as it is done in another way. */
	readsItem(): boolean | undefined;
} {
	const { workflow } = context as unknown as { workflow?: { expression?: Resolver } };
	const resolver = workflow?.expression;
	let reads: boolean | undefined;
	if (workflow === undefined || typeof resolver?.getParameterValue !== 'function')
		return { context, readsItem: () => undefined };
	const expression = replacing(resolver, 'getParameterValue', (value: unknown, ...others: unknown[]) => {
		reads = reads === true || readsItem(value);
		return resolver.getParameterValue(value, ...others);
	});
	const watched = Object.create(context, {
		workflow: { value: replacing(workflow, 'expression', expression) },
	}) as IExecuteFunctions;
	return { context: watched, readsItem: () => reads };
}

/** An object with one of its properties replaced; its methods run on the object itself, for they may be private to it. */
function replacing<T extends object>(object: T, name: keyof T, replacement: unknown): T {
	return new Proxy(object, {
		get(target, key) {
			if (key === name) return replacement;
			const value: unknown = Reflect.get(target, key);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
	});
}
