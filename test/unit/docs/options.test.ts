/**
 * docs/options.md has the options as the form and the reader have them; `WRITE_DOCS=1 npx jest test/unit/docs/options` writes
 * its table.
 */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { optionsField } from '../../../nodes/WebhookDispatch/operations/webhook/fields/options';
import {
	OPTIONS,
	defaultOf,
	labelOf,
	optionNames,
	type OptionName,
	type OptionRow,
} from '../../../nodes/WebhookDispatch/operations/webhook/optionTable';
import { markdownTable, writeBetweenMarks } from '../../../tools/lib/markdown';
import { read, tablesOf } from './markdown';

const form = new Map((optionsField('dispatch').options as INodeProperties[]).map((field) => [field.name, field]));

const number = (value: number, unit = ''): string => `${value.toLocaleString('en-US')} ${unit}`.trim();

/** What can be set, in words. */
function valuesOf(name: OptionName): string {
	const row: OptionRow = OPTIONS[name];
	const choices = form.get(name)?.options as INodePropertyOptions[] | undefined;
	switch (row.type) {
		case 'boolean':
			return 'on, off';
		case 'options':
			return (choices ?? []).map((choice) => choice.name).join(', ');
		case 'string':
		case 'fixedCollection':
			return row.takes;
		case 'number':
			return `${row.whole ? 'a whole number ' : ''}from ${number(row.min)} to ${number(row.max, row.unit)}`;
	}
}

/** A value as the form shows it. */
function shown(name: OptionName, value: OptionRow['default']): string {
	const row: OptionRow = OPTIONS[name];
	if (row.type === 'options') return valuesOf(name).split(', ')[row.choices.indexOf(String(value))] ?? '';
	if (row.type === 'number') return number(Number(value), row.unit);
	return value === false ? 'off' : 'empty';
}

function rowOf(name: OptionName): string[] {
	const { displayName, per, inTest }: OptionRow = OPTIONS[name];
	const [inDispatch = '', test] = [defaultOf(name, 'dispatch'), defaultOf(name, 'sendTest')].map((value) =>
		shown(name, value),
	);
	const fallback = inDispatch === test ? inDispatch : `${inDispatch}; Send Test ${test}`;
	return [displayName, fallback, valuesOf(name), per, inTest ? 'both' : 'Dispatch'];
}

it('options.md has each option with its default, its values and what it is read for', () => {
	const rows = optionNames()
		.map(rowOf)
		.sort(([a = ''], [b = '']) => a.localeCompare(b));
	const table = markdownTable(['Option', 'Default', 'Values', 'One for each', 'Operations'], rows);
	if (process.env.WRITE_DOCS) writeBetweenMarks('docs/options.md', 'options', table);
	const [, told] = /<!-- options -->\n\n([\s\S]*?)\n\n<!-- \/options -->/.exec(read('docs/options.md')) ?? [];
	expect(told?.split('\n')).toEqual(table.split('\n'));
});

it('errors.md names every option that holds for the run', () => {
	const { rows } =
		tablesOf(read('docs/errors.md')).find(({ heading }) => heading === 'What stops the run as a whole') ?? {};
	const [, told = ''] = rows?.find(([cell = '']) => cell.includes('with different values')) ?? [];
	const labels = optionNames(({ per }) => per === 'run').map(labelOf);
	expect(labels.length).toBeGreaterThan(8);
	expect(labels.filter((label) => !told.includes(label))).toEqual([]);
});
