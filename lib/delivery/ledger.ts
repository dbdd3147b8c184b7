import { createHash, randomUUID } from 'node:crypto';
import type { IContextObject, IDataObject } from 'n8n-workflow';

import type { Delivery } from './delivery';
import { inSlices } from '../time/slices';
import { newDelivery, reopened } from './transitions';

/**
 * What this execution has already delivered. It lives in n8n's node context, which belongs to the execution
 * and the node: it survives the engine's tries and the retry of a failed execution, and a new execution
 * starts without it (n8n facts, held by test/engine).
 */
export interface Ledger {
	/** The engine's try, from 1. */
	tryNumber: number;
	/**
	 * One for each request to be delivered, in order, with what is known from earlier tries. What becomes of one takes its
	 * place.
	 */
	deliveries: Delivery[];
	/** Writes down how things stand, for the next try or the retry of the execution. Reads the items in slices. */
	save(): Promise<void>;
	/** The same in one go: for the moment when an execution is cancelled. */
	saveNow(): void;
	/** Forgets this run: everything has flowed on. */
	clear(): void;
}

interface RunRecord {
	executionId: string;
	tries: number;
	deliveries: Array<Delivery & { fingerprint: string }>;
}

/** Where a run of the node stands. */
export interface RunPlace {
	/** n8n's context of the node; undefined where nothing is to be remembered (each call of an agent's tool). */
	context: IContextObject | undefined;
	executionId: string;
	runIndex: number;
}

const KEY = 'webhookDispatchLedger';

/**
 * Opens the ledger of a run.
 *
 * @param groups the items of each request, by input index
 * @param jsonOf an input item's fields
 */
export async function openLedger(
	place: RunPlace,
	groups: number[][],
	jsonOf: (itemIndex: number) => IDataObject,
): Promise<Ledger> {
	const runs = (place.context?.[KEY] ?? {}) as Record<string, RunRecord>;
	const runKey = String(place.runIndex);
	const record = Object.hasOwn(runs, runKey) ? runs[runKey] : undefined;
	const sameExecution = record?.executionId === place.executionId;
	/** What the items of each group hold, in short, as far as it was asked for. */
	const prints: string[] = [];
	const printOf = (group: number[], index: number) => (prints[index] ??= fingerprint(group, jsonOf));
	let deliveries: Delivery[];
	if (record === undefined) deliveries = groups.map(newDelivery);
	else if (sameExecution && record.deliveries.length === groups.length) {
		// The engine re-runs the node on the very same items.
		deliveries = record.deliveries.map(({ fingerprint, ...delivery }, index) => {
			prints[index] = fingerprint;
			return { ...delivery, itemIndexes: groups[index]! };
		});
	} else {
		await inSlices(groups, printOf);
		deliveries = carriedOver(record, groups, prints);
	}
	const tryNumber = sameExecution ? record.tries + 1 : 1;
	const saveNow = () => {
		if (place.context === undefined) return;
		runs[runKey] = {
			executionId: place.executionId,
			tries: tryNumber,
			deliveries: deliveries.map((delivery, index) => ({
				...delivery,
				fingerprint: printOf(delivery.itemIndexes, index),
			})),
		};
		place.context[KEY] = runs;
	};

	return {
		tryNumber,
		deliveries,
		saveNow,
		async save() {
			if (place.context === undefined) return;
			await inSlices(groups, printOf);
			saveNow();
		},
		clear() {
			if (place.context === undefined || record === undefined) return;
			delete runs[runKey];
		},
	};
}

/**
 * In the retry of a failed execution items may have been added, removed or reordered: what is known is found
 * again by place and content, then by content alone. What is not found is new, and is sent.
 */
function carriedOver(record: RunRecord, groups: number[][], prints: string[]): Delivery[] {
	const left = new Set(record.deliveries);
	const found = prints.map((print, index) => {
		const known = record.deliveries[index];
		return known?.fingerprint === print && left.delete(known) ? known : undefined;
	});
	// Last first, as they are taken from the end: taking the first of many moves all others.
	const byContent = new Map<string, Array<Delivery & { fingerprint: string }>>();
	for (const known of [...left].reverse()) {
		const alike = byContent.get(known.fingerprint);
		if (alike === undefined) byContent.set(known.fingerprint, [known]);
		else alike.push(known);
	}
	return groups.map((itemIndexes, index) => {
		const known = found[index] ?? byContent.get(prints[index]!)?.pop();
		if (known === undefined) return newDelivery(itemIndexes);
		const { fingerprint, ...delivery } = known;
		return reopened(delivery, itemIndexes);
	});
}

function fingerprint(itemIndexes: number[], jsonOf: (itemIndex: number) => IDataObject): string {
	const hash = createHash('sha256');
	for (const itemIndex of itemIndexes) hash.update(contentOf(jsonOf(itemIndex))).update('\n');
	return hash.digest('base64');
}

/** What JSON cannot hold is like nothing else: in doubt an item is sent. */
function contentOf(json: IDataObject): string {
	try {
		return JSON.stringify(json);
	} catch {
		return randomUUID();
	}
}
