import type { Delivery } from './delivery';
import { Lane, type Signal } from './lane';

/** How a run's deliveries are ordered and paced. */
export interface ScheduleSettings {
	/** A delivery as it stands. */
	deliveryAt: (index: number) => Delivery;
	/** At most so many at once. */
	concurrency: number;
	/** On the engine's last try nothing is put off to the next one. */
	lastTry: boolean;
	/** A delivery that failed for good ends its sequence: the retry of the execution goes on from there. */
	stopAtFailure: boolean;
	/** Whether a pause that a destination asks for is waited for in any case, not on the last try alone. */
	waitsOut: boolean;
	/** Waits this many milliseconds, less when the execution is cancelled or the signal comes. */
	wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
	/** Epoch milliseconds of a clock that only goes on. */
	now: () => number;
	isCancelled: () => boolean;
	/** Makes one delivery and settles its state. */
	deliver: (scheduled: Scheduled) => Promise<Signal>;
	/** Told of each delivery that is not sent in this try, as its destination is not available. */
	leaveOut: (scheduled: Scheduled) => void;
	/** Until when a destination wants no further request, epoch milliseconds. */
	pauseOf: (destination: string) => number;
}

/** One delivery to be made, and where it goes. */
export interface Scheduled {
	/** Which of the run's deliveries. */
	readonly index: number;
	/** Scheme, host and port; empty when the request could not be built. */
	readonly destination: string;
	/** Deliveries of one sequence are made strictly one after the other; undefined for one that has no order. */
	readonly sequence?: string | undefined;
}

/** What of a destination is to be sent. */
interface Line {
	readonly destination: string;
	readonly lane: Lane;
	/** What may go as soon as there is room, from `position` on. */
	ready: Scheduled[];
	position: number;
	/** Whether it stands in the round. */
	isInRound: boolean;
	/** Whether it counts for the shares. */
	isActive: boolean;
	/** Those that were refused as too many, on the last try. */
	refused: Scheduled[];
	/** Whether these are sent once more. */
	isAnotherRound: boolean;
}

/** From so many on, what a destination refused as too many is sent once more when all else is done. */
const WORTH_ANOTHER_ROUND = 3;

/** Waits that end in an exception; after so many there is no more waiting. */
const MOST_IN_VAIN = 100;

/**
 * Makes deliveries, at most `concurrency` at once.
 *
 * - Destinations take turns: a slow or dead one never holds more than its share while others have something to send.
 * - What each gets at once, and whether it is there at all, its `Lane` says by its answers.
 * - A delivery that must wait (Retry-After, backoff) holds up no other.
 * - A destination that asked for a pause gets no further request before it is over: on the last try the
 *   deliveries wait for it, before that they are left for the next try.
 * - Deliveries of one sequence are made strictly in order: what must wait holds up what comes after it, and one that
 *   is to be tried again ends the sequence in this try, so that the next try goes on with it. On the last try one that failed
 *   is passed over where the node continues, and ends the sequence where it stops.
 * - What was refused on the last try for too many requests at once is sent once more at the end, one after the other at
 *   first, until one is refused again.
 *
 * What throws here ends nothing: the next delivery is taken up all the same, and what was not made stays pending.
 */
export async function runSchedule(queue: readonly Scheduled[], settings: ScheduleSettings): Promise<void> {
	await new Schedule(queue, settings).run();
}

class Schedule {
	private readonly lines = new Map<string, Line>();

	/** Lines with something ready, in the order of their turns. */
	private readonly round: Line[] = [];

	/** Lines that asked for a pause which is waited for. */
	private readonly pausing = new Set<Line>();

	private waiting: Scheduled[] = [];

	/** What comes after a delivery in its sequence, the next one last. */
	private readonly following = new Map<string, Scheduled[]>();

	private inFlight = 0;

	private activeLines = 0;

	private alarm: { time: number; controller: AbortController } | undefined;

	private wakesInVain = 0;

