import * as fc from 'fast-check';

import type { Signal } from '../../../lib/delivery/lane';
import { seedFrom } from '../../support/random';
import { Simulation, type Outcome } from './simulation';

/** Random queues, destinations and outcomes on the simulated clock. `SCHEDULE_SEED=123 npx jest …` repeats a run. */

const SEED = seedFrom('SCHEDULE_SEED');
beforeAll(() => console.log(`SCHEDULE_SEED=${SEED}`));
afterEach(() => jest.restoreAllMocks());

/** What an attempt does: ends so after a time, and leaves its destination with a pause. */
interface Attempt {
	readonly state: 'delivered' | 'failed' | 'pending' | 'throws';
	readonly signal: Signal;
	readonly took: number;
	readonly pause: number | undefined;
}

interface Plan {
	readonly destination: number;
	readonly sequence: string | undefined;
	readonly notBefore: number | undefined;
	readonly isSuspect: boolean;
	/** The first attempt and another one. */
	readonly attempts: readonly [Attempt, Attempt];
}

interface Run {
	readonly concurrency: number;
	readonly lastTry: boolean;
	readonly stopAtFailure: boolean;
	readonly cancelAt: number | undefined;
	/** How attempts at each destination end, and what it asks for beforehand. */
	readonly destinations: ReadonlyArray<{ kind: Kind; pause: number | undefined }>;
	readonly plans: readonly Plan[];
}

/** A healthy one takes all, and asks for nothing. */
type Kind = 'healthy' | 'dead' | 'small' | 'mixed';

const outcome = (state: Attempt['state'], signal: Signal) => ({ state, signal });
const OUTCOMES: Record<Kind, ReadonlyArray<Pick<Attempt, 'state' | 'signal'>>> = {
	healthy: [outcome('delivered', 'delivered')],
	dead: [outcome('pending', 'unreachable')],
	small: [outcome('delivered', 'delivered'), outcome('delivered', 'delivered'), outcome('pending', 'overloaded')],
	mixed: [
		outcome('delivered', 'delivered'),
		outcome('failed', 'answered'),
		outcome('pending', 'answered'),
		outcome('pending', 'overloaded'),
		outcome('pending', 'unreachable'),
		outcome('failed', 'nothing'),
		outcome('pending', 'nothing'),
		// It took it, and there is nothing to pass on.
		outcome('failed', 'delivered'),
		outcome('throws', 'nothing'),
	],
};

/** A value once in so many times, else nothing. */
const onceIn = <T>(times: number, value: fc.Arbitrary<T>) =>
	fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const durations = fc.oneof(fc.constantFrom(1, 10, 500), fc.integer({ min: 1, max: 300 }));

const runs: fc.Arbitrary<Run> = fc
	.record({
		concurrency: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 })),
		lastTry: fc.boolean(),
		stopAtFailure: fc.boolean(),
		cancelAt: onceIn(6, fc.integer({ min: 0, max: 2000 })),
		destinations: fc.array(
			fc.record({
				kind: fc.constantFrom<Kind[]>('healthy', 'healthy', 'dead', 'small', 'mixed', 'mixed'),
				pause: onceIn(4, fc.integer({ min: 1, max: 1000 })),
			}),
			{ minLength: 1, maxLength: 6, size: 'max' },
		),
	})
	.chain((settings) => {
		const destinations = settings.destinations.map(({ kind, pause }) => ({
			kind,
			pause: kind === 'healthy' ? undefined : pause,
		}));
		const pauses = onceIn(12, fc.integer({ min: 1, max: 500 }));
		const attempt = (kind: Kind): fc.Arbitrary<Attempt> =>
			fc
				.tuple(fc.constantFrom(...OUTCOMES[kind]), durations, kind === 'mixed' ? pauses : fc.constant(undefined))
				.map(([ends, took, pause]) => ({ ...ends, took, pause }));
		const plan = fc.nat(destinations.length - 1).chain((destination) => {
			const { kind } = destinations[destination] as Run['destinations'][number];
			return fc.record({
				destination: fc.constant(destination),
				sequence: fc.constantFrom(undefined, undefined, undefined, 'x', 'y', 'z'),
				notBefore: onceIn(4, fc.integer({ min: -500, max: 1500 })),
				isSuspect: onceIn(60, fc.constant<boolean>(true)).map((isSuspect = false) => isSuspect),
				attempts: fc.tuple(attempt(kind), attempt(kind)),
			});
		});
		return fc.array(plan, { maxLength: 60, size: 'max' }).map((plans) => ({ ...settings, destinations, plans }));
	});

