import type { Signal } from '../../../lib/delivery/lane';
import type { Delivery } from '../../../lib/delivery/delivery';
import { newDelivery } from '../../../lib/delivery/transitions';
import { runSchedule, type Scheduled, type ScheduleSettings } from '../../../lib/delivery/schedule';

type Outcome = { state: Delivery['state']; signal: Signal };

/** Runs a schedule on a clock of its own: what is sent when (milliseconds from the start), one line a delivery. */
class Simulation {
	now = Date.now();

	readonly start = this.now;

	readonly log: string[] = [];

	/** How many were under way at once at most. */
	most = 0;

	cancelled = false;

	private underWay = 0;

	private sleepers: Array<{ at: number; wake: () => void }> = [];

	private readonly pauses = new Map<string, number>();

	queue: Scheduled[] = [];

	readonly deliveries: Delivery[] = [];

	readonly leftOut: string[] = [];

	constructor() {
		jest.spyOn(Date, 'now').mockImplementation(() => this.now);
	}

	/** Adds a delivery. @param notBefore milliseconds from the start */
	add(name: string, destination = 'a', notBefore?: number): this {
		const index = this.queue.length;
		this.deliveries.push({
			...newDelivery([index]),
			id: name,
			...(notBefore === undefined ? {} : { notBefore: this.start + notBefore }),
		});
		this.queue.push({ index, destination });
		return this;
	}

	/** A destination wants a pause until then, milliseconds from the start. */
	pause(destination: string, until: number): void {
		this.pauses.set(destination, this.start + until);
	}

	sleep = async (milliseconds: number) =>
		await new Promise<void>((wake) => this.sleepers.push({ at: this.now + milliseconds, wake }));

	/** @param act what becomes of a delivery; delivered after `took` ms unless it says otherwise */
	async run(
		settings: Partial<ScheduleSettings>,
		act: (name: string, scheduled: Scheduled, startedAt: number) => Delivery['state'] | Outcome = () => 'delivered',
		took: number | ((name: string) => number) = 10,
	): Promise<string[]> {
		let done = false;
		const concurrency = settings.concurrency ?? 50;
		const queue = concurrency === 1 ? this.queue.map((scheduled) => ({ ...scheduled, sequence: '' })) : this.queue;
		const running = runSchedule(queue, {
			deliveryAt: (index) => this.deliveries[index] as Delivery,
			concurrency,
			lastTry: false,
			stopAtFailure: false,
			waitsOut: concurrency === 1,
			wait: this.sleep,
			now: Date.now,
			isCancelled: () => this.cancelled,
			deliver: async (scheduled) => {
				const delivery = this.deliveries[scheduled.index] as Delivery;
				const name = delivery.id ?? '';
				this.underWay += 1;
				this.most = Math.max(this.most, this.underWay);
				const at = this.now - this.start;
				const before = this.now;
				await this.sleep(typeof took === 'number' ? took : took(name));
				this.underWay -= 1;
				const became = act(name, scheduled, before);
				const { state, signal } =
					typeof became === 'string'
						? ({ state: became, signal: became === 'delivered' ? became : 'answered' } as const)
						: became;
				this.deliveries[scheduled.index] = { ...delivery, state };
				this.log.push(`${delivery.id}@${at}`);
				return signal;
			},
			leaveOut: ({ index }) => {
				this.leftOut.push(this.deliveries[index]?.id ?? '');
			},
			pauseOf: (destination) => this.pauses.get(destination) ?? 0,
			...settings,
		}).finally(() => (done = true));
		while (!done) {
			for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
			this.sleepers.sort((a, b) => a.at - b.at);
			const next = this.sleepers.shift();
			if (next === undefined) {
				if (!done) await new Promise((resolve) => setImmediate(resolve));
				if (!done && this.sleepers.length === 0) throw new Error('The schedule stands still');
				continue;
			}
			this.now = Math.max(this.now, next.at);
			next.wake();
		}
		await running;
		return this.log;
	}

	states(): string[] {
		return this.deliveries.map(({ state }) => state);
	}
}

afterEach(() => jest.restoreAllMocks());

const names = (count: number) => Array.from({ length: count }, (_, index) => String(index));
const simulate = (count: number) => names(count).reduce((simulation, name) => simulation.add(name), new Simulation());

