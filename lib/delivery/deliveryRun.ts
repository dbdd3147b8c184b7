import type { IDataObject } from 'n8n-workflow';

import { identityOf, isContent } from '../http/content';
import { headerField, mergedFields } from '../http/headers';
import { deliveryId, type DeliveryOrigin } from '../request/deliveryId';
import type { DeliveryRequest } from '../request/deliveryRequest';
import type { PreparedRequest } from '../request/requestBuilder';
import { parseUrl } from '../text/parseUrl';
import { invalidRequest, type RequestFault } from '../result/requestFault';
import { fail, type Result } from '../result/result';
import { attempt, type AttemptResult, type AttemptSettings, type AttemptTools } from './attempt';
import type { Payloads } from './carriedDelivery';
import { startClock } from '../time/clock';
import type { Delivery, DeliveryFault, DeliveryOutput } from './delivery';
import { unavailable } from './failureText';
import type { Acknowledgement } from './judge';
import { signalOf, type Signal } from './lane';
import { runSchedule, type Scheduled } from './schedule';
import { inSlices } from '../time/slices';
import {
	delivered,
	givenUp,
	identified,
	interrupted,
	leftOut,
	notDelivered,
	ordered,
	pausedUntil,
	takenUp,
	type Moment,
	type RetryRules,
} from './transitions';

/** What of an item's settings its delivery depends on. */
export interface DeliverySettings extends AttemptSettings {
	/** Empty for one that the run makes. */
	readonly deliveryId: string;
	/** The header that carries the ID; empty for none. */
	readonly idempotencyHeader: string;
	/** Deliveries with the same one are made strictly in order; empty for no order. */
	readonly orderKey: string;
}

/** What was delivered, for what flows on. */
export interface Delivered extends Acknowledgement {
	readonly delivery: Delivery;
	readonly durationMs: number;
	/** Epoch milliseconds. */
	readonly at: number;
}

/** What a run is made of. */
export interface RunPlan<S extends DeliverySettings> {
	/** Each is replaced by what becomes of it. */
	deliveries: Delivery[];
	payloads: Payloads;
	rules: RetryRules & { readonly concurrency: number };
	/** Where the IDs come from; undefined for random ones. */
	origin: Omit<DeliveryOrigin, 'itemIndex'> | undefined;
	/** Whether each delivery is one request for several recipients. */
	isBroadcast: boolean;
	/** Whether the engine makes no further try. */
	lastTry: boolean;
	/** Whether a failed delivery stops the node: with concurrency 1, none is then sent before it. */
	stops: boolean;
	/**
	 * What flows on for a delivery; undefined for the input items.
	 *
	 * @returns a fault where the destination has it, but there is nothing to pass on
	 */
	outputOf: (made: Delivered, settings: S) => Result<DeliveryOutput | undefined, DeliveryFault>;
	/** The same where that threw: what is known in any case. */
	plainOutputOf: (made: Delivered) => IDataObject;
}

/** A delivery with its request prepared. */
export interface Prepared<S> extends Scheduled {
	readonly request: PreparedRequest<S>;
}

/** How the requests of a run are sent. */
export interface Route {
	/**
	 * What a delivery is sent with: its own identity.
	 *
	 * @param itemIndex the first of its items
	 * @returns a fault where that item's credentials cannot be used
	 */
	readonly toolsFor: (
		itemIndex: number,
	) => Result<AttemptTools, DeliveryFault> | Promise<Result<AttemptTools, DeliveryFault>>;
	/** Waits so many milliseconds, less when the execution is cancelled or the signal comes. */
	readonly wait: (milliseconds: number, noLonger?: AbortSignal) => Promise<void>;
	/** That of n8n, when the execution is cancelled. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * One try at a run's deliveries: prepares what is pending, sends it, and settles each delivery.
 */
export class DeliveryRun<S extends DeliverySettings> {
	/** Destinations that asked for a pause, and until when (epoch milliseconds of the run's own clock). */
	private readonly pauses = new Map<string, number>();

	/** Those in use. */
	private readonly ids: Set<string | undefined>;

	private readonly clock = startClock();

	/** How long each delivery of this try took, in milliseconds. */
	readonly durationsMs: number[] = [];

