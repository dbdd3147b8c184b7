import type { INodeExecutionData } from 'n8n-workflow';

import { attempt, type DeliveryRequest } from '../../delivery/attempt';
import type { RequestFault, Result } from '../../delivery/codes';
import { carriedDelivery, payloadOf, type Delivery, type DeliveryFault } from '../../delivery/delivery';
import { deliveryId, type DeliveryOrigin } from '../../delivery/deliveryId';
import { headerField, mergedFields } from '../../delivery/headers';
import { failureItem, pairedItem, receipt, responseItem } from '../../delivery/outputItem';
import { backoffDelay, nextRound } from '../../delivery/retrySchedule';
import { runSchedule, type Scheduled } from '../../delivery/schedule';
import type { Connection } from './connection';
import type { PreparedRequest } from './requestBuilder';
import type { RunSettings } from './settings';

/** A delivery with its request prepared. */
interface Prepared extends Scheduled {
	request: PreparedRequest;
}

/** Where the IDs of a run come from; undefined for random ones. */
export type RunOrigin = Omit<DeliveryOrigin, 'itemIndex'> | undefined;

/**
 * One try at a run's deliveries: prepares what is pending, sends it, and settles each delivery.
 */
export class DispatchRun {
	/** Destinations that asked for a pause, and until when (epoch milliseconds). */
	private readonly pauses = new Map<string, number>();

	/** Those in use. */
	private readonly ids: Set<string | undefined>;

	constructor(
		private readonly items: INodeExecutionData[],
		private readonly deliveries: Delivery[],
		private readonly settings: RunSettings,
		private readonly origin: RunOrigin,
		private readonly lastTry: boolean,
		/** Whether a failed delivery stops the node: with concurrency 1, none is then sent before it. */
		private readonly stops: boolean,
	) {
		this.ids = new Set(deliveries.map(({ id }) => id));
	}

	/**
	 * Evaluates all expressions first, in one loop: between requests they would hold up the answers.
	 *
	 * @param build evaluates the request of a group of items; may throw what an expression throws
	 */
	prepare(build: (itemIndexes: number[]) => Result<PreparedRequest, RequestFault>): Prepared[] {
		const prepared: Prepared[] = [];
		for (const delivery of this.deliveries) {
			if (delivery.state !== 'pending') continue;
			this.takeUp(delivery);
			const request = safely(() => build(delivery.itemIndexes), 'An expression gave no value');
			if (request.ok) prepared.push({ delivery, destination: request.value.destination, request: request.value });
			else this.fail(delivery, { ...request.fault, retryable: false });
		}
		return prepared;
	}

	/** Sends what is prepared. Never rejects: every delivery is settled, or stays pending for the next try. */
	async send(prepared: Prepared[], connection: Connection): Promise<void> {
		const { signal } = connection.tools;
		const stopAtFailure = this.stops && this.settings.concurrency === 1;
		keepPauses(prepared);
		await runSchedule(
			stopAtFailure ? this.beforeFirstFailure(prepared) : prepared,
			{
				concurrency: this.settings.concurrency,
				lastTry: this.lastTry,
				stopAtFailure,
				wait: connection.wait,
				isCancelled: () => signal?.aborted === true,
			},
			async (scheduled) => await this.deliver(scheduled as Prepared, connection),
			(destination) => this.pauses.get(destination) ?? 0,
		);
		if (!this.lastTry || signal?.aborted) return;
		for (const delivery of this.deliveries) {
			if (delivery.state === 'pending' && delivery.fault !== undefined) this.fail(delivery, delivery.fault);
		}
	}

	private beforeFirstFailure(prepared: Prepared[]): Prepared[] {
		const failed = this.deliveries.findIndex(({ state }) => state === 'failed');
		const waiting = new Set(failed === -1 ? this.deliveries : this.deliveries.slice(0, failed));
		return prepared.filter(({ delivery }) => waiting.has(delivery));
	}

	/** Settles everything that is pending with one fault, e.g. when a credential cannot be used. */
	failPending(fault: DeliveryFault): void {
		for (const delivery of this.deliveries) {
			if (delivery.state === 'pending') this.fail(delivery, fault);
		}
	}

	/** A new delivery continues the one that its items carry; a known one waits out its backoff. */
	private takeUp(delivery: Delivery): void {
		if (delivery.backoff !== undefined) {
			delivery.notBefore = Math.max(delivery.notBefore ?? 0, Date.now() + delivery.backoff);
			delivery.backoff = undefined;
		}
		if (delivery.id !== undefined || delivery.attempts > 0) return;
		const carried = delivery.itemIndexes.map((index) => carriedDelivery(this.items[index]!.json));
		const first = carried[0];
		if (first === undefined || carried.some((other) => other === undefined || other.id !== first.id)) return;
		Object.assign(delivery, first);
	}