describe('at once', () => {
	it.each([2, 7, 50])('at most %i are under way, all are sent once, begun in order', async (concurrency) => {
		const simulation = simulate(100);
		const log = await simulation.run({ concurrency });
		expect(simulation.most).toBe(concurrency);
		expect(log.map((line) => line.split('@')[0])).toEqual(names(100));
	});

	it('nothing to send is nothing to do', async () => {
		expect(await new Simulation().run({})).toEqual([]);
	});

	it('one that must wait holds up no other', async () => {
		const simulation = new Simulation().add('late', 'a', 5000).add('0').add('1');
		expect(await simulation.run({ concurrency: 2 })).toEqual(['0@0', '1@0', 'late@5000']);
	});

	it('those that wait longest go last, whatever their place', async () => {
		const simulation = new Simulation().add('b', 'a', 2000).add('c', 'a', 3000).add('a', 'a', 1000);
		expect(await simulation.run({ concurrency: 2 })).toEqual(['a@1000', 'b@2000', 'c@3000']);
	});

	it.each([false, true])('a time that has passed is no time to wait for (last try: %p)', async (lastTry) => {
		expect(await new Simulation().add('0', 'a', -5000).run({ lastTry })).toEqual(['0@0']);
	});

	describe('a destination that asks for a pause', () => {
		const pausing = (simulation: Simulation) => (name: string) => {
			if (name !== '0') return 'delivered' as const;
			simulation.pause('a', 5000);
			return 'pending' as const;
		};

		it('gets no further request in a try that is not the last; another destination does', async () => {
			const simulation = simulate(6).add('other', 'b');
			expect(await simulation.run({ concurrency: 2 }, pausing(simulation))).toEqual(['0@0', 'other@0']);
			expect(simulation.states().filter((state) => state === 'pending')).toHaveLength(6);
		});

		it('is waited for in the last try, and then gets the others', async () => {
			const simulation = simulate(4).add('other', 'b');
			expect(await simulation.run({ concurrency: 2, lastTry: true }, pausing(simulation))).toEqual([
				'0@0',
				'other@0',
				'1@5000',
				'2@5000',
				'3@5010',
			]);
		});

		it('is waited for anew when it asks again', async () => {
			const simulation = simulate(3);
			simulation.pause('a', 1000);
			const log = await simulation.run({ concurrency: 2, lastTry: true }, (name) => {
				if (name === '0') simulation.pause('a', 4000);
				return 'delivered';
			});
			expect(log).toEqual(['0@1000', '1@1000', '2@4000']);
		});
	});

	it('a cancelled execution sends no more, and nothing is left waiting', async () => {
		const simulation = simulate(10).add('late', 'b', 60_000);
		await simulation.run({ concurrency: 2 }, (name) => {
			if (name === '2') simulation.cancelled = true;
			return 'delivered';
		});
		expect(simulation.log).toEqual(['0@0', '1@0', '2@10', '3@10']);
	});
});

describe('in order (concurrency 1)', () => {
	it('one after the other', async () => {
		const simulation = simulate(4);
		expect(await simulation.run({ concurrency: 1 })).toEqual(['0@0', '1@10', '2@20', '3@30']);
		expect(simulation.most).toBe(1);
	});

	it('what must wait holds up what comes after it', async () => {
		const simulation = new Simulation().add('0').add('1', 'a', 5000).add('2', 'b');
		expect(await simulation.run({ concurrency: 1 })).toEqual(['0@0', '1@5000', '2@5010']);
	});

	it('one that is to be tried again ends the try', async () => {
		const simulation = simulate(4);
		await simulation.run({ concurrency: 1 }, (name) => (name === '1' ? 'pending' : 'delivered'));
		expect(simulation.log).toEqual(['0@0', '1@10']);
	});

	it('one that failed for good does not, where the node continues', async () => {
		const simulation = simulate(3);
		await simulation.run({ concurrency: 1 }, (name) => (name === '1' ? 'failed' : 'delivered'));
		expect(simulation.log).toHaveLength(3);
	});

	it('in the last try every one has its turn, where the node continues', async () => {
		const simulation = simulate(3);
		await simulation.run({ concurrency: 1, lastTry: true }, (name) => (name === '1' ? 'pending' : 'delivered'));
		expect(simulation.log).toHaveLength(3);
	});

	it.each(['failed', 'pending'] as const)(
		'where the node stops, one that is %s ends it, in the last try, too',
		async (state) => {
			const simulation = simulate(3);
			await simulation.run({ concurrency: 1, lastTry: true, stopAtFailure: true }, (name) =>
				name === '1' ? state : 'delivered',
			);
			expect(simulation.log).toEqual(['0@0', '1@10']);
		},
	);

	it('a pause that a destination asks for is kept', async () => {
		const simulation = simulate(3);
		await simulation.run({ concurrency: 1, lastTry: true }, (name) => {
			if (name === '0') simulation.pause('a', 3000);
			return 'delivered';
		});
		expect(simulation.log).toEqual(['0@0', '1@3000', '2@3010']);
	});

	it('a cancelled execution sends no more', async () => {
		const simulation = simulate(3);
		await simulation.run({ concurrency: 1 }, () => {
			simulation.cancelled = true;
			return 'delivered';
		});
		expect(simulation.log).toEqual(['0@0']);
	});
});
