import { markdownTable, REPOSITORY } from '../../tools/lib/markdown';
import type { Row } from './bench';
import { spread } from './statistics';

/** Under which circumstances the rows were measured. */
export interface Circumstances {
	machine: string;
	/** n8n's. */
	node: string;
	n8n: string;
	runs: number;
	items: number;
	/** The machine's one-minute load before and after. */
	load: [before: number, after: number];
	/** ISO. */
	date: string;
}

const TITLES = ['Work', 'Webhook Dispatch', 'HTTP Request, or beside', 'Result', 'Wanted', 'Reached'];

const cells = (rows: Row[]): string[][] =>
	rows.map(({ work, unit, ours, beside, result, target, reached }) => [
		work,
		spread(ours, unit),
		spread(beside, unit),
		result,
		target,
		reached ? 'yes' : 'no',
	]);

const tableOf = (rows: Row[]) => markdownTable(TITLES, cells(rows), 1);

/** For a terminal. */
export function plainTable(rows: Row[]): string {
	const lines = [TITLES, ...cells(rows)];
	const widths = TITLES.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	return lines
		.map((line) =>
			line
				.map((text, column) => text.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

export const circumstances = ({ machine, node, n8n, runs, items, load, date }: Circumstances): string =>
	`${date}, ${machine}; n8n ${n8n} on Node ${node}; ${items.toLocaleString('en-US')} items, medians of ${runs} runs (minimum – maximum); ` +
	`load of the machine ${load[0].toFixed(1)} before, ${load[1].toFixed(1)} after.`;

/** @param {Row[]} rows  @param {Circumstances} of  @returns {string} docs/benchmark.md */
export const page = (rows: Row[], of: Circumstances): string => `# How fast it is

\`npm run bench\` measures this again, on your machine, and writes this page and its picture.

![Webhook Dispatch beside HTTP Request](benchmark.svg)

${tableOf(rows)}

${circumstances(of)}

## How it is measured

- A real n8n with the package installed as a community package. Each row is a separate workflow, published, and started
  by a webhook: webhook → items → the measured node → the end, which notifies the benchmark. The times are the node's execution
  times, as n8n records them in the execution's data; while a node runs, n8n gets no requests.
- *HTTP Request* is n8n's node at its newest version (4.5) with \`{{ JSON.stringify($json) }}\` as its JSON body, and n8n's
  own Basic and OAuth2 credentials. Webhook Dispatch needs no expression to send the item, or fields of it; the rows *by an
  expression* use the same one in both nodes. *Selected Fields* are six fields of the item, two of them nested; HTTP Request
  makes the same body by an expression.
- The receiver is a separate process on loopback. It responds at once with a small JSON object, announces that it keeps
  connections (\`Keep-Alive: timeout=60\`), and counts requests, bytes and connections: a run in which not every item arrived does not count as a result at all. The token server is
  oidc-provider.
- Before each run, the garbage of the previous one is collected, as V8 does by itself in the pauses that automations leave.
  \`npm run bench -- --pause 10\` leaves such pauses instead. With \`--pause 0\` there is no pause: both nodes are warmer then,
  HTTP Request more so.
- All rows are run once without counting, then repeatedly in turn, the two nodes in alternating order: noise hits both.
  **Ratios are comparable, times are not**: they depend on the machine, and on what else it did.
- *The expressions alone* and *a bare pool alone* are run in the same n8n by a small reference node, over the same undici.
  *The delivery path alone* is run outside n8n, by n8n's Node, from an item to its output item.
- *Peak memory* is the maximum of the n8n process, each node in a fresh n8n; HTTP Request with its option
  *Batching* (50 items, 50 ms), as without it 50,000 connections at once are more than a process may open. *Credential reads* are counted inside
  n8n, where it decrypts them.
- HTTP Request opens a connection for every item, and sends all items at once. With a slow destination, as in the
  row with 200 ms, that is quick, and a burst of as many connections as there are items; *Concurrency* in the options of
  Webhook Dispatch can be raised to 1,000.

## A million items in one execution

\`npm run bench:million\` runs the node over 125,000, 250,000, 500,000 and 1,000,000 small items in n8n's engine, each in a separate process, and
then serializes the execution, as n8n does to store it. It takes numbers of items, and \`--heap 1536,2048\` for the old spaces
(in MB) to try.

| Items | Old space | Sent | Time | Items a second | Peak memory | Execution as text |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 125,000 | 256 MB | all | 32 s | 3,900 | 370 MB | the old space is full |
| 125,000 | 384 MB | all | 18 s | 6,900 | 492 MB | 32 MB |
| 125,000 | 4,144 MB | all | 17 s | 7,400 | 1,017 MB | 32 MB |
| 250,000 | 4,144 MB | all | 27 s | 9,300 | 1,649 MB | 66 MB |
| 500,000 | 4,144 MB | all | 111 s | 4,500 | 3,166 MB | 134 MB |
| 1,000,000 | 1,536 MB | 907,437 | | | | the old space is full |
| 1,000,000 | 2,048 MB | all | 194 s | 5,200 | 2,514 MB | 268 MB |
| 1,000,000 | 4,144 MB | all | 142 s | 7,000 | 3,335 MB | 268 MB |

The old space is full first: each small item needs 2 to 3 KB of it. V8 then ends the process, n8n and all its other
executions with it, and what was delivered is not saved. Send that many items in a loop, or give n8n more memory with
\`NODE_OPTIONS=--max-old-space-size\`.

Measured once, with Node 20.20.2 (4,144 MB are its default on this machine) on two cores that others used at the same time (load
3 to 8): the memory is comparable, the times are not. In a real n8n the nodes before and after need memory for the same items, too.
`;

/** The smallest and the largest ratio of some rows, e.g. "9.3 to 40". */
function ratios(rows: Row[]): string {
	const all = rows.flatMap(({ ratio }) => ratio ?? []);
	return [Math.min(...all), Math.max(...all)].map((ratio) => Number(ratio.toPrecision(2))).join(' to ');
}

/** The line in the README. */
export function excerpt(rows: Row[], of: Circumstances): string {
	const compared = rows.filter(({ ratio }) => ratio !== undefined);
	const byExpression = compared.filter(({ work }) => work.includes('by an expression'));
	const others = compared.filter((row) => !byExpression.includes(row));
	return (
		`**${ratios(others)} times as fast** as HTTP Request with ${of.items.toLocaleString('en-US')} items, ` +
		`${ratios(byExpression)} times where both evaluate an expression for the body ([benchmark](${REPOSITORY}/docs/benchmark.md)).`
	);
}
