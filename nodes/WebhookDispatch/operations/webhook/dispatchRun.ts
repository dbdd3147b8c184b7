import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { attempt, type AttemptResult, type DeliveryRequest } from '../../../../lib/delivery/attempt';
import { invalidRequest, type RequestFault } from '../../../../lib/result/requestFault';
import type { Result } from '../../../../lib/result/result';
import {
	carriedDelivery,
	overwrittenFields,
	payloadsOf,
	type Delivery,
	type DeliveryFault,
} from '../../../../lib/delivery/delivery';
import { deliveryId, type DeliveryOrigin } from '../../../../lib/request/deliveryId';
import { headerField, mergedFields } from '../../../../lib/http/headers';
import {
	deliveredInput,
	failureItem,
	pairedItem,
	receipt,
	responseItem,
	type ResponseFault,
} from '../../n8n/outputItem';
import { backoffDelay, nextRound } from '../../../../lib/delivery/retrySchedule';
import { runSchedule, type Scheduled } from '../../../../lib/delivery/schedule';
import { isSignableId } from '../../../../lib/request/signature';
import type { Connection } from './openConnection';
import { unsignableId, type PreparedRequest } from './requestBuilder';
import type { RunSettings } from './settings';

/** A delivery with its request prepared. */
interface Prepared extends Scheduled {
	request: PreparedRequest;
}

/** What a run is made of. */
export interface RunPlan {
	items: INodeExecutionData[];
	deliveries: Delivery[];
	settings: RunSettings;
	/** Where the IDs come from; undefined for random ones. */
	origin: Omit<DeliveryOrigin, 'itemIndex'> | undefined;
	/** The mark of the node, see `markOf`. */
	mark: string;
	/** Whether each delivery is one request for several recipients. */
	isBroadcast: boolean;
	/** Whether the engine makes no further try. */
	lastTry: boolean;
	/** Whether a failed delivery stops the node: with concurrency 1, none is then sent before it. */
	stops: boolean;
}

/**
 * One try at a run's deliveries: prepares what is pending, sends it, and settles each delivery.
 */
export class DispatchRun {
	/** Destinations that asked for a pause, and until when (epoch milliseconds of the run's own clock). */
	private readonly pauses = new Map<string, number>();

	/** Those in use. */
	private readonly ids: Set<string | undefined>;

	/** The wall clock may be set while a run waits; this one only goes on. */
	private readonly now = steadyClock();

	constructor(private readonly plan: RunPlan) {
		this.ids = new Set(plan.deliveries.map(({ id }) => id));
	}

	/** The fields that are sent for an item. */
	readonly payloadsOf = (itemIndex: number): IDataObject[] =>
		payloadsOf(this.plan.items[itemIndex]!.json, this.plan.mark);

	/**
	 * Evaluates all expressions first, in one loop: between requests they would hold up the answers.
	 *
	 * @param build evaluates the request of a group of items; may throw what an expression throws
	 */
	prepare(build: (itemIndexes: number[]) => Result<PreparedRequest, RequestFault>): Prepared[] {
		const prepared: Prepared[] = [];
		for (const delivery of this.plan.deliveries) {
			if (delivery.state !== 'pending') continue;
			this.takeUp(delivery);
			const request = safely(
				() => this.standsForOthers(delivery) ?? build(delivery.itemIndexes),
				'An expression gave no value',
			);
			if (request.ok) prepared.push({ delivery, destination: request.value.destination, request: request.value });
			else this.fail(delivery, { ...request.fault, retryable: false });
		}
		return prepared;
	}

	/** An item of a failed broadcast stands for all its recipients, so that it is one request for all of them. */
	private standsForOthers({ itemIndexes }: Delivery): { ok: false; fault: RequestFault } | undefined {
		const count = this.plan.isBroadcast ? 1 : this.payloadsOf(itemIndexes[0]!).length;
		if (count < 2) return undefined;
		return invalidRequest(
			`The item stands for the ${count} recipients of a failed broadcast`,
			'Set Body to Profiles and Recipients to Broadcast again, or split the recipients with a Split Out node (details.recipients).',
		);
	}

