import type { CarriedDelivery } from './carriedDelivery';
import type { Delivery, DeliveryFault, DeliveryOutput } from './delivery';
import { backoffDelay, nextRound } from './retrySchedule';

/**
 * The life of a delivery. A delivery is pending until it is delivered or given up, and then stays so; only the retry of an
 * execution opens again what was given up. Each transition is a function of what it is given and gives a new delivery;
 * nothing else writes one.
 */

/** What time it is, and a throw of the dice. */
export interface Moment {
	/** Epoch milliseconds on the wall clock, which destinations and people go by. */
	readonly wallTime: number;
	/** Epoch milliseconds of a clock that nobody sets, which waits within a run go by. */
	readonly steadyTime: number;
	/** From 0 to 1. */
	readonly random: number;
}

/** How long a delivery may be put off. */
export interface RetryRules {
	/** The longest wait for a time that a destination names, in milliseconds. */
	readonly maxRetryWait: number;
	readonly backoff: 'none' | 'exponential';
	/** Delays of a long schedule, in milliseconds. */
	readonly retrySchedule: readonly number[];
}

/** A delivery that nothing is known of yet. */
export function newDelivery(itemIndexes: number[]): Delivery {
	return { itemIndexes, state: 'pending', attempts: 0, scheduleStep: 0 };
}

/**
 * Whether the destination has it, be it with a response that is of no use: it is never sent again.
 *
 * @internal exported for the tests of random sequences
 */
export const isAcknowledged = ({ state, fault }: Delivery): boolean =>
	state === 'delivered' || (state === 'failed' && fault?.acknowledged === true);

/**
 * A try of the engine begins: a new delivery continues the one that its items carry, a known one waits out its backoff. No
 * wait is longer than `maxRetryWait`, unless the clock was set back since.
 *
 * @param carried what the items bring along from a failed delivery of the node, see `carriedDelivery`
 */
export function takenUp(
	delivery: Delivery,
	{ steadyTime }: Pick<Moment, 'steadyTime'>,
	{ maxRetryWait }: Pick<RetryRules, 'maxRetryWait'>,
	carried?: CarriedDelivery,
): Delivery {
	if (delivery.state !== 'pending') return delivery;
	const { backoff, ...known } = delivery;
	const isNew = known.id === undefined && known.attempts === 0 && known.scheduleStep === 0;
	const times = [
		...(known.notBefore === undefined ? [] : [Math.min(known.notBefore, steadyTime + maxRetryWait)]),
		...(backoff === undefined ? [] : [steadyTime + backoff]),
	];
	return {
		...known,
		...(times.length === 0 ? {} : { notBefore: Math.max(...times) }),
		...(isNew && carried !== undefined ? continued(carried) : {}),
	};
}

const continued = ({ id, attempts, scheduleStep }: CarriedDelivery) => ({
	...(id === undefined ? {} : { id }),
	attempts,
	scheduleStep,
});

/**
 * The first ID stays: a Delivery ID by expression could be another one in every try.
 *
 * @param content the hash of the body, where it is a file's
 */
export function identified(delivery: Delivery, id: string, content?: string): Delivery & { id: string } {
	return { ...delivery, id: delivery.id ?? id, ...(content === undefined ? {} : { content }) };
}

/** It has its place among the deliveries of a key; empty for one that has no order. */
export function ordered(delivery: Delivery, orderKey: string): Delivery {
	if (delivery.state !== 'pending' || orderKey === (delivery.orderKey ?? '')) return delivery;
	const { orderKey: _, ...known } = delivery;
	return orderKey === '' ? known : { ...known, orderKey };
}

/** It was not sent in this try, for its destination is down: attempts as they were, and the next try takes it up. */
export function leftOut(delivery: Delivery, fault: DeliveryFault): Delivery {
	return delivery.state === 'pending' ? { ...delivery, fault } : delivery;
}

/** Not before a time: its destination asked for a pause. */
export function pausedUntil(delivery: Delivery, time: number): Delivery {
	if (delivery.state !== 'pending' || (delivery.notBefore ?? 0) >= time) return delivery;
	return { ...delivery, notBefore: time };
}

