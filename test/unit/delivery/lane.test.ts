import { Lane, type Begun, type Signal } from '../../../lib/delivery/lane';

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

	it('says whether it took any', () => {
		const lane = oneByOne(new Lane(50, false), ['answered', 'overloaded', 'unreachable', 'nothing']);
		expect(lane.hasDelivered).toBe(false);
		expect(oneByOne(lane, ['delivered']).hasDelivered).toBe(true);
	});
});

describe('room', () => {
	it('there is as long as fewer are under way than may be', () => {
		const lane = new Lane(3, false);
		const begun = fill(lane);
		expect([begun.length, lane.inFlight, lane.hasRoom]).toEqual([3, 3, false]);
		end(lane, begun.slice(0, 1), ['answered']);
		expect([lane.inFlight, lane.hasRoom]).toEqual([2, true]);
	});

	it('what got no answer is not replaced, until another has one', () => {
		const lane = new Lane(50, false);
		const begun = fill(lane);
		end(lane, begun.slice(0, 4), times(4, 'unreachable'));
		expect([lane.inFlight, lane.hasRoom]).toEqual([6, false]);
		end(lane, begun.slice(4, 5), ['answered']);
		expect([lane.inFlight, lane.hasRoom]).toEqual([5, true]);
	});

	it('with none under way one may always go', () => {
		const lane = new Lane(3, false);
		end(lane, fill(lane), times(3, 'unreachable'));
		expect([lane.hasRoom, fill(lane).length]).toEqual([true, 1]);
	});

	it('after the faults allowed it is for those under way to tell', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 6);
		end(lane, begun.slice(0, 5), times(5, 'unreachable'));
		expect([lane.inFlight, lane.hasRoom, lane.isUnavailable]).toEqual([1, false, false]);
	});
});

describe('a cut', () => {
	it('halves what is under way', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 8);
		lane.ended('overloaded', begun[0] as Begun);
		expect(lane.limit).toBe(4);
	});

	it('halves the limit where more are under way', () => {
		const lane = new Lane(8, false);
		const begun = begin(lane, 20);
		lane.ended('overloaded', begun[0] as Begun);
		expect(lane.limit).toBe(4);
	});

	it('comes once a round: what began before it says nothing', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 10);
		end(lane, begun, times(10, 'overloaded'));
		expect(lane.limit).toBe(5);
		const next = begin(lane, 5);
		end(lane, next, times(5, 'overloaded'));
		expect(lane.limit).toBe(2);
	});

	it('comes by a fault beside answers, too, but not by one where there was none', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 10);
		end(lane, begun.slice(0, 1), ['unreachable']);
		expect(lane.limit).toBe(10);
		end(lane, begun.slice(1, 3), ['answered', 'unreachable']);
		expect(lane.limit).toBe(4);
	});

	it.each<Signal>(['delivered', 'answered', 'nothing'])('does not come by what is %s', (signal) => {
		const lane = new Lane(10, false);
		end(lane, begin(lane, 10), times(10, signal));
		expect(lane.limit).toBe(10);
	});

	it('never takes the last one', () => {
		const lane = new Lane(50, false);
		for (let round = 0; round < 20; round++) {
			oneByOne(lane, ['overloaded']);
			expect(lane.limit).toBe(1);
		}
		expect(lane.hasRoom).toBe(true);
	});

	/** How many deliveries one by one until there is one more. */
	const deliveriesForOneMore = (lane: Lane) => {
		const before = lane.limit;
		let count = 0;
		while (lane.limit === before && count < 100_000) {
			oneByOne(lane, ['delivered']);
			count++;
		}
		expect(lane.limit).toBe(before + 1);
		return count;
	};
	const cutTo = (lane: Lane, limit: number) => {
		lane.limit = 2 * limit;
		end(lane, begin(lane, 2 * limit), ['overloaded']);
		expect(lane.limit).toBe(limit);
	};

	it('afterwards it takes ten deliveries for each one at once to have one more', () => {
		const lane = new Lane(50, false);
		cutTo(lane, 4);
		expect([deliveriesForOneMore(lane), deliveriesForOneMore(lane)]).toEqual([40, 50]);
	});

	it('each further one takes twice as many, up to 64 times', () => {
		const lane = new Lane(50, false);
		const counts = Array.from({ length: 9 }, () => {
			cutTo(lane, 2);
			return deliveriesForOneMore(lane);
		});
		expect(counts).toEqual([20, 40, 80, 160, 320, 640, 1280, 1280, 1280]);
	});

	it('what was delivered before the next one does not count', () => {
		const lane = new Lane(50, false);
		cutTo(lane, 2);
		oneByOne(lane, times(19, 'delivered'));
		cutTo(lane, 2);
		expect(deliveriesForOneMore(lane)).toBe(40);
	});

	it('never more than the most afterwards either', () => {
		const lane = new Lane(2, false);
		oneByOne(lane, ['overloaded', ...times(1000, 'delivered')]);
		expect(lane.limit).toBe(2);
	});
});

describe('without an answer', () => {
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

	it('ten at once that have none are enough, the last one tells', () => {
		const lane = new Lane(50, false);
		const begun = fill(lane);
		end(lane, begun.slice(0, 9), times(9, 'unreachable'));
		expect(lane.isUnavailable).toBe(false);
		end(lane, begun.slice(9), ['unreachable']);
		expect([begun.length, lane.isUnavailable]).toEqual([10, true]);
	});

	it('one of them that has an answer keeps it', () => {
		const lane = new Lane(50, false);
		const begun = fill(lane);
		end(lane, begun, [...times(9, 'unreachable'), 'delivered']);
		expect(lane.isUnavailable).toBe(false);
		expect(faults(lane)).toBe(10);
	});
});

describe('to start again gently', () => {
	it('is one at first, two more for each delivery, and never more than went well after the last cut', () => {
		const lane = new Lane(50, false);
		end(lane, begin(lane, 10), ['overloaded']);
		expect(lane.limit).toBe(5);
		end(lane, begin(lane, 4), times(4, 'delivered'));
		lane.startAgainGently();
		const limits = [lane.limit, ...times(4, 'delivered').map((signal) => oneByOne(lane, [signal]).limit)];
		expect(limits).toEqual([1, 3, 4, 4, 4]);
	});

	it('is one at a time where nothing went well since', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 10);
		end(lane, begun, ['overloaded', ...times(9, 'delivered')]);
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(1);
	});

	it('what was under way at the cut does not count as beside the next ones', () => {
		const lane = new Lane(50, false);
		const begun = begin(lane, 20);
		end(lane, begun.slice(0, 1), ['overloaded']);
		const next = begin(lane, 2);
		end(lane, next, times(2, 'delivered'));
		end(lane, begun.slice(1), times(19, 'overloaded'));
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(2);
	});

	it('is never more than the limit', () => {
		const lane = new Lane(50, false);
		end(lane, begin(lane, 4), ['overloaded']);
		end(lane, begin(lane, 6), times(6, 'delivered'));
		lane.startAgainGently();
		expect(oneByOne(lane, times(50, 'delivered')).limit).toBe(2);
	});
});
