import { cancellableWait, pacer } from '../../../lib/time/pace';

/** A clock that stands still but for the waits. */
function fakeTime() {
	let now = 1_000_000;
	const waits: number[] = [];
	jest.spyOn(performance, 'now').mockImplementation(() => now);
	return {
		waits,
		advance: (milliseconds: number) => (now += milliseconds),
		wait: async (milliseconds: number) => {
			waits.push(milliseconds);
			await Promise.resolve();
		},
	};
}

afterEach(() => jest.restoreAllMocks());

describe('a rate limit', () => {
	it('spaces requests evenly, those made at once too', async () => {
		const { wait, waits } = fakeTime();
		const pace = pacer(4, 'run', wait);
		await Promise.all([pace('a'), pace('a'), pace('a'), pace('a')]);
		expect(waits).toEqual([250, 500, 750]);
	});

	it('saves nothing up: after a pause there is no burst', async () => {
		const { wait, waits, advance } = fakeTime();
		const pace = pacer(10, 'run', wait);
		await pace('a');
		advance(5000);
		await Promise.all([pace('a'), pace('a'), pace('a')]);
		expect(waits).toEqual([100, 200]);
	});

	it('may be less than one a second', async () => {
		const { wait, waits } = fakeTime();
		const pace = pacer(0.5, 'run', wait);
		await Promise.all([pace('a'), pace('a')]);
		expect(waits).toEqual([2000]);
	});

	it('may be so many in five minutes', async () => {
		const { wait, waits } = fakeTime();
		const pace = pacer(100 / 300, 'run', wait);
		await Promise.all([pace('a'), pace('a'), pace('a')]);
		expect(waits.map(Math.round)).toEqual([3000, 6000]);
	});

	it('holds for all destinations together, or for each by itself', async () => {
		const { wait, waits } = fakeTime();
		const together = pacer(10, 'run', wait);
		await Promise.all([together('a'), together('b'), together('a')]);
		expect(waits).toEqual([100, 200]);
		const apart = pacer(10, 'destination', wait);
		await Promise.all([apart('a'), apart('b'), apart('a')]);
		expect(waits).toEqual([100, 200, 100]);
	});

	it.each([0, NaN, -1])('of %p is none', async (perSecond) => {
		const { wait, waits } = fakeTime();
		const pace = pacer(perSecond, 'run', wait);
		await Promise.all(Array.from({ length: 100 }, () => pace('a')));
		expect(waits).toEqual([]);
	});
});

describe('a wait', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	it('takes its time', async () => {
		let over = false;
		const waiting = cancellableWait(undefined)(1000).then(() => (over = true));
		await jest.advanceTimersByTimeAsync(999);
		expect(over).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		await waiting;
		expect(over).toBe(true);
	});

	it('may be longer than a timer of Node can be, with a rate of few a day, say', async () => {
		let over = false;
		const waiting = cancellableWait(undefined)(3_000_000_000).then(() => (over = true));
		await jest.advanceTimersByTimeAsync(2_999_999_999);
		expect(over).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		await waiting;
		expect(jest.getTimerCount()).toBe(0);
	});

	it('ends at once when the execution is cancelled, and leaves nothing behind', async () => {
		const controller = new AbortController();
		const wait = cancellableWait(controller.signal);
		const waits = [wait(1000), wait(2_000_000_000)];
		controller.abort();
		await Promise.all(waits);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('does not begin after it was cancelled', async () => {
		await cancellableWait(AbortSignal.abort())(1000);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('does not keep listening to the signal', async () => {
		const controller = new AbortController();
		const removed = jest.spyOn(controller.signal, 'removeEventListener');
		const waiting = cancellableWait(controller.signal)(10);
		await jest.advanceTimersByTimeAsync(10);
		await waiting;
		expect(removed).toHaveBeenCalledTimes(1);
	});

	describe("with the caller's own signal", () => {
		/** A signal, and those who listen to it. */
		const watched = () => {
			const controller = new AbortController();
			const { signal } = controller;
			const listeners = new Set<unknown>();
			const add = signal.addEventListener.bind(signal);
			const remove = signal.removeEventListener.bind(signal);
			jest.spyOn(signal, 'addEventListener').mockImplementation((...given: Parameters<typeof add>) => {
				listeners.add(given[1]);
				add(...given);
			});
			jest.spyOn(signal, 'removeEventListener').mockImplementation((...given: Parameters<typeof remove>) => {
				listeners.delete(given[1]);
				remove(...given);
			});
			return { controller, signal, listeners };
		};

		it.each(['execution', 'own'] as const)(
			'ends with either (%s), and leaves no listener and no timer',
			async (which) => {
				const signals = { execution: watched(), own: watched() };
				const left = () => [signals.execution.listeners.size, signals.own.listeners.size, jest.getTimerCount()];
				const waiting = cancellableWait(signals.execution.signal)(1000, signals.own.signal);
				expect(left()).toEqual([1, 1, 1]);
				signals[which].controller.abort();
				await waiting;
				expect(left()).toEqual([0, 0, 0]);
			},
		);

		it('leaves none either when its time is over', async () => {
			const [execution, own] = [watched(), watched()];
			const waiting = cancellableWait(execution.signal)(1000, own.signal);
			await jest.advanceTimersByTimeAsync(1000);
			await waiting;
			expect([execution.listeners.size, own.listeners.size, jest.getTimerCount()]).toEqual([0, 0, 0]);
		});

		it('does not begin after it has come', async () => {
			const { signal, listeners } = watched();
			await cancellableWait(signal)(1000, AbortSignal.abort());
			expect([listeners.size, jest.getTimerCount()]).toEqual([0, 0]);
		});

		it('needs no signal of an execution', async () => {
			const { controller, signal, listeners } = watched();
			const waiting = cancellableWait(undefined)(1000, signal);
			controller.abort();
			await waiting;
			expect([listeners.size, jest.getTimerCount()]).toEqual([0, 0]);
		});
	});
});
