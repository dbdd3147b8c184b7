'use strict';
/**
 * `npm run bench:million`: how many items one execution can take, and what gives way first. Each line is a process of its own
 * that runs the node over so many small items in n8n's engine, against a receiver in another process; then it stores the
 * execution as n8n does. Nothing passes or fails.
 *
 *   node test/bench/million.js [items …]     125000 250000 500000 1000000 unless given
 *   --heap default,2048,4096                 old spaces to try, in MB (`--max-old-space-size`), or Node's own
 */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { exitOnSignals } = require('../../tools/lib/signals');
const { startReceiver, machine } = require('./receiver');

const LINE = [
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
const line = (cells) =>
	cells.map((cell, index) => (LINE[index][1] ? String(cell).padStart(LINE[index][1]) : `  ${cell}`)).join('');
const withUnit = (value, unit) => (value === undefined ? '–' : `${value.toLocaleString('en-US')} ${unit}`);

/** Runs the child; what it printed until its end, and how that came. */
async function runChild(given, heap) {
	const args = heap === 'default' ? [] : [`--max-old-space-size=${heap}`];
	const child = spawn(process.execPath, [...args, path.join(__dirname, 'million.child.js'), JSON.stringify(given)], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const endWithUs = () => child.kill('SIGKILL');
	process.once('exit', endWithUs);
	let out = '';
	let complaints = '';
	child.stdout.on('data', (text) => (out += text));
	child.stderr.on('data', (text) => (complaints += text));
	const [code, signal] = await new Promise((resolve) => child.once('close', (...end) => resolve(end)));
	process.off('exit', endWithUs);
	const steps = Object.fromEntries(
		out
			.split('\n')
			.filter(Boolean)
			.map((text) => [JSON.parse(text).step, JSON.parse(text)]),
	);
	const heapIsFull = /heap out of memory|heap limit/i.test(complaints);
	const end =
		code === 0
			? ''
			: heapIsFull
				? 'the old space is full'
				: (steps['gave way']?.error ?? `it ended with ${signal ?? code}: ${complaints.slice(-300)}`);
	return { steps, end };
}

/** What gave way, in words; nothing when all came through. */
function gaveWay({ steps: { run, stored }, end }) {
	if (run?.error) return `the node: ${run.error}`;
	if (end === '') return '';
	return run === undefined
		? `while sending: ${end}`
		: stored === undefined
			? `n8n’s storing of the execution: ${end}`
			: end;
}

async function main() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { heap: { type: 'string', default: 'default' } },
	});
	const counts = positionals.length > 0 ? positionals.map(Number) : [125_000, 250_000, 500_000, 1_000_000];
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-dispatch-million-'));
	const receiver = await startReceiver(folder);
	try {
		console.log(`${machine()}, Node ${process.versions.node}\n${line(LINE.map(([title]) => title))}`);
		for (const items of counts) {
			for (const heap of values.heap.split(',')) {
				await receiver.reset();
				const result = await runChild({ origin: receiver.http, items }, heap);
				const { requests } = await receiver.state();
				const { run, stored } = result.steps;
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
						gaveWay(result),
					]),
				);
			}
		}
	} finally {
		await receiver.stop();
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

exitOnSignals();
main().then(
	() => process.exit(0),
	(error) => {
		console.error(error.message);
		process.exit(1);
	},
);
