import fc from 'fast-check';

import type { Delivery, DeliveryFault } from '../../../lib/delivery/delivery';
import {
	delivered,
	givenUp,
	identified,
	interrupted,
	isAcknowledged,
	newDelivery,
	notDelivered,
	pausedUntil,
	reopened,
	takenUp,
	type Moment,
	type RetryRules,
} from '../../../lib/delivery/transitions';

const NOW = Date.parse('2026-11-20T12:00:00Z');
/** The wall clock is an hour ahead of the run's own. */
const moment: Moment = { wallTime: NOW + 3_600_000, steadyTime: NOW, random: 0.5 };
const rules: RetryRules = { maxRetryWait: 60_000, backoff: 'none', retrySchedule: [] };
const busy: DeliveryFault = { code: 'STATUS', statusCode: 503, message: 'm', description: 'd', retryable: true };
const refused: DeliveryFault = { ...busy, statusCode: 422, retryable: false };
const fresh = newDelivery([3]);
const sent: Delivery = { ...fresh, id: 'id-1', attempts: 1 };

it('a new delivery is pending, and nothing is known of it', () => {
	expect(newDelivery([2, 3])).toEqual({ itemIndexes: [2, 3], state: 'pending', attempts: 0, scheduleStep: 0 });
});

describe('taken up', () => {
	const carried = { id: 'id-0', attempts: 4, scheduleStep: 2 };

	it('a new one continues what its items carry', () => {
		expect(takenUp(fresh, moment, rules, carried)).toEqual({ ...fresh, ...carried });
		expect(takenUp(fresh, moment, rules, { ...carried, id: undefined })).toEqual({
			...fresh,
			attempts: 4,
			scheduleStep: 2,
		});
	});

	it('a known one does not', () => {
		expect(takenUp(sent, moment, rules, carried)).toEqual(sent);
	});

	it.each<[string, Partial<Delivery>, number | undefined]>([
		['no time', {}, undefined],
		['a time that is past', { notBefore: NOW - 1 }, NOW - 1],
		['a time to come', { notBefore: NOW + 5000 }, NOW + 5000],
		['a time beyond the longest wait: the clock was set back', { notBefore: NOW + 90_000 }, NOW + 60_000],
		['a backoff, from now on', { backoff: 700 }, NOW + 700],
		['a backoff and a later time', { backoff: 700, notBefore: NOW + 5000 }, NOW + 5000],
		['a backoff and an earlier time', { backoff: 700, notBefore: NOW + 5 }, NOW + 700],
	])('with %s', (_name, times, notBefore) => {
		const taken = takenUp({ ...sent, ...times }, moment, rules);
		expect([taken.notBefore, taken.backoff]).toEqual([notBefore, undefined]);
	});

	it.each(['delivered', 'failed'] as const)('one that is %s is left alone', (state) => {
		const settled = { ...fresh, state };
		expect(takenUp(settled, moment, rules, carried)).toBe(settled);
	});
});

it('the first ID stays', () => {
	expect(identified(fresh, 'id-1')).toEqual({ ...fresh, id: 'id-1' });
	expect(identified(sent, 'id-2')).toEqual(sent);
});

it('a pause holds unless a later time is known', () => {
	expect(pausedUntil(sent, NOW)).toEqual({ ...sent, notBefore: NOW });
	expect(pausedUntil({ ...sent, notBefore: NOW + 1 }, NOW).notBefore).toBe(NOW + 1);
});

describe('delivered', () => {
	it('counts its requests, keeps its output, and forgets what went before', () => {
		const before = { ...sent, fault: busy, notBefore: NOW };
		expect(delivered(before, 2, ({ attempts, state }) => ({ json: { attempts, state } }))).toEqual({
			...sent,
			attempts: 3,
			state: 'delivered',
			output: { attempts: 3, state: 'delivered' },
		});
	});

	it('remembers that the input flows on beside its output', () => {
		expect(delivered(sent, 1, () => ({ json: { a: 1 }, withInput: true }))).toMatchObject({
			output: { a: 1 },
			withInput: true,
		});
		expect(delivered(sent, 1, () => ({ json: { a: 1 } }))).not.toHaveProperty('withInput');
	});

	it('without an output the input flows on', () => {
		expect(delivered(sent, 1, () => undefined)).not.toHaveProperty('output');
	});

	it('an output that cannot be made changes nothing', () => {
		const output = () => {
			throw new Error('no');
		};
		expect(() => delivered(sent, 1, output)).toThrow('no');
		expect(sent).toEqual({ ...fresh, id: 'id-1', attempts: 1 });
	});
});

