import type { Delivery } from '../../../lib/delivery/delivery';
import { runSummary } from '../../../lib/delivery/runSummary';
import type { DeliveryCode } from '../../../lib/result/codes';

type Counted = Pick<Delivery, 'state' | 'fault'>;

const times = (count: number, delivery: Counted): Counted[] => Array.from({ length: count }, () => delivery);
const delivered: Counted = { state: 'delivered' };
const failed = (code: DeliveryCode, statusCode?: number): Counted => ({
	state: 'failed',
	fault: { code, message: '', description: '', retryable: false, ...(statusCode === undefined ? {} : { statusCode }) },
});

describe('the summary of a run', () => {
	it.each<[string, Counted[], number[], string]>([
		['no delivery', [], [], ''],
		['one delivery', [failed('DNS')], [], ''],
		['all delivered', times(2, delivered), [80, 120], '2 delivered, median 80 ms, slowest 120 ms'],
		[
			'some failed',
			[...times(998, delivered), failed('TIMEOUT'), failed('STATUS', 404)],
			[120, 2_140, 90],
			'998 delivered, 2 failed (1 STATUS 404, 1 TIMEOUT), median 120 ms, slowest 2.1 s',
		],
		['none delivered', times(1_500, failed('STATUS', 503)), [], '0 delivered, 1,500 failed (1,500 STATUS 503)'],
		[
			'many kinds, the most frequent first',
			[
				delivered,
				...times(2, failed('STATUS', 400)),
				...times(3, failed('STATUS', 503)),
				failed('DNS'),
				failed('TLS'),
				failed('TIMEOUT'),
				failed('REDIRECT', 301),
			],
			[999.6],
			'1 delivered, 9 failed (3 STATUS 503, 2 STATUS 400, 1 DNS, 1 REDIRECT 301, 2 others), median 1 s, slowest 1 s',
		],
		['still to be sent', [delivered, { state: 'pending' }], [7.4], '1 delivered, median 7 ms, slowest 7 ms'],
	])('%s', (_name, deliveries, durations, text) => {
		expect(runSummary(deliveries, durations)).toBe(text);
	});

	it('holds for more deliveries than a call takes arguments', () => {
		const durations = Array.from({ length: 200_000 }, (_, index) => index % 100);
		expect(runSummary(times(200_000, delivered), durations)).toBe('200,000 delivered, median 49 ms, slowest 99 ms');
	});
});