	/** Sends what is prepared. Never rejects: every delivery is settled, or stays pending for the next try. */
	async send(prepared: Prepared[], connection: Connection): Promise<void> {
		const { settings, deliveries, lastTry, stops } = this.plan;
		const { signal } = connection.tools;
		const stopAtFailure = stops && settings.concurrency === 1;
		keepPauses(prepared);
		await runSchedule(
			stopAtFailure ? this.beforeFirstFailure(prepared) : prepared,
			{
				concurrency: settings.concurrency,
				lastTry,
				stopAtFailure,
				wait: connection.wait,
				now: this.now,
				isCancelled: () => signal?.aborted === true,
			},
			async (scheduled) => await this.deliver(scheduled as Prepared, connection),
			(destination) => this.pauses.get(destination) ?? 0,
		);
		if (!lastTry || signal?.aborted) return;
		for (const delivery of deliveries) {
			if (delivery.state !== 'pending') continue;
			// In order, what comes after a failure that stops the node is not sent.
			const fault = delivery.fault ?? (stopAtFailure ? undefined : NOT_SENT);
			if (fault !== undefined) this.fail(delivery, fault);
		}
	}

	private beforeFirstFailure(prepared: Prepared[]): Prepared[] {
		const { deliveries } = this.plan;
		const failed = deliveries.findIndex(({ state }) => state === 'failed');
		const waiting = new Set(failed === -1 ? deliveries : deliveries.slice(0, failed));
		return prepared.filter(({ delivery }) => waiting.has(delivery));
	}

	/** Settles everything that is pending with one fault, e.g. when a credential cannot be used. */
	failPending(fault: DeliveryFault): void {
		for (const delivery of this.plan.deliveries) {
			if (delivery.state === 'pending') this.fail(delivery, fault);
		}
	}

	/** A new delivery continues the one that its items carry; a known one waits out its backoff. */
	private takeUp(delivery: Delivery): void {
		const now = this.now();
		// No wait is longer than this, unless the clock was set back since.
		const latest = now + this.plan.settings.maxRetryWait;
		if (delivery.notBefore !== undefined) delivery.notBefore = Math.min(delivery.notBefore, latest);
		if (delivery.backoff !== undefined) {
			delivery.notBefore = Math.max(delivery.notBefore ?? 0, now + delivery.backoff);
			delivery.backoff = undefined;
		}
		if (delivery.id !== undefined || delivery.attempts > 0) return;
		const carried = delivery.itemIndexes.map((index) => carriedDelivery(this.plan.items[index]!.json, this.plan.mark));
		const first = carried[0];
		if (first === undefined || carried.some((other) => other === undefined || other.id !== first.id)) return;
		Object.assign(delivery, first);
	}

	/** Makes one delivery. What throws on the way is its own fault. */
	private async deliver({ delivery, destination, request }: Prepared, { tools }: Connection): Promise<void> {
		let result: AttemptResult | undefined;
		try {
			const built = safely(() => request.build(), 'The body cannot be written');
			if (!built.ok) {
				this.fail(delivery, { ...built.fault, retryable: false });
				return;
			}
			const { settings } = request;
			const { body = '' } = built.value;
			// The first one stays: an own Delivery ID that an expression gives anew would be another one in every try.
			delivery.id ??= settings.deliveryId || this.newId(delivery.itemIndexes[0]!, body);
			if (tools.sign !== undefined && !isSignableId(delivery.id)) {
				this.fail(delivery, { ...unsignableId().fault, retryable: false });
				return;
			}
			result = await attempt(
				delivery.id,
				identified(built.value, settings.idempotencyHeader, delivery.id),
				settings,
				tools,
			);
			this.settle(delivery, destination, request, result);
		} catch (error) {
			this.recover(delivery, result, error);
		}
	}

	private settle(delivery: Delivery, destination: string, { settings }: PreparedRequest, result: AttemptResult): void {
		delivery.attempts += result.requests;
		if (!result.delivered) {
			this.judge(delivery, destination, result.fault);
			return;
		}
		const { statusCode, durationMs, response, responseFault } = result;
		if (settings.output === 'response' && responseFault !== undefined) {
			this.fail(delivery, responseIsMissing(responseFault, statusCode));
			return;
		}
		delivery.state = 'delivered';
		delivery.fault = undefined;
		if (settings.output === 'response') delivery.output = responseItem(response);
		else if (settings.output === 'receipt') {
			const headers = settings.includeHeaders ? result.headers : undefined;
			const answer = { statusCode, durationMs, response, headers, responseFault };
			delivery.output = receipt(delivery, answer, Date.now());
		}
	}