	constructor(private readonly plan: RunPlan<S>) {
		this.ids = new Set(plan.deliveries.map(({ id }) => id));
	}

	/**
	 * Evaluates all expressions first, in slices: between requests they would hold up the responses.
	 *
	 * @param build evaluates the request of a group of items; may throw what an expression throws
	 * @param signal ends it
	 */
	async prepare(
		build: (itemIndexes: number[]) => Result<PreparedRequest<S>, RequestFault>,
		signal?: AbortSignal,
	): Promise<Array<Prepared<S>>> {
		const { deliveries, rules } = this.plan;
		const prepared: Array<Prepared<S>> = [];
		await inSlices(
			deliveries,
			({ state, itemIndexes }, index) => {
				if (state !== 'pending') return;
				this.takeUp(index);
				const request = safely(
					() => this.standsForOthers(itemIndexes) ?? build(itemIndexes),
					'An expression gave no value',
				);
				if (!request.ok) {
					this.giveUp(index, { ...request.fault, retryable: false });
					return;
				}
				const { destination, settings } = request.value;
				const sequence = rules.concurrency === 1 ? '' : settings.orderKey || undefined;
				deliveries[index] = ordered(this.at(index), settings.orderKey);
				prepared.push({ index, destination, sequence, request: request.value });
			},
			signal,
		);
		return prepared;
	}

	/** An item of a failed broadcast represents all its recipients, so that it is one request for all of them. */
	private standsForOthers([first = 0]: number[]): { ok: false; fault: RequestFault } | undefined {
		const count = this.plan.isBroadcast ? 1 : this.plan.payloads.of(first).length;
		if (count < 2) return undefined;
		return invalidRequest(
			`The item is a failed broadcast to ${count} recipients`,
			'Set Body to Profiles and Recipients to Broadcast again, or split the recipients with a Split Out node (details.recipients).',
		);
	}

	/** Sends what is prepared. Never rejects: every delivery is settled, or stays pending for the next try. */
	async send(prepared: Array<Prepared<S>>, route: Route): Promise<void> {
		const { rules, deliveries, lastTry, stops } = this.plan;
		const { signal, wait } = route;
		this.keepPauses(prepared);
		await runSchedule(stops ? this.withoutHeldBack(prepared) : prepared, {
			deliveryAt: (index) => this.at(index),
			concurrency: rules.concurrency,
			lastTry,
			stopAtFailure: stops,
			waitsOut: rules.concurrency === 1,
			wait,
			now: this.clock.steadyTime,
			isCancelled: () => signal?.aborted === true,
			deliver: async (scheduled) => await this.deliver(scheduled as Prepared<S>, route),
			leaveOut: (scheduled) => this.leaveOut(scheduled),
			pauseOf: (destination) => this.pauses.get(destination) ?? 0,
		});
		if (!lastTry || signal?.aborted) return;
		// In order, what comes after a failure that stops the node is not sent.
		const inOrder = new Set(
			stops ? prepared.flatMap(({ index, sequence }) => (sequence === undefined ? [] : index)) : [],
		);
		await inSlices(deliveries, (delivery, index) => {
			if (delivery.state !== 'pending') return;
			const fault = delivery.fault ?? (inOrder.has(index) ? undefined : NOT_SENT);
			if (fault !== undefined) this.giveUp(index, fault);
		});
	}

	/** Settles everything that is pending with one fault, e.g. when a credential cannot be used. */
	async failPending(fault: DeliveryFault): Promise<void> {
		await inSlices(this.plan.deliveries, ({ state }, index) => {
			if (state === 'pending') this.giveUp(index, fault);
		});
	}

	private at(index: number): Delivery {
		return this.plan.deliveries[index] as Delivery;
	}

	private moment(): Moment {
		const { wallTime, steadyTime } = this.clock;
		return { wallTime: wallTime(), steadyTime: steadyTime(), random: Math.random() };
	}

