import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isAlive } from '../../../tools/lib/lock';
import { startChild, whenReady, type Child } from '../../../tools/lib/process';
import { startProgram } from '../../../tools/lib/program';
import { waitFor } from '../../../tools/lib/wait';

const lib = path.join(__dirname, '../../../tools/lib');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'process-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** A script of a child; in TypeScript with `answerQuestions`, `startChild` and `startProgram` at hand. */
function script(name: string, text: string): string {
	const file = path.join(folder, name);
	const imports = ['channel', 'process', 'program'].map(
		(part) => `...require(${JSON.stringify(path.join(lib, part))})`,
	);
	const tools = name.endsWith('.ts') ? `const tools = { ${imports.join(', ')} };\n` : '';
	fs.writeFileSync(file, tools + text);
	return file;
}

const started: Child[] = [];
const start = (...given: Parameters<typeof startChild>): Child => {
	const child = startChild(...given);
	started.push(child);
	return child;
};
afterEach(async () => await Promise.all(started.splice(0).map((child) => child.stop())));

describe('a process that was started', () => {
	it('runs TypeScript, responds, and is stopped', async () => {
		const child = start(script('adds.ts', 'tools.answerQuestions({ add: ([a, b]: number[]) => a + b });'));
		await expect(child.ask<number>('add', [2, 3])).resolves.toBe(5);
		await child.stop();
		expect(child.ended()).toBe('it ended with SIGTERM');
		expect(isAlive(child.pid)).toBe(false);
		await expect(child.ask('add', [2, 3])).rejects.toThrow('adds.ts has ended');
	});

	it('reports what went wrong in it', async () => {
		const child = start(script('throws.ts', "tools.answerQuestions({ open() { throw new Error('No such door'); } });"));
		await expect(child.ask('open')).rejects.toThrow('No such door');
		await expect(child.ask('close')).rejects.toThrow('close');
	});

	it('reports what it printed, also when it has ended and its log is gone', async () => {
		const child = start(script('says.js', "console.log('Good morning'); process.exit(3);"));
		await child.closed;
		expect(child.ended()).toBe('it ended with exit code 3');
		await child.stop();
		expect(fs.existsSync(child.logFile)).toBe(false);
		expect(child.log()).toBe('Good morning\n');
	});

	it('is ended with the end of its log when it does not become ready', async () => {
		const child = start(script('never.js', "console.log('Still waiting'); setInterval(() => {}, 1000);"));
		await waitFor(() => child.log().includes('waiting'), { what: 'its word' });
		await expect(whenReady(child, () => false, { what: 'its door', deadline: 50 })).rejects.toThrow(
			/its door[^]*Still waiting/,
		);
		expect(child.ended()).toBe('it ended with SIGTERM');
	});
});

describe('a program that is no Node process', () => {
	it('is ended by its signal', async () => {
		const program = await startProgram('sleep', ['60'], { stopSignal: 'SIGINT' });
		expect(isAlive(program.pid)).toBe(true);
		await program.stop();
		expect(isAlive(program.pid)).toBe(false);
		expect(program.log()).toContain('sleep ended with SIGINT');
	});

	it('is not there', async () => {
		await expect(startProgram('webhook-dispatch-no-such-program', [])).rejects.toThrow('ENOENT');
	});
});

it('nothing is left behind when its starter is killed', async () => {
	const parent = start(
		script(
			'parent.ts',
			`tools.answerQuestions({
				async start(file: string) {
					const child = tools.startChild(file);
					const program = await tools.startProgram('sleep', ['60']);
					return { pids: [child.pid, program.pid], logs: [child.logFile, program.logFile] };
				},
			});`,
		),
	);
	const file = script('idle.js', 'setInterval(() => {}, 1000);');
	const { pids, logs } = await parent.ask<{ pids: number[]; logs: string[] }>('start', file);
	expect(pids.map(isAlive)).toEqual([true, true]);
	process.kill(parent.pid, 'SIGKILL');
	await waitFor(() => pids.every((pid) => !isAlive(pid)), { what: 'the end of both' });
	for (const log of logs) fs.rmSync(path.dirname(log), { recursive: true, force: true });
});
