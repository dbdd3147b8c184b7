import type { DeliveryFault } from '../../../lib/delivery/delivery';
import { Lane, signalOf, type Begun, type Signal } from '../../../lib/delivery/lane';

/** One after the other. */
function oneByOne(lane: Lane, signals: Signal[]): Lane {
	for (const signal of signals) lane.ended(signal, lane.began());
	return lane;
}

const times = (count: number, signal: Signal): Signal[] => Array.from({ length: count }, () => signal);

/** So many begin. */
const begin = (lane: Lane, count: number): Begun[] => Array.from({ length: count }, () => lane.began());

/** They end so, in order. */
function end(lane: Lane, begun: Begun[], signals: Signal[]): void {
	begun.forEach((one, index) => lane.ended(signals[index] ?? 'nothing', one));
}

/** As many as may begin. */
function fill(lane: Lane): Begun[] {
	const begun: Begun[] = [];
	while (lane.hasRoom && begun.length < 1000) begun.push(lane.began());
	return begun;
}

it.each<[Partial<DeliveryFault>, Signal]>([
	[{ code: 'TIMEOUT' }, 'unreachable'],
	[{ code: 'CONNECTION' }, 'unreachable'],
	[{ code: 'DNS' }, 'unreachable'],
	[{ code: 'TLS' }, 'nothing'],
	[{ code: 'BLOCKED' }, 'nothing'],
	[{ code: 'CANCELLED' }, 'nothing'],
	[{ code: 'TOKEN', statusCode: 503 }, 'nothing'],
	[{ code: 'STATUS', statusCode: 429 }, 'overloaded'],
	[{ code: 'STATUS', statusCode: 503 }, 'overloaded'],
	[{ code: 'STATUS', statusCode: 429, retryAfter: 1 }, 'answered'],
	[{ code: 'STATUS', statusCode: 503, retryAfter: 1 }, 'answered'],
	[{ code: 'STATUS', statusCode: 500 }, 'answered'],
	[{ code: 'STATUS', statusCode: 404 }, 'answered'],
	[{ code: 'REDIRECT', statusCode: 302 }, 'answered'],
])('%j says %s', (fault, signal) => {
	expect(signalOf({ message: '', description: '', retryable: true, ...fault } as DeliveryFault)).toBe(signal);
});

describe('at the start', () => {
	it.each([
		[50, false, false, 10],
		[10, false, false, 10],
		[7, false, false, 7],
		[1, false, false, 1],
		[50, false, true, 25],
		[20, false, true, 20],
		[50, true, false, 1],
		[50, true, true, 1],
	])('of at most %i (suspect: %p, alone: %p) %i at once', (most, isSuspect, isAlone, limit) => {
		const lane = new Lane(most, isSuspect, isAlone);
		expect(lane.limit).toBe(limit);
		expect(fill(lane)).toHaveLength(limit);
	});

	it('two more for each delivery, up to the most', () => {
		const lane = new Lane(50, false);
		const limits = times(21, 'delivered').map((signal) => oneByOne(lane, [signal]).limit);
		expect(limits).toEqual([12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 50]);
	});

	it('never more than the most, be it odd', () => {
		expect(oneByOne(new Lane(13, false), times(5, 'delivered')).limit).toBe(13);
	});

	it.each<Signal>(['answered', 'nothing'])('none more for what is %s', (signal) => {
		expect(oneByOne(new Lane(50, false), times(30, signal)).limit).toBe(10);
	});

	it('a suspect that takes one is as any other', () => {
		const lane = new Lane(50, true);
		expect(times(3, 'delivered').map((signal) => oneByOne(lane, [signal]).limit)).toEqual([3, 5, 7]);
	});

	it('one where it had trouble before, and soon all', () => {
		const lane = new Lane(50, false, true);
		lane.beginGently();
		expect([fill(lane).length, oneByOne(lane, times(3, 'delivered')).limit]).toEqual([1, 7]);
	});

	it('says whether it took any', () => {
		const lane = oneByOne(new Lane(50, false), ['answered', 'overloaded', 'unreachable', 'nothing']);
		expect(lane.hasDelivered).toBe(false);
		expect(oneByOne(lane, ['delivered']).hasDelivered).toBe(true);
	});
});

