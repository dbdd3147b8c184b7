import { countOf } from '../../../.ci/sum';

/** What CI counts, of jest's results. */

const file = (name: string, ...statuses: string[]) => ({
	name,
	status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
	assertionResults: statuses.map((status) => ({ status })),
});
const run = (status: number, ...testResults: Array<ReturnType<typeof file>>) => ({ status, results: { testResults } });

it.each([
	['all passed', run(0, file('a', 'passed', 'passed'), file('b', 'passed')), undefined, [3, 0, 0]],
	['one failed', run(1, file('a', 'passed', 'failed')), undefined, [1, 1, 0]],
	['one is left out', run(0, file('a', 'passed', 'pending')), undefined, [1, 0, 1]],
	['a file does not load', run(1, file('a', 'passed'), file('b')), undefined, [1, 1, 0]],
	['lint failed before any test', { status: 1, results: undefined }, undefined, [0, 1, 0]],
	['it ends badly after its tests', run(1, file('a', 'passed')), undefined, [1, 1, 0]],
	['no test ran', run(0), undefined, [0, 1, 0]],
	[
		'one passes when it runs again',
		run(1, file('a', 'passed', 'failed'), file('b', 'passed')),
		run(0, file('a', 'passed', 'passed')),
		[3, 0, 0],
	],
	[
		'of two, one passes when they run again',
		run(1, file('a', 'failed'), file('b')),
		run(1, file('a', 'failed'), file('b', 'passed', 'passed')),
		[2, 1, 0],
	],
	['nothing came of the second run', run(1, file('a', 'failed')), { status: 1, results: undefined }, [0, 1, 0]],
])('%s', (_what, first, again, [passed, failed, skipped]) => {
	expect(countOf(first, again)).toEqual({ passed, failed, skipped });
});
