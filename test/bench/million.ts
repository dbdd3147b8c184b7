/**
 * `npm run bench:million`: how many items one execution can take, and what gives way first. Each line is a separate process
 * that runs the node over so many small items in n8n's engine, against a receiver in another process; then it stores the
 * execution as n8n does. Nothing passes or fails.
 *
 *   npm run bench:million -- [items …]     125000 250000 500000 1000000 unless given
 *   --heap default,2048,4096               old spaces to try, in MB (`--max-old-space-size`), or Node's own
 */
import path from 'node:path';
import { parseArgs } from 'node:util';

import { runCommand } from '../../tools/lib/command';
import { startChild } from '../../tools/lib/process';
import { temporaryFolder } from '../../tools/queue/temporary';
import type { Steps, Work } from './million.child';
import { machine, startReceiver } from './receiver';

/** Titles and widths of the columns. */
const LINE: Array<[title: string, width: number]> = [
	['items', 10],
	['old space', 10],
	['sent', 10],
	['time', 8],
	['items/s', 8],
	['heap', 9],
	['memory', 9],
	['stored', 9],
	['what gave way', 0],
];
const line = (cells: string[]): string =>
	cells.map((cell, index) => (LINE[index]?.[1] ? cell.padStart(LINE[index][1]) : `  ${cell}`)).join('');
const withUnit = (value: number | undefined, unit: string) =>
	value === undefined ? '–' : `${value.toLocaleString('en-US')} ${unit}`;

/** What a child has reported of each step it came through, and what ended it, in words; empty when all came through. */
interface Outcome {
	steps: Partial<Steps>;
	end: string;
}

/** @param heap the size of the old space in MB, or `default` */
async function runChild(work: Work, heap: string): Promise<Outcome> {
	const { child, closed, log, ended, stop } = startChild(path.join(__dirname, 'million.child.ts'), {
		args: [JSON.stringify(work)],
		nodeArguments: heap === 'default' ? [] : [`--max-old-space-size=${heap}`],
	});
	await closed;
	await stop();
	const lines = log().split('\n');
	const steps = Object.fromEntries(
		lines
			.filter((text) => text.startsWith('{"step":'))
			.map((text) => JSON.parse(text) as { step: string })
			.map(({ step, ...told }) => [step, told]),
	) as Partial<Steps>;
	if (child.exitCode === 0) return { steps, end: '' };
	const heapIsFull = /heap out of memory|heap limit/i.test(log());
	const end = steps['gave way']?.error ?? `${ended()}: ${log().slice(-300)}`;
	return { steps, end: heapIsFull ? 'the old space is full' : end };
}

/** What gave way, in words; nothing when all came through. */
function gaveWay({ steps: { run, stored }, end }: Outcome): string {
	if (run?.error) return `the node: ${run.error}`;
	if (end === '') return '';
	if (run === undefined) return `while sending: ${end}`;
	return stored === undefined ? `n8n’s storing of the execution: ${end}` : end;
}

runCommand(async () => {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { heap: { type: 'string', default: 'default' } },
	});
	const counts = positionals.length > 0 ? positionals.map(Number) : [125_000, 250_000, 500_000, 1_000_000];
	const { folder, forget } = temporaryFolder('million');
	const receiver = await startReceiver(folder);
	try {
		console.log(`${machine()}, Node ${process.versions.node}\n${line(LINE.map(([title]) => title))}`);
		for (const items of counts) {
			for (const heap of values.heap.split(',')) {
				await receiver.reset();
				const outcome = await runChild({ origin: receiver.http, items }, heap);
				const { requests } = await receiver.state();
				const { run, stored } = outcome.steps;
				const seconds = run && run.milliseconds / 1000;
				console.log(
					line([
						items.toLocaleString('en-US'),
						heap === 'default' ? heap : `${heap} MB`,
						requests.toLocaleString('en-US'),
						seconds === undefined ? '–' : `${seconds.toFixed(1)} s`,
						seconds === undefined ? '–' : Math.round(items / seconds).toLocaleString('en-US'),
						withUnit(run?.peakHeap, 'MB'),
						withUnit(stored?.peakMemory ?? run?.peakMemory, 'MB'),
						withUnit(stored?.megabytes, 'MB'),
						gaveWay(outcome),
					]),
				);
			}
		}
	} finally {
		await receiver.stop();
		forget();
	}
});