describe('room', () => {
	it('there is as long as fewer are in progress than may be', () => {
		const lane = new Lane(3, false);
		const begun = fill(lane);
		expect([begun.length, lane.inFlight, lane.hasRoom]).toEqual([3, 3, false]);
		end(lane, begun.slice(0, 1), ['answered']);
		expect([lane.inFlight, lane.hasRoom]).toEqual([2, true]);
	});

	it('what got no response is not replaced, until another has one', () => {
		const lane = new Lane(50, false);
		const begun = fill(lane);
		end(lane, begun.slice(0, 4), times(4, 'unreachable'));
		expect([lane.inFlight, lane.hasRoom]).toEqual([6, false]);
		end(lane, begun.slice(4, 5), ['answered']);
		expect([lane.inFlight, lane.hasRoom]).toEqual([5, true]);
	});

	it('with none in progress one may always go', () => {
		const lane = new Lane(3, false);
		end(lane, fill(lane), times(3, 'unreachable'));
		expect([lane.hasRoom, fill(lane).length]).toEqual([true, 1]);
	});

	it('after the faults allowed it is for those in progress to show', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 6);
		end(lane, begun.slice(0, 5), times(5, 'unreachable'));
		expect([lane.inFlight, lane.hasRoom, lane.isUnavailable]).toEqual([1, false, false]);
	});
});

describe('a cut', () => {
	it('halves what is in progress', () => {
		const lane = new Lane(50, false);
		end(lane, begin(lane, 8), times(2, 'overloaded'));
		expect(lane.limit).toBe(3);
	});

	it('halves the limit where more are in progress', () => {
		const lane = new Lane(8, false);
		const begun = begin(lane, 20);
		end(lane, begun.slice(0, 2), times(2, 'overloaded'));
		expect(lane.limit).toBe(4);
	});

	it('comes once a round: what began before it says nothing', () => {
		const lane = new Lane(50, false);
		end(lane, begin(lane, 10), times(10, 'overloaded'));
		expect(lane.limit).toBe(4);
		end(lane, begin(lane, 5), times(5, 'overloaded'));
		expect(lane.limit).toBe(2);
	});

	it('comes by faults beside responses, too, but not by those where there was none', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 10);
		end(lane, begun.slice(0, 1), ['unreachable']);
		expect(lane.limit).toBe(10);
		end(lane, begun.slice(1, 4), ['answered', 'unreachable', 'unreachable']);
		expect(lane.limit).toBe(3);
	});

	it('where connections were refused before any response, those that were not are what it takes', () => {
		const lane = new Lane(50, false, true);
		const begun = fill(lane);
		end(lane, begun, [...times(20, 'unreachable'), 'delivered']);
		expect([lane.limit, lane.isUnavailable]).toEqual([5, false]);
	});

	it.each<Signal>(['delivered', 'answered', 'nothing'])('does not come by what is %s', (signal) => {
		const lane = new Lane(10, false);
		end(lane, begin(lane, 10), times(10, signal));
		expect(lane.limit).toBe(10);
	});

	it('never takes the last one', () => {
		const lane = new Lane(50, false);
		for (let round = 0; round < 20; round++) {
			oneByOne(lane, ['overloaded', 'overloaded']);
			expect(lane.limit).toBe(1);
		}
		expect(lane.hasRoom).toBe(true);
	});
});

