/**
 * Runs the fault suite and prints its table: `npm run test:faults`. With `--write` the table also goes into
 * docs/fault-suite.md and its sums between the README's `faults` marks. Other arguments go to jest (`-t "drip"`, then nothing is written).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from '../../../tools/lib/command';
import { markdownTable, REPOSITORY, writeBetweenMarks } from '../../../tools/lib/markdown';
import { root } from '../../../tools/lib/paths';
import type { Row } from './table';

const rows = join(root, 'artefacts/faults');

/** Columns of the table: the key in a row, and its title. */
const columns: Array<[keyof Row, string]> = [
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

/** The rows as a markdown table, with a last line of sums. */
function table(all: Row[]): string {
	const sum = (key: keyof Row) => (key === 'case' ? '**All**' : all.reduce((total, row) => total + row[key], 0));
	const cells = [...all.map((row) => columns.map(([key]) => row[key])), columns.map(([key]) => sum(key))];
	return markdownTable(
		columns.map(([, title]) => title),
		cells.map((line) => line.map(String)),
		1,
	);
}

/** The sums in words, for the README. */
function sums(all: Row[]): string {
	const sum = (key: Exclude<keyof Row, 'case'>) =>
		all.reduce((total, row) => total + row[key], 0).toLocaleString('en-US');
	return (
		`**${all.length} kinds of faults**, ${sum('executions')} executions, ${sum('items')} items, ${sum('requests')} requests: ` +
		`${sum('repeated')} acknowledged deliveries repeated, ${sum('withoutOutcome')} items without an outcome, ` +
		`${sum('untrue')} called delivered that were not ([fault suite](${REPOSITORY}/docs/fault-suite.md)).`
	);
}

const intro = `# The fault suite

Every case runs the node in n8n's own engine (n8n-core) against a receiver that fails on demand, and counts **at the
receiver**. \`npm run test:faults\` runs it and prints this table; \`npm run test:faults -- --write\` writes it here.

- *Acknowledged* means that the receiver wrote a 2xx status line, whatever followed it (except in the cases whose 200
  means no, by the option *Fails When*). An item whose acknowledged delivery
  is sent again counts as repeated: through later tries of *Retry On Fail* and through retries of the failed execution.
- An item has its *outcome* when it left the node exactly once, as delivered or as failed with a reason. An execution
  that was stopped outputs no items: the outcome is that of the execution.
- A case is run in several ways: with a fault that passes, with one that stays (error output), and with one that is
  over when the failed execution is retried from the executions list. The counts are the totals of these.
- A response that never reaches the sender although the receiver has done its work (*commit, then timeout*) is not an
  acknowledgment: no sender can know. Such a delivery is sent again under the same ID, by which the receiver recognizes it.
`;

runCommand(() => {
	const given = process.argv.slice(2);
	const args = given.filter((argument) => argument !== '--write');
	rmSync(rows, { recursive: true, force: true });
	const jest = join(root, 'node_modules/jest/bin/jest.js');
	const { status } = spawnSync(process.execPath, [jest, ...args, '--selectProjects', 'faults'], {
		cwd: root,
		stdio: 'inherit',
	});
	const all = readdirSync(rows)
		.sort()
		.flatMap((file) => JSON.parse(readFileSync(join(rows, file), 'utf8')) as Row[]);
	console.log(`\n${table(all)}\n`);
	if (given.includes('--write') && status === 0 && args.length === 0) {
		writeFileSync(join(root, 'docs/fault-suite.md'), `${intro}\n${table(all)}\n`);
		writeBetweenMarks('README.md', 'faults', sums(all));
		console.log('Written to docs/fault-suite.md and README.md');
	}
	return status ?? 1;
});
