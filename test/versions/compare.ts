/** Of jest's `--json`, what is looked at here. */
export interface JestResults {
	testResults: Array<{
		name: string;
		message: string;
		assertionResults: Array<{ fullName: string; status: string }>;
	}>;
}

export interface Comparison {
	passed: number;
	/** Failed as listed. */
	different: number;
	/** What is not as it should be, a line each. */
	wrong: string[];
}

/**
 * Holds a run of jest against what is known to differ on a version: a test that fails must be listed, with the reason, and
 * one that is listed must fail, so that the list says no more than is true.
 * @param results undefined where there are none
 * @param differs reason by a test's full name
 */
export function compare(results: JestResults | undefined, differs: Record<string, string>): Comparison {
	if (!results) return { passed: 0, different: 0, wrong: ['jest gave no results'] };
	const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
	const statuses = new Map(tests.map(({ fullName, status }) => [fullName, status]));
	const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
	const broken = results.testResults.filter(({ assertionResults }) => assertionResults.length === 0);
	const stale = Object.keys(differs).filter((name) => statuses.get(name) !== 'failed');
	const wrong = [
		...failed.filter((name) => !Object.hasOwn(differs, name)).map((name) => `fails: ${name}`),
		...broken.map(({ name, message }) => `does not load: ${name}\n${message}`),
		...stale.map((name) => `is listed as different, and ${statuses.get(name) ?? 'is not there'}: ${name}`),
	];
	const passed = tests.filter(({ status }) => status === 'passed').length;
	const different = failed.filter((name) => Object.hasOwn(differs, name)).length;
	return { passed, different, wrong: tests.length === 0 ? [...wrong, 'no test ran'] : wrong };
}
