/**
 * `npm run bench`: how fast the node is, beside n8n's HTTP Request node. Starts what it needs, measures, prints a table, and
 * after a whole run writes docs/benchmark.md, docs/benchmark.svg and the README's line. Exits 0 whatever
 * it finds.
 *
 *   --rows plain,tls   some of the rows (nothing is written then)
 *   --runs 5           how often each is measured
 *   --items 1000       how many items
 *   --pause 10         waits so many seconds before each run, and collects no garbage (nothing is written then)
 *   --profile FOLDER   also takes a CPU profile of n8n over one more run of each comparison
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startServer } from '../../demo/servers/process';
import { runCommand } from '../../tools/lib/command';
import { writeBetweenMarks } from '../../tools/lib/markdown';
import { messageOf } from '../../tools/lib/messageOf';
import { root } from '../../tools/lib/paths';
import { ensureN8n } from '../../tools/n8n/install';
import { preparePackage } from '../../tools/n8n/package';
import { temporaryFolder } from '../../tools/queue/temporary';
import { measureEventLoop, measureHealth } from './awake';
import type { Bench, Measure, Row } from './bench';
import { COMPARISONS, compare, counts, type ComparisonRow } from './comparisons';
import { measureDeliveryPath } from './deliveryPath';
import { startInstance } from './instance';
import { measureMemory, measureMemoryFloor } from './memory';
import { createCredentials } from './nodes';
import { plot } from './plot';
import { machine, startReceiver } from './receiver';
import { REFERENCES } from './references';
import { circumstances, excerpt, page, plainTable, type Circumstances } from './report';

const OTHERS: Record<string, Measure> = {
	path: measureDeliveryPath,
	...REFERENCES,
	memory: measureMemory,
	floor: measureMemoryFloor,
	health: measureHealth,
	loop: measureEventLoop,
};
const ALL = [...COMPARISONS.map(({ id }) => id), ...Object.keys(OTHERS)];

function given() {
	const { values } = parseArgs({
		options: {
			rows: { type: 'string' },
			runs: { type: 'string', default: '5' },
			items: { type: 'string', default: '1000' },
			profile: { type: 'string' },
			pause: { type: 'string' },
		},
	});
	const rows = values.rows?.split(',') ?? ALL;
	const unknown = rows.filter((row) => !ALL.includes(row));
	if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}. Rows: ${ALL.join(', ')}`);
	const runs = Number(values.runs);
	const items = Number(values.items);
	const pauseSeconds = values.pause === undefined ? undefined : Number(values.pause);
	const isWhole = values.rows === undefined && runs >= 5 && items >= 1000 && pauseSeconds === undefined;
	return { rows, runs, items, profileFolder: values.profile, pauseSeconds, isWhole };
}

/** A row that could not be measured is reported and left out: the others still count. */
async function measureRows(bench: Bench, ids: string[]): Promise<{ rows: Row[]; compared: ComparisonRow[] }> {
	const tried = async <T>(id: string, work: () => Promise<T>): Promise<T[]> => {
		bench.note(id);
		try {
			return [await work()];
		} catch (cause) {
			const why = cause instanceof Error && cause.cause ? ` (${messageOf(cause.cause)})` : '';
			console.error(`  ✗ ${id}: ${messageOf(cause)}${why}`);
			return [];
		}
	};
	const comparisons = ids.filter((id) => COMPARISONS.some((row) => row.id === id));
	const compared: ComparisonRow[] =
		comparisons.length > 0
			? (await tried('against HTTP Request', async () => await compare(comparisons, bench))).flat()
			: [];
	const others: Row[] = [];
	for (const id of ids) {
		const measure = OTHERS[id];
		if (measure) others.push(...(await tried(id, async () => ({ id, ...(await measure(bench)) }))));
	}
	return { rows: [...compared, ...others, ...(compared.length > 0 ? counts(compared) : [])], compared };
}

/** More runs of the node in each comparison, under the profiler. */
async function profile(rows: ComparisonRow[], { instance, items, note }: Bench, folder: string): Promise<void> {
	fs.mkdirSync(folder, { recursive: true });
	for (const { id, nodes } of rows) {
		const file = path.resolve(folder, `${id}.cpuprofile`);
		await instance.profile(file, async () => {
			for (let run = 0; run < 3; run++) await instance.measure(nodes.ours, items);
		});
		note(`profile in ${file}`);
	}
}

function write(rows: Row[], compared: ComparisonRow[], of: Circumstances): void {
	fs.writeFileSync(path.join(root, 'docs', 'benchmark.md'), page(rows, of));
	fs.writeFileSync(
		path.join(root, 'docs', 'benchmark.svg'),
		plot(compared, [
			`${of.items.toLocaleString('en-US')} items over loopback, medians of ${of.runs} runs; the lines go from minimum to maximum`,
			of.machine,
		]),
	);
	writeBetweenMarks('README.md', 'bench', excerpt(rows, of));
	console.log('Written to docs/benchmark.md, docs/benchmark.svg and README.md');
}

runCommand(async () => {
	const { rows: ids, runs, items, profileFolder, pauseSeconds, isWhole } = given();
	const { folder, forget } = temporaryFolder('bench');
	const started: Array<{ stop(): Promise<unknown> }> = [];
	const start = async <T extends { stop(): Promise<unknown> }>(what: Promise<T>): Promise<T> => {
		const running = await what;
		started.push(running);
		return running;
	};
	try {
		const packageFolder = await preparePackage();
		const n8n = await ensureN8n();
		const receiver = await start(startReceiver(folder));
		const server = await start(startServer('authorization-server', { tokenLifetime: 36_000 }));
		const tokenRequests = async () => {
			const control = (await (await fetch(`${server.url}/control`)).json()) as { tokenRequests: unknown[] };
			return control.tokenRequests.length;
		};
		const instance = await start(
			startInstance({ folder: path.join(folder, 'n8n'), packageFolder, receiver, pauseSeconds }),
		);
		const bench: Bench = {
			instance,
			receiver,
			packageFolder,
			folder,
			runs,
			items,
			node: n8n.node,
			note: (text) => console.log(`  … ${text}`),
			authorizationServer: { ...server, tokenRequests },
			credentials: await createCredentials(instance.client, server),
		};
		const load = () => os.loadavg()[0] ?? NaN;
		const loadBefore = load();
		const { rows, compared } = await measureRows(bench, ids);
		const of: Circumstances = {
			machine: machine(),
			node: (await instance.state()).node.slice(1),
			n8n: n8n.version,
			runs,
			items,
			load: [loadBefore, load()],
			date: new Date().toISOString().slice(0, 10),
		};
		console.log(`\n${plainTable(rows)}\n\n${circumstances(of)}\n`);
		if (profileFolder) await profile(compared, bench, profileFolder);
		if (isWhole && rows.length >= ALL.length) write(rows, compared, of);
	} finally {
		await Promise.all(started.map(async ({ stop }) => await stop()));
		forget();
	}
});
