/** The programs of docs/examples, run as a reader runs them. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Whether a command is on this machine and ends well. */
export const succeeds = (command: string, ...given: string[]): boolean => spawnSync(command, given).status === 0;

const javac = succeeds('javac', '-version');

/** How a Java program is run: compiled once where that is possible, as compiling for each case would take most of the time. */
export const javaCommand = (folder: string, source: string): string[] =>
	javac ? ['java', '-cp', folder, basename(source, '.java')] : ['java', source];

/** Compiles what {@link javaCommand} runs, where that is possible. */
export function compileJava(folder: string, source: string): void {
	if (!javac) return;
	const compiled = spawnSync('javac', ['-d', folder, source], { encoding: 'utf8' });
	expect(compiled.stderr).toBe('');
}

/**
 * Runs a program on a request, whose headers and body it finds in files of `folder`.
 *
 * @param given arguments before the two files
 * @param env besides that of this process
 * @returns its one line of output and its exit code
 */
export function runProgram(
	folder: string,
	command: string[],
	{ headers, body }: { headers: Record<string, string>; body: string },
	env: Record<string, string>,
	given: string[] = [],
): { said: string; code: number | null } {
	const headersFile = join(folder, 'headers.txt');
	const bodyFile = join(folder, 'body.bin');
	writeFileSync(
		headersFile,
		Object.entries(headers)
			.map(([name, value]) => `${name}: ${value}`)
			.join('\r\n'),
	);
	writeFileSync(bodyFile, body);
	const [program, ...rest] = command as [string, ...string[]];
	const result = spawnSync(program, [...rest, ...given, headersFile, bodyFile], {
		encoding: 'utf8',
		env: { ...process.env, ...env },
	});
	return { said: `${result.stdout}${result.stderr}`.trim(), code: result.status };
}
