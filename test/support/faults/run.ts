/**
 * Runs the fault suite and prints its table: `npm run test:faults`. With `--write` the table also goes into
 * docs/fault-suite.md and between the README's `fault-table` marks. Other arguments go to jest (`-t "drip"`, then nothing is written).
 */
const { spawnSync } = require('node:child_process');
const { readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '../../..');
const rows = join(root, 'artefacts/faults');
const page = join(root, 'docs/fault-suite.md');
const readme = join(root, 'README.md');
const marks = /(<!-- fault-table -->\n)[\s\S]*?(<!-- \/fault-table -->)/;

/** Columns of the table: the key in a row, and its title. */
const columns = [
	['case', 'Case'],
	['executions', 'Executions'],
	['items', 'Items'],
	['requests', 'Requests received'],
	['delivered', 'Delivered'],
	['failed', 'Failed, with reason'],
	['repeated', 'Acknowledged deliveries repeated'],
	['withoutOutcome', 'Items without outcome'],
	['untrue', 'Called delivered, not acknowledged'],
	['idsChanged', 'Delivery IDs changed'],
];

/**
 * @param {Array<Record<string, string | number>>} all
 * @returns {string} the rows as a markdown table, with a last line of sums
 */
function table(all) {
	const sum = Object.fromEntries(
		columns.map(([key]) => [key, key === 'case' ? '**All**' : all.reduce((total, row) => total + Number(row[key]), 0)]),
	);
	const line = (/** @type {unknown[]} */ cells) => `| ${cells.join(' | ')} |`;
	return [
		line(columns.map(([, title]) => title)),
		line(columns.map(([key]) => (key === 'case' ? '---' : '---:'))),
		...[...all, sum].map((row) => line(columns.map(([key]) => row[key]))),
	].join('\n');
}

const intro = `# The fault suite

Every case runs the node in n8n's own engine (n8n-core) against a receiver that fails on demand, and counts **at the
receiver**. \`npm run test:faults\` runs it and prints this table; \`npm run test:faults -- --write\` writes it here.

- *Acknowledged* means that the receiver wrote a 2xx status line, whatever followed it. An item whose acknowledged delivery
  is sent again counts as repeated: through later tries of *Retry On Fail* and through retries of the failed execution.
- An item has its *outcome* when it left the node exactly once, as delivered or as failed with a reason. An execution
  that was stopped puts out no items: it has that outcome itself.
- A case is run in several ways: with a fault that passes, with one that stays (error output), and with one that is
  over when the failed execution is retried from the executions list. The counts are sums over these.
- A response that never reaches the sender although the receiver has done its work (*commit, then timeout*) is not an
  acknowledgment: no sender can tell. Such a delivery is made again under the same ID, by which the receiver recognizes it.
`;

const args = process.argv.slice(2).filter((argument) => argument !== '--write');
const write = process.argv.includes('--write');
rmSync(rows, { recursive: true, force: true });
const jest = join(root, 'node_modules/jest/bin/jest.js');
const { status } = spawnSync(process.execPath, [jest, ...args, '--selectProjects', 'faults'], {
	cwd: root,
	stdio: 'inherit',
});
const all = readdirSync(rows)
	.sort()
	.flatMap((file) => JSON.parse(readFileSync(join(rows, file), 'utf8')));
console.log(`\n${table(all)}\n`);
if (write && status === 0 && args.length === 0) {
	writeFileSync(page, `${intro}\n${table(all)}\n`);
	writeFileSync(
		readme,
		readFileSync(readme, 'utf8').replace(marks, (_all, begin, end) => `${begin}\n${table(all)}\n\n${end}`),
	);
	console.log('Written to docs/fault-suite.md and README.md');
}
process.exitCode = status ?? 1;