	private finish: () => void = () => undefined;

	constructor(
		queue: readonly Scheduled[],
		private readonly settings: ScheduleSettings,
	) {
		const left = queue.filter(({ index }) => settings.deliveryAt(index).fault?.code === 'UNAVAILABLE');
		const suspects = new Set(left.map(({ destination }) => destination));
		const destinations = new Set(queue.map(({ destination }) => destination));
		for (const destination of destinations) {
			const lane = new Lane(settings.concurrency, suspects.has(destination), destinations.size === 1);
			this.lines.set(destination, {
				destination,
				lane,
				ready: [],
				position: 0,
				isInRound: false,
				isActive: false,
				refused: [],
				isAnotherRound: false,
			});
		}
		const first: Scheduled[] = [];
		for (const scheduled of queue) {
			const after = scheduled.sequence === undefined ? undefined : this.following.get(scheduled.sequence);
			if (after !== undefined) after.push(scheduled);
			else first.push(scheduled);
			if (scheduled.sequence !== undefined && after === undefined) this.following.set(scheduled.sequence, []);
		}
		for (const after of this.following.values()) after.reverse();
		for (const scheduled of first) this.enqueue(scheduled);
	}

	async run(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.finish = resolve;
			this.goOn();
		});
		this.alarm?.controller.abort();
	}

	private enqueue(scheduled: Scheduled): void {
		const { deliveryAt, now } = this.settings;
		if ((deliveryAt(scheduled.index).notBefore ?? 0) > now()) this.waiting.push(scheduled);
		else this.makeReady(scheduled);
	}

	private makeReady(scheduled: Scheduled): void {
		const line = this.lines.get(scheduled.destination);
		if (line === undefined) return;
		line.ready.push(scheduled);
		this.enterRound(line);
	}

	private enterRound(line: Line): void {
		if (line.isInRound || this.pausing.has(line) || line.position >= line.ready.length) return;
		line.isInRound = true;
		this.round.push(line);
		this.countActive(line);
	}

	private countActive(line: Line): void {
		const isActive = line.isInRound || line.lane.inFlight > 0;
		if (isActive === line.isActive) return;
		line.isActive = isActive;
		this.activeLines += isActive ? 1 : -1;
	}

	/** Starts all that may go now; ends the run when nothing is left. */
	private goOn(): void {
		const { isCancelled, concurrency } = this.settings;
		while (!isCancelled() && this.inFlight < concurrency) {
			const line = this.nextLine();
			if (line === undefined) break;
			void this.make(line.ready[line.position++] as Scheduled, line);
		}
		if (this.inFlight > 0) this.setAlarm();
		else if (isCancelled() || !this.setAlarm()) this.finish();
	}

	/** The next line in turn that has room; one that has more than its share already goes when no other can. */
	private nextLine(): Line | undefined {
		const share = Math.ceil(this.settings.concurrency / Math.max(1, this.activeLines));
		let beyondItsShare: Line | undefined;
		for (let turn = this.round.length; turn > 0; turn--) {
			const line = this.round.shift() as Line;
			// One that is at its limit comes back with its next answer.
			if (!this.maySend(line) || line.lane.inFlight >= line.lane.limit) {
				line.isInRound = false;
				this.countActive(line);
				continue;
			}
			this.round.push(line);
			if (line.lane.inFlight < share) return line;
			beyondItsShare ??= line;
		}
		return beyondItsShare;
	}

	/** Whether a line has something that may be sent now; what its destination does not want yet is laid aside. */
	private maySend(line: Line): boolean {
		const { lastTry, waitsOut, pauseOf, now } = this.settings;
		if (line.lane.isUnavailable) this.leaveOut(line);
		if (line.position >= line.ready.length) return false;
		if (pauseOf(line.destination) <= now()) return true;
		if (lastTry || waitsOut) this.pausing.add(line);
		// Left for the next try.
		else line.position = line.ready.length;
		return false;
	}

	private leaveOut(line: Line): void {
		this.waiting = this.waiting.filter((scheduled) => {
			if (scheduled.destination !== line.destination) return true;
			line.ready.push(scheduled);
			return false;
		});
		// What follows in a sequence may go to the same destination.
		while (line.position < line.ready.length) {
			const scheduled = line.ready[line.position++] as Scheduled;
			this.settings.leaveOut(scheduled);
			this.follow(scheduled);
		}
	}

	private async make(scheduled: Scheduled, line: Line): Promise<void> {
		const since = line.lane.began();
		this.inFlight++;
		this.countActive(line);
		let signal: Signal = 'nothing';
		try {
			signal = await this.settings.deliver(scheduled);
		} catch {
			// It stays pending.
		}
		line.lane.ended(signal, since);
		this.inFlight--;
		if (signal === 'overloaded') this.refused(scheduled, line);
		if (line.lane.isUnavailable) this.leaveOut(line);
		this.follow(scheduled);
		this.sendRefusedAgain(line);
		this.enterRound(line);
		this.countActive(line);
		this.goOn();
	}

	/** The next one of a sequence has its turn, unless the sequence ends with this one. */
	private follow({ index, sequence }: Scheduled): void {
		if (sequence === undefined) return;
		const { deliveryAt, lastTry, stopAtFailure } = this.settings;
		const { state } = deliveryAt(index);
		if (state !== 'delivered' && (stopAtFailure || (state === 'pending' && !lastTry))) return;
		const next = this.following.get(sequence)?.pop();
		if (next !== undefined) this.enqueue(next);
	}

	private refused(scheduled: Scheduled, line: Line): void {
		if (line.isAnotherRound) line.position = line.ready.length;
		else if (this.settings.lastTry && scheduled.sequence === undefined) line.refused.push(scheduled);
	}

	private sendRefusedAgain(line: Line): void {
		const { lane, refused } = line;
		if (line.isAnotherRound || refused.length < WORTH_ANOTHER_ROUND || !lane.hasDelivered) return;
		if (lane.inFlight > 0 || line.position < line.ready.length) return;
		line.isAnotherRound = true;
		lane.startAgainGently();
		line.ready = refused.filter(({ index }) => this.settings.deliveryAt(index).state === 'pending');
		line.position = 0;
	}

	/** Wakes when the next thing that waits may go. @returns whether there is one */
	private setAlarm(): boolean {
		if (this.waiting.length === 0 && this.pausing.size === 0) return false;
		if (this.wakesInVain >= MOST_IN_VAIN) return false;
		const { deliveryAt, pauseOf, now, wait } = this.settings;
		let time = Infinity;
		for (const { index } of this.waiting) time = Math.min(time, deliveryAt(index).notBefore ?? 0);
		for (const { destination } of this.pausing) time = Math.min(time, pauseOf(destination));
		if (this.alarm !== undefined && this.alarm.time <= time) return true;
		this.alarm?.controller.abort();
		const controller = new AbortController();
		this.alarm = { time, controller };
		wait(Math.max(1, time - now()), controller.signal).then(
			() => this.wake(controller),
			() => {
				this.wakesInVain++;
				this.wake(controller);
			},
		);
		return true;
	}

	private wake(controller: AbortController): void {
		if (this.alarm?.controller !== controller) return;
		this.alarm = undefined;
		const { deliveryAt, pauseOf, now } = this.settings;
		const time = now();
		const due = this.waiting.filter(({ index }) => (deliveryAt(index).notBefore ?? 0) <= time);
		if (due.length > 0) {
			const isDue = new Set(due);
			this.waiting = this.waiting.filter((scheduled) => !isDue.has(scheduled));
			for (const scheduled of due) this.makeReady(scheduled);
		}
		for (const line of [...this.pausing]) {
			if (pauseOf(line.destination) > time) continue;
			this.pausing.delete(line);
			this.enterRound(line);
		}
		this.goOn();
	}
}
