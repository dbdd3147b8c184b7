import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { markdownTable, writeBetweenMarks } from '../../../tools/lib/markdown';
import { root } from '../../../tools/lib/paths';

/** A line of the table: what happened, and what came of it. */
export interface Row {
	happened: string;
	/** What the senders got. */
	senders: string;
	/** What n8n did with its executions by itself. */
	n8n: string;
	/** What a retry from the executions list sends. */
	retry: string;
	/** What the receiver counted. */
	receiver: string;
}

const TITLES: Record<keyof Row, string> = {
	happened: 'What happened',
	senders: 'The senders got',
	n8n: 'n8n itself',
	retry: 'A retry sends',
	receiver: 'The receiver counted',
};

/** Gathers what a test run saw, for the page on queue mode. */
export class QueueTable {
	private readonly rows: Row[] = [];

	private readonly lines: string[] = [];

	/** A row of the table. */
	add(row: Row): void {
		this.rows.push(row);
	}

	/** A sentence beside the table. */
	say(line: string): void {
		this.lines.push(line);
	}

	toString(): string {
		const keys = Object.keys(TITLES) as Array<keyof Row>;
		return [
			markdownTable(
				keys.map((key) => TITLES[key]),
				this.rows.map((row) => keys.map((key) => row[key])),
			),
			'',
			...this.lines.map((text) => `- ${text}`),
		].join('\n');
	}

	/** Keeps it in `artefacts/`; with `QUEUE_TABLE=write` it goes into the page, too. */
	write(): void {
		mkdirSync(join(root, 'artefacts'), { recursive: true });
		writeFileSync(join(root, 'artefacts/queue-mode.md'), `${this.toString()}\n`);
		process.stdout.write(`\n${this.toString()}\n\n`);
		if (process.env.QUEUE_TABLE === 'write') writeBetweenMarks('docs/queue-mode.md', 'queue-mode', this.toString());
	}
}

/** `3 × 201, 1 × 500`, the greatest number first. */
export const listed = (counts: Record<string, number>, name = (key: string) => key): string =>
	Object.entries(counts)
		.sort(([, a], [, b]) => b - a)
		.map(([key, count]) => `${count} × ${name(key)}`)
		.join(', ');
