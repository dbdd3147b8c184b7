/**
 * Tries the package on each n8n of `versions.json`: `npm run test:versions`. Versions as arguments try these alone
 * (`npm run test:versions -- 2.0.3`); `--write` writes the table into docs/versions.md and between the README's marks;
 * `--json --outputFile=FILE` leaves the counts as jest does, for CI.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { runCommand } from '../../tools/lib/command';
import { readJson } from '../../tools/lib/json';
import { writeBetweenMarks } from '../../tools/lib/markdown';
import { cacheFolder, root } from '../../tools/lib/paths';
import { ensureNode24 } from '../../tools/n8n/node24';
import { compare, type Comparison, type JestResults } from './compare';
import { ensureEngine } from './engineOnly';
import { page, summary, table, type Tried, type Version } from './table';
import listed from './versions.json';

// For TypeScript each has only the tests of all in `differs`.
const versions = listed as Version[];
const MINUTE = 60_000;

function run(
	node: string,
	args: string[],
	env: NodeJS.ProcessEnv,
	minutes: number,
	stdio: 'inherit' | 'pipe' = 'inherit',
) {
	const started = Date.now();
	const { status, signal, stdout, stderr } = spawnSync(node, args, {
		cwd: root,
		env: { ...process.env, ...env },
		stdio,
		encoding: 'utf8',
		timeout: minutes * MINUTE,
		maxBuffer: 64 * 1024 * 1024,
	});
	return {
		good: status === 0,
		printed: `${stdout ?? ''}${stderr ?? ''}`,
		how: signal ? `was stopped after ${minutes} minutes` : undefined,
		seconds: Math.round((Date.now() - started) / 1000),
	};
}

/** Runs one jest project of this folder's configuration, and holds it against what is known to differ. */
function jest(node: string, project: string, env: NodeJS.ProcessEnv, differs: Record<string, string>): Comparison {
	const output = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-dispatch-versions-')), 'results.json');
	// n8n 2.0's engine leaves a timer running. One file at a time, as some tests hold short timeouts.
	const args = [
		'node_modules/jest/bin/jest.js',
		'-c',
		'test/versions/jest.config.js',
		'--selectProjects',
		project,
		'--runInBand',
		'--forceExit',
		'--silent',
		'--json',
		'--outputFile',
		output,
	];
	const { seconds, printed, how } = run(node, args, env, 20, 'pipe');
	const result = compare(readJson<JestResults>(output), differs);
	// Tests that are known to fail print a lot; it is of use only when something else fails, too.
	if (result.wrong.length > 0) console.log(printed);
	console.log(
		`  ${project} tests: ${result.passed} passed, ${result.different} known to differ, ${result.wrong.length} failed (${seconds} s${how ? `; it ${how}` : ''})`,
	);
	fs.rmSync(path.dirname(output), { recursive: true, force: true });
	return result;
}

/**
 * Gets a version: the whole n8n, or where `core` names one, its n8n-core alone.
 * @returns its `node_modules`
 */
async function install({ n8n, core }: Version): Promise<string | undefined> {
	if (core) return await ensureEngine(core);
	const { good } = run(process.execPath, ['tools/setup.js', '--n8n'], { N8N_VERSION: n8n }, 25);
	return good ? path.join(cacheFolder, `n8n-${n8n}`, 'node_modules') : undefined;
}

async function tryVersion(version: Version, node: string): Promise<Tried> {
	console.log(`\n── n8n ${version.n8n}, ${version.why}`);
	const started = Date.now();
	const modules = await install(version);
	if (!modules) return { ...version, stopped: 'it did not install' };
	console.log(`  installed in ${Math.round((Date.now() - started) / 1000)} s`);
	const env = { N8N_VERSION: version.n8n, N8N_MODULES: modules };
	const engine = jest(node, 'engine', env, version.differs);
	const smoke = version.core ? undefined : jest(node, 'smoke', env, {});
	for (const line of [...engine.wrong, ...(smoke?.wrong ?? [])]) console.log(`✕ ${line}`);
	const versionOf = (name: string) => readJson<{ version: string }>(path.join(modules, name, 'package.json'))?.version;
	const nodeVersion = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
	return {
		...version,
		core: versionOf('n8n-core'),
		workflow: versionOf('n8n-workflow'),
		node: nodeVersion,
		engine,
		smoke,
	};
}

/** jest's own counts: what is known to differ is neither passed nor failed. */
function counts(all: Tried[]) {
	const results = all.flatMap(({ engine, smoke }) => [engine, smoke].filter((result) => result !== undefined));
	const sum = (number: (result: Comparison) => number) => results.reduce((total, result) => total + number(result), 0);
	return {
		numPassedTests: sum(({ passed }) => passed),
		numFailedTests: sum(({ wrong }) => wrong.length) + all.filter(({ stopped }) => stopped).length,
		numRuntimeErrorTestSuites: 0,
		numPendingTests: all.reduce((total, { engine, differs }) => total + (engine ? Object.keys(differs).length : 0), 0),
	};
}

runCommand(async () => {
	const args = process.argv.slice(2);
	const chosen = args.filter((argument) => /^\d/.test(argument));
	const unknown = chosen.filter((wanted) => !versions.some(({ n8n }) => n8n === wanted));
	if (unknown.length > 0) throw new Error(`versions.json has no ${unknown.join(', ')}`);
	const node = await ensureNode24();
	const all: Tried[] = [];
	for (const version of versions)
		if (chosen.length === 0 || chosen.includes(version.n8n)) all.push(await tryVersion(version, node));
	const sums = counts(all);
	console.log(
		`\n${table(all)}\n\n${sums.numPassedTests} passed, ${sums.numFailedTests} failed, ${sums.numPendingTests} known to differ`,
	);
	const file = args.find((argument) => argument.startsWith('--outputFile='))?.slice('--outputFile='.length);
	if (file) fs.writeFileSync(file, JSON.stringify(sums));
	const good = sums.numFailedTests === 0 && sums.numPassedTests > 0;
	if (good && chosen.length === 0 && args.includes('--write')) {
		fs.writeFileSync(path.join(root, 'docs/versions.md'), page(all));
		writeBetweenMarks('README.md', 'versions', summary(all));
		console.log('Written to docs/versions.md and README.md');
	}
	return good ? 0 : 1;
});
