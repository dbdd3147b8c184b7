import { compare } from '../../versions/compare';

const file = (...tests: Array<[fullName: string, status: string]>) => ({
	name: '/a.test.ts',
	message: tests.length === 0 ? 'Cannot find module' : '',
	assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
});

describe('a run on another version', () => {
	it('is as it should be when what fails is known to, and nothing else', () => {
		const results = { testResults: [file(['a', 'passed'], ['b', 'failed']), file(['c', 'passed'])] };
		expect(compare(results, { b: 'because' })).toEqual({ passed: 2, different: 1, wrong: [] });
	});

	it.each([
		['a test fails that is not listed', [file(['a', 'passed'], ['b', 'failed'])], {}, 'fails: b'],
		[
			'a listed one passes',
			[file(['a', 'passed'], ['b', 'passed'])],
			{ b: 'because' },
			'is listed as different, and passed: b',
		],
		['a listed one is gone', [file(['a', 'passed'])], { b: 'because' }, 'is listed as different, and is not there: b'],
		['a file does not load', [file(['a', 'passed']), file()], {}, 'does not load: /a.test.ts\nCannot find module'],
		['nothing ran', [], {}, 'no test ran'],
	])('is not when %s', (_when, testResults, differs, wrong) => {
		expect(compare({ testResults }, differs as Record<string, string>).wrong).toEqual([wrong]);
	});

	it('is not without results', () => {
		expect(compare(undefined, {})).toEqual({ passed: 0, different: 0, wrong: ['jest gave no results'] });
	});
});
