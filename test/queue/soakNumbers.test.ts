/** The arithmetic of the soak's table. */
import { slope, trend } from '../soak/samples';

it('fits a line', () => {
	expect(
		slope([
			[0, 1],
			[1, 3],
			[2, 5],
		]),
	).toBeCloseTo(2, 10);
	expect(
		slope([
			[0, 1],
			[1, 4],
			[2, 1],
			[3, 4],
		]),
	).toBeCloseTo(0.6, 10);
	expect(slope([[5, 1]])).toBe(0);
});

it('leaves the first third out, and reports the trend for an hour', () => {
	const warmingUp: Array<[number, number]> = [
		[0, 100],
		[10, 300],
		[20, 500],
	];
	const steady: Array<[number, number]> = [
		[30, 500],
		[40, 501],
		[50, 502],
		[60, 503],
		[70, 504],
		[80, 505],
	];
	expect(trend([...warmingUp, ...steady])).toEqual({
		mean: 502.5,
		least: 500,
		most: 505,
		perHour: expect.closeTo(360, 6),
	});
});
