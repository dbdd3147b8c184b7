/** What the tests of the documents read out of markdown: tables and marked words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '../../..');

/** A file of the repository, by its path from the root. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** All TypeScript below a folder, as one text. */
export const sourcesOf = (folder: string): string =>
	readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => read(join(folder, name)))
		.join('\n');

export interface Table {
	/** The nearest heading above. */
	heading: string;
	header: string[];
	rows: string[][];
}

const cellsOf = (line: string): string[] =>
	line
		.trim()
		.replace(/^\||\|$/g, '')
		.split(/(?<!\\)\|/)
		.map((cell) => cell.trim());

/** All tables of a page, in order; code blocks hold none. */
export function tablesOf(page: string): Table[] {
	const tables: Table[] = [];
	let heading = '';
	let open: Table | undefined;
	for (const line of page.replace(/^```[\s\S]*?^```/gm, '').split('\n')) {
		if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
		if (!line.startsWith('|')) open = undefined;
		else if (open === undefined) tables.push((open = { heading, header: cellsOf(line), rows: [] }));
		else if (!/^[|:\s-]+$/.test(line)) open.rows.push(cellsOf(line));
	}
	return tables;
}

/** The words in **bold**; inside code there are none. */
export const boldOf = (text: string): string[] =>
	[...text.replace(/`[^`]*`/g, '').matchAll(/\*\*([^*]+)\*\*/g)].map((match) => match[1] ?? '');

/** The words in `code`. */
export const codeOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

/** Anchors as GitHub makes them of headings. */
export const anchorsOf = (page: string): string[] =>
	[...page.matchAll(/^#+ (.+)$/gm)].map((match) =>
		(match[1] ?? '')
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.replace(/\s/g, '-'),
	);
