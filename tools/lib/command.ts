import { messageOf } from './messageOf';
import { exitOnSignals } from './signals';

/**
 * Runs a command that measures or tries something to its end, and this process with it: what it has started ends on every
 * way out, signals included.
 * @param work gives the exit code, 0 when nothing; a throw is reported and exits with 1
 */
export function runCommand(work: () => Promise<number | void> | number | void): void {
	exitOnSignals();
	Promise.resolve()
		.then(work)
		.then(
			(code) => process.exit(code ?? 0),
			(cause: unknown) => {
				console.error(`\n${messageOf(cause)}`);
				process.exit(1);
			},
		);
}
