import { startClock } from '../../../lib/time/clock';

/** Both of Node's clocks, to be set and broken. */
function fakeClocks() {
	const clocks = { wall: 1_800_000_000_000, steady: 5000 };
	const read = (time: number) => {
		if (Number.isNaN(time)) throw new Error('no clock');
		return time;
	};
	jest.spyOn(Date, 'now').mockImplementation(() => read(clocks.wall));
	jest.spyOn(performance, 'now').mockImplementation(() => read(clocks.steady));
	return clocks;
}
const BROKEN = NaN;

afterEach(() => jest.restoreAllMocks());

it('both give the time since the epoch', () => {
	fakeClocks();
	const clock = startClock();
	expect([clock.wallTime(), clock.steadyTime()]).toEqual([1_800_000_000_000, 1_800_000_000_000]);
});

it.each([-86_400_000, 86_400_000])('the steady one does not care whether the other is set (by %i ms)', (by) => {
	const clocks = fakeClocks();
	const clock = startClock();
	const begin = clock.steadyTime();
	clocks.wall += by;
	clocks.steady += 1234;
	expect(clock.steadyTime() - begin).toBe(1234);
	expect(clock.wallTime() - begin).toBe(by);
});

it('where the steady one cannot be read, it stands still, and goes on when it can', () => {
	const clocks = fakeClocks();
	const clock = startClock();
	const begin = clock.steadyTime();
	clocks.steady = BROKEN;
	clocks.wall += 9999;
	expect(clock.steadyTime()).toBe(begin);
	clocks.steady = 5100;
	expect(clock.steadyTime()).toBe(begin + 100);
});

it('where the wall clock cannot be read, it is as it was last', () => {
	const clocks = fakeClocks();
	const clock = startClock();
	const begin = clock.wallTime();
	clocks.wall = BROKEN;
	clocks.steady += 1000;
	expect(clock.wallTime()).toBe(begin);
});

it('a wall clock that was never read goes by the steady one', () => {
	const clocks = fakeClocks();
	const clock = startClock();
	const begin = clock.steadyTime();
	clocks.wall = BROKEN;
	clocks.steady += 1000;
	expect(clock.wallTime()).toBe(begin + 1000);
});

it('without any clock from the first moment neither throws, and both go on as soon as there is one', () => {
	const clocks = fakeClocks();
	Object.assign(clocks, { wall: BROKEN, steady: BROKEN });
	const clock = startClock();
	expect([clock.wallTime(), clock.steadyTime()]).toEqual([0, 0]);
	Object.assign(clocks, { wall: 1_800_000_000_000, steady: 5000 });
	expect([clock.wallTime(), clock.steadyTime()]).toEqual([1_800_000_000_000, 1_800_000_000_000]);
});

it('two clocks do not share what they read', () => {
	const clocks = fakeClocks();
	const first = startClock();
	first.steadyTime();
	clocks.wall += 60_000;
	expect(startClock().steadyTime() - first.steadyTime()).toBe(60_000);
});
