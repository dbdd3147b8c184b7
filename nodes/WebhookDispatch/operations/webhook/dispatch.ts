import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';

import { fail, type Result } from '../../../../lib/result/result';
import { markOf, readPayloads } from '../../../../lib/delivery/carriedDelivery';
import type { DeliveryFault } from '../../../../lib/delivery/delivery';
import { DeliveryRun, type Prepared, type RunPlan } from '../../../../lib/delivery/deliveryRun';
import { openLedger } from '../../../../lib/delivery/ledger';
import { contentDigest, requestBuilder } from '../../../../lib/request/requestBuilder';
import { readIdentity, type Identity } from '../choice';
import type { Operation } from '../operation';
import { deliveredOutput, outputItems, receipt } from '../../n8n/outputItem';
import { itemFiles } from '../../n8n/itemFiles';
import { parameterReader } from '../../n8n/parameterReader';
import { openConnection, type Connection } from './openConnection';
import { cancelledError, dispatchError } from './dispatchError';
import { executionSeed, inEngineOrder, maxTriesOf, mayBeRunAgain } from '../../n8n/engineRules';
import { authenticationFields } from './fields/authentication';
import { bodyFields } from './fields/body';
import { destinationFields, parameterFields } from './fields/destination';
import { optionsField } from './fields/options';
import { addHints } from './hints';
import { unreadable } from './identities';
import { isBroadcastRun, itemGroups } from './itemGroups';
import { itemSettings, readRunSettings, type ItemSettings, type RunSettings } from './settings';

/** Delivers each item, or the items as one broadcast. */
export const dispatch: Operation = {
	option: {
		name: 'Dispatch',
		value: 'dispatch',
		description: 'Deliver items to a destination',
		action: 'Dispatch a webhook',
	},
	fields: [...destinationFields, ...authenticationFields, ...bodyFields, ...parameterFields, optionsField('dispatch')],
	// A delivery that is to be retried throws.
	isFinal: 'returned',
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
	const mark = markOf(node, context.getWorkflow().id);
	const continues = continuesOnFailure(context, node);
	const reader = parameterReader(context);
	const identity = readIdentity(context);
	const read = await readRunSettings(context);
	const settings = read.settings;
	const refusal = identity.ok ? read.fault : identity.fault;
	// Refused as a whole: nothing may go out, under whichever identity.
	if (refusal !== undefined && !continues) throw refused(node, refusal);

	const isBroadcast = isBroadcastRun(reader);
	// Called by an agent itself: every call, and every try of one, has another run index (n8n fact).
	const isTool = context.isToolExecution?.() === true;
	const executionId = context.getExecutionId() as string | undefined;
	const { $runIndex: runIndex, $execution } = context.getWorkflowDataProxy(0) as unknown as RunData;
	const payloads = await readPayloads(items, mark);
	const build = requestBuilder({
		reader,
		payloadsOf: payloads.of,
		isBroadcast,
		fileOf: itemFiles(context),
		readSettings: (options) => itemSettings(options),
	});
	const ledger = await openLedger(
		{ context: isTool ? undefined : context.getContext('node'), executionId: executionId ?? '', runIndex },
		itemGroups(items.length, payloads, isBroadcast ? settings.batchSize || items.length : undefined),
		(index) => items[index]?.json ?? {},
		async (group) => await contentDigest(() => build(group)),
	);
	const { deliveries } = ledger;
	const triesLeft = isTool ? 0 : Math.max(0, maxTriesOf(node) - ledger.tryNumber);
	const origin: RunPlan<ItemSettings>['origin'] =
		isTool || !executionId
			? undefined
			: {
					instanceId: context.getInstanceId(),
					execution: executionSeed(executionId, $execution?.resumeUrl),
					nodeId: node.id,
					runIndex,
				};
	const run = new DeliveryRun<ItemSettings>({
		deliveries,
		payloads,
		rules: settings,
		origin,
		isBroadcast,
		lastTry: triesLeft === 0,
		stops: !continues,
		outputOf: deliveredOutput,
		plainOutputOf: (made) => receipt(made),
	});

	const signal = context.getExecutionCancelSignal?.();
	let isForgotten = false;
	try {
		if (refusal !== undefined) await run.failPending({ ...refusal, retryable: false });
		const prepared = await run.prepare(build, signal);
		if (signal?.aborted) throw cancelledError(node);
		if (identity.ok && prepared.length > 0) {
			const timeout = prepared.reduce((longest, { request }) => Math.max(longest, request.settings.timeout), 0);
			const opened = await tryOpen(context, identity.value, settings, timeout);
			if (opened.ok) await send(context, run, prepared, opened.value, ledger.saveNow);
			else if (!continues || (opened.fault.retryable && triesLeft > 0)) {
				throw refused(node, opened.fault, triesLeft > 0);
			} else await run.failPending(opened.fault);
		}
		const failed = deliveries.filter(({ state }) => state === 'failed');
		const isPending = deliveries.some(({ state }) => state === 'pending');
		if (isPending || (failed.length > 0 && !continues)) throw dispatchError(node, deliveries, triesLeft);
		const output = inEngineOrder(await outputItems({ items, deliveries, payloads, mark, isBroadcast }), node);
		tryHints(() => {
			const bodiesDropped = prepared.filter(({ request }) => request.dropsBody).length;
			addHints(context, node, settings, { deliveries, durationsMs: run.durationsMs, bodiesDropped });
		});
		isForgotten = !(triesLeft > 0 && mayBeRunAgain(output));
		return [output];
	} finally {
		// For the next try, the retry of the execution, or an engine that runs the node again though nothing is left.
		if (isForgotten) ledger.clear();
		else await ledger.save();
	}
}

