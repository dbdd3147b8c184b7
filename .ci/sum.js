'use strict';
/**
 * Sums jest's results: `node .ci/sum.js <folder> <suite>…`. Of a suite's test files that ran again (`<suite>-again.json`), the
 * second run counts. A suite that ends badly without a failed test (lint, types, no result at all) counts as one failed.
 *
 * `node .ci/sum.js --has-failed-files <results>` says by its exit status whether there are test files to run again.
 */
const fs = require('node:fs');
const path = require('node:path');

/**
 * @typedef {{ name: string, status: string, assertionResults: Array<{ status: string }> }} TestFile
 * @typedef {{ testResults: TestFile[] }} Results of jest's `--json`
 * @typedef {{ status: number, results: Results | undefined }} Run
 */

/** @param {TestFile} file  @returns {boolean} */
const hasFailed = ({ status }) => status === 'failed';

/**
 * @param {Run} first
 * @param {Run} [again] of the test files that failed
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
function countOf(first, again) {
	const files = new Map((first.results?.testResults ?? []).map((file) => [file.name, file]));
	for (const file of again?.results?.testResults ?? []) files.set(file.name, file);
	const all = [...files.values()];
	/** @param {string[]} statuses */
	const count = (...statuses) =>
		all.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => statuses.includes(status)).length;
	// A file that does not load has no tests.
	const broken = all.filter(
		(file) => hasFailed(file) && !file.assertionResults.some(({ status }) => status === 'failed'),
	);
	const passed = count('passed');
	const failed = count('failed') + broken.length;
	const { status } = again ?? first;
	return {
		passed,
		failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed,
		skipped: count('pending', 'skipped', 'todo', 'disabled'),
	};
}

/** @param {string} file */
function read(file) {
	try {
		return fs.readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
}

/** @param {string} file  @returns {Results | undefined} */
function readResults(file) {
	const text = read(file);
	return text === undefined ? undefined : JSON.parse(text);
}

/** @param {string} name  @returns {Run | undefined} */
function readRun(name) {
	const status = read(`${name}.status`);
	return status === undefined ? undefined : { status: Number(status), results: readResults(`${name}.json`) };
}

/** @param {string[]} args */
function main([folder = '', ...suites]) {
	if (folder === '--has-failed-files')
		return readResults(suites[0] ?? '')?.testResults.some(hasFailed) === true ? 0 : 1;
	const total = { passed: 0, failed: 0 };
	for (const suite of suites) {
		const name = path.join(folder, suite.replaceAll(':', '-'));
		const first = readRun(name) ?? { status: 1, results: undefined };
		const { passed, failed, skipped } = countOf(first, readRun(`${name}-again`));
		console.log(`npm run ${suite}: ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
		total.passed += passed;
		total.failed += failed;
	}
	console.log(`${total.passed} passed, ${total.failed} failed`);
	return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

if (require.main === module) process.exit(main(process.argv.slice(2)));

module.exports = { countOf };
