'use strict';
/**
 * `npm run bench`: how fast the node is, beside n8n's HTTP Request node. Starts what it needs, measures, prints a table, and
 * after a whole run writes docs/benchmark.md, docs/benchmark.svg and the README's table. Exits 0 whatever
 * it finds.
 *
 *   --rows plain,tls   some of the rows (nothing is written then)
 *   --runs 5           how often each is measured
 *   --items 1000       how many items
 *   --pause 10         waits so many seconds before each run, and collects no garbage (nothing is written then)
 *   --profile FOLDER   also takes a CPU profile of n8n over one more run of each comparison
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { root } = require('../../tools/lib/paths');
const { exitOnSignals } = require('../../tools/lib/signals');
const { ensureN8n } = require('../../tools/n8n/install');
const { preparePackage } = require('../../tools/n8n/package');
const { startServer } = require('../../demo/servers/process');
const { setUp } = require('../../tools/setup');
const { COMPARISONS, compare, counts } = require('./comparisons');
const { measureDeliveryPath } = require('./deliveryPath');
const { startInstance } = require('./instance');
const { measureMemory } = require('./memory');
const { createCredentials } = require('./nodes');
const { plot } = require('./plot');
const { startReceiver, machine } = require('./receiver');
const { REFERENCES } = require('./references');
const { circumstances, excerpt, page, plainTable } = require('./report');

const CONCURRENCY = 50;
const OTHERS = { path: measureDeliveryPath, ...REFERENCES, memory: measureMemory };
const ALL = [...COMPARISONS.map(({ id }) => id), ...Object.keys(OTHERS)];

/**
 * @typedef {object} Bench what a row needs to be measured
 * @property {Awaited<ReturnType<typeof startInstance>>} instance
 * @property {Awaited<ReturnType<typeof startReceiver>>} receiver
 * @property {{ tokenUrl: string, secrets: any, tokenRequests(): Promise<number> }} authorizationServer
 * @property {Awaited<ReturnType<typeof createCredentials>>} credentials
 * @property {string} node the Node that n8n runs on @property {string} packageFolder @property {string} folder
 * @property {number} runs @property {number} items @property {number} concurrency
 * @property {(text: string) => void} note says what is going on
 */

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
	return { rows, runs, items, profile: values.profile, pauseSeconds, isWhole };
}

/** A row that could not be measured is told and left out: the others still count. */
async function measureRows(bench, rows) {
	const made = [];
	const trying = async (id, work) => {
		bench.note(id);
		try {
			made.push(...(await work()));
		} catch (error) {
			console.error(`  ✗ ${id}: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
		}
	};
	const compared = rows.filter((id) => COMPARISONS.some((row) => row.id === id));
	let counted = [];
	if (compared.length > 0) {
		await trying('against HTTP Request', async () => {
			const measured = await compare(compared, bench);
			counted = counts(measured, bench);
			return measured;
		});
	}
	for (const id of rows.filter((row) => OTHERS[row]))
		await trying(id, async () => [{ id, ...(await OTHERS[id](bench)) }]);
	return [...made, ...counted];
}

/** One more run of the node in each comparison, under the profiler. */
async function profile(rows, bench, folder) {
	fs.mkdirSync(folder, { recursive: true });
	for (const { id, nodes } of rows.filter((row) => row.nodes)) {
		await bench.instance.probe('/profile/start');
		for (let run = 0; run < 3; run++) await bench.instance.measure(nodes.ours, bench.items);
		const file = path.resolve(folder, `${id}.cpuprofile`);
		await bench.instance.probe(`/profile/stop?file=${encodeURIComponent(file)}`);
		bench.note(`profile in ${file}`);
	}
}

function write(rows, of) {
	const compared = rows.filter(({ ratio }) => ratio !== undefined);
	fs.writeFileSync(path.join(root, 'docs', 'benchmark.md'), page(rows, of));
	fs.writeFileSync(
		path.join(root, 'docs', 'benchmark.svg'),
		plot(compared, [
			`${of.items.toLocaleString('en-US')} items over loopback, medians of ${of.runs} runs; the lines go from minimum to maximum`,
			of.machine,
		]),
	);
	const readme = path.join(root, 'README.md');
	const marks = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/;
	const text = fs.readFileSync(readme, 'utf8');
	fs.writeFileSync(
		readme,
		text.replace(marks, (_all, begin, end) => `${begin}\n${excerpt(rows, of)}\n\n${end}`),
	);
	console.log('Written to docs/benchmark.md, docs/benchmark.svg and README.md');
}

async function main() {
	const { rows, runs, items, profile: profileFolder, pauseSeconds, isWhole } = given();
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-dispatch-bench-'));
	const started = [];
	const start = async (what) => {
		const running = await what;
		started.push(running);
		return running;
	};
	const note = (text) => console.log(`  … ${text}`);
	try {
		await setUp();
		const packageFolder = await preparePackage();
		const n8n = await ensureN8n();
		const receiver = await start(startReceiver(folder));
		const server = await start(startServer('authorization-server', { tokenLifetime: 36_000 }));
		const tokenRequests = async () => (await (await fetch(`${server.url}/control`)).json()).tokenRequests.length;
		const instance = await start(
			startInstance({ folder: path.join(folder, 'n8n'), packageFolder, receiver, pauseSeconds }),
		);
		const bench = {
			instance,
			receiver,
			packageFolder,
			folder,
			runs,
			items,
			concurrency: CONCURRENCY,
			node: n8n.node,
			note,
			authorizationServer: { ...server, tokenRequests },
			credentials: await createCredentials(instance.client, server),
		};
		const loadBefore = os.loadavg()[0];
		const measured = await measureRows(bench, rows);
		const of = {
			machine: machine(),
			node: (await instance.probe('/state')).node.slice(1),
			n8n: n8n.version,
			runs,
			items,
			load: [loadBefore, os.loadavg()[0]],
			date: new Date().toISOString().slice(0, 10),
		};
		console.log(`\n${plainTable(measured)}\n\n${circumstances(of)}\n`);
		if (profileFolder) await profile(measured, bench, profileFolder);
		if (isWhole && measured.length >= ALL.length) write(measured, of);
	} finally {
		await Promise.all(started.map(async ({ stop }) => await stop()));
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

exitOnSignals();
main().then(
	() => process.exit(0),
	(error) => {
		// Nothing was measured: an unknown row, an n8n that does not start.
		console.error(error.message);
		process.exit(1);
	},
);
