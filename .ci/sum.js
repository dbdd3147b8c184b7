'use strict';
/**
 * Sums jest's results: `node .ci/sum.js <folder> <suite>…`. A suite that ends badly without a failed test (lint, types, a test
 * file that does not load, no result at all) counts as one failed.
 */
const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {number} status the command's exit status
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, numPendingTests: number } | undefined} jest
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
function countOf(status, jest) {
	const passed = jest?.numPassedTests ?? 0;
	const counted = (jest?.numFailedTests ?? 0) + (jest?.numRuntimeErrorTestSuites ?? 0);
	const nothingRan = passed + counted === 0;
	return {
		passed,
		failed: counted === 0 && (status !== 0 || nothingRan) ? 1 : counted,
		skipped: jest?.numPendingTests ?? 0,
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

/** @param {string[]} args */
function main([folder = '', ...suites]) {
	const total = { passed: 0, failed: 0 };
	for (const suite of suites) {
		const name = path.join(folder, suite.replaceAll(':', '-'));
		const jest = read(`${name}.json`);
		const { passed, failed, skipped } = countOf(Number(read(`${name}.status`) ?? 1), jest && JSON.parse(jest));
		console.log(`npm run ${suite}: ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
		total.passed += passed;
		total.failed += failed;
	}
	console.log(`${total.passed} passed, ${total.failed} failed`);
	return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

if (require.main === module) process.exit(main(process.argv.slice(2)));

module.exports = { countOf };
