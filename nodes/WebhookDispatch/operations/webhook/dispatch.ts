import {
	NodeConnectionTypes,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';

import { payloadOf } from '../../delivery/delivery';
import { openLedger } from '../../delivery/ledger';
import type { Operation } from '../operation';
import { parameterReader } from '../parameterReader';
import { openConnection, type Connection } from './connection';
import { dispatchError } from './dispatchError';
import { DispatchRun } from './dispatchRun';
import { executionSeed, looksFailed, maxTriesOf, mayBeRunAgain } from './engineRules';
import { authenticationFields } from './fields/authentication';
import { bodyFields } from './fields/body';
import { destinationFields, parameterFields } from './fields/destination';
import { connectionOptions, deliveryOptions } from './fields/options';
import { addHints } from './hints';
import { requestBuilder } from './requestBuilder';
import { RUN_OPTIONS, runSettings, type RunSettings } from './settings';

/** Delivers each item, or the items as one broadcast. */
export const dispatch: Operation = {
	option: {
		name: 'Dispatch',
		value: 'dispatch',
		description: 'Deliver items to a destination',
		action: 'Dispatch a webhook',
	},
	fields: [
		...destinationFields,
		...authenticationFields,
		...bodyFields,
		...parameterFields,
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [...connectionOptions(5000), ...deliveryOptions].sort((a, b) =>
				a.displayName.localeCompare(b.displayName),
			),
		},
	],
	execute,
};

/** What n8n's data proxy knows of the run. */
interface RunData {
	$runIndex: number;
	$execution?: { resumeUrl?: string };
}

async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	if (items.length === 0) return [[]];
	const node = context.getNode();
	const reader = parameterReader(context);
	const settings = readRunSettings(context, node);
	const isBroadcast =
		reader.read('body', 0, 'inputItem') === 'profiles' &&
		reader.read('method', 0, 'POST') !== 'GET' &&
		reader.read('recipients', 0, 'single') === 'broadcast';
	const groups = itemGroups(items.length, isBroadcast, settings.batchSize);
	const jsonOf = (index: number) => items[index]!.json;

	// Called by an agent itself: every call, and every try of one, has a run index of its own (n8n fact).
	const isTool = context.isToolExecution?.() === true;
	const continues = continuesOnFailure(context, node);
	const executionId = context.getExecutionId() as string | undefined;
	const { $runIndex: runIndex, $execution } = context.getWorkflowDataProxy(0) as unknown as RunData;
	const ledger = openLedger(
		{ context: isTool ? undefined : context.getContext('node'), executionId: executionId ?? '', runIndex },
		groups,
		jsonOf,
	);
	const triesLeft = isTool ? 0 : Math.max(0, maxTriesOf(node) - ledger.tryNumber);
	const origin =
		isTool || !executionId
			? undefined
			: {
					instanceId: context.getInstanceId(),
					execution: executionSeed(executionId, $execution?.resumeUrl),
					nodeId: node.id,
					runIndex,
				};
	const run = new DispatchRun(items, ledger.deliveries, settings, origin, triesLeft === 0, !continues);

	const payloadsOf = (index: number) => [payloadOf(items[index]!.json)];
	const prepared = run.prepare(requestBuilder(reader, payloadsOf, isBroadcast));
	if (prepared.length > 0) {
		const timeout = Math.max(...prepared.map(({ request }) => request.settings.timeout));
		const connection = await tryOpen(context, settings, timeout, run, continues);
		if (connection !== undefined) {
			const { signal } = connection.tools;
			// n8n stores a cancelled execution at once: what is delivered by then must be written down.
			signal?.addEventListener('abort', ledger.save, { once: true });
			await run.send(prepared, connection);
			signal?.removeEventListener('abort', ledger.save);
			connection.close();
			if (signal?.aborted) {
				ledger.save();
				throw new NodeOperationError(node, 'The execution was cancelled', {
					description: 'n8n does not take up a cancelled execution again: run the workflow anew for what is missing.',
				});
			}
		}
	}

	const { deliveries } = ledger;
	const failed = deliveries.filter(({ state }) => state === 'failed');
	const isPending = deliveries.some(({ state }) => state === 'pending');
	if (isPending || (failed.length > 0 && !continues)) {
		ledger.save();
		throw dispatchError(node, deliveries, triesLeft);
	}
	const output = inEngineOrder(run.outputItems(), node);
	// The engine would try again, though nothing is left to send.
	if (triesLeft > 0 && mayBeRunAgain(output)) ledger.save();
	else ledger.clear();
	addHints(context, node, settings, failed, prepared.filter(({ request }) => request.dropsBody).length);
	return [output];
}

/**
 * Whether failed items flow on instead of stopping the node. An agent is told what happened unless On Error
 * says to stop: of an error that is thrown, n8n would show it the message alone.
 */
function continuesOnFailure(context: IExecuteFunctions, node: INode): boolean {
	const isTool = context.isToolExecution?.() === true || node.rewireOutputLogTo === NodeConnectionTypes.AiTool;
	return context.continueOnFail() || (isTool && node.onError !== 'stopWorkflow');
}

/** Read one by one: an expression in another option may have no value for the first item, and that is its own matter. */
function readRunSettings(context: IExecuteFunctions, node: INode): RunSettings {
	const options = RUN_OPTIONS.map((name) => [name, context.getNodeParameter(`options.${name}`, 0, null)]);
	const settings = runSettings(Object.fromEntries(options) as IDataObject);
	if (settings.ok) return settings.value;
	const { message, description } = settings.fault;
	throw new NodeOperationError(node, message, { description });
}

/** A credential that cannot be used fails the items, where the node is to continue; else it stops the node. */
async function tryOpen(
	context: IExecuteFunctions,
	settings: RunSettings,
	timeout: number,
	run: DispatchRun,
	continues: boolean,
): Promise<Connection | undefined> {
	try {
		return await openConnection(context, settings, timeout);
	} catch (error) {
		if (!continues) {
			throw error instanceof NodeOperationError ? error : new NodeOperationError(context.getNode(), error as Error);
		}
		const { message, description } = error as { message: string; description?: string };
		run.failPending({
			code: 'INVALID_REQUEST',
			retryable: false,
			message,
			description: description ?? 'Check the credential of the node.',
		});
		return undefined;
	}
}

/**
 * With an error output the order of delivered and failed items does not matter, but a failed first item would
 * make the engine run the node again (n8n fact): delivered ones go first.
 */
function inEngineOrder(output: INodeExecutionData[], node: INode): INodeExecutionData[] {
	if (node.onError !== 'continueErrorOutput' || !looksFailed(output)) return output;
	const first = output.findIndex((item) => !looksFailed([item]));
	return first < 1 ? output : [output[first]!, ...output.slice(0, first), ...output.slice(first + 1)];
}

/** The items of each request: one each, or groups of a broadcast. */
function itemGroups(count: number, isBroadcast: boolean, batchSize: number): number[][] {
	const size = isBroadcast ? batchSize || count : 1;
	return Array.from({ length: Math.ceil(count / size) }, (_, group) =>
		Array.from({ length: Math.min(size, count - group * size) }, (_value, offset) => group * size + offset),
	);
}