describe('a fault that says nothing about how many', () => {
	const cutsOf = (lane: Lane, signals: Signal[], atOnce = 10) => {
		let cuts = 0;
		for (const signal of signals) {
			const before = lane.limit;
			end(lane, begin(lane, atOnce), [...times(atOnce - 1, 'delivered'), signal]);
			if (lane.limit < before) cuts++;
		}
		return cuts;
	};

	it.each<Signal>(['overloaded', 'unreachable'])('is the first one of all (%s)', (signal) => {
		const lane = new Lane(50, false);
		end(lane, begin(lane, 10), ['answered', signal]);
		expect(lane.limit).toBe(10);
		end(lane, begin(lane, 10), [signal]);
		expect(lane.limit).toBeLessThan(10);
	});

	it('is one at a number that goes well, now and then', () => {
		const lane = new Lane(10, false);
		const often = Array.from({ length: 50 }, () => [...times(4, 'delivered'), 'overloaded'] as Signal[]).flat();
		expect(cutsOf(lane, often)).toBe(0);
	});

	it('is none of many in a row, at the same number', () => {
		const lane = new Lane(10, false);
		expect(cutsOf(lane, times(20, 'delivered'))).toBe(0);
		// Five are made up for, one is the first.
		expect(times(7, 'overloaded').map((signal) => cutsOf(lane, [signal], 1))).toEqual([0, 0, 0, 0, 0, 0, 1]);
	});

	it('is none at a number that never went well', () => {
		const lane = new Lane(50, false);
		expect(cutsOf(lane, times(20, 'delivered'), 5)).toBe(0);
		const before = lane.limit;
		end(lane, begin(lane, 20), [...times(18, 'nothing'), 'overloaded', 'overloaded']);
		expect(lane.limit).toBeLessThan(before);
	});

	it('is a connection that breaks though it is the only one, for the second time', () => {
		const lane = new Lane(50, false);
		oneByOne(lane, ['answered', 'unreachable', 'unreachable']);
		const limits = times(4, 'delivered').map((signal) => oneByOne(lane, [signal]).limit);
		expect(limits).toEqual([12, 14, 16, 18]);
		end(lane, begin(lane, 18), [...times(9, 'unreachable'), 'delivered', ...times(8, 'unreachable')]);
		expect([lane.limit, lane.isUnavailable]).toEqual([20, false]);
		end(lane, begin(lane, 20), times(20, 'overloaded'));
		expect(lane.limit).toBeLessThan(18);
	});
});

describe('after a cut', () => {
	/** How many deliveries one by one until there are more, and how many more. */
	const growthOf = (lane: Lane) => {
		const before = lane.limit;
		let count = 0;
		while (lane.limit === before && count < 100_000) {
			oneByOne(lane, ['delivered']);
			count++;
		}
		return [count, lane.limit];
	};
	/** Too many were as many as double that. */
	const cutTo = (lane: Lane, limit: number) => {
		lane.limit = 2 * limit;
		end(lane, begin(lane, 2 * limit + 1).reverse(), ['overloaded', 'overloaded']);
		expect(lane.limit).toBe(limit);
	};

	it('deliveries in a row give half as much again, as long as fewer than were too many', () => {
		const lane = new Lane(50, false);
		cutTo(lane, 8);
		expect([growthOf(lane), growthOf(lane)]).toEqual([
			[10, 12],
			[10, 15],
		]);
	});

	it('from there on it takes ten deliveries for each one at once to have one more', () => {
		const lane = new Lane(50, false);
		cutTo(lane, 4);
		expect([growthOf(lane), growthOf(lane)]).toEqual([
			[10, 6],
			[10, 7],
		]);
		expect([growthOf(lane), growthOf(lane)]).toEqual([
			[70, 8],
			[80, 9],
		]);
	});

	it('each further one takes twice as many, up to 64 times', () => {
		const lane = new Lane(50, false);
		const counts = Array.from({ length: 9 }, () => {
			cutTo(lane, 1);
			const [count = 0, limit] = growthOf(lane);
			expect(limit).toBe(2);
			return count;
		});
		expect(counts).toEqual([10, 20, 40, 80, 160, 320, 640, 640, 640]);
	});

	it('what was delivered before the next one does not count', () => {
		const lane = new Lane(50, false);
		cutTo(lane, 1);
		oneByOne(lane, times(9, 'delivered'));
		cutTo(lane, 1);
		expect(growthOf(lane)).toEqual([20, 2]);
	});

	it('never more than the most afterwards either', () => {
		const lane = new Lane(2, false);
		oneByOne(lane, ['overloaded', 'overloaded', ...times(1000, 'delivered')]);
		expect(lane.limit).toBe(2);
	});
});

