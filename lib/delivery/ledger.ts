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
	/** Saves the state, for the next try or the retry of the execution. Reads the items in slices. */
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

/** The place of a run of the node. */
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
 * @param contentOf the hash of the body that a group has now, where it is a file's; undefined where there is none, or it cannot
 * be read
 */
export async function openLedger(
	place: RunPlace,
	groups: number[][],
	jsonOf: (itemIndex: number) => IDataObject,
	contentOf: (group: number[]) => Promise<string | undefined> = async () => undefined,
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
		// Only where files were sent: they are read for it.
		const contents = new Map<number[], string | undefined>();
		if (record.deliveries.some(({ content }) => content !== undefined)) {
			for (const group of groups) contents.set(group, await contentOf(group));
		}
		deliveries = carriedOver(record, groups, prints, (group) => contents.get(group));
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

/** A delivery as it was written down. */
type Known = RunRecord['deliveries'][number];

/**
 * In the retry of a failed execution items may have been added, removed or reordered: what is known is found
 * again by place and content, then by content alone. What is not found is new, and is sent.
 */
function carriedOver(
	record: RunRecord,
	groups: number[][],
	prints: string[],
	contentOf: (group: number[]) => string | undefined,
): Delivery[] {
	const left = new Set(record.deliveries);
	/** A file that cannot be read now, or was not read then, says nothing against it. */
	const isSame = (known: Known | undefined, index: number): known is Known => {
		const content = contentOf(groups[index]!);
		return (
			known?.fingerprint === prints[index] &&
			(content === undefined || known?.content === undefined || known.content === content)
		);
	};
	const found = prints.map((_, index) => {
		const known = record.deliveries[index];
		return isSame(known, index) && left.delete(known) ? known : undefined;
	});
	// Last first, as they are taken from the end: taking the first of many moves all others.
	const byContent = new Map<string, Known[]>();
	for (const known of [...left].reverse()) {
		const alike = byContent.get(known.fingerprint);
		if (alike === undefined) byContent.set(known.fingerprint, [known]);
		else alike.push(known);
	}
	const take = (index: number): Known | undefined => {
		const alike = byContent.get(prints[index]!) ?? [];
		const position = alike.findLastIndex((known) => isSame(known, index));
		return position === -1 ? undefined : alike.splice(position, 1)[0];
	};
	return groups.map((itemIndexes, index) => {
		const known = found[index] ?? take(index);
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
