/** Fields and choices in the documents are called as the forms call them. */
import type { INodeProperties } from 'n8n-workflow';

import { choicesOf, credentialForms, fieldsOf, namesOf, nodeForm, withoutUnit } from './forms';
import { boldOf, read, tablesOf, type Table } from './markdown';

const guide = read('docs/credential-guides.md');
const clevertap = read('docs/coming-from-clevertap.md');

const every = [...credentialForms.values(), nodeForm];
const known = new Set([...every.flatMap(namesOf), ...credentialForms.keys()]);

/** n8n's own: in the node's settings, and where the node is a tool. */
const n8nSettings = ['Retry On Fail', 'Max Tries', 'On Error', 'Description'];

/** `Resource`, `**Key: Generate**` and `**Key**: **Generate**` are all ways to name something. */
const unknownNames = (text: string): string[] =>
	boldOf(text)
		.flatMap((name) => (known.has(name) ? [] : name.split(': ')))
		.filter((name) => !known.has(name) && !n8nSettings.includes(name));

const fieldNamed = (form: INodeProperties[], name: string): INodeProperties | undefined =>
	fieldsOf(form).find(({ displayName }) => [displayName, withoutUnit(displayName)].includes(name));

const plain = (cell: string): string => cell.replace(/[*`]/g, '').trim();

/** What is wrong with one cell of a table of field values. */
function faultOf(form: INodeProperties[], name: string, value: string): string[] {
	if (value === '–') return [];
	const field = fieldNamed(form, name);
	if (field === undefined) return [`${name} is no field of this form`];
	const choices = choicesOf(field);
	const isFree = choices.length === 0 || ['the same', 'as above', 'any '].some((words) => value.startsWith(words));
	return isFree || choices.some((choice) => plain(value).startsWith(choice))
		? []
		: [`${name} has no choice "${value}"`];
}

const fieldTables = tablesOf(guide).filter(({ header }) => header[0] === 'Field');
const ofServers = fieldTables.filter(({ rows }) => rows[0]?.[0] === '*Credential*');

/** The form that a column is about, by the row *Credential*. */
function formOfColumn({ rows }: Table, column: number): INodeProperties[] {
	const cell = rows[0]?.[column] ?? '';
	const form = [...credentialForms].find(([name]) => cell.startsWith(name))?.[1];
	if (form === undefined) throw new Error(`There is no credential type "${cell}"`);
	return form;
}

describe('credential-guides.md', () => {
	it('has a table for each server', () => {
		expect(ofServers.length).toBeGreaterThanOrEqual(7);
	});

	it.each(ofServers.map((table): [string, Table] => [`${table.heading}: ${table.rows.length} rows`, table]))(
		'%s',
		(_title, table) => {
			const faults = table.header.slice(1).flatMap((_header, index) => {
				const form = formOfColumn(table, index + 1);
				return table.rows
					.slice(1)
					.flatMap(([names = '', ...values]) =>
						names.split(', ').flatMap((name) => faultOf(form, name, values[index] ?? '')),
					);
			});
			expect(faults).toEqual([]);
		},
	);

	it('names the fields of the JWT type as its form does', () => {
		const form = credentialForms.get('Webhook Dispatch JWT OAuth2 API') ?? [];
		const [table, ...others] = fieldTables.filter((candidate) => !ofServers.includes(candidate));
		expect(others).toEqual([]);
		const names = (table?.rows ?? []).flatMap(([cell = '']) => cell.split(', '));
		expect(names.length).toBeGreaterThan(8);
		expect(names.filter((name) => fieldNamed(form, name) === undefined)).toEqual([]);
	});

	it('names all credential types, and every way that a token expires', () => {
		const firstCells = (header: string) =>
			tablesOf(guide)
				.find((table) => table.header[0] === header)
				?.rows.map(([cell]) => cell)
				.sort();
		const { n8n } = JSON.parse(read('package.json')) as { n8n: { credentials: string[] } };
		expect(credentialForms.size).toBe(n8n.credentials.length);
		const types = firstCells('Credential')?.filter((cell) => cell?.startsWith('the same') === false);
		expect(types).toEqual([...credentialForms.keys()].sort());
		const expiry = fieldsOf([...credentialForms.values()].flat()).find(({ name }) => name === 'expiryMode');
		expect(firstCells('Token Expiry')).toEqual(choicesOf(expiry as INodeProperties).sort());
	});

	it('has nothing in bold, in its general chapters, that no form shows', () => {
		const general = [
			guide.slice(guide.indexOf('## Basic'), guide.indexOf('## The servers')),
			guide.slice(guide.indexOf('## When the test')),
		];
		// Emphasis, not names.
		const emphasis = [
			'Make it.',
			'Make it known.',
			'Replace it',
			'Invalidate it at once',
			'first',
			'60 seconds before it expires',
			'Refresh tokens',
			'One chain of refresh tokens per process.',
			"the token endpoint's host must be on it as well",
			'Missing, empty, zero, negative or unreadable',
			'5 minutes',
		];
		expect(unknownNames(general.join('\n')).filter((name) => !emphasis.includes(name))).toEqual([]);
	});
});

describe('coming-from-clevertap.md', () => {
	it('has nothing in bold that no form shows', () => {
		const [, body = ''] = clevertap.split('## *Settings');
		const emphasis = ['Webhook Dispatch', 'Not confirmed'];
		expect(
			unknownNames(body)
				.map((name) => name.replace(/:$/, ''))
				.filter((name) => !emphasis.includes(name)),
		).toEqual([]);
		expect(boldOf(body).length).toBeGreaterThan(60);
	});

	it.each([...credentialForms.keys()].filter((name) => name.includes('OAuth2')))(
		'says where the fields of %s come from',
		(type) => {
			const isCommon = /^(Allow|Client ID and Secret Encoding|Token Request Format|Expired Token|Name$|Value$)/;
			const names = fieldsOf(credentialForms.get(type) ?? []).map(({ displayName }) => withoutUnit(displayName));
			const told = new Set(boldOf(clevertap));
			const missing = names.filter((name) => !told.has(name) && !isCommon.test(name));
			// The key takes its own field: what CleverTap keeps out of sight.
			expect(missing.filter((name) => name !== 'Private Key')).toEqual([]);
		},
	);
});

it('verify-signatures.md has nothing in bold that no form shows', () => {
	const page = read('docs/verify-signatures.md');
	expect(unknownNames(page).filter((name) => !['bytes', 'in constant time'].includes(name))).toEqual([]);
	expect(boldOf(page).length).toBeGreaterThan(8);
});

describe('recipes.md', () => {
	const page = read('docs/recipes.md');

	it('has nothing in bold that no form shows', () => {
		const emphasis = [
			'bold',
			'After a delivery.',
			'To Slack itself.',
			'When something fails.',
			'not confirmed',
			'the node that made it continues that delivery',
			'its own execution',
			'same ID',
		];
		expect(unknownNames(page).filter((name) => !emphasis.includes(name))).toEqual([]);
		expect(boldOf(page).length).toBeGreaterThan(20);
	});

	/** The rows about Webhook Dispatch: a cell of names, and a cell of values. An empty cell repeats the node above it. */
	const rows = tablesOf(page).flatMap(({ header, rows: all }) => {
		if (header[0] === 'Setting') return all.map(([names = '', values = '']) => [names, values]);
		if (header[1] !== 'Setting') return [];
		let node = '';
		return all.flatMap(([cell = '', names = '', values = '']) => {
			node = cell || node;
			return node === 'Webhook Dispatch' ? [[names, values]] : [];
		});
	});
	const settings = rows.map(([names = '', values = '']): [string, string] => [
		names.replace(/^(Options|Settings|Credential \*Signing\*): /, ''),
		values,
	]);

	it.each(settings)('%s: %s', (names, values) => {
		const form = every.flatMap(fieldsOf);
		const called = (cell: string) => /^([^`(]+?)(?: \(`(\w+)`\))?$/.exec(cell);
		const isN8n = (name: string) => n8nSettings.includes(name) || name === 'credential';
		const fields = names.split(', ').flatMap((cell) => {
			const [, name = cell, code] = called(cell) ?? [];
			const found = form.filter((field) => withoutUnit(field.displayName) === name);
			expect([cell, isN8n(name) || found.some((field) => code === undefined || field.name === code)]).toEqual([
				cell,
				true,
			]);
			return found;
		});
		// A choice with what is saved for it: Profiles (`profiles`).
		const choices = fields.flatMap(({ options = [] }) =>
			options.map((option) => `${option.name} (\`${'value' in option ? String(option.value) : ''}\`)`),
		);
		const named = [...values.matchAll(/(?:^|, )([A-Z][\w -]+ \(`\w+`\))/g)].map(([, choice]) => choice);
		expect(named.filter((choice = '') => !choices.includes(choice))).toEqual([]);
	});

	it('lists its chapters', () => {
		const chapters = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
		const listed = [...page.matchAll(/^- \[([^\]]+)\]\(#/gm)].map(([, title]) => title);
		expect(listed).toEqual(chapters);
		expect(settings.length).toBeGreaterThan(20);
	});
});
