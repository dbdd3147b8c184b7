import type { Delivery } from './delivery';
import { Lane, signalOf, type Signal } from './lane';

/** How a run's deliveries are ordered and paced. */
export interface ScheduleSettings {
	/** The current state of a delivery. */
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
	/** Called for each delivery that is not sent in this try, as its destination is not available. */
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
	/** Whether it is in the round. */
	isInRound: boolean;
	/** Whether it counts for the shares. */
	isActive: boolean;
	/** Those that had no turn yet: ready, waiting, or after others in their sequence. */
	left: number;
	/** Whether one failed when no other could be in progress. */
	hasTroubleAlone: boolean;
	/** Those that were refused as too many, on the last try. */
	refused: Scheduled[];
	/** Whether these are sent once more. */
	isAnotherRound: boolean;
}

/** From so many on, what a destination refused as too many is sent once more when all else is done, unless it was tried before. */
const WORTH_ANOTHER_ROUND = 3;

/** What makes a destination begin with one request in the next try. */
const TROUBLE: ReadonlySet<Signal> = new Set<Signal>(['overloaded', 'unreachable']);

/** Waits that end before their time, one after the other; after so many there is no more waiting. */
const MOST_IN_VAIN = 100;

interface Waiting {
	readonly scheduled: Scheduled;
	/** Until when, epoch milliseconds. */
	readonly time: number;
}

interface Alarm {
	readonly time: number;
	readonly controller: AbortController;
}