/**
 * The destination has it.
 *
 * @param requests how many were sent in the attempt
 * @param outputOf makes what flows on, from the delivery as it is by then; undefined for the input items themselves
 */
export function delivered(
	delivery: Delivery,
	requests: number,
	outputOf: (delivery: Delivery) => DeliveryOutput | undefined,
): Delivery {
	if (delivery.state !== 'pending') return delivery;
	const { fault, notBefore, ...known } = attempted(delivery, requests);
	const settled: Delivery = { ...known, state: 'delivered' };
	const output = outputOf(settled);
	if (output === undefined) return settled;
	const { json, withInput } = output;
	return { ...settled, output: json, ...(withInput && { withInput }) };
}

/**
 * An attempt did not deliver: put off to a later try, or given up where another would be in vain, or too late.
 *
 * @param requests how many were sent in the attempt
 */
export function notDelivered(
	delivery: Delivery,
	requests: number,
	fault: DeliveryFault,
	moment: Moment,
	rules: RetryRules,
): Delivery {
	if (delivery.state !== 'pending') return delivery;
	const known = attempted(delivery, requests);
	if (fault.acknowledged) return givenUp(known, fault, moment, rules);
	if (fault.code === 'CANCELLED') return { ...known, fault };
	const wait = fault.retryAfter === undefined ? undefined : Math.max(0, fault.retryAfter - moment.wallTime);
	const isTooLong = wait !== undefined && wait > rules.maxRetryWait;
	return fault.retryable && !isTooLong
		? putOff(known, fault, wait, moment, rules)
		: givenUp(known, fault, moment, rules);
}

/** @param wait milliseconds that the destination asked for */
function putOff(
	{ notBefore, backoff, ...delivery }: Delivery,
	fault: DeliveryFault,
	wait: number | undefined,
	{ steadyTime, random }: Moment,
	rules: RetryRules,
): Delivery {
	return {
		...delivery,
		fault,
		...(wait === undefined ? {} : { notBefore: steadyTime + wait }),
		...(rules.backoff === 'exponential'
			? { backoff: backoffDelay(delivery.attempts, rules.maxRetryWait, random) }
			: {}),
	};
}

/** Something of this side broke off an attempt: the next try makes another. */
export function interrupted(delivery: Delivery, requests: number, fault: DeliveryFault): Delivery {
	return delivery.state === 'pending' ? { ...attempted(delivery, requests), fault } : delivery;
}

/** No further attempt is made in this execution; a long schedule names the time of the next one. */
export function givenUp(
	delivery: Delivery,
	fault: DeliveryFault,
	{ wallTime, random }: Pick<Moment, 'wallTime' | 'random'>,
	{ retrySchedule }: Pick<RetryRules, 'retrySchedule'>,
): Delivery {
	if (delivery.state !== 'pending') return delivery;
	const settled = { ...delivery, state: 'failed', fault, settledAt: wallTime } as const;
	if (!fault.retryable) return settled;
	if (retrySchedule.length === 0) return { ...settled, retryAt: fault.retryAfter };
	const round = nextRound(retrySchedule, delivery.scheduleStep, wallTime, random);
	if (round === undefined) return settled;
	return { ...settled, retryAt: Math.max(round, fault.retryAfter ?? 0), scheduleStep: delivery.scheduleStep + 1 };
}

/** The retry of an execution retries what had been given up, under the same ID; what was acknowledged stays so. */
export function reopened(delivery: Delivery, itemIndexes: number[]): Delivery {
	if (delivery.state !== 'failed' || isAcknowledged(delivery)) return { ...delivery, itemIndexes };
	const { settledAt, retryAt, output, withInput, ...known } = delivery;
	return { ...known, itemIndexes, state: 'pending' };
}

const attempted = (delivery: Delivery, requests: number): Delivery =>
	requests === 0 ? delivery : { ...delivery, attempts: delivery.attempts + requests };
