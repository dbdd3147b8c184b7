/** docs/coming-from-http-request.md as the tests read it. */
import { codeOf, read, tablesOf, type Table } from './markdown';

export const page = read('docs/coming-from-http-request.md');
const tables = tablesOf(page);

const under = (first: string): Table[] => tables.filter(({ header }) => header[0] === first);

/** The rows about fields of HTTP Request: its names, as what they are saved, where they are here. */
export const fieldRows: string[][] = under('HTTP Request').flatMap(({ rows }) => rows);

/** Field, choices, where they are here. */
export const choiceRows: string[][] = under('Field').flatMap(({ header, rows }) =>
	header[1] === 'Choice' ? rows : [],
);

/** Generic credentials, where they are here. */
export const credentialRows: string[][] = under('Generic Auth Type').flatMap(({ rows }) => rows);

/** A field of HTTP Request; one within a collection has the collection's name before its own. */
export const fieldKey = (displayName: string, name: string, within = '') =>
	`${displayName} (${within === '' ? '' : `${within}.`}${name})`;

/** `Redirects: Follow Redirects` saved as `redirect`: `followRedirects` are two fields. */
function fieldsOfRow([names = '', saved = '']: string[]): string[] {
	const [first = '', ...inner] = names.split(/: |, /);
	const [collection = '', ...within] = codeOf(saved);
	if (inner.length !== within.length) throw new Error(`${names} and ${saved} are not as many`);
	return [
		fieldKey(first, collection),
		...inner.map((displayName, index) => fieldKey(displayName, within[index] ?? '', collection)),
	];
}

/** Every field that the page lists. */
export const listedFields = (): string[] => fieldRows.flatMap(fieldsOfRow);

/** Every choice that the page lists, as "field: choice". */
export const listedChoices = (): string[] =>
	choiceRows.flatMap(([fields = '', choices = '']) =>
		fields.split(', ').flatMap((field) => choices.split(', ').map((choice) => `${field}: ${choice}`)),
	);