/** Sends, and closes the connection however that ends. */
async function send(
	context: IExecuteFunctions,
	run: DeliveryRun<ItemSettings>,
	prepared: Array<Prepared<ItemSettings>>,
	connection: Connection,
	save: () => void,
): Promise<void> {
	const { signal } = connection;
	// n8n stores a cancelled execution at once: what is delivered by then must be written down.
	signal?.addEventListener('abort', save, { once: true });
	try {
		await run.send(prepared, connection);
	} finally {
		signal?.removeEventListener('abort', save);
		connection.close();
	}
	if (signal?.aborted) throw cancelledError(context.getNode());
}

/** A hint that cannot be shown is no reason to lose what was delivered. */
function tryHints(show: () => void): void {
	try {
		show();
	} catch {
		// Nothing depends on it.
	}
}

/**
 * Whether failed items flow on instead of stopping the node. An agent learns what happened unless On Error
 * says to stop: of an error that is thrown, n8n would show it the message alone.
 */
function continuesOnFailure(context: IExecuteFunctions, node: INode): boolean {
	const isTool = context.isToolExecution?.() === true || node.rewireOutputLogTo === NodeConnectionTypes.AiTool;
	return context.continueOnFail() || (isTool && node.onError !== 'stopWorkflow');
}

/** @param tryAgain whether the engine is to run the node again, whatever On Error says */
function refused(
	node: INode,
	{ message, description }: Pick<DeliveryFault, 'message' | 'description'>,
	tryAgain = false,
) {
	const error = new NodeOperationError(node, message, { description });
	error.context.tryAgain = tryAgain;
	return error;
}

/** What throws before the requests is a fault of all deliveries, which may pass. */
async function tryOpen(
	context: IExecuteFunctions,
	identity: Identity,
	settings: RunSettings,
	connectTimeoutMs: number,
): Promise<Result<Connection, DeliveryFault>> {
	try {
		return await openConnection(context, identity, settings, connectTimeoutMs);
	} catch (error) {
		return fail(unreadable(error));
	}
}
