/**
 * Runs one program that is no Node process and ends with it: started by `startProgram`, so it ends when the process that
 * started it is gone, however that ended, and takes the program along.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { answerQuestions } from './channel';

/** So long a program has for its end when there is nobody left to wait for it. The guard gives this process a little more. */
const PATIENCE = 15_000;

interface Wanted {
	command: string;
	args: string[];
	cwd?: string;
	uid?: number;
	gid?: number;
	stopSignal: NodeJS.Signals;
}

/** @returns its process ID  @throws when there is no such program */
async function run({ command, args, cwd, uid, gid, stopSignal }: Wanted): Promise<number | undefined> {
	const child = spawn(command, args, { cwd, uid, gid, stdio: ['ignore', 'inherit', 'inherit'] });
	await once(child, 'spawn');
	child.once('exit', (code, signal) => {
		console.error(`${command} ended with ${signal ?? code}`);
		process.exit(code ?? 1);
	});
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(stopSignal));
	process.once('disconnect', () => setTimeout(() => child.kill('SIGKILL'), PATIENCE).unref());
	return child.pid;
}

answerQuestions({ run });
