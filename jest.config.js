/** One project a kind of test: `npx jest --selectProjects unit engine`. */
const shared = {
	transform: {
		'^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' }, module: { type: 'commonjs' } }],
		// jose is ESM only.
		'^.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
	},
	transformIgnorePatterns: ['/node_modules/(?!jose/)'],
	moduleFileExtensions: ['ts', 'js', 'json', 'node'],
};

const project = (displayName, folder) => ({
	...shared,
	displayName,
	testMatch: [`<rootDir>/test/${folder}/**/*.test.ts`],
});

module.exports = {
	// Nothing here depends on time; a loaded machine gets the time it needs.
	testTimeout: 60_000,
	projects: [
		project('unit', 'unit'),
		project('engine', 'engine'),
		project('servers', 'servers'),
		project('debian', 'debian'),
		project('faults', 'faults'),
		project('e2e', 'e2e'),
		project('queue', 'queue'),
	],
};