	/** Where a failure stops the node, what comes after one in its sequence is not sent. */
	private withoutHeldBack(prepared: Array<Prepared<S>>): Array<Prepared<S>> {
		const isInOrder = this.plan.rules.concurrency === 1;
		const firstFailed = new Map<string, number>();
		this.plan.deliveries.forEach(({ state, orderKey }, index) => {
			const sequence = isInOrder ? '' : orderKey;
			if (state === 'failed' && sequence !== undefined && !firstFailed.has(sequence)) firstFailed.set(sequence, index);
		});
		if (firstFailed.size === 0) return prepared;
		return prepared.filter(
			({ index, sequence }) => sequence === undefined || index < (firstFailed.get(sequence) ?? Infinity),
		);
	}

	private takeUp(index: number): void {
		const { deliveries, payloads, rules } = this.plan;
		const delivery = this.at(index);
		const carried = delivery.itemIndexes.map(payloads.carriedBy);
		const [first] = carried;
		const isOne = first !== undefined && carried.every((other) => other?.id === first.id);
		deliveries[index] = takenUp(delivery, { steadyTime: this.clock.steadyTime() }, rules, isOne ? first : undefined);
	}

	private giveUp(index: number, fault: DeliveryFault): void {
		this.plan.deliveries[index] = givenUp(this.at(index), fault, this.moment(), this.plan.rules);
	}

	/** A delivery whose destination is down. */
	private leaveOut({ index, destination }: Scheduled): void {
		const host = parseUrl(destination)?.host ?? destination;
		const fault = { code: 'UNAVAILABLE', ...unavailable(host), retryable: true } as const;
		if (this.plan.lastTry) this.giveUp(index, fault);
		else this.plan.deliveries[index] = leftOut(this.at(index), fault);
	}

	/** Makes one delivery, and says what that shows about its destination. What throws on the way is its own fault. */
	private async deliver({ index, destination, request }: Prepared<S>, route: Route): Promise<Signal> {
		let result: AttemptResult | undefined;
		try {
			// Most are there at once: a turn of waiting for each would add up.
			const given = route.toolsFor(this.at(index).itemIndexes[0] ?? 0);
			const tools = given instanceof Promise ? await given : given;
			if (!tools.ok) {
				this.notSent(index, tools.fault);
				return 'nothing';
			}
			const making = safely(() => request.build(), UNWRITTEN);
			const built =
				making instanceof Promise ? await making.catch((error: unknown) => fail(thrown(error, UNWRITTEN))) : making;
			if (!built.ok) {
				this.notSent(index, { retryable: false, ...built.fault });
				return 'nothing';
			}
			const { settings } = request;
			const { body } = built.value;
			const known = this.at(index);
			const delivery = identified(
				known,
				known.id ?? (settings.deliveryId || this.newId(known.itemIndexes, identityOf(body))),
				isContent(body) ? body.digest : undefined,
			);
			this.plan.deliveries[index] = delivery;
			const unsignable = tools.value.signer?.idFault(delivery.id);
			if (unsignable !== undefined) {
				this.giveUp(index, { code: 'INVALID_REQUEST', ...unsignable, retryable: false });
				return 'nothing';
			}
			const sent = withId(built.value, settings.idempotencyHeader, delivery.id);
			result = await attempt(delivery.id, sent, settings, tools.value);
			this.settle(index, destination, settings, result);
			return result.judgement.ok ? 'delivered' : signalOf(result.judgement.fault);
		} catch (error) {
			this.recover(index, result, error);
			return 'nothing';
		}
	}

	/** The credentials or files of its items cannot be used, or not now. */
	private notSent(index: number, fault: DeliveryFault): void {
		this.plan.deliveries[index] = notDelivered(this.at(index), 0, fault, this.moment(), this.plan.rules);
	}

	private settle(index: number, destination: string, settings: S, result: AttemptResult): void {
		const { deliveries, rules, outputOf } = this.plan;
		const { judgement, requests, durationMs } = result;
		const delivery = this.at(index);
		if (!judgement.ok) {
			deliveries[index] = notDelivered(delivery, requests, judgement.fault, this.moment(), rules);
			this.pauseAfter(index, destination);
			return;
		}
		this.durationsMs.push(durationMs);
		let missing: DeliveryFault | undefined;
		const settled = delivered(delivery, requests, (made) => {
			const at = this.clock.wallTime();
			const output = outputOf({ delivery: made, durationMs, at, ...judgement.value }, settings);
			if (output.ok) return output.value;
			missing = output.fault;
			return undefined;
		});
		deliveries[index] =
			missing === undefined ? settled : notDelivered(delivery, requests, missing, this.moment(), rules);
	}