	private async deliver({ delivery, destination, request }: Prepared, { tools }: Connection): Promise<void> {
		const built = safely(() => request.build(), 'The body cannot be written');
		if (!built.ok) {
			this.fail(delivery, { ...built.fault, retryable: false });
			return;
		}
		const { settings } = request;
		const { body = '' } = built.value;
		if (settings.deliveryId !== '') delivery.id = settings.deliveryId;
		delivery.id ??= this.newId(delivery.itemIndexes[0]!, body);
		const result = await attempt(
			delivery.id,
			identified(built.value, settings.idempotencyHeader, delivery.id),
			settings,
			tools,
		);
		delivery.attempts += result.requests;
		if (!result.delivered) {
			this.judge(delivery, destination, result.fault);
			return;
		}
		delivery.state = 'delivered';
		delivery.fault = undefined;
		if (settings.output === 'response') delivery.output = responseItem(result.response);
		else if (settings.output === 'receipt') {
			const { statusCode, durationMs, response } = result;
			const headers = settings.includeHeaders ? result.headers : undefined;
			delivery.output = receipt(delivery, { statusCode, durationMs, response, headers }, Date.now());
		}
	}

	/** A retry can have other items in the place of earlier ones: no two deliveries get one ID. */
	private newId(itemIndex: number, body: string): string {
		const origin = this.origin && { ...this.origin, itemIndex };
		let id = deliveryId(origin, body);
		for (let copy = 1; this.ids.has(id); copy++) id = deliveryId(origin, `${body}\n${copy}`);
		this.ids.add(id);
		return id;
	}

	/** Decides whether a delivery that did not come about is tried again. */
	private judge(delivery: Delivery, destination: string, fault: DeliveryFault): void {
		delivery.fault = fault;
		const { maxRetryWait, backoff } = this.settings;
		const now = Date.now();
		const wanted = fault.retryAfter;
		const tooLong = wanted !== undefined && wanted - now > maxRetryWait;
		if (fault.code === 'CANCELLED') return;
		if (!fault.retryable || tooLong) {
			this.fail(delivery, fault);
			return;
		}
		delivery.notBefore = wanted;
		delivery.backoff =
			backoff === 'exponential' ? backoffDelay(delivery.attempts, maxRetryWait, Math.random()) : undefined;
		if (wanted !== undefined && fault.code === 'STATUS') {
			this.pauses.set(destination, Math.max(wanted, this.pauses.get(destination) ?? 0));
		}
	}

	private fail(delivery: Delivery, fault: DeliveryFault): void {
		const now = Date.now();
		delivery.state = 'failed';
		delivery.fault = fault;
		delivery.settledAt = now;
		const { retrySchedule } = this.settings;
		let retryAt = fault.retryable ? fault.retryAfter : undefined;
		if (fault.retryable && retrySchedule.length > 0) {
			const round = nextRound(retrySchedule, delivery.scheduleStep, now, Math.random());
			retryAt = round === undefined ? undefined : Math.max(round, fault.retryAfter ?? 0);
			if (round !== undefined) delivery.scheduleStep++;
		}
		delivery.output = failureItem(delivery, retryAt).json;
	}

	/** The output items of the settled deliveries, in the order of the input. */
	outputItems(): INodeExecutionData[] {
		return this.deliveries.flatMap((delivery) =>
			delivery.output === undefined
				? delivery.itemIndexes.map((index) => passedOn(this.items[index]!, index))
				: [{ json: delivery.output, pairedItem: pairedItem(delivery.itemIndexes) }],
		);
	}
}

/** A pause that a destination asked for in an earlier try holds for all that goes there, sent before or not. */
function keepPauses(prepared: Prepared[]): void {
	const pauses = new Map<string, number>();
	for (const { delivery, destination } of prepared) {
		const { notBefore, fault } = delivery;
		if (notBefore === undefined || fault?.code !== 'STATUS' || fault.retryAfter === undefined) continue;
		// Not the backoff, which is the delivery's own; nor a time that was too long to wait for.
		pauses.set(destination, Math.max(Math.min(notBefore, fault.retryAfter), pauses.get(destination) ?? 0));
	}
	for (const { delivery, destination } of prepared) {
		const pause = pauses.get(destination);
		if (pause !== undefined) delivery.notBefore = Math.max(pause, delivery.notBefore ?? 0);
	}
}

/** The request with the delivery's ID in a header, where one is named. */
function identified(request: DeliveryRequest, name: string, id: string): DeliveryRequest {
	if (name === '') return request;
	return { ...request, ...mergedFields(request, headerField(name, id)), identityHeader: name.toLowerCase() };
}

/** The input item itself, without the failed delivery that it may have carried. */
function passedOn(item: INodeExecutionData, index: number): INodeExecutionData {
	return { json: payloadOf(item.json), ...(item.binary === undefined ? {} : { binary: item.binary }), pairedItem: { item: index } };
}

/** What throws for one item is that item's fault, and leaves the others alone. */
function safely<T>(make: () => Result<T, RequestFault>, what: string): Result<T, RequestFault> {
	try {
		return make();
	} catch (error) {
		const { message, description } = error as { message?: string; description?: string };
		return {
			ok: false,
			fault: {
				code: 'INVALID_REQUEST',
				message: `${what}: ${message?.split('\n', 1)[0] ?? 'unknown cause'}`,
				description: description ?? 'Check the expressions of the node with this item.',
			},
		};
	}
}