	/** Something threw outside of the attempt: what the destination acknowledged stays acknowledged. */
	private recover(delivery: Delivery, result: AttemptResult | undefined, error: unknown): void {
		const why = error instanceof Error ? error.name : typeof error;
		if (result?.delivered) {
			const { statusCode, durationMs } = result;
			const responseFault = { code: 'CONNECTION', message: `The response could not be passed on (${why})` } as const;
			delivery.state = 'delivered';
			delivery.fault = undefined;
			delivery.output = receipt(delivery, { statusCode, durationMs, response: '', responseFault }, this.now());
			return;
		}
		delivery.fault = {
			code: 'CONNECTION',
			message: `The delivery was interrupted (${why})`,
			description: "Turn on Retry On Fail in the node's settings, or retry the execution.",
			retryable: true,
		};
	}

	/** A retry can have other items in the place of earlier ones: no two deliveries get one ID. */
	private newId(itemIndex: number, body: string): string {
		const origin = this.plan.origin && { ...this.plan.origin, itemIndex };
		let id = deliveryId(origin, body);
		for (let copy = 1; this.ids.has(id); copy++) id = deliveryId(origin, `${body}\n${copy}`);
		this.ids.add(id);
		return id;
	}

	/** Decides whether a failed delivery is retried. */
	private judge(delivery: Delivery, destination: string, fault: DeliveryFault): void {
		delivery.fault = fault;
		const { maxRetryWait, backoff } = this.plan.settings;
		const wait = fault.retryAfter === undefined ? undefined : Math.max(0, fault.retryAfter - Date.now());
		const tooLong = wait !== undefined && wait > maxRetryWait;
		if (fault.code === 'CANCELLED') return;
		if (!fault.retryable || tooLong) {
			this.fail(delivery, fault);
			return;
		}
		const wanted = wait === undefined ? undefined : this.now() + wait;
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
		const { retrySchedule } = this.plan.settings;
		let retryAt = fault.retryable ? fault.retryAfter : undefined;
		if (fault.retryable && retrySchedule.length > 0) {
			const round = nextRound(retrySchedule, delivery.scheduleStep, now, Math.random());
			retryAt = round === undefined ? undefined : Math.max(round, fault.retryAfter ?? 0);
			if (round !== undefined) delivery.scheduleStep++;
		}
		const { mark, isBroadcast } = this.plan;
		const payloads = delivery.itemIndexes.flatMap(this.payloadsOf);
		delivery.output = failureItem(delivery, {
			mark,
			retryAt,
			input: overwrittenFields(payloads[0]!),
			recipients: isBroadcast ? payloads : undefined,
		}).json;
	}

	/** The output items of the settled deliveries, in the order of the input. */
	outputItems(): INodeExecutionData[] {
		return this.plan.deliveries.flatMap((delivery) =>
			delivery.output === undefined
				? delivery.itemIndexes.map((index) => this.passedOn(index))
				: [{ json: delivery.output, pairedItem: pairedItem(delivery.itemIndexes) }],
		);
	}

	/** The input item itself, without the failed delivery that it may have carried. */
	private passedOn(index: number): INodeExecutionData {
		const { json, binary } = this.plan.items[index]!;
		const [payload = json] = this.payloadsOf(index);
		return { json: deliveredInput(payload), ...(binary === undefined ? {} : { binary }), pairedItem: { item: index } };
	}
}

/** With Output *Response*: the destination has the delivery, so it is not sent again, but there is nothing to pass on. */
function responseIsMissing(responseFault: ResponseFault, statusCode: number): DeliveryFault {
	const larger = responseFault.code === 'RESPONSE_TOO_LARGE' ? 'Raise Max Response Size in the options. ' : '';
	return {
		...responseFault,
		statusCode,
		description: `${larger}The destination has taken the delivery, so it is not sent again. Set Output to Receipt or Input Item if the response does not matter.`,
		retryable: false,
		acknowledged: true,
	};
}

/** What ends a delivery that no request was made for, for a reason that is not its own. */
const NOT_SENT: DeliveryFault = {
	code: 'CONNECTION',
	message: 'The delivery was not sent',
	description: "Turn on Retry On Fail in the node's settings, or retry the execution.",
	retryable: true,
};

/** Epoch milliseconds of a clock that nobody sets; one that does not tell the time stands still. */
function steadyClock(): () => number {
	let offset: number | undefined;
	let last = 0;
	return () => {
		try {
			offset ??= Date.now() - performance.now();
			last = offset + performance.now();
		} catch {
			// What was told last.
		}
		return last;
	};
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