/** Makes a run, and holds it against every rule on the way. */
async function hold(run: Run): Promise<void> {
	const { concurrency, lastTry, stopAtFailure, cancelAt, destinations, plans } = run;
	const simulation = new Simulation();
	const sequenceOf = (index: number) => (concurrency === 1 ? '' : plans[index]?.sequence);
	const nameOf = (destination: number) => `d${destination}`;
	plans.forEach(({ destination, sequence, notBefore, isSuspect }, index) => {
		simulation.add(String(index), nameOf(destination), {
			isSuspect,
			...(sequence === undefined ? {} : { sequence }),
			...(notBefore === undefined ? {} : { notBefore }),
		});
	});
	destinations.forEach(({ pause }, index) => {
		if (pause !== undefined) simulation.pause(nameOf(index), pause);
	});

	/** How often each was begun and ended, and how it ended last. */
	const begun = plans.map(() => 0);
	const ended = plans.map(() => 0);
	const signals: Array<Signal | undefined> = plans.map(() => undefined);
	const planOf = (name: string) => plans[Number(name)] as Plan;
	const attemptOf = (name: string, count: number) => planOf(name).attempts[count - 1] as Attempt;
	let isCancelled = false;
	/** Destinations that something was left out for, in this run. */
	const isDown = new Set<string>();
	/** Those that had a pause at some time. */
	const hadPause = new Set(destinations.flatMap(({ pause }, index) => (pause === undefined ? [] : nameOf(index))));
	const fairness = new Fairness(run, simulation, begun);

	/** Whether those before it in its sequence let it go. */
	const mayFollow = (index: number) =>
		plans.every((_, before) => {
			if (before >= index || sequenceOf(before) !== sequenceOf(index)) return true;
			const state = simulation.deliveries[before]?.state;
			const isOver =
				ended[before] === begun[before] && (begun[before] === 1 || simulation.leftOut.includes(String(before)));
			if (!isOver) return false;
			return state === 'delivered' || (!stopAtFailure && (state === 'failed' || lastTry));
		});

	simulation.onBegin = ({ index, destination }) => {
		const delivery = simulation.deliveries[index];
		begun[index] = (begun[index] ?? 0) + 1;
		expect([`${index} begins when cancelled`, isCancelled]).toEqual([`${index} begins when cancelled`, false]);
		expect(simulation.underWayTo() + 1).toBeLessThanOrEqual(concurrency);
		expect(delivery?.state).toBe('pending');
		expect((delivery?.notBefore ?? 0) <= simulation.now).toBe(true);
		expect(simulation.pauseOf(destination)).toBeLessThanOrEqual(simulation.time);
		expect([destination, isDown.has(destination)]).toEqual([destination, false]);
		if (begun[index] === 2)
			expect([lastTry, signals[index], sequenceOf(index)]).toEqual([true, 'overloaded', undefined]);
		expect(begun[index]).toBeLessThanOrEqual(2);
		if (sequenceOf(index) !== undefined) expect([index, mayFollow(index)]).toEqual([index, true]);
		fairness.began(destination);
	};
	simulation.onQuiet = () => {
		if (!isCancelled && cancelAt !== undefined && simulation.time >= cancelAt) {
			isCancelled = true;
			simulation.cancel();
		}
		if (!isCancelled) fairness.look();
	};

	simulation.onLeaveOut = ({ index, destination }) => {
		isDown.add(destination);
		expect(begun[index]).toBe(0);
		expect(simulation.leftOut).not.toContain(String(index));
		if (sequenceOf(index) !== undefined) expect([index, mayFollow(index)]).toEqual([index, true]);
	};

	await simulation.run(
		{ concurrency, lastTry, stopAtFailure },
		(name, { destination }): Outcome => {
			const index = Number(name);
			ended[index] = (ended[index] ?? 0) + 1;
			const { state, signal, pause } = attemptOf(name, begun[index] ?? 0);
			signals[index] = signal;
			if (state === 'throws') throw new Error('boom');
			if (pause !== undefined) {
				hadPause.add(destination);
				simulation.pause(destination, Math.max(simulation.pauseOf(destination), simulation.time + pause));
			}
			return { state, signal };
		},
		(name) => attemptOf(name, begun[Number(name)] ?? 0).took,
	);

	expect(simulation.underWayTo()).toBe(0);
	expect(ended).toEqual(begun);
	// A few for each time that something waits for.
	expect(simulation.waits).toBeLessThan(10 * (plans.length + 1) + 100);
	for (const down of isDown) {
		const faults = plans.filter(
			(_, index) => nameOf(plans[index]?.destination ?? -1) === down && signals[index] === 'unreachable',
		);
		expect(faults.length).toBeGreaterThan(0);
	}
	plans.forEach(({ destination }, index) => {
		if (begun[index] !== 0 || isCancelled || simulation.leftOut.includes(String(index))) return;
		if (sequenceOf(index) !== undefined && !mayFollow(index)) return;
		const mayBePutOff = !lastTry && concurrency > 1 && hadPause.has(nameOf(destination));
		expect([index, 'was not sent without a reason', mayBePutOff]).toEqual([
			index,
			'was not sent without a reason',
			true,
		]);
	});
}