describe('without a response', () => {
	const faults = (lane: Lane) => {
		let count = 0;
		while (!lane.isUnavailable && count < 100) {
			oneByOne(lane, ['unreachable']);
			count++;
		}
		return count;
	};

	it.each<[string, boolean, Signal[], number]>([
		['that never answered', false, [], 5],
		['that was asked for nothing', false, times(20, 'nothing'), 5],
		['that took one', false, ['delivered'], 10],
		['that refused one', false, ['answered'], 10],
		['that asked for less', false, ['overloaded'], 10],
		['that was left out in the try before', true, [], 1],
		['that was left out in the try before, and answered', true, ['answered'], 10],
	])('one %s is given up after so many faults in a row', (_name, isSuspect, before, count) => {
		expect(faults(oneByOne(new Lane(50, isSuspect), before))).toBe(count);
	});

	it.each<Signal>(['delivered', 'answered', 'overloaded'])('what is %s begins the row again', (signal) => {
		const lane = oneByOne(new Lane(50, false), times(4, 'unreachable'));
		oneByOne(lane, [signal]);
		expect(faults(lane)).toBe(10);
		const seen = oneByOne(new Lane(50, false), ['answered', ...times(9, 'unreachable'), signal]);
		expect(faults(seen)).toBe(10);
	});

	it('what was not sent does not', () => {
		const lane = oneByOne(new Lane(50, false), [...times(4, 'unreachable'), 'nothing']);
		expect(faults(lane)).toBe(1);
	});

	it('ten at once that have none are enough, the last one shows it', () => {
		const lane = new Lane(50, false);
		const begun = fill(lane);
		end(lane, begun.slice(0, 9), times(9, 'unreachable'));
		expect(lane.isUnavailable).toBe(false);
		end(lane, begun.slice(9), ['unreachable']);
		expect([begun.length, lane.isUnavailable]).toEqual([10, true]);
	});

	it('one of them that has a response keeps it', () => {
		const lane = new Lane(50, false);
		const begun = fill(lane);
		end(lane, begun, [...times(9, 'unreachable'), 'delivered']);
		expect(lane.isUnavailable).toBe(false);
		expect(faults(lane)).toBe(10);
	});
});

describe('to start again gently', () => {
	const cut = (lane: Lane, count: number) => {
		const begun = begin(lane, count);
		end(lane, begun.slice(0, 2), times(2, 'overloaded'));
		return begun.slice(2);
	};

	it('is one at first, two more for each delivery, and never more than went well after the last cut', () => {
		const lane = new Lane(50, false);
		cut(lane, 12);
		expect(lane.limit).toBe(5);
		end(lane, begin(lane, 4), times(4, 'delivered'));
		lane.startAgainGently();
		const limits = [lane.limit, ...times(4, 'delivered').map((signal) => oneByOne(lane, [signal]).limit)];
		expect(limits).toEqual([1, 3, 4, 4, 4]);
	});

	it('is one at a time where nothing went well since', () => {
		const lane = new Lane(50, false);
		end(lane, cut(lane, 10), times(8, 'delivered'));
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(1);
	});

	it('is fewer than were among a fault that was let pass', () => {
		const lane = new Lane(50, false);
		end(lane, begin(lane, 8), [...times(4, 'delivered'), 'overloaded', ...times(3, 'delivered')]);
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(4);
	});

	it('what was in progress at the cut does not count as beside the next ones', () => {
		const lane = new Lane(50, false);
		const before = cut(lane, 20);
		end(lane, begin(lane, 2), times(2, 'delivered'));
		end(lane, before, times(18, 'overloaded'));
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(2);
	});

	it('is one at a time for good, where it was still too much', () => {
		const lane = new Lane(50, false);
		lane.startAgainGently();
		lane.onlyOne();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(1);
	});

	it('is never more than the limit', () => {
		const lane = new Lane(50, false);
		cut(lane, 5);
		end(lane, begin(lane, 6), times(6, 'delivered'));
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(2);
	});
});