describe('not delivered', () => {
	it('is put off when another attempt may work', () => {
		expect(notDelivered(sent, 1, busy, moment, rules)).toEqual({ ...sent, attempts: 2, fault: busy });
	});

	it('waits as long as the destination asked for, on the clock that nobody sets', () => {
		const fault = { ...busy, retryAfter: moment.wallTime + 60_000 };
		expect(notDelivered(sent, 1, fault, moment, rules)).toMatchObject({ state: 'pending', notBefore: NOW + 60_000 });
		const past = { ...busy, retryAfter: moment.wallTime - 1 };
		expect(notDelivered(sent, 1, past, moment, rules)).toMatchObject({ state: 'pending', notBefore: NOW });
	});

	it('is given up when that is too long', () => {
		const fault = { ...busy, retryAfter: moment.wallTime + 60_001 };
		expect(notDelivered(sent, 1, fault, moment, rules)).toEqual({
			...sent,
			attempts: 2,
			state: 'failed',
			fault,
			settledAt: moment.wallTime,
			retryAt: fault.retryAfter,
		});
	});

	it('waits a random part of 1 s, 2 s, 4 s … with a backoff, and never longer than the longest wait', () => {
		const backoff = (attempts: number) =>
			notDelivered({ ...sent, attempts }, 1, busy, moment, { ...rules, backoff: 'exponential' }).backoff;
		expect([0, 1, 2, 60].map(backoff)).toEqual([500, 1000, 2000, 30_000]);
	});

	it('an earlier wait does not come on top', () => {
		const before = { ...sent, notBefore: NOW - 5, backoff: 9 };
		expect(notDelivered(before, 1, busy, moment, rules)).toEqual({ ...sent, attempts: 2, fault: busy });
	});

	it('is given up when another attempt is in vain', () => {
		expect(notDelivered(sent, 1, refused, moment, rules)).toMatchObject({ state: 'failed', attempts: 2 });
	});

	it('is given up when the destination has it, be its response cancelled', () => {
		const fault: DeliveryFault = { ...refused, code: 'CANCELLED', acknowledged: true };
		expect(notDelivered(sent, 1, fault, moment, rules)).toMatchObject({ state: 'failed', fault });
	});

	it('stays pending when it was cancelled', () => {
		const fault: DeliveryFault = { ...refused, code: 'CANCELLED' };
		expect(notDelivered(sent, 0, fault, moment, rules)).toEqual({ ...sent, fault });
	});
});

it('interrupted: it stays pending, what was sent is counted', () => {
	expect(interrupted(sent, 1, busy)).toEqual({ ...sent, attempts: 2, fault: busy });
});

describe('given up', () => {
	const schedule = { retrySchedule: [1000, 2000] };
	const failed = { ...sent, state: 'failed', settledAt: moment.wallTime } as const;

	it('for good', () => {
		expect(givenUp(sent, refused, moment, schedule)).toEqual({ ...failed, fault: refused });
	});

	it('until the time that the destination named', () => {
		const fault = { ...busy, retryAfter: NOW };
		expect(givenUp(sent, fault, moment, rules)).toEqual({ ...failed, fault, retryAt: NOW });
	});

	it('until the next round of a schedule, a little later by chance', () => {
		expect(givenUp({ ...sent, scheduleStep: 1 }, busy, moment, schedule)).toEqual({
			...failed,
			fault: busy,
			scheduleStep: 2,
			retryAt: moment.wallTime + 2200,
		});
	});

	it('not before the destination wants it, be the round earlier', () => {
		const fault = { ...busy, retryAfter: moment.wallTime + 9000 };
		expect(givenUp(sent, fault, moment, schedule)).toMatchObject({ retryAt: fault.retryAfter, scheduleStep: 1 });
	});

	it('for good when the schedule is used up', () => {
		const last = { ...sent, scheduleStep: 2 };
		expect(givenUp(last, busy, moment, schedule)).toEqual({ ...failed, scheduleStep: 2, fault: busy });
	});
});

describe('the retry of an execution', () => {
	it('retries what was given up, under its ID', () => {
		const failed = givenUp(sent, busy, moment, { retrySchedule: [1000] });
		expect(reopened(failed, [7])).toEqual({ ...sent, itemIndexes: [7], scheduleStep: 1, fault: busy });
	});

	it.each<[string, Delivery]>([
		['delivered', { ...sent, state: 'delivered', output: { a: 1 } }],
		['acknowledged', { ...sent, state: 'failed', fault: { ...refused, acknowledged: true }, settledAt: NOW }],
	])('leaves what was %s', (_name, settled) => {
		expect(reopened(settled, [7])).toEqual({ ...settled, itemIndexes: [7] });
	});
});

