/** One project a kind of test: `npx jest --selectProjects unit engine`. */
const shared = {
	transform: {
		'^.+\\.ts$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' }, module: { type: 'commonjs' } },
		],
		// jose and @octokit/webhooks-methods are ESM only.
		'^.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
	},
	transformIgnorePatterns: ['/node_modules/(?!(jose|@octokit/webhooks-methods)/)'],
	// Its `exports` have no entry for require.
	moduleNameMapper: {
		'^@octokit/webhooks-methods$': '<rootDir>/node_modules/@octokit/webhooks-methods/dist-node/index.js',
	},
	// User folders of n8n there have packages of the same names.
	modulePathIgnorePatterns: ['/\\.demo/'],
	moduleFileExtensions: ['ts', 'js', 'json', 'node'],
};

/** @param {string} displayName  @param {string} folder */
const project = (displayName, folder) => ({
	...shared,
	displayName,
	testMatch: [`<rootDir>/test/${folder}/**/*.test.ts`],
});

module.exports = {
	// Nothing here depends on time; a loaded machine gets the time it needs.
	testTimeout: 60_000,
	// A worker keeps what its test files leave behind. At some 2 GB, near Node's limit, 130,000 items took over 120 s of
	// collecting garbage in place of 20.
	workerIdleMemoryLimit: '600MB',
	// For `npm run coverage`: what is published, whether a test loads it or not. The one function goes to a thread as text,
	// where the counters that coverage puts into it are not there.
	collectCoverageFrom: ['{lib,credentials,nodes}/**/*.ts', '!lib/keys/bcryptPbkdf.ts'],
	coverageReporters: ['text-summary', 'html'],
	projects: [
		project('unit', 'unit'),
		project('engine', 'engine'),
		project('servers', 'servers'),
		project('debian', 'debian'),
		project('faults', 'faults'),
		// The editor in Chromium can be run by itself; `npm run test:e2e` runs both.
		{ ...project('e2e', 'e2e'), testPathIgnorePatterns: ['/node_modules/', 'e2e/editor\\.test\\.ts$'] },
		{ ...project('editor', 'e2e'), testMatch: ['<rootDir>/test/e2e/editor.test.ts'] },
		project('queue', 'queue'),
	],
};
