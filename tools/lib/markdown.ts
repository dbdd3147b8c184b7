import fs from 'node:fs';
import path from 'node:path';

import { root } from './paths';

/** Where pages of the repository are for those who have the package alone: it ships the README without them. */
export const REPOSITORY = 'https://github.com/n8n-nodes-webhook-dispatch/n8n-nodes-webhook-dispatch/blob/main';

/**
 * Writes what a command has measured into a document, between its marks `<!-- name -->` and `<!-- /name -->`.
 * @param file relative to the clone
 * @throws when it does not have both marks, once each
 */
export function writeBetweenMarks(file: string, name: string, text: string): void {
	const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const place = path.join(root, file);
	const [before, rest, ...more] = fs.readFileSync(place, 'utf8').split(begin);
	const [, after, ...others] = rest?.split(end) ?? [];
	if (after === undefined || more.length + others.length > 0) throw new Error(`${file} has no place for ${name}`);
	fs.writeFileSync(place, `${before}${begin}\n\n${text.trim()}\n\n${end}${after}`);
}

/**
 * @param titles of the columns
 * @param numbersFrom the first column that is aligned to the right, with all after it; none by default
 */
export function markdownTable(titles: string[], rows: string[][], numbersFrom = Infinity): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [titles, titles.map((_, column) => (column < numbersFrom ? '---' : '---:')), ...rows].map(line).join('\n');
}
