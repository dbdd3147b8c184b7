import type { Delivery } from '../../../lib/delivery/delivery';
import { randomOf } from '../../support/random';
import { SmallServer, Simulation, type Act, type Outcome } from './simulation';

afterEach(() => jest.restoreAllMocks());

const names = (count: number) => Array.from({ length: count }, (_, index) => String(index));
const simulate = (count: number) => names(count).reduce((simulation, name) => simulation.add(name), new Simulation());

describe('at once', () => {
	it.each([2, 7, 50])('at most %i are in progress, all are sent once, begun in order', async (concurrency) => {
		const simulation = simulate(100);
		const log = await simulation.run({ concurrency });
		expect(simulation.most).toBe(concurrency);
		expect(log.map((line) => line.split('@')[0])).toEqual(names(100));
	});

	it('nothing to send is nothing to do', async () => {
		expect(await new Simulation().run({})).toEqual([]);
	});

	it('one that must wait holds up no other', async () => {
		const simulation = new Simulation().add('late', 'a', { notBefore: 5000 }).add('0').add('1');
		expect(await simulation.run({ concurrency: 2 })).toEqual(['0@0', '1@0', 'late@5000']);
	});

	it('those that wait longest go last, whatever their place', async () => {
		const simulation = new Simulation()
			.add('b', 'a', { notBefore: 2000 })
			.add('c', 'a', { notBefore: 3000 })
			.add('a', 'a', { notBefore: 1000 });
		expect(await simulation.run({ concurrency: 2 })).toEqual(['a@1000', 'b@2000', 'c@3000']);
	});

	it('those that wait for the same time stay in order', async () => {
		const simulation = new Simulation();
		for (const name of names(4)) simulation.add(name, 'a', { notBefore: 5000 });
		expect(await simulation.run({ concurrency: 2 })).toEqual(['0@5000', '1@5000', '2@5010', '3@5010']);
	});

	it.each([false, true])('a time that has passed is no time to wait for (last try: %p)', async (lastTry) => {
		expect(await new Simulation().add('0', 'a', { notBefore: -5000 }).run({ lastTry })).toEqual(['0@0']);
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

		it('is waited for again when it asks again', async () => {
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
		const simulation = simulate(10).add('late', 'b', { notBefore: 60_000 });
		await simulation.run({ concurrency: 2 }, (name) => {
			if (name === '2') simulation.cancel();
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
		const simulation = new Simulation().add('0').add('1', 'a', { notBefore: 5000 }).add('2', 'b');
		expect(await simulation.run({ concurrency: 1 })).toEqual(['0@0', '1@5000', '2@5010']);
	});

	it('one that is to be retried ends the try', async () => {
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
			simulation.cancel();
			return 'delivered';
		});
		expect(simulation.log).toEqual(['0@0']);
	});
});

const isUnreachable: Outcome = { state: 'pending', signal: 'unreachable' };
const isOverloaded: Outcome = { state: 'pending', signal: 'overloaded' };
const isPending: Outcome = { state: 'pending', signal: 'answered' };

/** When the last delivery to a destination began, milliseconds from the start. */
const lastBegun = (simulation: Simulation, destination: string) =>
	Math.max(...simulation.begun.filter((one) => one.destination === destination).map(({ at }) => at));

describe('destinations take turns', () => {
	const orders: Array<[string, (simulation: Simulation) => Simulation]> = [
		['the slow one first', (simulation) => simulation.addMany(100, 'slow').addMany(100, 'fast')],
		['the fast one first', (simulation) => simulation.addMany(100, 'fast').addMany(100, 'slow')],
		[
			'in turn',
			(simulation) => {
				for (const name of names(100)) simulation.add(`slow${name}`, 'slow').add(`fast${name}`, 'fast');
				return simulation;
			},
		],
	];
	it.each(orders)('a fast one is done within a few rounds (%s)', async (_name, fill) => {
		const simulation = fill(new Simulation());
		const took = (_: string, { destination }: { destination: string }) => (destination === 'slow' ? 5000 : 10);
		await simulation.run({ concurrency: 50 }, undefined, took);
		expect(lastBegun(simulation, 'fast')).toBeLessThanOrEqual(50);
		expect(simulation.names('delivered')).toHaveLength(200);
	});

	it('a slow one has its share at most while others have something to send, and all when it is alone', async () => {
		const simulation = new Simulation().addMany(200, 'slow').addMany(200, 'b').addMany(200, 'c');
		let most = 0;
		let mostAlone = 0;
		simulation.onBegin = ({ destination }) => {
			if (destination !== 'slow') return;
			const count = simulation.underWayTo('slow') + 1;
			const isAlone = simulation.requestsTo('b') + simulation.requestsTo('c') === 400;
			if (isAlone) mostAlone = Math.max(mostAlone, count);
			else most = Math.max(most, count);
		};
		// It has delivered enough to get all that it asks for, and becomes slow then.
		const took = (name: string) => (name.startsWith('slow') && Number(name.slice(4)) >= 50 ? 1000 : 10);
		await simulation.run({ concurrency: 30 }, undefined, took);
		expect([most, mostAlone]).toEqual([10, 30]);
	});

	it('what others do not use is divided evenly, too', async () => {
		const simulation = new Simulation().addMany(100, 'slow').addMany(200, 'fast').add('long1', 'c').add('long2', 'd');
		let most = 0;
		simulation.onBegin = ({ destination }) => {
			if (destination !== 'slow' || simulation.requestsTo('fast') === 200) return;
			most = Math.max(most, simulation.underWayTo('slow') + 1);
		};
		const took = (name: string) => (name.startsWith('fast') ? 10 : 5000);
		await simulation.run({ concurrency: 12 }, undefined, took);
		// Two of twelve are in progress to c and d.
		expect(most).toBe(5);
	});

	it('more destinations than may be in progress at once all have their turn', async () => {
		const simulation = new Simulation();
		for (const round of names(5)) for (const name of names(20)) simulation.add(`${name}.${round}`, `d${name}`);
		await simulation.run({ concurrency: 5 });
		const firstOf = new Set(simulation.begun.slice(0, 20).map(({ destination }) => destination));
		expect(firstOf.size).toBe(20);
		expect(simulation.names('delivered')).toHaveLength(100);
	});
});

describe('a destination that does not respond', () => {
	const oneTenthHealthy = () => {
		const simulation = new Simulation();
		for (const name of names(2000)) simulation.add(name, Number(name) % 10 === 0 ? 'healthy' : 'dead');
		return simulation;
	};
	const act: Act = (_, { destination }) => (destination === 'dead' ? isUnreachable : 'delivered');
	const took = (_: string, { destination }: { destination: string }) => (destination === 'dead' ? 5000 : 20);

	it.each([
		[5, false],
		[10, false],
		[50, false],
		[50, true],
		[500, true],
	])(
		'gets a handful of requests, and the healthy one is done in seconds (concurrency %i, last try: %p)',
		async (concurrency, lastTry) => {
			const simulation = oneTenthHealthy();
			await simulation.run({ concurrency, lastTry }, act, took);
			expect(simulation.requestsTo('dead')).toBeLessThanOrEqual(10);
			expect(simulation.requestsTo('healthy')).toBe(200);
			expect(simulation.names('delivered')).toHaveLength(200);
			expect(lastBegun(simulation, 'healthy')).toBeLessThanOrEqual(2000);
			expect(simulation.leftOut).toHaveLength(1800 - simulation.requestsTo('dead'));
			expect(new Set(simulation.leftOut).size).toBe(simulation.leftOut.length);
			const asked = new Set(simulation.begun.map(({ name }) => name));
			expect(simulation.leftOut.filter((name) => asked.has(name))).toEqual([]);
		},
	);

	it('alone in a run it gets no more than it begins with', async () => {
		const simulation = new Simulation().addMany(1000, 'dead');
		await simulation.run({ concurrency: 50 }, act, took);
		expect([simulation.requestsTo('dead'), simulation.time]).toEqual([25, 5000]);
	});

	it('what waits for it waits no longer', async () => {
		const simulation = new Simulation().addMany(5, 'dead').add('late', 'dead', { notBefore: 60_000 });
		await simulation.run({}, act, took);
		expect([simulation.leftOut, simulation.time]).toEqual([['late'], 5000]);
	});

	it('a pause that it asked for before is not waited for', async () => {
		const simulation = new Simulation().addMany(40, 'dead');
		await simulation.run(
			{ lastTry: true },
			(name, scheduled, at) => {
				if (name !== 'dead0') return act(name, scheduled, at);
				simulation.pause('dead', 60_000);
				return isPending;
			},
			(name) => (name === 'dead0' ? 1 : 1000),
		);
		expect([simulation.begun.length, simulation.leftOut.length, simulation.time]).toEqual([25, 15, 1000]);
	});

	it('one that responds in between stays', async () => {
		const simulation = new Simulation().addMany(100, 'a').add('other', 'b');
		await simulation.run({}, (name) => (Number(name.slice(1)) % 4 === 0 ? 'delivered' : isUnreachable));
		expect(simulation.leftOut).toEqual([]);
		expect(simulation.begun).toHaveLength(101);
	});

	it('one that goes down in the middle is given up then', async () => {
		const simulation = new Simulation().addMany(1000, 'a').add('other', 'b');
		await simulation.run({ lastTry: true }, (name) =>
			name === 'other' || Number(name.slice(1)) < 300 ? 'delivered' : isUnreachable,
		);
		expect(simulation.names('delivered')).toHaveLength(301);
		// What was in progress at that moment, at most.
		expect(simulation.requestsTo('a')).toBeLessThanOrEqual(300 + 50);
		expect(simulation.leftOut).toHaveLength(1000 - simulation.requestsTo('a'));
	});

	it('that takes some and breaks off the others at once is not down', async () => {
		const simulation = new Simulation().addMany(200, 'a').add('other', 'b');
		let atOnce = 0;
		const broken = new Set<string>();
		await simulation.run(
			{},
			(name, { destination }) => {
				if (destination === 'b') return 'delivered';
				if (broken.has(name)) return isUnreachable;
				atOnce--;
				return 'delivered';
			},
			(name, { destination }) => {
				if (destination === 'b') return 10;
				if (atOnce < 3) return (atOnce++, 100);
				broken.add(name);
				return 1;
			},
		);
		expect(simulation.leftOut).toEqual([]);
		expect(simulation.names('delivered').length).toBeGreaterThan(150);
	});
});

describe('a destination that the try before left out', () => {
	const suspects = () => new Simulation().addMany(20, 'a', { isSuspect: true }).addMany(20, 'b');

	it('is asked by one request first, and gets the others when it takes that one', async () => {
		const simulation = suspects();
		await simulation.run({}, undefined, (name) => (name === 'a0' ? 1000 : 10));
		const begun = simulation.begun.filter(({ destination }) => destination === 'a').map(({ at }) => at);
		expect(begun[0]).toBe(0);
		expect(Math.min(...begun.slice(1))).toBe(1000);
		expect(lastBegun(simulation, 'b')).toBeLessThan(1000);
		expect(simulation.names('delivered')).toHaveLength(40);
	});

	it.each([false, true])('gets no other when it does not respond to that one (last try: %p)', async (lastTry) => {
		const simulation = suspects();
		await simulation.run({ lastTry }, (_, { destination }) => (destination === 'a' ? isUnreachable : 'delivered'));
		expect(simulation.requestsTo('a')).toBe(1);
		expect(simulation.leftOut).toHaveLength(19);
		expect(simulation.requestsTo('b')).toBe(20);
	});

	it('gets the others, too, when it refuses that one', async () => {
		const simulation = suspects();
		await simulation.run({}, (name) => (name === 'a0' ? isPending : 'delivered'));
		expect(simulation.requestsTo('a')).toBe(20);
	});

	it('is one as soon as a single delivery was left out', async () => {
		const simulation = new Simulation().addMany(20, 'a').add('last', 'a', { isSuspect: true }).add('other', 'b');
		await simulation.run({}, isDown);
		expect(simulation.requestsTo('a')).toBe(1);
	});
	const isDown: Act = (_, { destination }) => (destination === 'a' ? isUnreachable : 'delivered');
});

describe('a destination that refuses what is too much at once', () => {
	/** @param companions whether the run has another destination */
	const refusing = async (
		server: SmallServer,
		{ count = 200, lastTry = true, companions = true }: { count?: number; lastTry?: boolean; companions?: boolean },
	) => {
		const simulation = new Simulation().addMany(count, 'a');
		if (companions) simulation.add('other', 'b');
		await simulation.run(
			{ lastTry },
			(name) => (name === 'other' ? 'delivered' : server.act(name)),
			(name) => (name === 'other' ? 10 : server.took(name)),
		);
		return simulation;
	};

	/**
	 * What is refused at most. Of the first round all but one; each round after it has half of that; and later one for each time
	 * it gets one more (10 times the limit, twice that …, of 200).
	 */
	const bound = (first: number) => 2 * first + 4;

	it.each([
		[1, false, 25],
		[1, true, 10],
		// Before the first refusal is known, more is sent for each delivery.
		[10, false, 35],
		[10, true, 20],
		[30, true, 50],
	])(
		'gets all in the end, with few requests more (5 at once, told after %i ms, beside another: %p)',
		async (refusesAfter, companions, first) => {
			const server = new SmallServer(5, 10, refusesAfter);
			const simulation = await refusing(server, { companions });
			expect(simulation.names('pending')).toEqual([]);
			expect(simulation.requestsTo('a')).toBe(200 + server.refusals);
			expect(server.refusals).toBeLessThanOrEqual(bound(first));
		},
	);

	const sizes = [1, 2, 3, 5, 8, 10, 15, 20].flatMap((capacity) =>
		[20, 50, 200, 1000].flatMap((count) => [1, 10, 30].map((told) => [capacity, count, told] as const)),
	);
	it.each(sizes)('%i at once of %i, told after %i ms: all arrive', async (capacity, count, refusesAfter) => {
		for (const companions of [false, true]) {
			const server = new SmallServer(capacity, 10, refusesAfter);
			const simulation = await refusing(server, { count, companions });
			// One or two are left to the retry of the execution.
			expect(simulation.names('pending')).toHaveLength(server.refusals < 3 ? server.refusals : 0);
			expect(simulation.requestsTo('a')).toBe(count + (server.refusals < 3 ? 0 : server.refusals));
		}
	});

	it('before the last try the refused ones are left to the next one, and are few', async () => {
		const server = new SmallServer(5);
		const simulation = await refusing(server, { lastTry: false });
		expect(simulation.requestsTo('a')).toBe(200);
		expect(simulation.names('pending')).toHaveLength(server.refusals);
		expect(server.refusals).toBeLessThanOrEqual(bound(10));
	});

	const refuse = (which: string[]) => {
		const left = new Set(which);
		return (name: string) => (left.delete(name) ? isOverloaded : 'delivered');
	};

	it.each([
		[['a3', 'a7'], 20],
		[['a3', 'a7', 'a9'], 23],
	])('refused %p of 20: %i requests', async (which, requests) => {
		const simulation = new Simulation().addMany(20, 'a');
		await simulation.run({ lastTry: true }, refuse(which));
		expect(simulation.begun).toHaveLength(requests);
		expect(simulation.names('delivered')).toHaveLength(requests === 20 ? 18 : 20);
	});

	it('where it took none, it is not asked again', async () => {
		const simulation = new Simulation().addMany(20, 'a');
		await simulation.run({ lastTry: true }, () => isOverloaded);
		expect(simulation.begun).toHaveLength(20);
	});

	it('asked again, it gets one at first, and none after one that it refuses again', async () => {
		const simulation = new Simulation().addMany(30, 'a');
		const log = await simulation.run({ lastTry: true }, (name) =>
			Number(name.slice(1)) < 10 ? 'delivered' : isOverloaded,
		);
		expect(simulation.begun).toHaveLength(31);
		expect(log.at(-1)).toMatch(/^a10@/);
	});

	it('after some that it takes, one refusal ends it just so', async () => {
		const simulation = new Simulation().addMany(30, 'a');
		const refused = new Set<string>();
		await simulation.run({ lastTry: true }, (name) => {
			const number = Number(name.slice(1));
			if (number < 10) return 'delivered';
			if (!refused.has(name)) {
				refused.add(name);
				return isOverloaded;
			}
			return number < 13 ? 'delivered' : isOverloaded;
		});
		expect(simulation.names('delivered')).toHaveLength(13);
		expect(simulation.begun).toHaveLength(34);
	});

	it('one that is refused beside another is sent by itself', async () => {
		const simulation = new Simulation().addMany(200, 'a');
		const refusals = new Map(['a3', 'a7', 'a9', 'a11'].map((name) => [name, 1]));
		// The third one of the round is refused beside the second.
		refusals.set('a9', 2);
		await simulation.run({ lastTry: true }, (name) => {
			const left = refusals.get(name) ?? 0;
			refusals.set(name, left - 1);
			return left > 0 ? isOverloaded : 'delivered';
		});
		expect(simulation.names('delivered')).toHaveLength(200);
		expect(simulation.begun).toHaveLength(205);
	});

	it.each([
		['UNAVAILABLE', undefined, 1],
		['STATUS', 503, 1],
		['CONNECTION', undefined, 1],
		['STATUS', 500, 25],
	] as const)('that had %s (%p) in the try before begins with %i', async (code, statusCode, atOnce) => {
		const simulation = new Simulation().addMany(40, 'a');
		const fault = { code, message: '', description: '', retryable: true, ...(statusCode && { statusCode }) };
		simulation.deliveries[5] = { ...(simulation.deliveries[5] as Delivery), fault };
		await simulation.run({});
		expect(simulation.begun.filter(({ at }) => at === 0)).toHaveLength(atOnce);
		expect(simulation.names('delivered')).toHaveLength(40);
	});

	it('they come after all that was not sent yet, and what comes late is still sent', async () => {
		const simulation = new Simulation().addMany(20, 'a');
		for (const name of names(5)) simulation.add(`late${name}`, 'a', { notBefore: 5000 });
		const first = new Set(['a3', 'a7', 'a9']);
		// It refuses each of the late ones, too.
		const log = await simulation.run({ lastTry: true }, (name) =>
			first.delete(name) || (name.startsWith('late') && simulation.time < 5015) ? isOverloaded : 'delivered',
		);
		expect(simulation.names('delivered')).toHaveLength(25);
		const rounds = log.filter((line) => Number(line.split('@')[1]) > 5000);
		expect(rounds.map((line) => line.split('@')[0])).toEqual(
			expect.arrayContaining(['a3', 'a7', 'a9', ...names(5).map((name) => `late${name}`)]),
		);
		expect(simulation.begun).toHaveLength(33);
	});

	it('they wait for sequences that go there later', async () => {
		const simulation = new Simulation().addMany(20, 'a').add('head', 'b', { sequence: 's' });
		for (const name of names(5)) simulation.add(`next${name}`, 'a', { sequence: 's' });
		const first = new Set(['a3', 'a7', 'a9']);
		await simulation.run(
			{ lastTry: true },
			(name) => (first.delete(name) || name === 'next1' ? isOverloaded : 'delivered'),
			(name) => (name === 'head' ? 1000 : 10),
		);
		expect(simulation.names('delivered')).toHaveLength(25);
		expect(simulation.log.slice(-3).map((line) => line.split('@')[0])).toEqual(['a3', 'a7', 'a9']);
	});

	it('they are sent where a sequence ends before its deliveries to that destination', async () => {
		const simulation = new Simulation().addMany(20, 'a').add('head', 'b', { sequence: 's' });
		for (const name of names(5)) simulation.add(`next${name}`, 'a', { sequence: 's' });
		const first = new Set(['a3', 'a7', 'a9']);
		await simulation.run(
			{ lastTry: true, stopAtFailure: true },
			(name) => (name === 'head' ? 'failed' : first.delete(name) ? isOverloaded : 'delivered'),
			(name) => (name === 'head' ? 1000 : 10),
		);
		expect(simulation.names('delivered')).toHaveLength(20);
		expect(simulation.requestsTo('a')).toBe(23);
	});

	it('goes down later: they are neither asked for again nor left out', async () => {
		const simulation = new Simulation().addMany(100, 'a').add('other', 'b');
		await simulation.run({ lastTry: true }, (name) => {
			const number = Number(name.slice(1));
			if (name === 'other' || number < 5) return 'delivered';
			return number < 10 ? isOverloaded : isUnreachable;
		});
		const sent = new Set(simulation.begun.map(({ name }) => name));
		expect(sent.size).toBe(simulation.begun.length);
		expect(simulation.leftOut.filter((name) => sent.has(name))).toEqual([]);
		expect(simulation.leftOut).toHaveLength(101 - sent.size);
	});

	it('goes down while they are sent again: the others keep their outcome, and are not left out', async () => {
		const simulation = new Simulation().addMany(40, 'a');
		const refused = new Set<string>();
		await simulation.run({ lastTry: true }, (name) => {
			if (Number(name.slice(1)) < 10) return 'delivered';
			if (refused.has(name)) return isUnreachable;
			refused.add(name);
			return isOverloaded;
		});
		// One that gets no response ends it as well.
		expect([simulation.begun.length, simulation.leftOut]).toEqual([41, []]);
		expect(simulation.names('pending')).toHaveLength(30);
	});

	describe.each([isOverloaded, isUnreachable])('now and then, however few it gets ($signal)', (fault) => {
		it.each([
			[0.01, 600],
			[0.03, 2500],
		])('%d of 2,000 are no reason to slow down', async (share, most) => {
			const { chance } = randomOf(1);
			const simulation = new Simulation().addMany(2000, 'a');
			await simulation.run({}, () => (chance(share) ? fault : 'delivered'));
			expect(simulation.requestsTo('a')).toBe(2000);
			// 400 ms without a fault, 20,000 ms one by one.
			expect(simulation.time).toBeLessThanOrEqual(most);
		});
	});

	it.each<[string, boolean, number, number]>([
		['on the last of several tries', true, 1, 8],
		['in the only try: nobody knows what became of it', true, 0, 0],
		['when another try follows', false, 1, 0],
	])('what breaks beside others, %s', async (_when, lastTry, attempts, again) => {
		const simulation = new Simulation().addMany(40, 'a', { attempts });
		const broken = new Set(names(8).map((name) => `a${Number(name) * 4 + 3}`));
		await simulation.run({ lastTry }, (name) => (broken.delete(name) ? isUnreachable : 'delivered'));
		expect(simulation.begun).toHaveLength(40 + again);
		expect(simulation.names('pending')).toHaveLength(8 - again);
	});

	it('what is refused when nothing else is in progress is so for another reason: none is sent again', async () => {
		const simulation = new Simulation().addMany(40, 'a', { attempts: 1, isSuspect: true });
		const refused = new Set(names(8).map((name) => `a${Number(name) * 4 + 1}`)).add('a0');
		await simulation.run({ lastTry: true }, (name) => (refused.has(name) ? isOverloaded : 'delivered'));
		expect(simulation.begun).toHaveLength(40);
		expect(simulation.names('pending')).toHaveLength(9);
	});

	it('what it refuses in a sequence is not sent again, as others have passed it', async () => {
		const simulation = new Simulation().addMany(5, 'a');
		for (const name of names(5)) simulation.add(`s${name}`, 'a', { sequence: 's' });
		const log = await simulation.run({ lastTry: true }, (name) => (name.startsWith('s') ? isOverloaded : 'delivered'));
		expect(log).toHaveLength(10);
	});
});

describe('sequences', () => {
	/** Three sequences of five, mixed, in queue order. */
	const mixed = (destinationOf: (sequence: string, name: string) => string = () => 'a') => {
		const simulation = new Simulation();
		for (const name of names(5))
			for (const sequence of ['x', 'y', 'z'])
				simulation.add(`${sequence}${name}`, destinationOf(sequence, name), { sequence });
		return simulation;
	};
	const ofSequence = (simulation: Simulation, sequence: string) =>
		simulation.begun.filter(({ name }) => name.startsWith(sequence));
	const all = (sequence: string) => names(5).map((name) => sequence + name);
	const namesOf = (simulation: Simulation, sequence: string) =>
		ofSequence(simulation, sequence).map(({ name }) => name);

	it('are strictly in order, each after the one before, and beside each other', async () => {
		const simulation = mixed();
		const took = (name: string) => ({ x: 100, y: 10, z: 1 })[name[0] as 'x'] ?? 0;
		await simulation.run({}, undefined, took);
		expect(ofSequence(simulation, 'x').map(({ name, at }) => `${name}@${at}`)).toEqual([
			'x0@0',
			'x1@100',
			'x2@200',
			'x3@300',
			'x4@400',
		]);
		expect(ofSequence(simulation, 'y').map(({ at }) => at)).toEqual([0, 10, 20, 30, 40]);
		expect(ofSequence(simulation, 'z').map(({ at }) => at)).toEqual([0, 1, 2, 3, 4]);
		expect(simulation.most).toBe(3);
	});

	it('hold up nothing that has no order', async () => {
		const simulation = mixed().addMany(10, 'a');
		await simulation.run({}, undefined, (name) => (name.startsWith('a') ? 10 : 1000));
		expect(Math.max(...ofSequence(simulation, 'a').map(({ at }) => at))).toBeLessThan(100);
	});

	it.each<[string, Delivery['state'] | Outcome]>([
		['pending', isPending],
		['refused as too many', isOverloaded],
		['unreachable', isUnreachable],
		['not sent', { state: 'pending', signal: 'nothing' }],
	])('one that is %s ends its own sequence for this try', async (_name, outcome) => {
		const simulation = mixed();
		await simulation.run({}, (name) => (name === 'y2' ? outcome : 'delivered'));
		expect(namesOf(simulation, 'x')).toEqual(all('x'));
		expect(namesOf(simulation, 'y')).toEqual(['y0', 'y1', 'y2']);
		expect(namesOf(simulation, 'z')).toEqual(all('z'));
	});

	it('one that throws ends its own sequence for this try', async () => {
		const simulation = mixed();
		await simulation.run({}, (name) => {
			if (name === 'y2') throw new Error('boom');
			return 'delivered';
		});
		expect(namesOf(simulation, 'y')).toEqual(['y0', 'y1', 'y2']);
		expect(namesOf(simulation, 'z')).toEqual(all('z'));
	});

	it.each([false, true])('one that failed is passed over where the node continues (last try: %p)', async (lastTry) => {
		const simulation = mixed();
		await simulation.run({ lastTry }, (name) => (name === 'y2' ? 'failed' : 'delivered'));
		expect(namesOf(simulation, 'y')).toEqual(all('y'));
	});

	it('one that is pending is passed over in the last try where the node continues', async () => {
		const simulation = mixed();
		await simulation.run({ lastTry: true }, (name) => (name === 'y2' ? isPending : 'delivered'));
		expect(namesOf(simulation, 'y')).toEqual(all('y'));
	});

	it.each([
		['failed', false],
		['failed', true],
		['pending', true],
		['pending', false],
	] as const)('where the node stops, one that is %s ends its own sequence (last try: %p)', async (state, lastTry) => {
		const simulation = mixed();
		await simulation.run({ lastTry, stopAtFailure: true }, (name) => (name === 'y2' ? state : 'delivered'));
		expect(namesOf(simulation, 'x')).toEqual(all('x'));
		expect(namesOf(simulation, 'y')).toEqual(['y0', 'y1', 'y2']);
	});

	it('go from one destination to another', async () => {
		const simulation = mixed((_, name) => `d${name}`);
		await simulation.run({}, undefined, (name) => (name.startsWith('x') ? 100 : 10));
		for (const sequence of ['x', 'y', 'z']) expect(namesOf(simulation, sequence)).toEqual(all(sequence));
		expect(ofSequence(simulation, 'x').map(({ at }) => at)).toEqual([0, 100, 200, 300, 400]);
	});

	it('a head that must wait holds back its own sequence alone', async () => {
		const simulation = new Simulation()
			.add('x0', 'a', { sequence: 'x', notBefore: 5000 })
			.add('x1', 'a', { sequence: 'x' })
			.add('y0', 'a', { sequence: 'y' })
			.add('y1', 'a', { sequence: 'y', notBefore: 1000 })
			.add('free', 'a');
		expect(await simulation.run()).toEqual(['y0@0', 'free@0', 'y1@1000', 'x0@5000', 'x1@5010']);
	});

	it('a destination that pauses holds back what goes there, in the last try', async () => {
		const simulation = mixed((sequence, name) => (sequence === 'y' && name === '2' ? 'paused' : 'a'));
		simulation.pause('paused', 3000);
		await simulation.run({ lastTry: true });
		expect(ofSequence(simulation, 'y').map(({ at }) => at)).toEqual([0, 10, 3000, 3010, 3020]);
		expect(Math.max(...ofSequence(simulation, 'x').map(({ at }) => at))).toBe(40);
	});

	it('before the last try it ends the sequence there, which goes on in the next one', async () => {
		const simulation = mixed((sequence, name) => (sequence === 'y' && name === '2' ? 'paused' : 'a'));
		simulation.pause('paused', 3000);
		await simulation.run();
		expect(namesOf(simulation, 'y')).toEqual(['y0', 'y1']);
		expect(namesOf(simulation, 'z')).toEqual(all('z'));
		expect(simulation.time).toBeLessThan(3000);
	});

	describe('with a destination that is down', () => {
		const withOneDown = () => {
			const simulation = mixed((sequence, name) => (sequence === 'y' && Number(name) >= 2 ? 'dead' : 'a'));
			return simulation.addMany(5, 'dead');
		};
		const act: Act = (_, { destination }) => (destination === 'dead' ? isUnreachable : 'delivered');
		const took = (_: string, { destination }: { destination: string }) => (destination === 'dead' ? 1 : 10);

		it('end there in a try that is not the last', async () => {
			const simulation = withOneDown();
			await simulation.run({}, act, took);
			expect(namesOf(simulation, 'y')).toEqual(['y0', 'y1']);
			expect(simulation.leftOut).toEqual(['y2']);
			expect(namesOf(simulation, 'x')).toEqual(all('x'));
		});

		it('pass on in the last try, all of it left out in order', async () => {
			const simulation = withOneDown();
			await simulation.run({ lastTry: true }, act, took);
			expect(simulation.leftOut).toEqual(['y2', 'y3', 'y4']);
		});

		it('end there where the node stops', async () => {
			const simulation = withOneDown();
			await simulation.run({ lastTry: true, stopAtFailure: true }, act, took);
			expect(simulation.leftOut).toEqual(['y2']);
		});

		it('go on at the next destination, in the last try', async () => {
			const simulation = mixed((sequence, name) => (sequence === 'y' && name === '2' ? 'dead' : 'a')).addMany(
				5,
				'dead',
			);
			await simulation.run({ lastTry: true }, act, took);
			expect(simulation.leftOut).toEqual(['y2']);
			expect(namesOf(simulation, 'y')).toEqual(['y0', 'y1', 'y3', 'y4']);
		});

		it('go on there, too, when nothing else is left to send', async () => {
			const simulation = new Simulation()
				.addMany(5, 'dead')
				.add('x0', 'b', { sequence: 'x' })
				.add('x1', 'dead', { sequence: 'x' })
				.add('x2', 'c', { sequence: 'x' });
			await simulation.run({ lastTry: true }, act, took);
			expect([simulation.leftOut, namesOf(simulation, 'x')]).toEqual([['x1'], ['x0', 'x2']]);
		});

		it('do not wait for what would be left out then', async () => {
			const simulation = new Simulation()
				.addMany(5, 'dead')
				.add('x0', 'b', { sequence: 'x' })
				.add('x1', 'dead', { sequence: 'x', notBefore: 60_000 });
			await simulation.run({ lastTry: true }, act, took);
			expect([simulation.leftOut, simulation.time]).toEqual([['x1'], 10]);
		});
	});
});

describe('whatever happens', () => {
	/** Something of each kind: in progress, waiting, pausing, in sequences, down. */
	const busy = () => {
		const simulation = new Simulation()
			.addMany(30, 'a')
			.addMany(20, 'dead')
			.addMany(10, 'paused')
			.add('late', 'b', { notBefore: 200 });
		for (const name of names(6)) simulation.add(`x${name}`, Number(name) % 2 ? 'a' : 'paused', { sequence: 'x' });
		simulation.pause('paused', 150);
		return simulation;
	};
	const act: Act = (name, { destination }) => {
		if (destination === 'dead') return isUnreachable;
		return name === 'a7' ? isOverloaded : 'delivered';
	};
	const took = (_: string, { destination }: { destination: string }) => (destination === 'dead' ? 100 : 15);

	it.each(names(30).map((tick) => Number(tick) * 10))('a cancel after %i ms ends it', async (time) => {
		for (const lastTry of [false, true]) {
			const simulation = busy();
			let begunBefore: number | undefined;
			simulation.onQuiet = () => {
				if (simulation.time < time || begunBefore !== undefined) return;
				begunBefore = simulation.begun.length;
				simulation.cancel();
			};
			await simulation.run({ lastTry, concurrency: 20 }, act, took);
			expect(simulation.underWayTo()).toBe(0);
			expect(simulation.begun).toHaveLength(begunBefore ?? simulation.begun.length);
			// It does not ask for waits that are over at once, again and again: nothing else would have its turn.
			expect(simulation.waits).toBeLessThan(50);
		}
	});

	it('a cancel while something is in progress and something waits leaves the event loop free', async () => {
		const simulation = new Simulation().add('long').add('late', 'a', { notBefore: 60_000 });
		simulation.onQuiet = () => simulation.cancel();
		await simulation.run({}, undefined, 1000);
		expect([simulation.log, simulation.waits]).toEqual([['long@0'], 1]);
	});

	it.each([false, true])(
		'deliveries that throw are not made again, and end nothing (last try: %p)',
		async (lastTry) => {
			const simulation = busy();
			await simulation.run({ lastTry }, (name, scheduled, at) => {
				if (Number(name.slice(1)) % 3 === 0) throw new Error('boom');
				return act(name, scheduled, at);
			});
			expect(new Set(simulation.begun.map(({ name }) => name)).size).toBe(simulation.begun.length);
			expect(simulation.requestsTo('a')).toBeGreaterThanOrEqual(30);
			expect(simulation.underWayTo()).toBe(0);
		},
	);

	it.each([
		['that fail', () => Promise.reject(new Error('no timers'))],
		['that are over at once', () => Promise.resolve()],
	])('waits %s end in time', async (_name, wait) => {
		const simulation = new Simulation().addMany(10, 'a').add('late', 'b', { notBefore: 60_000 });
		let waits = 0;
		const log = await simulation.run({
			wait: () => {
				waits++;
				// One that asks repeatedly would hold the event loop for good.
				return waits > 1000 ? new Promise(() => undefined) : wait();
			},
		});
		expect(log).toHaveLength(10);
		expect(simulation.names('pending')).toEqual(['late']);
		expect(waits).toBeLessThanOrEqual(100);
	});

	it('one wait that ends too early is made up for', async () => {
		const simulation = new Simulation();
		for (const name of names(300)) simulation.add(name, 'a', { notBefore: 1000 + Number(name) * 100 });
		let waits = 0;
		const log = await simulation.run({
			wait: async (milliseconds, signal) =>
				await simulation.wait(waits++ % 2 ? milliseconds : milliseconds / 2, signal),
		});
		expect(log).toEqual(names(300).map((name) => `${name}@${1000 + Number(name) * 100}`));
	});

	it('many that wait for their own times do not make each other wait longer', async () => {
		const count = 2000;
		const simulation = new Simulation();
		for (const name of names(count)) simulation.add(name, 'a', { notBefore: 10 + ((Number(name) * 7919) % count) });
		let looks = 0;
		const log = await simulation.run({
			deliveryAt: (index) => {
				looks++;
				return simulation.deliveries[index] as Delivery;
			},
		});
		expect(log).toHaveLength(count);
		expect(simulation.begun.map(({ at }) => at)).toEqual(names(count).map((name) => Number(name) + 10));
		// Not once for each other one, whenever one is due.
		expect(looks).toBeLessThan(20 * count);
	});
});
