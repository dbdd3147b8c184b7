/**
 * Prints the table of token clients against a hostile token server, for the README. The cells of the others were
 * measured once (issue 4); ours stand for tests, which are run here: a row whose tests do not all pass says so.
 *
 *   node test/support/oauth2/hostile-table.js
 */
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '../../..');

/** Behaviour, n8n's own client, simple-oauth2, oauth4webapi, ours, and the titles of the tests that ours stands for. */
const rows = [
	[
		'`200` with no, empty or non-string `access_token`; error JSON with `200`',
		'accepted',
		'accepted',
		'rejected',
		'rejected',
		[/200 with no token .*(no access_token|an empty one|null|a number|an object|an error)/],
	],
	[
		'`expires_in` missing or "soon"',
		'never expires',
		'never expires',
		'undefined / rejected',
		'5 minutes',
		[/a nonsense life is a short one/],
	],
	[
		'302/303 from the token endpoint',
		'followed, and that token used',
		'not followed',
		'not followed',
		'not followed',
		[/a redirect is not followed.* (302|303)$/],
	],
	[
		'307 to another origin, secret in the body',
		'**secret sent there**',
		'not followed',
		'not followed',
		'not followed',
		[/a redirect is not followed.* 307$/],
	],
	[
		'64 MiB body or gzip bomb',
		'read whole',
		'read whole',
		'read whole',
		'ended at 1 MiB, decoded',
		[/64 MiB/, /a bomb in/],
	],
	[
		'body that drips for ever',
		'300 s',
		'no limit',
		"caller's signal",
		'ended after 10 s',
		[/a body that drips for ever/],
	],
	[
		'refresh answer without a refresh token',
		'keeps the old',
		'loses it',
		"caller's job",
		'keeps the old',
		[/keeps the refresh token/],
	],
	['secret inside the error object on a network fault', 'yes', 'no', 'no', 'no', [/a connection that breaks/]],
	['`access_token` with CR/LF', 'accepted', 'accepted', 'accepted', 'rejected', [/CR and LF in it/]],
];

function runTests() {
	const folder = mkdtempSync(join(tmpdir(), 'hostile-table-'));
	const outputFile = join(folder, 'results.json');
	spawnSync(
		process.execPath,
		[
			require.resolve('jest/bin/jest'),
			'test/servers/tokens-hostile.test.ts',
			'--selectProjects',
			'servers',
			'--json',
			`--outputFile=${outputFile}`,
		],
		{ cwd: root, stdio: 'ignore' },
	);
	const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8'));
	rmSync(folder, { recursive: true });
	return testResults.flatMap(({ assertionResults }) => assertionResults);
}

const results = runTests();
/** A row holds when each of its patterns names tests and all of them passed. */
const holds = (patterns) =>
	patterns.every((pattern) => {
		const named = results.filter(({ fullName }) => pattern.test(fullName));
		return named.length > 0 && named.every(({ status }) => status === 'passed');
	});

const lines = [
	'| behaviour | n8n’s own client | simple-oauth2 | oauth4webapi | Webhook Dispatch |',
	'|---|---|---|---|---|',
	...rows.map(
		([what, n8n, simple, web, ours, tests]) =>
			`| ${what} | ${n8n} | ${simple} | ${web} | ${holds(tests) ? ours : '**test did not pass**'} |`,
	),
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = rows.every(([, , , , , tests]) => holds(tests)) ? 0 : 1;
