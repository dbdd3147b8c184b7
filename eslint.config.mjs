import js from '@eslint/js';
import { configWithoutCloudSupport } from '@n8n/node-cli/eslint';
import { defineConfig, globalIgnores } from 'eslint/config';

/** What Node gives a script without asking; written out, so that lint depends on nothing more. */
const nodeGlobals = [
	'AbortController',
	'AbortSignal',
	'Buffer',
	'TextDecoder',
	'TextEncoder',
	'URL',
	'URLSearchParams',
	'clearInterval',
	'clearTimeout',
	'console',
	'crypto',
	'fetch',
	'performance',
	'process',
	'queueMicrotask',
	'setImmediate',
	'setInterval',
	'setTimeout',
	'structuredClone',
];
const commonJsGlobals = ['__dirname', '__filename', 'exports', 'module', 'require'];
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

/** What is published, and so what n8n's own rules are for; plain TypeScript rules go for tests, too. */
const sources = ['lib/**/*.ts', 'credentials/**/*.ts', 'nodes/**/*.ts'];
const published = ['package.json', ...sources];

/** `@n8n/node-cli`'s entries are for every `.ts` file; those that judge a package are narrowed to what is published. */
const n8nRules = configWithoutCloudSupport.map((entry) => {
	const judgesPackage = '@n8n/community-nodes' in (entry.plugins ?? {}) || 'import-x' in (entry.plugins ?? {});
	if (judgesPackage && entry.files?.includes('**/*.ts')) return { ...entry, files: sources };
	return entry.files ? { ...entry, files: entry.files.map((pattern) => pattern.replace(/^\.\//, '')) } : entry;
});

/**
 * The rooms of lib/, and what each may import: delivery → request, http, oauth2 → keys → text, result, with the fewest arrows
 * that the code needs. A new arrow is a decision: it is written down here.
 */
const arrows = {
	result: [],
	text: [],
	time: [],
	keys: ['text', 'result'],
	http: ['keys', 'text', 'result'],
	signature: ['oauth2/credential', 'keys', 'http', 'text', 'result'],
	request: ['signature', 'http', 'time', 'text', 'result'],
	'oauth2/credential': ['keys', 'text', 'result'],
	'oauth2/assertion': ['oauth2/credential', 'keys', 'text', 'result'],
	'oauth2/dpop': ['http', 'keys', 'text', 'result'],
	'oauth2/metadata': ['oauth2/credential', 'text', 'result'],
	'oauth2/token': ['oauth2/metadata', 'oauth2/dpop', 'oauth2/assertion', 'oauth2/credential', 'http', 'text', 'result'],
	delivery: [
		'signature',
		'request',
		'http',
		'oauth2/token',
		'oauth2/dpop',
		'oauth2/credential',
		'time',
		'text',
		'result',
	],
};

/** As `import-x/no-restricted-paths` takes it: no file of `target` imports anything of `from`, but for `except`. */
const zones = [
	...Object.entries(arrows).map(([room, others]) => ({
		target: `./lib/${room}`,
		from: './lib',
		except: [room, ...others].map((path) => `./${path}`),
		message: `lib/${room} imports ${others.length === 0 ? 'no other room' : `only ${others.join(', ')}`} (see arrows in eslint.config.mjs).`,
	})),
	{
		target: `./lib/!(${Object.keys(arrows)
			.map((room) => room.split('/')[0])
			.join('|')})/**`,
		from: './lib',
		message: 'A new room of lib/: add it to arrows in eslint.config.mjs.',
	},
	{ target: './lib', from: ['./credentials', './nodes'], message: 'nodes → credentials → lib, never back.' },
	{ target: './credentials', from: './nodes', message: 'nodes → credentials → lib, never back.' },
	{
		target: ['./lib', './credentials', './nodes'],
		from: ['./test', './tools', './demo'],
		message: 'It is not published, and not there once the package is installed.',
	},
	{ target: './tools', from: ['./demo', './test'], message: 'test → demo → tools, never back.' },
	{ target: './demo', from: './test', message: 'test → demo → tools, never back.' },
];

const importPlugin = configWithoutCloudSupport.find(({ plugins }) => plugins?.['import-x'])?.plugins['import-x'];

export default defineConfig(
	globalIgnores(['dist', '.demo', 'artefacts', 'node_modules', 'coverage']),
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },

	...n8nRules,
	{
		files: published,
		rules: {
			// jose signs and undici delivers: run-time dependencies by design, so n8n Cloud is out and self-hosted n8n installs them.
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
			// The one override is for linting: @n8n/node-cli asks for an eslint-plugin-n8n-nodes-base older than ESLint 9.
			'@n8n/community-nodes/no-overrides-field': 'off',
		},
	},
	{
		files: sources,
		rules: {
			// These parse every imported package (seconds), for what `npm run typecheck` reports already.
			'import-x/namespace': 'off',
			'import-x/no-named-as-default': 'off',
			'import-x/no-named-as-default-member': 'off',
			// `const { details, ...own } = json` is the plainest way to leave a key out.
			'@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
		},
	},
	{
		files: [...sources, '{tools,demo}/**/*.{ts,js}'],
		plugins: { 'import-x': importPlugin },
		rules: { 'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }] },
	},
	{
		files: ['lib/**/*.ts'],
		rules: {
			'@typescript-eslint/no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: '^(@n8n/|n8n-)',
							allowTypeImports: true,
							message: 'lib/ knows types of n8n at most; values come in as arguments.',
						},
					],
				},
			],
		},
	},
	{
		files: ['test/**/*.ts'],
		rules: {
			// A test names what it leaves out: `const { secret, ...rest } = item`.
			'@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
			// Measured tests print what they measured.
			'no-console': 'off',
		},
	},
	{
		files: ['tools/**/*.ts', 'demo/**/*.ts'],
		rules: {
			// Commands talk to the terminal.
			'no-console': 'off',
		},
	},
	{
		files: ['**/*.js', '**/*.cjs'],
		extends: [js.configs.recommended],
		languageOptions: {
			sourceType: 'commonjs',
			ecmaVersion: 2023,
			globals: readonly([...nodeGlobals, ...commonJsGlobals]),
		},
	},
	{
		files: ['**/*.mjs'],
		extends: [js.configs.recommended],
		languageOptions: { sourceType: 'module', ecmaVersion: 2025, globals: readonly(nodeGlobals) },
	},
);