/**
 * Makes deliveries, at most `concurrency` at once.
 *
 * - Destinations take turns: a slow or dead one never holds more than its share while others have something to send.
 * - What each gets at once, and whether it is there at all, its `Lane` says by its responses.
 * - A delivery that must wait (Retry-After, backoff) holds up no other.
 * - A destination that asked for a pause gets no further request before it is over: on the last try the
 *   deliveries wait for it, before that they are left for the next try.
 * - Deliveries of one sequence are made strictly in order: what must wait holds up what comes after it, and one that
 *   is to be retried ends the sequence in this try, so that the next try continues with it. On the last try one that failed
 *   is passed over where the node continues, and ends the sequence where it stops.
 * - What was refused on the last try for too many requests at once is sent once more at the end, one after the other at
 *   first, until one is refused that is the only one. So is what got no response, where the engine has retried before.
 *
 * What throws here ends nothing: the next delivery is still made, and what was not made stays pending.
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

	/** What must wait, the next one last. */
	private waiting: Waiting[] = [];

	/** What comes after a delivery in its sequence, the next one last. */
	private readonly following = new Map<string, Scheduled[]>();

	private inFlight = 0;

	private activeLines = 0;

	private alarm: Alarm | undefined;

	private wakesInVain = 0;

	private finish: () => void = () => undefined;

	constructor(
		queue: readonly Scheduled[],
		private readonly settings: ScheduleSettings,
	) {
		const suspects = new Set<string>();
		const troubled = new Set<string>();
		for (const { index, destination } of queue) {
			const { fault } = settings.deliveryAt(index);
			if (fault?.code === 'UNAVAILABLE') suspects.add(destination);
			else if (fault !== undefined && TROUBLE.has(signalOf(fault))) troubled.add(destination);
		}
		const destinations = new Set(queue.map(({ destination }) => destination));
		for (const destination of destinations) {
			const lane = new Lane(settings.concurrency, suspects.has(destination), destinations.size === 1);
			if (troubled.has(destination)) lane.beginGently();
			this.lines.set(destination, {
				destination,
				lane,
				ready: [],
				position: 0,
				isInRound: false,
				isActive: false,
				left: 0,
				hasTroubleAlone: false,
				refused: [],
				isAnotherRound: false,
			});
		}
		const first: Scheduled[] = [];
		for (const scheduled of queue) {
			this.lineOf(scheduled).left++;
			const after = scheduled.sequence === undefined ? undefined : this.following.get(scheduled.sequence);
			if (after !== undefined) after.push(scheduled);
			else first.push(scheduled);
			if (scheduled.sequence !== undefined && after === undefined) this.following.set(scheduled.sequence, []);
		}
		for (const after of this.following.values()) after.reverse();
		const now = settings.now();
		for (const scheduled of first) {
			const time = this.notBefore(scheduled);
			if (time > now) this.waiting.push({ scheduled, time });
			else this.makeReady(scheduled);
		}
		// Those of the same time stay in order.
		this.waiting.reverse().sort((a, b) => b.time - a.time);
	}

	async run(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.finish = resolve;
			this.goOn();
		});
		this.alarm?.controller.abort();
	}

	private lineOf({ destination }: Scheduled): Line {
		return this.lines.get(destination) as Line;
	}

	private notBefore({ index }: Scheduled): number {
		return this.settings.deliveryAt(index).notBefore ?? 0;
	}

	private enqueue(scheduled: Scheduled): void {
		const time = this.notBefore(scheduled);
		// What is left out need not wait for it.
		if (time > this.settings.now() && !this.lineOf(scheduled).lane.isUnavailable) this.putOff(scheduled, time);
		else this.makeReady(scheduled);
	}

	private putOff(scheduled: Scheduled, time: number): void {
		let [low, high] = [0, this.waiting.length];
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.waiting[middle] as Waiting).time > time) low = middle + 1;
			else high = middle;
		}
		this.waiting.splice(low, 0, { scheduled, time });
	}

	private makeReady(scheduled: Scheduled): void {
		const line = this.lineOf(scheduled);
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
		if (isCancelled()) {
			// No alarm: the wait of a cancelled execution is over at once, again and again.
			if (this.inFlight === 0) this.finish();
		} else if (!this.setAlarm() && this.inFlight === 0) this.finish();
	}

	/** The next line in turn that has room; when all have their share already, the one with the least in progress. */
	private nextLine(): Line | undefined {
		const share = Math.ceil(this.settings.concurrency / Math.max(1, this.activeLines));
		let beyondItsShare: Line | undefined;
		let least: Line | undefined;
		// What is left out may bring others into the round: the next ones of its sequences.
		for (let line = this.round[0]; line !== undefined && line !== beyondItsShare; line = this.round[0]) {
			this.round.shift();
			// One that is at its limit comes back with its next response.
			if (!this.maySend(line) || !line.lane.hasRoom) {
				line.isInRound = false;
				this.countActive(line);
				continue;
			}
			this.round.push(line);
			if (line.lane.inFlight < share) return line;
			beyondItsShare ??= line;
			if (least === undefined || line.lane.inFlight < least.lane.inFlight) least = line;
		}
		return least;
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
		this.pausing.delete(line);
		if (line.isAnotherRound) {
			// These were sent before, and keep their outcome of then.
			line.position = line.ready.length;
			return;
		}
		const isTheirs = ({ scheduled }: Waiting) => scheduled.destination === line.destination;
		const theirs = this.waiting.filter(isTheirs);
		if (theirs.length > 0) this.waiting = this.waiting.filter((one) => !isTheirs(one));
		for (const { scheduled } of theirs.reverse()) line.ready.push(scheduled);
		// What follows in a sequence may go to the same destination.
		while (line.position < line.ready.length) {
			const scheduled = line.ready[line.position++] as Scheduled;
			this.settings.leaveOut(scheduled);
			this.follow(scheduled);
		}
	}

	private async make(scheduled: Scheduled, line: Line): Promise<void> {
		const isAlone = line.lane.inFlight === 0;
		const staysAlone = isAlone && line.lane.limit === 1;
		const begun = line.lane.began();
		if (!line.isAnotherRound) line.left--;
		this.inFlight++;
		this.countActive(line);
		let signal: Signal = 'nothing';
		try {
			signal = await this.settings.deliver(scheduled);
		} catch {
			// It stays pending.
		}
		line.lane.ended(signal, begun);
		this.inFlight--;
		if (TROUBLE.has(signal) && staysAlone) line.hasTroubleAlone = true;
		if (TROUBLE.has(signal)) this.refused(scheduled, line, signal === 'overloaded', isAlone);
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
		const after = this.following.get(sequence) ?? [];
		if (state === 'delivered' || (!stopAtFailure && (state === 'failed' || lastTry))) {
			const next = after.pop();
			if (next !== undefined) this.enqueue(next);
			return;
		}
		this.following.delete(sequence);
		for (const scheduled of after) {
			const line = this.lineOf(scheduled);
			line.left--;
			this.sendRefusedAgain(line);
		}
	}

	private refused(scheduled: Scheduled, line: Line, isOverloaded: boolean, isAlone: boolean): void {
		const { lastTry, deliveryAt } = this.settings;
		if (!line.isAnotherRound) {
			// What got no response may have been accepted: only where the engine retries does this, too.
			const isTriedAgain = deliveryAt(scheduled.index).attempts > 1;
			if (lastTry && (isOverloaded || isTriedAgain) && scheduled.sequence === undefined) line.refused.push(scheduled);
		} else if (isAlone) line.position = line.ready.length;
		else {
			line.lane.onlyOne();
			line.ready.push(scheduled);
		}
	}

	private sendRefusedAgain(line: Line): void {
		const { lane, refused } = line;
		if (line.isAnotherRound || lane.inFlight > 0 || line.left > 0) return;
		// What fails when nothing else is in progress fails for another reason than the load.
		if (line.hasTroubleAlone || !lane.hasDelivered) return;
		const isTriedAgain = refused.some(({ index }) => this.settings.deliveryAt(index).attempts > 1);
		if (refused.length < (isTriedAgain ? 1 : WORTH_ANOTHER_ROUND)) return;
		line.isAnotherRound = true;
		lane.startAgainGently();
		line.ready = refused.filter(({ index }) => this.settings.deliveryAt(index).state === 'pending');
		line.position = 0;
		this.enterRound(line);
	}

	/** Wakes when the next thing that waits may go. @returns whether there is one */
	private setAlarm(): boolean {
		if (this.waiting.length === 0 && this.pausing.size === 0) return false;
		if (this.wakesInVain >= MOST_IN_VAIN) return false;
		const { pauseOf, now, wait } = this.settings;
		let time = this.waiting.at(-1)?.time ?? Infinity;
		for (const { destination } of this.pausing) time = Math.min(time, pauseOf(destination));
		if (this.alarm !== undefined && this.alarm.time <= time) return true;
		this.alarm?.controller.abort();
		const alarm = { time, controller: new AbortController() };
		this.alarm = alarm;
		const wake = () => this.wake(alarm);
		wait(Math.max(1, time - now()), alarm.controller.signal).then(wake, wake);
		return true;
	}

	private wake(alarm: Alarm): void {
		if (this.alarm !== alarm) return;
		this.alarm = undefined;
		const { pauseOf, now } = this.settings;
		const time = now();
		this.wakesInVain = time < alarm.time ? this.wakesInVain + 1 : 0;
		for (let next = this.waiting.at(-1); next !== undefined && next.time <= time; next = this.waiting.at(-1)) {
			this.waiting.pop();
			this.makeReady(next.scheduled);
		}
		for (const line of [...this.pausing]) {
			if (pauseOf(line.destination) > time) continue;
			this.pausing.delete(line);
			this.enterRound(line);
		}
		this.goOn();
	}
}
