import { inSlices } from '../../../lib/time/slices';

/** A clock that goes on only by what a work takes. */
function fakeClock() {
	let time = 1_000_000;
	jest.spyOn(performance, 'now').mockImplementation(() => time);
	return { take: (milliseconds: number) => (time += milliseconds) };
}

/** What was done, and where the event loop turned in between. */
function recorder() {
	const log: Array<string | number> = [];
	let isOver = false;
	const turn = () => {
		if (isOver) return;
		log.push('turn');
		setImmediate(turn);
	};
	return {
		log,
		/** Begins to listen for turns. Ends by itself with the work. */
		during: async (work: () => Promise<void>) => {
			setImmediate(turn);
			try {
				await work();
			} finally {
				isOver = true;
			}
			return log;
		},
	};
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

afterEach(() => jest.restoreAllMocks());

it.each([0, 1, 7, 1000])('%i items are done in order, once each, with their place', async (count) => {
	const { take } = fakeClock();
	const done: Array<[string, number]> = [];
	const items = numbers(count).map((index) => `item ${index}`);
	await inSlices(items, (item, index) => {
		done.push([item, index]);
		take(index % 3 === 0 ? 30 : 1);
	});
	expect(done).toEqual(items.map((item, index) => [item, index]));
});

it('the event loop turns as soon as a slice has taken 25 ms', async () => {
	const { take } = fakeClock();
	const { log, during } = recorder();
	await during(() =>
		inSlices(numbers(7), (item) => {
			log.push(item);
			take(10);
		}),
	);
	expect(log).toEqual([0, 1, 2, 'turn', 3, 4, 5, 'turn', 6]);
});

it('an item that takes long is a slice by itself', async () => {
	const { take } = fakeClock();
	const { log, during } = recorder();
	await during(() =>
		inSlices(numbers(3), (item) => {
			log.push(item);
			take(500);
		}),
	);
	expect(log).toEqual([0, 'turn', 1, 'turn', 2, 'turn']);
});

it('the time that other work takes in a turn is none of the next slice', async () => {
	const { take } = fakeClock();
	const { log, during } = recorder();
	setImmediate(() => take(1000));
	await during(() =>
		inSlices(numbers(5), (item) => {
			log.push(item);
			take(item === 0 ? 25 : 1);
		}),
	);
	expect(log).toEqual([0, 'turn', 1, 2, 3, 4]);
});

it('it does not turn for work that is short', async () => {
	const { take } = fakeClock();
	const { log, during } = recorder();
	await during(() =>
		inSlices(numbers(1000), (item) => {
			log.push(item);
			take(0.02);
		}),
	);
	expect(log).toEqual(numbers(1000));
});

describe('a signal', () => {
	it('ends it at the next turn', async () => {
		const { take } = fakeClock();
		const controller = new AbortController();
		const done: number[] = [];
		await inSlices(
			numbers(10),
			(item) => {
				done.push(item);
				take(10);
				if (item === 3) controller.abort();
			},
			controller.signal,
		);
		expect(done).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it('that comes while the event loop turns ends it, too', async () => {
		const { take } = fakeClock();
		const controller = new AbortController();
		const done: number[] = [];
		setImmediate(() => controller.abort());
		await inSlices(
			numbers(10),
			(item) => {
				done.push(item);
				take(25);
			},
			controller.signal,
		);
		expect(done).toEqual([0]);
	});

	it('that never comes changes nothing', async () => {
		const { take } = fakeClock();
		const done: number[] = [];
		await inSlices(
			numbers(3),
			(item) => {
				done.push(item);
				take(25);
			},
			new AbortController().signal,
		);
		expect(done).toEqual([0, 1, 2]);
	});
});

it.each([0, 4])('what throws (at item %i) ends it, and is thrown', async (at) => {
	const { take } = fakeClock();
	const done: number[] = [];
	const fault = new Error('an expression without a value');
	const work = inSlices(numbers(10), (item) => {
		if (item === at) throw fault;
		done.push(item);
		take(25);
	});
	await expect(work).rejects.toBe(fault);
	expect(done).toEqual(numbers(at));
});

it('without a clock all are done, each a slice', async () => {
	jest.spyOn(performance, 'now').mockImplementation(() => {
		throw new Error('no clock');
	});
	const { log, during } = recorder();
	await during(() => inSlices(numbers(3), (item) => void log.push(item)));
	expect(log).toEqual([0, 'turn', 1, 'turn', 2, 'turn']);
});
