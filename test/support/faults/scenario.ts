import type { INodeExecutionData } from 'n8n-workflow';
import type { NodeSettings, Run } from '../engine';
import type { Receiver } from '../receiver';

/** The items of a scenario: `{ item: 0 }`, `{ item: 1 }` … Item n is delivered to the path `/n`, which is its key at the receiver. */
export const itemsOf = (count: number) => Array.from({ length: count }, (_, item) => ({ item, note: `item ${item}` }));

/** Every third item has the fault. */
export const isFaulty = (key: string) => Number(key.slice(1)) % 3 === 1;

/**
 * Milliseconds after which a sender gives up. Where nothing hangs it is long: a receiver that is late on a busy machine
 * has acknowledged what its sender no longer hears, and the sender is right to send it again.
 */
export const TIMEOUT = 10_000;

/** Where receivers hang on purpose: short enough to wait for, long enough for the others to respond. */
export const SHORT_TIMEOUT = 800;

/** The node's settings in a scenario: one path an item, a delivery ID in every request, two tries unless said. */
export function dispatchTo(origin: string, settings: NodeSettings = {}): NodeSettings {
	const { parameters, ...rest } = settings;
	const { options, ...others } = (parameters ?? {}) as { options?: object };
	return {
		retryOnFail: true,
		maxTries: 2,
		...rest,
		parameters: {
			method: 'POST',
			url: `=${origin}/{{ $json.item }}`,
			...others,
			options: { timeout: TIMEOUT, idempotencyHeader: 'Idempotency-Key', ...options },
		},
	};
}

/** What came of the items of a scenario. */
export interface Counts {
	items: number;
	/** Requests that reached a receiver. */
	requests: number;
	/** Items that flowed on as delivered. */
	delivered: number;
	/** Items that flowed on as failed. */
	failed: number;
	/** Acknowledgements of a receiver on top of the first, by item. Must be 0. */
	repeated: number;
	/** Items that came out neither as delivered nor as failed, or more than once. Must be 0. */
	withoutOutcome: number;
	/** Items that flowed on as delivered although no receiver had acknowledged them. Must be 0. */
	untrue: number;
	/** Items whose attempts carried different delivery IDs. Must be 0. */
	idsChanged: number;
}

const failedItem = ({ json }: INodeExecutionData) => 'error' in json && 'details' in json;

/** The input items that an output item represents. */
export function inputsOf({ pairedItem }: INodeExecutionData): number[] {
	const all = Array.isArray(pairedItem) ? pairedItem : pairedItem === undefined ? [] : [pairedItem];
	return all.map((paired) => (typeof paired === 'number' ? paired : paired.item));
}

/** What is looked at of an execution: of one in n8n's engine, or in a real n8n. */
export type Outcome = Pick<Run, 'status' | 'tasks'>;

/** The output items of the node, of both outputs and all runs. */
export const outcomesOf = (run: Outcome): INodeExecutionData[] =>
	run.tasks().flatMap((task) => (task.data?.main ?? []).flatMap((output) => output ?? []));

/**
 * Counts what came of a scenario whose items each have their own path at the receivers.
 *
 * @param run the last execution of it
 * @param keys the items' keys, in the order in which they came into that execution
 */
export function account(run: Outcome, receivers: Receiver[], keys: string[]): Counts {
	const requests = receivers.flatMap((receiver) => receiver.requests);
	const acknowledged = new Set(requests.filter(({ outcome }) => outcome === 'acknowledged').map(({ key }) => key));
	const outcomes = new Map<number, number>();
	const counts = { delivered: 0, failed: 0, untrue: 0 };
	for (const output of outcomesOf(run)) {
		const failed = failedItem(output);
		for (const item of inputsOf(output)) {
			outcomes.set(item, (outcomes.get(item) ?? 0) + 1);
			counts[failed ? 'failed' : 'delivered'] += 1;
			if (!failed && !acknowledged.has(keys[item] ?? '')) counts.untrue += 1;
		}
	}
	const idsOf = (key: string) => {
		const ids = requests.filter((request) => request.key === key).map(({ headers }) => headers['idempotency-key']);
		return new Set(ids.filter((id) => id !== undefined)).size;
	};
	return {
		items: keys.length,
		requests: requests.length,
		...counts,
		repeated: receivers.reduce((sum, receiver) => sum + receiver.repeated(), 0),
		// An execution that was stopped, or stopped with an error, has no items to flow on: it has that outcome itself.
		withoutOutcome: run.status === 'success' ? keys.filter((_, item) => outcomes.get(item) !== 1).length : 0,
		idsChanged: new Set(keys.filter((key) => idsOf(key) > 1)).size,
	};
}

/** The keys of `itemsOf(count)`. */
export const keysOf = (count: number) => itemsOf(count).map(({ item }) => `/${item}`);

/** What every scenario must come to. */
export const kept = { repeated: 0, withoutOutcome: 0, untrue: 0, idsChanged: 0 };
