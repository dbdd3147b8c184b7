'use strict';
/** What `npm test` begins with: lint and types, side by side, one line when both are well, and else what they printed. */
const { spawn } = require('node:child_process');
const { root } = require('./lib/paths');
const { startProgress } = require('./lib/progress');

const CHECKS = [
	{ name: 'Lint', script: 'lint' },
	{ name: 'Types', script: 'typecheck' },
];

/**
 * @param {string} script of package.json
 * @returns {Promise<{ isWell: boolean, output: string }>}
 */
function runScript(script) {
	return new Promise((resolve) => {
		const child = spawn('npm', ['run', script, '--silent'], {
			cwd: root,
			stdio: ['ignore', 'pipe', 'pipe'],
			shell: process.platform === 'win32',
		});
		let output = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
		child.once('error', (error) => resolve({ isWell: false, output: error.message }));
		child.once('close', (code) => resolve({ isWell: code === 0, output }));
	});
}

async function check() {
	const progress = startProgress(CHECKS.map(({ name }) => name).join(' and '));
	const results = await Promise.all(CHECKS.map(async ({ name, script }) => ({ name, ...(await runScript(script)) })));
	const failed = results.filter(({ isWell }) => !isWell);
	const told = results.map(({ name, isWell }) => `${name} ${isWell ? '✓' : '✗'}`).join(', ');
	if (failed.length === 0) progress.done(told);
	else progress.fail(told);
	for (const { name, output } of failed) console.error(`\n${name}:\n${output}`);
	process.exitCode = failed.length === 0 ? 0 : 1;
}

void check();