/**
 * No healthy destination waits for another one. As long as it has something to send, and less in progress than its part of
 * the whole (`concurrency` by the number of destinations) and than it may have by what it took,
 * - no place is free, and
 * - each other destination has at most one turn before it has its own.
 */
class Fairness {
	/** Turns of others, since a healthy destination could have had one. */
	private readonly turns = new Map<string, Map<string, number>>();

	private readonly healthy: string[];

	private readonly indexes = new Map<string, number[]>();

	private readonly suspects = new Set<string>();

	private readonly part: number;

	constructor(
		private readonly run: Run,
		private readonly simulation: Simulation,
		private readonly begun: number[],
	) {
		const { plans, destinations, concurrency } = run;
		this.healthy = destinations.flatMap(({ kind }, index) => (kind === 'healthy' ? `d${index}` : []));
		plans.forEach(({ destination, isSuspect }, index) => {
			const name = `d${destination}`;
			this.indexes.set(name, [...(this.indexes.get(name) ?? []), index]);
			if (isSuspect) this.suspects.add(name);
		});
		this.part = Math.ceil(concurrency / Math.max(1, this.indexes.size));
	}

	/** How many it may have at once, by what it took. */
	private limitOf(destination: string): number {
		const took = (this.indexes.get(destination) ?? []).filter(
			(index) => this.simulation.deliveries[index]?.state === 'delivered',
		);
		const first = this.suspects.has(destination) ? 1 : 10;
		return Math.min(this.run.concurrency, first + 2 * took.length);
	}

	private hasReady(destination: string): boolean {
		return (this.indexes.get(destination) ?? []).some((index) => {
			const { sequence, notBefore = 0 } = this.run.plans[index] as Plan;
			const isFree = sequence === undefined && this.run.concurrency > 1;
			return isFree && this.begun[index] === 0 && notBefore < this.simulation.time;
		});
	}

	/** All that may begin has begun. */
	look(): void {
		const { simulation, run } = this;
		for (const destination of this.healthy) {
			const count = simulation.underWayTo(destination);
			const couldSend = this.hasReady(destination) && count < this.limitOf(destination);
			if (couldSend && simulation.underWayTo() < run.concurrency)
				throw new Error(`A place is free at ${simulation.time} ms, and ${destination} waits`);
			if (!couldSend || count >= this.part) this.turns.delete(destination);
			else if (!this.turns.has(destination)) this.turns.set(destination, new Map());
		}
	}

	began(destination: string): void {
		this.turns.delete(destination);
		for (const [waiting, turns] of this.turns) {
			const count = (turns.get(destination) ?? 0) + 1;
			turns.set(destination, count);
			if (count > 1) throw new Error(`${destination} has its second turn while ${waiting} waits for its first`);
		}
	}
}

it('whatever is sent, and whatever becomes of it', async () => {
	await fc.assert(fc.asyncProperty(runs, hold), { seed: SEED, numRuns: 1000 });
});
