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

	it('ends at once when the execution is cancelled, and leaves nothing behind', async () => {
		const controller = new AbortController();
		const waits = [1000, 2_000_000_000].map(cancellableWait(controller.signal));
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
});
