import type { Delivery } from '../../../lib/delivery/delivery';
import type { Signal } from '../../../lib/delivery/lane';
import { runSchedule, type Scheduled, type ScheduleSettings } from '../../../lib/delivery/schedule';
import { newDelivery } from '../../../lib/delivery/transitions';

/** What becomes of a delivery, and what that shows about its destination. */
export type Outcome = { state: Delivery['state']; signal: Signal };

/** `notBefore` is in milliseconds from the start; a suspect is one that the try before left out. */
interface AddedWith {
	notBefore?: number;
	sequence?: string;
	isSuspect?: boolean;
	/** Made before. */
	attempts?: number;
}

/** A state alone represents an outcome with a response. An attempt may throw, too. */
export type Act = (name: string, scheduled: Scheduled, startedAt: number) => Delivery['state'] | Outcome;

/** More waits than any of these runs needs: one that asks for more never ends. */
const MOST_WAITS = 20_000;

/** Runs a schedule on a separate clock: what is sent when (milliseconds from the start), one line a delivery. */
export class Simulation {
	now = Date.now();

	readonly start = this.now;

	/** What came to an end: name and when it began. */
	readonly log: string[] = [];

	/** What began, in order. */
	readonly begun: Array<{ name: string; destination: string; at: number }> = [];

	readonly leftOut: string[] = [];

	/** How many were in progress at once at most. */
	most = 0;

	readonly queue: Scheduled[] = [];

	readonly deliveries: Delivery[] = [];

	/** Called when one begins, before it counts as in progress. What it throws, `run` throws at the end. */
	onBegin: (scheduled: Scheduled) => void = () => undefined;

	/** Called before the clock goes on: all that could begin has begun. */
	onQuiet: () => void = () => undefined;

	/** Called when one is left out; what it throws, `run` throws at the end. */
	onLeaveOut: (scheduled: Scheduled) => void = () => undefined;

	/** What a check threw first: a schedule does not let through what is thrown inside of it. */
	private thrown: { readonly error: unknown } | undefined;

	/** How often the schedule asked to wait. */
	waits = 0;

	private isCancelled = false;

	private readonly underWay = new Map<string, number>();

	private sleepers: Array<{ at: number; wake: () => void; isWait: boolean }> = [];

	private readonly pauses = new Map<string, number>();

	constructor() {
		jest.spyOn(Date, 'now').mockImplementation(() => this.now);
	}

	/** Adds a delivery. */
	add(name: string, destination = 'a', { notBefore, sequence, isSuspect, attempts = 0 }: AddedWith = {}): this {
		const index = this.queue.length;
		this.deliveries.push({
			...newDelivery([index]),
			id: name,
			attempts,
			...(notBefore === undefined ? {} : { notBefore: this.start + notBefore }),
			...(isSuspect === true
				? { fault: { code: 'UNAVAILABLE', message: '', description: '', retryable: true } as const }
				: {}),
		});
		this.queue.push({ index, destination, sequence });
		return this;
	}

	/** Adds so many, named by their destination and number. */
	addMany(count: number, destination: string, more: AddedWith = {}): this {
		for (let number = 0; number < count; number++) this.add(`${destination}${number}`, destination, more);
		return this;
	}

	/** A destination wants a pause until then, milliseconds from the start. */
	pause(destination: string, until: number): void {
		this.pauses.set(destination, this.start + until);
	}

	/** Until when, milliseconds from the start. */
	pauseOf(destination: string): number {
		return (this.pauses.get(destination) ?? 0) - this.start;
	}

	/** Milliseconds from the start. */
	get time(): number {
		return this.now - this.start;
	}

	/** Cancels the execution: waits end, as n8n's signal ends them; attempts end in their own time. */
	cancel(): void {
		this.isCancelled = true;
		const waits = this.sleepers.filter(({ isWait }) => isWait);
		this.sleepers = this.sleepers.filter(({ isWait }) => !isWait);
		for (const { wake } of waits) wake();
	}

	/** How many are in progress, to one destination or to all. */
	underWayTo(destination?: string): number {
		if (destination !== undefined) return this.underWay.get(destination) ?? 0;
		return [...this.underWay.values()].reduce((sum, count) => sum + count, 0);
	}

	/** How many requests a destination got. */
	requestsTo(destination: string): number {
		return this.begun.filter((one) => one.destination === destination).length;
	}

	names(state: Delivery['state']): string[] {
		return this.deliveries.flatMap((delivery) => (delivery.state === state ? (delivery.id ?? '') : []));
	}

	states(): string[] {
		return this.deliveries.map(({ state }) => state);
	}

