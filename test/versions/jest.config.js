/**
 * The engine tests over the n8n-core and n8n-workflow of an installed n8n, and the smoke test in that n8n.
 * `N8N_MODULES` is that n8n's `node_modules`; `run.js` sets it.
 */
const path = require('node:path');
const shared = require('../../jest.config.js');

const rootDir = path.join(__dirname, '../..');
const modules = process.env.N8N_MODULES ?? '';
const { projects, testTimeout } = shared;
const engine = projects.find(({ displayName }) => displayName === 'engine');

module.exports = {
	rootDir,
	testTimeout,
	projects: [
		{
			...engine,
			rootDir,
			// n8n 2.0's LangChain brings these, which are ESM only.
			transformIgnorePatterns: ['/node_modules/(?!.*(?:jose|@octokit/webhooks-methods|p-retry|is-network-error)/)'],
			moduleNameMapper: {
				...engine?.moduleNameMapper,
				'^n8n-core$': path.join(modules, 'n8n-core/dist/index.js'),
				'^n8n-workflow$': path.join(modules, 'n8n-workflow/dist/cjs/index.js'),
			},
		},
		{ ...engine, rootDir, displayName: 'smoke', testMatch: ['<rootDir>/test/versions/smoke.test.ts'] },
	],
};