describe('whatever happens, in whatever order', () => {
	const SEED = Number(process.env.TRANSITION_SEED ?? Date.now() % 2 ** 31);
	console.log(`TRANSITION_SEED=${SEED}`);

	const times = fc.integer({ min: NOW - 100_000, max: NOW + 100_000 });
	const moments: fc.Arbitrary<Moment> = fc.record({
		wallTime: times,
		steadyTime: times,
		random: fc.double({ min: 0, max: 1, noNaN: true }),
	});
	const rulesOf: fc.Arbitrary<RetryRules> = fc.record({
		maxRetryWait: fc.integer({ min: 0, max: 200_000 }),
		backoff: fc.constantFrom('none', 'exponential'),
		retrySchedule: fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 3 }),
	});
	const faults: fc.Arbitrary<DeliveryFault> = fc
		.record({
			code: fc.constantFrom('STATUS', 'TIMEOUT', 'TOKEN', 'CANCELLED', 'INVALID_REQUEST'),
			retryable: fc.boolean(),
			retryAfter: fc.option(times, { nil: undefined }),
			acknowledged: fc.option(fc.constant(true), { nil: undefined }),
		})
		.map(({ code, retryable, retryAfter, acknowledged }) => ({
			code,
			message: 'm',
			description: 'd',
			// Nothing that was acknowledged is retried.
			retryable: retryable && acknowledged !== true,
			...(retryAfter === undefined ? {} : { retryAfter }),
			...(acknowledged === undefined ? {} : { acknowledged }),
		}));
	const requests = fc.integer({ min: 0, max: 3 });
	const carried = fc.option(
		fc.record({
			id: fc.option(fc.constantFrom('carried-1', 'carried-2'), { nil: undefined }),
			attempts: fc.nat(9),
			scheduleStep: fc.nat(2),
		}),
		{ nil: undefined },
	);

	type Step = { name: string; apply: (delivery: Delivery) => Delivery };
	const step = (name: string, apply: fc.Arbitrary<Step['apply']>): fc.Arbitrary<Step> =>
		apply.map((function_) => ({ name, apply: function_, toString: () => name }));
	const steps = fc.oneof(
		step(
			'takenUp',
			fc.tuple(moments, rulesOf, carried).map(
				([at, by, from]) =>
					(delivery) =>
						takenUp(delivery, at, by, from),
			),
		),
		step(
			'identified',
			fc
				.constantFrom('a', 'b')
				.map((id) => (delivery) => (delivery.state === 'pending' ? identified(delivery, id) : delivery)),
		),
		step(
			'pausedUntil',
			times.map((time) => (delivery) => pausedUntil(delivery, time)),
		),
		step(
			'delivered',
			fc.tuple(requests, fc.boolean()).map(
				([count, hasOutput]) =>
					(delivery) =>
						delivered(delivery, count, () => (hasOutput ? { json: { a: 1 } } : undefined)),
			),
		),
		step(
			'notDelivered',
			fc.tuple(requests, faults, moments, rulesOf).map(
				([count, fault, at, by]) =>
					(delivery) =>
						notDelivered(delivery, count, fault, at, by),
			),
		),
		step(
			'interrupted',
			fc.tuple(requests, faults).map(
				([count, fault]) =>
					(delivery) =>
						interrupted(delivery, count, { ...fault, acknowledged: false }),
			),
		),
		step(
			'givenUp',
			fc.tuple(faults, moments, rulesOf).map(
				([fault, at, by]) =>
					(delivery) =>
						givenUp(delivery, fault, at, by),
			),
		),
		step(
			'reopened',
			fc.nat(9).map((index) => (delivery) => reopened(delivery, [index])),
		),
	);

	it('an acknowledged delivery stays so, one ID, attempts and rounds never shrink, and each has an outcome', () => {
		fc.assert(
			fc.property(fc.array(steps, { maxLength: 40 }), (life) => {
				let now = newDelivery([0]);
				for (const { name, apply } of life) {
					const before = Object.freeze({ ...now });
					now = apply(before);
					if (isAcknowledged(before))
						expect([name, { ...now, itemIndexes: 0 }]).toEqual([name, { ...before, itemIndexes: 0 }]);
					// Only the retry of an execution opens again what was given up.
					else if (before.state === 'failed' && name !== 'reopened') expect(now).toBe(before);
					if (before.fault?.acknowledged === true && before.state !== 'failed')
						throw new Error('Acknowledged, and to be sent');
					if (before.id !== undefined) expect(now.id).toBe(before.id);
					expect(now.attempts).toBeGreaterThanOrEqual(before.attempts);
					expect(now.scheduleStep).toBeGreaterThanOrEqual(before.scheduleStep);
					if (now.state === 'failed') expect([now.fault, now.settledAt]).not.toContain(undefined);
					if (now.state === 'pending')
						expect([now.output, now.settledAt, now.retryAt]).toEqual([undefined, undefined, undefined]);
				}
				// The last word of a run on its last try.
				const end = givenUp(now, busy, moment, rules);
				expect(['delivered', 'failed']).toContain(end.state);
			}),
			{ seed: SEED, numRuns: 2000 },
		);
	});
});
