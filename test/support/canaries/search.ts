import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ensureN8n } from '../../../tools/n8n/install';
import { secretForms } from '../../unit/keys/canaries';

/** A place where a secret may have been left: its bytes. */
export type Places = Map<string, Buffer>;

/** The forms of secrets, and those behind two more layers of JSON: n8n stores texts of JSON in JSON. */
export function formsOf(secrets: Iterable<string>): string[] {
	const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
	const forms = secretForms([...secrets]);
	return [...new Set(forms.flatMap((form) => [form, escaped(form), escaped(escaped(form))]))];
}

/** @returns where each form was found: `place: form` */
export function found(places: Places, forms: string[]): string[] {
	return [...places].flatMap(([place, bytes]) =>
		forms.filter((form) => bytes.includes(form)).map((form) => `${place}: ${form}`),
	);
}

/** Every file below a folder but the installed packages: database, write-ahead log, event log, settings. */
export function filesBelow(folder: string): Places {
	return new Map(
		readdirSync(folder, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
			.map((entry) => join(entry.parentPath, entry.name))
			.map((file) => [file.slice(folder.length + 1), readFileSync(file)]),
	);
}

const DUMP = `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.argv[1], { readOnly: true });
const rows = {};
for (const { name } of database.prepare("select name from sqlite_master where type = 'table'").all()) {
	rows[name] = database.prepare('select * from "' + name + '"').all().flatMap(Object.values).filter((value) => typeof value === 'string');
}
console.log(JSON.stringify(rows));
`;

/**
 * The texts of a SQLite file, table by table: in the file itself a long one lies in pieces, on many pages. With n8n's Node,
 * which has SQLite.
 */
export async function tablesOf(database: string): Promise<Places> {
	const { node } = await ensureN8n();
	const { stdout } = await promisify(execFile)(node, ['-e', DUMP, database], { maxBuffer: 1e9 });
	const rows = JSON.parse(stdout) as Record<string, string[]>;
	return new Map(Object.entries(rows).map(([table, texts]) => [`table ${table}`, Buffer.from(texts.join('\n'))]));
}
