import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { channelTo, type Ask } from './channel';
import { isAlive } from './lock';
import { messageOf } from './messageOf';
import { waitFor } from './wait';

/** What every process that is started here can be asked and told. */
export interface Started {
	/** In messages. */
	name: string;
	pid: number;
	/** Everything it has printed. */
	log(): string;
	/** Where that is kept. */
	logFile: string;
	/** How it ended, if it has. */
	ended(): string | undefined;
	/** When it has ended, for whatever reason. */
	closed: Promise<void>;
	/** SIGKILL for it and what it has started, and waits for its end. */
	kill(): Promise<void>;
	/** Asks it to end, and after so many milliseconds makes it, with what it has started. */
	stop(patience?: number): Promise<void>;
}

/** A process of Node. */
export interface Child extends Started {
	/** Asks what it answers by `answerQuestions`. */
	ask: Ask;
	/** For its exit code. */
	child: ChildProcess;
}

export interface StartOptions {
	/** In messages; the file's by default. */
	name?: string;
	cwd?: string;
	/** This process' own by default. */
	env?: NodeJS.ProcessEnv;
	/** Takes what it prints; by default a temporary file that goes away with it. */
	logFile?: string;
}

export interface ChildOptions extends StartOptions {
	args?: string[];
	/** Another Node than this one. */
	node?: string;
	/** For Node itself, e.g. `--max-old-space-size=…`. */
	nodeArguments?: string[];
}

const guard = path.join(__dirname, 'guard.js');
const typescript = path.join(__dirname, '..', 'typescript.js');

/** Windows has no process groups. */
const hasGroups = process.platform !== 'win32';

/** What ends each process at once; one listener for all of them. */
const living = new Set<() => void>();
process.once('exit', () => {
	for (const endAtOnce of living) endAtOnce();
});

/**
 * A Node process of ours that cannot be left behind: when this process ends, however it ends, the channel between the two
 * closes and the child ends itself (`guard.js`); in an orderly end it is stopped by its process ID. What the child starts
 * is in its process group and goes with it.
 * @param script JavaScript, or TypeScript
 * @throws when there is no such Node
 */
export function startChild(
	script: string,
	{
		name = path.basename(script),
		node = process.execPath,
		nodeArguments = [],
		args = [],
		cwd,
		env = process.env,
		logFile,
	}: ChildOptions = {},
): Child {
	const log = openLog(name, logFile);
	const hook = script.endsWith('.ts') ? ['--require', typescript] : [];
	const child = spawn(node, [...nodeArguments, '--require', guard, ...hook, script, ...args], {
		cwd,
		env,
		stdio: ['ignore', log.descriptor, log.descriptor, 'ipc'],
		// A separate group, so that Ctrl-C in the terminal reaches only this process, which then stops things in order.
		detached: hasGroups,
	});
	fs.closeSync(log.descriptor);
	let end: string | undefined;
	const closed = new Promise<void>((resolve) => {
		const settle = (reason: string): void => {
			end ??= reason;
			resolve();
		};
		child.once('error', (error) => settle(error.message));
		child.once('exit', (code, signal) => settle(`it ended with ${signal ?? `exit code ${code}`}`));
	});
	const { pid } = child;
	if (pid === undefined) {
		log.forget();
		throw new Error(`${name} could not be started with ${node}`);
	}
	const signal = (wanted: NodeJS.Signals): void => {
		if (end !== undefined && !(hasGroups && isAlive(-pid))) return;
		try {
			process.kill(hasGroups ? -pid : pid, wanted);
		} catch {
			// It has gone in the meantime.
		}
	};
	const endAtOnce = (): void => {
		signal('SIGKILL');
		log.forget();
	};
	living.add(endAtOnce);
	return {
		name,
		pid,
		child,
		log: log.read,
		logFile: log.file,
		ended: () => end,
		closed,
		ask: channelTo(name, { child, log: log.read }),
		async kill() {
			signal('SIGKILL');
			await closed;
		},
		async stop(patience = 15_000) {
			if (end === undefined) child.kill('SIGTERM');
			const timer = setTimeout(() => signal('SIGKILL'), patience);
			await closed;
			clearTimeout(timer);
			// Whatever it has left of its processes.
			endAtOnce();
			living.delete(endAtOnce);
		},
	};
}

/**
 * Does what a process needs before it is of use, and ends it when that fails.
 * @throws with the end of what it has printed
 */
export async function orEnd<T>(started: Started, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		await started.stop();
		throw new Error(`${messageOf(cause)}\nThe end of its log (${started.logFile}):\n${endOf(started.log())}`, {
			cause,
		});
	}
}

/**
 * Waits until a process is ready, and ends it when it does not become so.
 * @param probe gives what is waited for; falsy or a throw: not yet
 * @param options `what` is waited for; `deadline` and `every` in milliseconds
 * @throws with the end of what it has printed
 */
export const whenReady = async <T>(
	started: Started,
	probe: () => Promise<T | undefined | false> | T | undefined | false,
	{ what = started.name, deadline, every }: { what?: string; deadline?: number; every?: number } = {},
): Promise<T> =>
	await orEnd(started, async () => await waitFor(probe, { what, deadline, every, giveUp: started.ended }));

/** The last lines of a log, for a message. */
export const endOf = (log: string, lines = 30): string => log.trimEnd().split('\n').slice(-lines).join('\n');

/** The file that takes what a process prints. */
function openLog(name: string, file?: string) {
	const temporary = file === undefined ? fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-dispatch-log-')) : undefined;
	const place = file ?? path.join(temporary ?? '', `${name.replaceAll('/', '-')}.log`);
	fs.mkdirSync(path.dirname(place), { recursive: true });
	let kept: string | undefined;
	const read = (): string => kept ?? fs.readFileSync(place, 'utf8');
	return {
		file: place,
		descriptor: fs.openSync(place, 'w'),
		read,
		/** A temporary one goes away; what it had can still be read. */
		forget() {
			if (temporary === undefined || kept !== undefined) return;
			kept = read();
			fs.rmSync(temporary, { recursive: true, force: true });
		},
	};
}