	/** Something threw outside of the attempt: what the destination acknowledged stays acknowledged. */
	private recover(index: number, result: AttemptResult | undefined, error: unknown): void {
		const { deliveries, plainOutputOf } = this.plan;
		const why = error instanceof Error ? error.name : typeof error;
		if (result?.judgement.ok) {
			const { statusCode, headers } = result.judgement.value;
			const responseFault = { code: 'CONNECTION', message: `The response could not be passed on (${why})` } as const;
			const answer = { statusCode, headers, response: '', responseFault, durationMs: result.durationMs };
			deliveries[index] = delivered(this.at(index), result.requests, (delivery) => ({
				json: plainOutputOf({ delivery, at: this.clock.wallTime(), ...answer }),
			}));
			return;
		}
		deliveries[index] = interrupted(this.at(index), result?.requests ?? 0, {
			code: 'CONNECTION',
			message: `The delivery was interrupted (${why})`,
			description: TRY_AGAIN,
			retryable: true,
		});
	}

	/** A retry can have other items in the place of earlier ones: no two deliveries get one ID. */
	private newId([itemIndex = 0]: number[], content: string): string {
		const origin = this.plan.origin && { ...this.plan.origin, itemIndex };
		let id = deliveryId(origin, content);
		for (let copy = 1; this.ids.has(id); copy++) id = deliveryId(origin, `${content}\n${copy}`);
		this.ids.add(id);
		return id;
	}

	/** A destination that named a time wants no other request before it either. */
	private pauseAfter(index: number, destination: string): void {
		const { state, notBefore, fault } = this.at(index);
		if (state !== 'pending' || notBefore === undefined || fault?.code !== 'STATUS' || fault.retryAfter === undefined)
			return;
		this.pauses.set(destination, Math.max(notBefore, this.pauses.get(destination) ?? 0));
	}

	/** A pause that a destination asked for in an earlier try holds for all that goes there, sent before or not. */
	private keepPauses(prepared: Array<Prepared<S>>): void {
		const pauses = new Map<string, number>();
		for (const { index, destination } of prepared) {
			const { notBefore, fault } = this.at(index);
			if (notBefore === undefined || fault?.code !== 'STATUS' || fault.retryAfter === undefined) continue;
			// Not the backoff, which is the delivery's own; nor a time that was too long to wait for.
			pauses.set(destination, Math.max(Math.min(notBefore, fault.retryAfter), pauses.get(destination) ?? 0));
		}
		if (pauses.size === 0) return;
		for (const { index, destination } of prepared) {
			const pause = pauses.get(destination);
			if (pause !== undefined) this.plan.deliveries[index] = pausedUntil(this.at(index), pause);
		}
	}
}

const TRY_AGAIN = "Turn on Retry On Fail in the node's settings, or retry the execution.";

/** What ends a delivery that no request was made for, for a reason that is not its own. */
const NOT_SENT: DeliveryFault = {
	code: 'CONNECTION',
	message: 'The delivery was not sent',
	description: TRY_AGAIN,
	retryable: true,
};

/** The request with the delivery's ID in a header, where one is named. */
function withId(request: DeliveryRequest, name: string, id: string): DeliveryRequest {
	if (name === '') return request;
	return { ...request, ...mergedFields(request, headerField(name, id)), identityHeader: name.toLowerCase() };
}

const UNWRITTEN = 'The body cannot be written';

/** What throws for one item is that item's fault, and leaves the others alone. */
function safely<R>(make: () => R, what: string): R | { readonly ok: false; readonly fault: RequestFault } {
	try {
		return make();
	} catch (error) {
		return fail(thrown(error, what));
	}
}

function thrown(error: unknown, what: string): RequestFault {
	const { message, description } = error as { message?: string; description?: string };
	return {
		code: 'INVALID_REQUEST',
		message: `${what}: ${message?.split('\n', 1)[0] ?? 'unknown cause'}`,
		description: description ?? 'Check the expressions of the node with this item.',
	};
}
