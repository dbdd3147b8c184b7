import fs from 'node:fs';
import path from 'node:path';
import type { Foreground } from '../lib/foreground';
import { portFrom } from '../lib/ports';
import { endOf } from '../lib/process';
import { say } from '../lib/progress';
import { pause, waitFor } from '../lib/wait';
import { ensureN8n } from '../n8n/install';
import { installedPackage, installPackage, preparePackage } from '../n8n/package';
import { startN8nWithProgress, type RunningN8n } from '../n8n/process';
import { watchSources } from './compiler';

/** n8n's usual port. */
const PORT = 5678;

/** What n8n writes into its log when it has seen that a file of the package has changed, and when that went wrong. */
const RELOADS = 'Hot reload triggered for n8n-nodes-webhook-dispatch';
const FAILS = 'Hot reload failed for n8n-nodes-webhook-dispatch';

/** Milliseconds in which n8n sees a change, where it can watch files at all. */
const SEEN_WITHIN = 5_000;

/** Milliseconds that it takes to load the package, with what was written of it in the meantime. */
const LOADED_WITHIN = 1_000;

/**
 * Waits for n8n to load what has changed.
 * @param news what n8n has printed since the change
 * @returns false when it does not by itself
 */
async function isReloaded(news: () => string): Promise<boolean> {
	try {
		await waitFor(() => news().includes(RELOADS), { what: 'n8n', deadline: SEEN_WITHIN });
	} catch {
		return false;
	}
	await pause(LOADED_WITHIN);
	const failed = news().lastIndexOf(FAILS) > news().lastIndexOf(RELOADS);
	say(failed ? '  ✗ n8n could not load the package; its log says why' : '  ✓ n8n has it');
	return true;
}

/**
 * An n8n whose package is compiled and loaded again whenever the sources change: n8n does that by itself
 * (`N8N_DEV_RELOAD`, seen in 2.40.7); one that does not is started again.
 * @param folder keeps the database and the log
 * @returns never: it ends with a signal, or when n8n ends
 */
export async function develop(foreground: Foreground, folder: string): Promise<never> {
	const userFolder = path.join(folder, 'n8n');
	const packageFolder = await preparePackage();
	const { folder: n8nFolder } = await ensureN8n();
	// What an earlier run has compiled into it may be older than the sources, or of files that have gone.
	fs.rmSync(path.dirname(installedPackage(userFolder)), { recursive: true, force: true });
	installPackage({ userFolder, packageFolder, n8nFolder });
	const options = {
		userFolder,
		packageFolder,
		port: await portFrom(PORT),
		env: { NODE_ENV: 'development', N8N_DEV_RELOAD: 'true' },
	};
	let n8n: RunningN8n | undefined;
	let isRestarting = false;
	/** How much of n8n's log belongs to earlier changes. */
	let seen = 0;
	let giveUp: ((reason: unknown) => void) | undefined;
	const ended = new Promise<never>((_resolve, reject) => (giveUp = reject));

	async function start(): Promise<RunningN8n> {
		const started = await startN8nWithProgress(options);
		n8n = started;
		seen = started.log().length;
		void started.closed.then(() => {
			if (isRestarting) return;
			giveUp?.(new Error(`n8n has ended: ${started.ended()}. The end of its log:\n${endOf(started.log(), 20)}`));
		});
		return started;
	}

	async function bringIn(files: string[]): Promise<void> {
		if (!n8n) return;
		const { log, stop } = n8n;
		say(`\n  ✓ ${files.length > 5 ? `${files.length} files` : files.join(', ')}`);
		if (await isReloaded(() => log().slice(seen))) {
			seen = log().length;
			return;
		}
		isRestarting = true;
		await stop();
		await start();
		isRestarting = false;
	}

	// One change after the other.
	let work = Promise.resolve();
	const compiler = foreground.add(
		watchSources(
			path.join(installedPackage(userFolder), 'dist'),
			(files) => (work = work.then(() => bringIn(files)).catch((error: unknown) => giveUp?.(error))),
			say,
		),
	);
	await compiler.first;
	foreground.add({ stop: async () => await n8n?.stop() });
	const { url, email, password, logFile } = await start();
	foreground.tellAddress(url);
	say(`
n8n             ${url}
  e-mail        ${email}
  password      ${password}
  log           ${logFile}

Change a file of lib/, credentials/ or nodes/: it is compiled, and n8n loads it. Ctrl-C ends everything.`);
	return await ended;
}
