import type { Delivery } from './delivery';

/** How a run's deliveries are ordered and paced. */
export interface ScheduleSettings {
	/** A delivery as it stands. */
	deliveryAt: (index: number) => Delivery;
	/** At most so many at once; 1 keeps the order. */
	concurrency: number;
	/** On the engine's last try nothing is put off to the next one. */
	lastTry: boolean;
	/** In order, a delivery that failed for good ends it: the retry of the execution goes on from there. */
	stopAtFailure: boolean;
	/** Waits this many milliseconds, less when the execution is cancelled. */
	wait: (milliseconds: number) => Promise<void>;
	/** Epoch milliseconds of a clock that only goes on. */
	now: () => number;
	isCancelled: () => boolean;
}

/** One delivery to be made, and where it goes. */
export interface Scheduled {
	/** Which of the run's deliveries. */
	readonly index: number;
	/** Scheme, host and port; empty when the request could not be built. */
	readonly destination: string;
}

/**
 * Makes deliveries in order, at most `concurrency` at once.
 *
 * - A delivery that must wait (Retry-After, backoff) holds up no other.
 * - A destination that asked for a pause gets no further request before it is over: on the last try the
 *   deliveries wait for it, before that they are left for the next try.
 * - With concurrency 1 the order is strict: what must wait holds up what comes after it, and a delivery that
 *   is to be tried again ends the try, so that the next one goes on with it. On the last try one that failed
 *   is passed over where the node continues, and ends the run where it stops.
 *
 * What throws here ends nothing: the next delivery is taken up all the same, and what was not made stays pending.
 *
 * @param deliver makes one delivery and settles its state
 * @param pauseOf until when a destination wants no further request, epoch milliseconds
 */
export async function runSchedule(
	queue: Scheduled[],
	settings: ScheduleSettings,
	deliver: (scheduled: Scheduled) => Promise<void>,
	pauseOf: (destination: string) => number,
): Promise<void> {
	if (settings.concurrency === 1) await inOrder(queue, settings, deliver, pauseOf);
	else await atOnce(queue, settings, deliver, pauseOf);
}

async function inOrder(
	queue: Scheduled[],
	{ deliveryAt, lastTry, stopAtFailure, wait, now, isCancelled }: ScheduleSettings,
	deliver: (scheduled: Scheduled) => Promise<void>,
	pauseOf: (destination: string) => number,
): Promise<void> {
	for (const scheduled of queue) {
		try {
			const delay = Math.max(deliveryAt(scheduled.index).notBefore ?? 0, pauseOf(scheduled.destination)) - now();
			if (delay > 0) await wait(delay);
		} catch {
			// Without a clock there is no wait.
		}
		if (isCancelled()) return;
		try {
			await deliver(scheduled);
		} catch {
			// It stays pending.
		}
		const { state } = deliveryAt(scheduled.index);
		if (state !== 'delivered' && (stopAtFailure || (state === 'pending' && !lastTry))) return;
	}
}

async function atOnce(
	queue: Scheduled[],
	{ deliveryAt, concurrency, lastTry, wait, now: clock, isCancelled }: ScheduleSettings,
	deliver: (scheduled: Scheduled) => Promise<void>,
	pauseOf: (destination: string) => number,
): Promise<void> {
	const now = clock();
	const notBefore = ({ index }: Scheduled) => deliveryAt(index).notBefore ?? 0;
	let ready = queue.filter((scheduled) => notBefore(scheduled) <= now);
	let waiting = queue.filter((scheduled) => notBefore(scheduled) > now);
	let position = 0;
	const timeOf = (scheduled: Scheduled) => Math.max(notBefore(scheduled), pauseOf(scheduled.destination));

	/** The next one that may go now; or the time in milliseconds until there may be one; or nothing more to do. */
	const next = (): Scheduled | number | undefined => {
		for (; position < ready.length; position++) {
			const scheduled = ready[position]!;
			if (pauseOf(scheduled.destination) <= clock()) {
				position++;
				return scheduled;
			}
			if (lastTry) waiting.push(scheduled);
		}
		if (waiting.length === 0) return undefined;
		const time = clock();
		ready = waiting.filter((scheduled) => timeOf(scheduled) <= time);
		position = 0;
		if (ready.length === 0) {
			return waiting.reduce((earliest, scheduled) => Math.min(earliest, timeOf(scheduled)), Infinity) - time;
		}
		waiting = waiting.filter((scheduled) => timeOf(scheduled) > time);
		return next();
	};

	const worker = async () => {
		for (let inVain = 0; inVain < MOST_IN_VAIN && !isCancelled(); inVain++) {
			try {
				const scheduled = next();
				if (scheduled === undefined) return;
				if (typeof scheduled === 'number') await wait(Math.max(1, scheduled));
				else await deliver(scheduled);
				inVain = -1;
			} catch {
				// The next one is taken up all the same.
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, worker));
}

/** A worker that meets nothing but exceptions, a clock that does not go say, ends rather than turn for ever. */
const MOST_IN_VAIN = 100;
