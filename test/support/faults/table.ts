import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts } from './scenario';

/** Where the suites leave their counts for `npm run test:faults`, which makes the table. */
const folder = join(__dirname, '../../../artefacts/faults');

export interface Row extends Counts {
	case: string;
	executions: number;
}

/** Adds up the counts of the scenarios of one case; the rows of a test file are kept when it is through. */
export class FaultTable {
	private readonly rows = new Map<string, Row>();

	/** @param order where this file's rows stand in the table */
	constructor(order: number, file: string) {
		afterAll(() => {
			mkdirSync(folder, { recursive: true });
			const name = `${String(order).padStart(2, '0')}-${file}.json`;
			writeFileSync(join(folder, name), JSON.stringify([...this.rows.values()]));
		});
	}

	/** Notes a scenario. @param executions how many executions it took (the first, its retries) */
	add(name: string, counts: Counts, executions = 1): void {
		const row = this.rows.get(name);
		const sum: Row = { case: name, ...counts, executions };
		if (row) {
			for (const column of Object.keys(counts) as Array<keyof Counts>) sum[column] += row[column];
			sum.executions += row.executions;
		}
		this.rows.set(name, sum);
	}
}