	/** As the node's own wait: over at once when the execution is cancelled, or when the signal comes. */
	readonly wait = async (milliseconds: number, signal?: AbortSignal) => {
		if (++this.waits > MOST_WAITS) return await new Promise<void>(() => undefined);
		if (this.isCancelled || signal?.aborted === true) return;
		await new Promise<void>((wake) => {
			const sleeper = { at: this.now + milliseconds, wake, isWait: true };
			this.sleepers.push(sleeper);
			signal?.addEventListener('abort', () => {
				this.sleepers = this.sleepers.filter((other) => other !== sleeper);
				wake();
			});
		});
	};

	/**
	 * @param act what becomes of a delivery, asked when it ends
	 * @param took how long it takes, asked when it begins
	 */
	async run(
		settings: Partial<ScheduleSettings> = {},
		act: Act = () => 'delivered',
		took: number | ((name: string, scheduled: Scheduled) => number) = 10,
	): Promise<string[]> {
		let isDone = false;
		const concurrency = settings.concurrency ?? 50;
		const lastTry = settings.lastTry ?? false;
		const queue = concurrency === 1 ? this.queue.map((scheduled) => ({ ...scheduled, sequence: '' })) : this.queue;
		const running = runSchedule(queue, {
			deliveryAt: (index) => this.deliveries[index] as Delivery,
			concurrency,
			lastTry,
			stopAtFailure: false,
			waitsOut: concurrency === 1,
			wait: this.wait,
			now: () => this.now,
			isCancelled: () => this.isCancelled,
			deliver: async (scheduled) => await this.deliver(scheduled, act, took),
			leaveOut: (scheduled) => {
				this.check(() => this.onLeaveOut(scheduled));
				const { index } = scheduled;
				const delivery = this.deliveries[index] as Delivery;
				this.leftOut.push(delivery.id ?? '');
				if (lastTry) this.deliveries[index] = { ...delivery, state: 'failed' };
			},
			pauseOf: (destination) => this.pauses.get(destination) ?? 0,
			...settings,
		}).finally(() => (isDone = true));
		while (!isDone) {
			for (let turn = 0; turn < 20; turn++) await Promise.resolve();
			if (isDone) break;
			this.onQuiet();
			this.sleepers.sort((a, b) => a.at - b.at);
			const next = this.sleepers.shift();
			if (next === undefined) {
				await new Promise((resolve) => setImmediate(resolve));
				if (!isDone && this.sleepers.length === 0) throw new Error('The schedule stands still');
				continue;
			}
			this.now = Math.max(this.now, next.at);
			next.wake();
		}
		await running;
		if (this.thrown !== undefined) throw this.thrown.error;
		return this.log;
	}

	private check(look: () => void): void {
		try {
			look();
		} catch (error) {
			this.thrown ??= { error };
		}
	}

	private async deliver(
		scheduled: Scheduled,
		act: Act,
		took: number | ((name: string, scheduled: Scheduled) => number),
	): Promise<Signal> {
		const { index, destination } = scheduled;
		const name = this.deliveries[index]?.id ?? '';
		const startedAt = this.now;
		this.check(() => this.onBegin(scheduled));
		this.begun.push({ name, destination, at: this.time });
		const milliseconds = typeof took === 'number' ? took : took(name, scheduled);
		this.count(destination, 1);
		this.most = Math.max(this.most, this.underWayTo());
		await new Promise<void>((wake) => this.sleepers.push({ at: this.now + milliseconds, wake, isWait: false }));
		this.count(destination, -1);
		const became = act(name, scheduled, startedAt);
		const { state, signal } =
			typeof became === 'string'
				? ({ state: became, signal: became === 'delivered' ? became : 'answered' } as const)
				: became;
		const known = this.deliveries[index] as Delivery;
		this.deliveries[index] = { ...known, attempts: known.attempts + 1, state };
		this.log.push(`${name}@${startedAt - this.start}`);
		return signal;
	}

	private count(destination: string, change: 1 | -1): void {
		this.underWay.set(destination, this.underWayTo(destination) + change);
	}
}

/** A destination that takes so many requests at once, and refuses what is more, at once. */
export class SmallServer {
	/** How many it refused. */
	refusals = 0;

	private readonly refused = new Set<string>();

	private atOnce = 0;

	constructor(
		private readonly capacity: number,
		private readonly milliseconds = 10,
		private readonly refusesAfter = 1,
	) {}

	readonly took = (name: string): number => {
		if (this.atOnce >= this.capacity) {
			this.refusals++;
			this.refused.add(name);
			return this.refusesAfter;
		}
		this.atOnce++;
		return this.milliseconds;
	};

	readonly act = (name: string): Outcome => {
		if (this.refused.delete(name)) return { state: 'pending', signal: 'overloaded' };
		this.atOnce--;
		return { state: 'delivered', signal: 'delivered' };
	};
}
