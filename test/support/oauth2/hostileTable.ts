/**
 * Prints the table of token clients against a hostile token server, with `--write` into docs/token-server-faults.md. The cells
 * of the others were measured once; ours represent tests, which are run here: a row whose tests do not all pass says so.
 *
 *   node --require ./tools/typescript test/support/oauth2/hostileTable
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from '../../../tools/lib/command';
import { markdownTable, writeBetweenMarks } from '../../../tools/lib/markdown';
import { root } from '../../../tools/lib/paths';
import type { JestResults } from '../../versions/compare';

/** Behavior, n8n's own client, simple-oauth2, oauth4webapi, ours, and the titles of the tests that ours represents. */
const rows: Array<[...cells: [string, string, string, string, string], tests: RegExp[]]> = [
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
		'refresh response without a refresh token',
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
	const jest = join(root, 'node_modules/jest/bin/jest.js');
	const project = ['--selectProjects', 'servers', '--json', `--outputFile=${outputFile}`];
	spawnSync(process.execPath, [jest, 'test/servers/tokens-hostile.test.ts', ...project], {
		cwd: root,
		stdio: 'ignore',
	});
	const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as JestResults;
	rmSync(folder, { recursive: true });
	return testResults.flatMap(({ assertionResults }) => assertionResults);
}

runCommand(() => {
	const results = runTests();
	/** A row holds when each of its patterns names tests and all of them passed. */
	const holds = (patterns: RegExp[]) =>
		patterns.every((pattern) => {
			const named = results.filter(({ fullName }) => pattern.test(fullName));
			return named.length > 0 && named.every(({ status }) => status === 'passed');
		});
	const table = markdownTable(
		['behavior', 'n8n’s own client', 'simple-oauth2', 'oauth4webapi', 'Webhook Dispatch'],
		rows.map(([what, n8n, simple, web, ours, tests]) => [
			what,
			n8n,
			simple,
			web,
			holds(tests) ? ours : '**test did not pass**',
		]),
	);
	console.log(table);
	const good = rows.every(([, , , , , tests]) => holds(tests));
	if (good && process.argv.includes('--write'))
		writeBetweenMarks('docs/token-server-faults.md', 'hostile-table', table);
	return good ? 0 : 1;
});
