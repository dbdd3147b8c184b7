import { NodeOperationError, type ICredentialDataDecryptedObject, type IExecuteFunctions } from 'n8n-workflow';

import { invalidRequest, type RequestFault } from '../../../lib/result/requestFault';
import { ok, type Result } from '../../../lib/result/result';
import { readsItem } from './itemExpression';

/** A credential of the node: one for the run, or one for each item. */
export interface CredentialSource {
	/** Whether the items may have different content. */
	readonly isByItem: boolean;
	/**
	 * The decrypted content for an item, with its expressions resolved.
	 *
	 * @throws what n8n throws when it cannot be read, or an expression throws for this item
	 */
	read(itemIndex: number): Promise<ICredentialDataDecryptedObject>;
}

/**
 * Finds out whether a credential's fields hold expressions over the item (n8n allows that in every field): with the first
 * item's content for all, one customer's secrets would go to another's server. Read once for the run where they do not.
 * What n8n cannot read for the first item may be that item's own fault: the second one is asked about then.
 */
export async function openCredential(context: IExecuteFunctions, type: string): Promise<CredentialSource> {
	const read = async (itemIndex: number) =>
		await context.getCredentials<ICredentialDataDecryptedObject>(type, itemIndex);
	const count = context.getInputData().length;
	let failure: unknown;
	for (const itemIndex of count > 1 ? [0, 1] : [0]) {
		const watched = watchExpressions(context);
		try {
			const data = await watched.context.getCredentials<ICredentialDataDecryptedObject>(type, itemIndex);
			// Where n8n does not let a node see it, each item is asked for.
			const isByItem = count > 1 && watched.readsItem() !== false;
			return isByItem ? { isByItem, read } : { isByItem, read: async () => data };
		} catch (error) {
			if (count > 1 && watched.readsItem() === true) return { isByItem: true, read };
			failure = error;
			// n8n's own refusal (none is selected, or it is not there any more) is no item's.
			if (error instanceof NodeOperationError) break;
		}
	}
	return { isByItem: false, read: async () => await Promise.reject(failure) };
}

/**
 * Reads a credential for an operation that does its work once a run. One that reads the item is refused as soon as there is
 * more than one item.
 *
 * @throws what n8n throws when there is no such credential, or it cannot be read
 */
export async function readRunCredential(
	context: IExecuteFunctions,
	type: string,
): Promise<Result<ICredentialDataDecryptedObject, RequestFault>> {
	const source = await openCredential(context, type);
	const data = await source.read(0);
	if (!source.isByItem || !(await differsByItem(source, data, context.getInputData().length))) return ok(data);
	return invalidRequest(
		'The credential has an expression that reads the item',
		"With several items it would use the first item's values for all of them. Put fixed values into the credential, or send one item per run, e.g. with Loop Over Items and a batch size of 1.",
	);
}

async function differsByItem(
	{ read }: CredentialSource,
	data: ICredentialDataDecryptedObject,
	count: number,
): Promise<boolean> {
	const first = JSON.stringify(data);
	for (let itemIndex = 1; itemIndex < count; itemIndex++) {
		if (JSON.stringify(await read(itemIndex)) !== first) return true;
	}
	return false;
}

/** n8n's resolver of expressions, as far as it is used here. */
interface Resolver {
	getParameterValue(value: unknown, ...others: unknown[]): unknown;
}

/**
 * A context that records what expressions it was asked to resolve. There is no public way to see whether a credential holds
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
