import path from 'node:path';
import { startChild, type Started, type StartOptions } from './process';

/** A program that is no Node process. */
export interface Program extends Started {
	/** Sends the program a signal and waits until it is gone. */
	end(signal: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions extends StartOptions {
	/** Whom to run as; only root may choose. */
	user?: { uid: number; gid: number };
	/** For an orderly end; SIGTERM by default. */
	stopSignal?: NodeJS.Signals;
}

const keeper = path.join(__dirname, 'keeper.ts');

/**
 * Starts a program that ends with this process, however this ends: a process of Node keeps it (`keeper.ts`).
 * @throws when there is no such program
 */
export async function startProgram(
	command: string,
	args: string[],
	{ user, stopSignal = 'SIGTERM', name = path.basename(command), ...options }: ProgramOptions = {},
): Promise<Program> {
	const keeping = startChild(keeper, { ...options, name });
	try {
		const { cwd } = options;
		const pid = await keeping.ask<number>('run', { command, args, cwd, ...user, stopSignal });
		return {
			...keeping,
			pid,
			async end(signal) {
				if (keeping.ended() === undefined) process.kill(pid, signal);
				await keeping.closed;
			},
		};
	} catch (cause) {
		await keeping.stop();
		throw cause;
	}
}
