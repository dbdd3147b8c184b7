import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '../../../tools/lib/wait';
import type { Outbox } from '../../../tools/queue/outbox';
import type { Receiver } from '../../support/receiver';
import type { Cluster, QueueProcess } from './cluster';
import { workerOf } from './executions';
import { post } from './sender';

/** A row of the outbox' table, as far as tests look at it. */
export interface OutboxRow {
	id: number;
	deliveryId: string;
	state: string;
	claimedBy: string | null;
	attempts: number | null;
	reason: string | null;
}

export const rowsOf = async ({ ask }: Cluster, { sqlTable }: Outbox): Promise<OutboxRow[]> =>
	await ask<OutboxRow>(`select id, "deliveryId", state, "claimedBy", attempts, reason from ${sqlTable} order by id`);

/** What a receiver that knows idempotency keys has done: the keys it has acted on. */
export const actedOn = (receiver: Receiver): Set<string> =>
	new Set(receiver.requests.filter(({ committed }) => committed).map(({ key }) => key));

/** Requests with a key on which the receiver had acted before. */
export const repeatedRequests = (receiver: Receiver): number =>
	receiver.requests.filter(({ committed }) => committed).length - actedOn(receiver).size;

/** Keys whose requests differed in their bodies. Must be none: servers refuse a known key with another body. */
export const withOtherBody = (receiver: Receiver): string[] => {
	const bodies = new Map<string, string>();
	return receiver.requests
		.filter(({ key, body }) => {
			const text = body.toString('utf8');
			const known = bodies.get(key);
			bodies.set(key, known ?? text);
			return known !== undefined && known !== text;
		})
		.map(({ key }) => key);
};

/**
 * A sender that does not give up: it sends again, under the same key, until the outbox says 202.
 * @param isEnough ends it in vain
 * @returns how often it had to send
 */
export async function sendUntilAccepted(url: string, key: string, isEnough: () => boolean): Promise<number> {
	for (let times = 1; ; times++) {
		const { status } = await post(url, { message: key }, { 'idempotency-key': key }, 8_000);
		if (status === 202) return times;
		if (isEnough()) throw new Error(`${key} was not accepted; the last answer was ${status || 'none'}`);
		await pause(200);
	}
}

/** Waits until a run of the delivery has requests open, and finds the worker that it is on. */
export async function workerThatDelivers(cluster: Cluster, box: Outbox, receiver: Receiver): Promise<QueueProcess> {
	return await waitFor(
		async () => {
			const open = receiver.requests.find(
				({ outcome, behaviour }) => outcome === 'open' && behaviour.startsWith('200'),
			);
			if (!open) return undefined;
			const row = (await rowsOf(cluster, box)).find(({ deliveryId }) => deliveryId === open.key);
			const worker = row?.claimedBy ? await workerOf(cluster, row.claimedBy.split('.')[0]!) : undefined;
			return open.outcome === 'open' ? worker : undefined;
		},
		{ what: 'a run in the middle of its deliveries', every: 20 },
	);
}
