'use strict';
const { spawn } = require('node:child_process');
const { startProgress } = require('./progress');

/**
 * The environment for an npm of our own: what `npm start` has put there for its scripts (`npm_config_ignore_scripts`
 * from this project's `.npmrc`, a prefix, a workspace) must not reach an installation somewhere else. What a user has set
 * by hand for all of npm (registry, proxy, certificates) is kept.
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {NodeJS.ProcessEnv}
 */
function npmEnvironment(more = {}) {
	const env = { ...process.env };
	const ours =
		/^npm_(config_(ignore_scripts|local_prefix|prefix|global|global_prefix|omit|include|workspace.*|save.*|package_lock.*|init_module|node_gyp|user_agent|production|dry_run)|package_.*|lifecycle_.*|command|execpath|node_execpath)$/i;
	for (const name of Object.keys(env)) if (ours.test(name)) delete env[name];
	delete env.INIT_CWD;
	delete env.NODE_ENV;
	return { ...env, npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false', ...more };
}

/**
 * Of all that npm and what it starts print ("npm http fetch GET 200 https://…/undici 40ms", warnings, a compiler's remarks)
 * what a reader wants to see go by: the package.
 * @param {string} output
 * @returns {string | undefined} the last one that it names
 */
function packageIn(output) {
	const [, fetched] = [...output.matchAll(/npm http (?:fetch|cache) (?:GET )?(?:\d+ )?(\S+)/g)].at(-1) ?? [];
	if (fetched === undefined) return undefined;
	const { pathname } = new URL(fetched.replace(/@https?:.*/, ''), 'https://registry.npmjs.org');
	return decodeURIComponent(pathname.replace(/\/-\/.*/, ''))
		.replace(/^\/(npm\/)?/, '')
		.replace(/^.*node_modules\//, '');
}

/** What a tool said before it stopped: npm names the reason first and explains its usage at length afterwards. @param {string} output */
function lastWords(output) {
	const lines = output.split('\n').filter((line) => line.trim() && !/npm (http|warn) /.test(line));
	return lines.length > 40 ? [...lines.slice(0, 20), '…', ...lines.slice(-15)].join('\n') : lines.join('\n');
}

/**
 * Runs a command to its end with its progress visible, its output kept for when it does not come well out of it.
 * @param {string} command
 * @param {string[]} args
 * @param {{ label?: string, done?: string, cwd: string, env?: NodeJS.ProcessEnv, folder?: string }} options
 *   `label` while it runs, `done` when it has; without a label it shows nothing. `folder`: whose size is shown
 * @returns {Promise<string>} what it printed
 * @throws {Error} with the end of its output, when it exits with anything but 0
 */
function run(command, args, { label, done, cwd, env = process.env, folder }) {
	return new Promise((resolve, reject) => {
		const progress = label === undefined ? undefined : startProgress(label, { folder });
		// Windows finds npm only as a shell script.
		const child = spawn(command, args, {
			cwd,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
			shell: process.platform === 'win32',
		});
		let output = '';
		/** @param {Buffer} chunk */
		const listen = (chunk) => {
			output = (output + chunk).slice(-200_000);
			const name = packageIn(String(chunk));
			if (name !== undefined) progress?.note(name);
		};
		child.stdout.on('data', listen);
		child.stderr.on('data', listen);
		// A second Ctrl-C of an impatient user must not leave npm behind.
		const end = () => child.kill('SIGTERM');
		process.once('exit', end);
		child.once('error', (error) => {
			progress?.fail();
			reject(error);
		});
		child.once('close', (code, signal) => {
			process.removeListener('exit', end);
			if (code === 0) {
				progress?.done(done);
				resolve(output);
				return;
			}
			progress?.fail();
			reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${lastWords(output)}`));
		});
	});
}

/**
 * npm in another folder than this project.
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} options
 */
const npm = (args, options) => run('npm', args, { ...options, env: npmEnvironment(options.env) });

module.exports = { run, npm, npmEnvironment, packageIn };
